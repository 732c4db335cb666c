package onnx

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// A provider is tried in a child process of this program, because a driver can hang or crash the one it is loaded into.
const (
	probeWord  = "onnx-probe" // the argument by which the child knows what it is
	probeLimit = 30 * time.Second
)

// canProbe says that this program answers probes. A test binary, for one, does not.
var canProbe atomic.Bool

// Finding is what is known about a provider.
type Finding struct {
	Provider Provider `json:"provider"`
	Usable   bool     `json:"usable"`
	Half     bool     `json:"half"`          // computes in F16 too
	Speed    float64  `json:"gflops"`        // of products of matrices, in F16 where it has that
	Why      string   `json:"why,omitempty"` // it is not usable
}

// AnswerProbe is called first thing by main: a process that [Probe] started tries its provider, says what it found and ends.
func AnswerProbe() {
	canProbe.Store(true)
	if len(os.Args) != 3 || os.Args[1] != probeWord {
		return
	}
	f := try(context.Background(), Provider(os.Args[2]))
	if err := json.NewEncoder(os.Stdout).Encode(f); err != nil {
		os.Exit(1)
	}
	os.Exit(0) // without the runtime's clean-up, which can hang
}

// Probe looks for every provider of this system, in the order of [Providers]. It takes seconds where there is a GPU.
func Probe(ctx context.Context) ([]Finding, error) {
	path, err := Library()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, p := range Providers() {
		f := look(ctx, p, path)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		found = append(found, f)
	}
	return found, nil
}

// look tries a provider unless it is known to be absent.
func look(ctx context.Context, p Provider, library string) Finding {
	if why := absent(p, library); why != "" {
		return Finding{Provider: p, Why: why}
	}
	return ask(ctx, p)
}

// absent says why a provider cannot be there, as far as the files tell.
func absent(p Provider, library string) string {
	if p != CUDA {
		return ""
	}
	name := "libonnxruntime_providers_cuda.so"
	if runtime.GOOS == "windows" {
		name = "onnxruntime_providers_cuda.dll"
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(library), name)); err != nil {
		return fmt.Sprintf("%s is not beside ONNX Runtime, in %s", name, filepath.Dir(library))
	}
	return ""
}

// ask tries a provider in a child process. The CPU is tried here, it harms nobody.
func ask(ctx context.Context, p Provider) Finding {
	if p == CPU {
		return try(ctx, p)
	}
	program, err := os.Executable()
	if err != nil || !canProbe.Load() {
		return Finding{Provider: p, Why: "this program cannot try it"}
	}
	return answer(ctx, p, exec.Command(program, probeWord, string(p)), probeLimit)
}

// answer runs the child and reads what it found.
func answer(ctx context.Context, p Provider, child *exec.Cmd, limit time.Duration) Finding {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	var out, complaint bytes.Buffer
	child.Stdout, child.Stderr = &out, &complaint
	child.WaitDelay = time.Second
	quiet(child)
	if err := child.Start(); err != nil {
		return Finding{Provider: p, Why: "it could not be tried: " + err.Error()}
	}
	release := context.AfterFunc(ctx, func() { child.Process.Kill() })
	err := child.Wait()
	release()
	var f Finding
	switch {
	case ctx.Err() != nil:
		f.Why = fmt.Sprintf("it did not answer within %v", limit)
	case err != nil:
		f.Why = fmt.Sprintf("it crashed when tried (%v): %s", err, lastLine(complaint.String()))
	case json.Unmarshal(out.Bytes(), &f) != nil:
		f.Why = "it gave no answer when tried"
	}
	f.Provider = p
	return f
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
