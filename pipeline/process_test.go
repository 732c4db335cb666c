package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
)

// TestMain lets the test binary be the worker, and the owner of a queue, of the tests.
func TestMain(m *testing.M) {
	folder := os.Args[len(os.Args)-1]
	switch os.Getenv("ORFEAS_TEST_PROCESS") {
	case "worker":
		misbehave()
		draw := func(*mesh.Mesh) ([]byte, error) { return []byte("a picture"), nil }
		if err := Serve(folder, os.Stdin, os.Stdout, draw, nil); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "owner":
		own(folder)
	default:
		os.Exit(m.Run())
	}
}

// misbehave makes stages do what a picture's name asks for: the shape stage by one word, any stage by a word, a dash and
// its name.
func misbehave() {
	for i, stage := range Line {
		Line[i].Do = func(ctx context.Context, w *Work) error {
			what, where, _ := strings.Cut(strings.TrimRight(w.Title, "0123456789"), "-")
			if stage.Name != cmp.Or(where, "shape") {
				return stage.Do(ctx, w)
			}
			switch what {
			case "killer":
				fmt.Fprintln(os.Stderr, "the driver has had enough")
				os.Exit(139)
			case "panic":
				panic("a stage has had enough")
			case "held":
				<-ctx.Done()
			case "stubborn":
				select {}
			case "waits": // as for a GPU, without the processor
				select {
				case <-ctx.Done():
				case <-time.After(gpuTime):
				}
			case "full": // the device is
				return fmt.Errorf("run network: %w: simulated", onnx.ErrOutOfMemory)
			case "exhausted": // the runtime gives up
				fmt.Fprintln(os.Stderr, "fatal error: runtime: out of memory")
				os.Exit(2)
			case "shot": // by the system, which is out of memory
				p, err := os.FindProcess(os.Getpid())
				if err != nil || p.Kill() != nil {
					return errors.New("it cannot be shot here")
				}
				select {}
			}
			return stage.Do(ctx, w)
		}
	}
}

// gpuTime is how long a stage that waits for a GPU does.
const gpuTime = 500 * time.Millisecond

func asProcess(what string) func(string) *exec.Cmd {
	self := Self()
	return func(folder string) *exec.Cmd {
		cmd := self(folder)
		cmd.Env = append(os.Environ(), "ORFEAS_TEST_PROCESS="+what)
		return cmd
	}
}

// opened is a queue in the folder that ends with the test.
func opened(t testing.TB, folder string, o Options) (q *Queue, end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	if o.Worker == nil {
		o.Worker = asProcess("worker")
	}
	o.Poll = 20 * time.Millisecond
	q = Open(ctx, folder, o)
	end = func() { cancel(); q.Wait() }
	t.Cleanup(end)
	return q, end
}

// dots draws a small picture, another one for every number.
func dots(t testing.TB, folder, name string, number int) string {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for y := range 40 {
		for x := range 40 {
			if dx, dy := x-20, y-20; dx*dx+2*dy*dy < 300 {
				img.SetNRGBA(x, y, color.NRGBA{200, uint8(number), uint8(number >> 8), 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, name+".png")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func few() Settings {
	s := Defaults()
	s.Engine, s.Faces = "extrude", 100_000
	return s
}

func added(t testing.TB, q *Queue, path string, s Settings) Job {
	t.Helper()
	j, err := q.Add(path, s)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// wait watches until ok says so of the jobs seen, or nothing has happened for a minute.
func wait(t testing.TB, q *Queue, what string, ok func(jobs map[string]Job) bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	patience := time.AfterFunc(time.Minute, cancel)
	defer patience.Stop()
	jobs := map[string]Job{}
	done := false
	q.Watch(ctx, func(j Job) {
		patience.Reset(time.Minute)
		jobs[j.ID] = j
		if j.State == Removed {
			delete(jobs, j.ID)
		}
		if !done && ok(jobs) {
			done = true
			cancel()
		}
	}, nil)
	if !done {
		for _, j := range jobs {
			if j.State != Done {
				t.Logf("job %s, %s, is %s, %s, died %d times: %s", j.ID, j.Title, j.State, j.Stage, j.Kills, j.Problem)
			}
		}
		t.Fatalf("it never came to that: %s: %+v", what, q.Status())
	}
}

// waitStatus watches until the queue's status is as ok says.
func waitStatus(t testing.TB, q *Queue, what string, ok func(Status) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	done := false
	q.Watch(ctx, func(Job) {}, func(s Status) {
		if ok(s) {
			done = true
			cancel()
		}
	})
	if !done {
		t.Fatalf("it never came to that: %s: %+v", what, q.Status())
	}
}

func over(n int) func(map[string]Job) bool {
	return func(jobs map[string]Job) bool {
		got := 0
		for _, j := range jobs {
			if j.State.Over() {
				got++
			}
		}
		return got >= n
	}
}

func state(id string, s State) func(map[string]Job) bool {
	return func(jobs map[string]Job) bool { return jobs[id].State == s }
}

// left says which jobs a folder must hold, and that nothing else is in it.
func left(t testing.TB, folder string, ids ...string) {
	t.Helper()
	got, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	may := []string{queueLock, workerLock, liveFile, liveFile + ".part"}
	want := append(slices.Clone(may), ids...)
	for _, e := range got {
		at := slices.Index(want, e.Name())
		if at < 0 {
			t.Errorf("there is %s in the queue's folder", e.Name())
			continue
		}
		want = slices.Delete(want, at, at+1)
	}
	for _, id := range want {
		if !slices.Contains(may, id) {
			t.Errorf("job %s is not in the folder", id)
		}
	}
}

// own is a queue in a process of its own: it adds a picture after the other, says which were, and works on them until it
// is killed.
func own(folder string) {
	q := Open(context.Background(), folder, Options{Worker: asProcess("worker"), Poll: 20 * time.Millisecond})
	pictures, _ := filepath.Glob(filepath.Join(filepath.Dir(folder), "*.png"))
	for _, p := range pictures {
		j, err := q.AddAgain(p, few())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(j.ID)
	}
	select {}
}

// whole checks that a job is done and its files are.
func whole(t testing.TB, j Job) {
	t.Helper()
	if j.State != Done {
		t.Errorf("%+v", j)
		return
	}
	m, err := export.Open(j.File(MeshFile))
	if err != nil || len(m.Triangles) != j.Result.Certificate.Triangles {
		t.Errorf("job %s: %v", j.ID, err)
	}
	if parts, _ := filepath.Glob(j.File(".*")); len(parts) > 0 {
		t.Errorf("left behind: %v", parts)
	}
}
