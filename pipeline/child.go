package pipeline

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// order is a line on the worker's standard input: a job's folder to work in, or to let go of.
type order struct {
	Do      string `json:"do,omitempty"`
	Network string `json:"network,omitempty"` // the engine of that job, when it has a network
	Stop    string `json:"stop,omitempty"`
}

// news is a line on the worker's standard output: how far a job is. Those without a job say that the worker is ready, and
// alive.
type news struct {
	Job
	Stuck bool    `json:"stuck,omitempty"` // the job's folder cannot be written to; that is not the job's fault
	CPU   float64 `json:"cpu,omitempty"`   // seconds the worker has used of all cores, where there is no job
	Batch int     `json:"batch,omitempty"` // pictures that it lets load a network together, where there is no job
}

// child is the worker process as the queue sees it. Its fields are guarded by the queue's lock.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	tail   tail
	runs   map[string]*run // what it was given and has not let go of, by id
	batch  int             // jobs it takes together that have the same network
	ready  bool
	ending bool  // it was told to end, or killed by us: not a job's fault
	hung   error // why it was killed, when it gave no sign of life
	pulse  pulse
	gone   chan struct{}
	leave  func() // ends what stands for a process; see [employ]
}

// run is a job in the worker's hands.
type run struct {
	entry *entry
	began bool // the worker has said something about it
}

// Self makes the command that starts this very program with the arguments and the queue's folder behind them, also when
// its file has been replaced by a newer version meanwhile.
func Self(args ...string) func(folder string) *exec.Cmd {
	return func(folder string) *exec.Cmd {
		path, err := os.Executable()
		if runtime.GOOS == "linux" {
			if _, e := os.Stat("/proc/self/exe"); e == nil {
				path, err = "/proc/self/exe", nil
			}
		}
		cmd := exec.Command(path, append(slices.Clone(args), folder)...)
		cmd.Args[0], cmd.Err = os.Args[0], err
		return cmd
	}
}

// hire starts a worker. heard is called with each line it says, then gone once, when it has ended.
func hire(cmd *exec.Cmd, heard func(*child, news), gone func(*child, error)) (*child, error) {
	c := &child{cmd: cmd, runs: map[string]*run{}, gone: make(chan struct{})}
	cmd.Stderr = &c.tail
	quiet(cmd)
	var err error
	if c.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.gone)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, maxJobFile)
		for lines.Scan() {
			var n news
			if json.Unmarshal(lines.Bytes(), &n) != nil {
				fmt.Fprintf(&c.tail, "%s\n", lines.Bytes()) // a library that prints
				continue
			}
			heard(c, n)
		}
		if lines.Err() != nil {
			c.kill()
		}
		gone(c, cmd.Wait())
	}()
	return c, nil
}

// tell writes an order. That the worker is gone is found out where its news are read.
func (c *child) tell(o order) {
	if line, err := json.Marshal(o); err == nil {
		_, _ = c.in.Write(append(line, '\n'))
	}
}

func (c *child) kill() {
	if c.leave != nil {
		c.leave()
		return
	}
	_ = c.cmd.Process.Kill()
}

// tail keeps the last lines written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const (
	tailBytes = 8 << 10
	tailLines = 12
)

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - tailBytes; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.TrimSpace(strings.ToValidUTF8(string(t.text), "?"))
	if text == "" {
		return nil
	}
	all := strings.Split(text, "\n")
	return all[max(0, len(all)-tailLines):]
}
