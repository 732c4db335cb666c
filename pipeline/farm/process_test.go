package farm

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"orfeas/pipeline"
	"orfeas/pipeline/mesh"
)

// TestMain lets the test binary be the processes of the tests: a worker of a farm, and the child that does its jobs.
func TestMain(m *testing.M) {
	folder := os.Args[len(os.Args)-1]
	switch os.Getenv("ORFEAS_TEST_PROCESS") {
	case "child":
		misbehave()
		if err := pipeline.Serve(folder, os.Stdin, os.Stdout, func(*mesh.Mesh) ([]byte, error) { return []byte("a picture"), nil }, nil); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "worker":
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		if err := beWorker(ctx, folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "server":
		s, err := Serve(ServerOptions{Addr: "127.0.0.1:0", Dir: folder, Store: 2 << 30})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(s.URL())
		_, _ = io.Copy(io.Discard, os.Stdin)
		s.Stop()
	default:
		os.Exit(m.Run())
	}
}

// misbehave makes the line do what a picture's name asks for: wait in a stage as for a GPU, so that it can be killed there,
// or kill its process.
func misbehave() {
	for i := range pipeline.Line {
		stage, do := pipeline.Line[i].Name, pipeline.Line[i].Do
		pipeline.Line[i].Do = func(ctx context.Context, w *pipeline.Work) error {
			if strings.HasPrefix(w.Title, "killer") && stage == "shape" {
				fmt.Fprintln(os.Stderr, "the driver has had enough")
				os.Exit(139)
			}
			if strings.HasPrefix(w.Title, "slow-"+stage) {
				for i := range 7 {
					w.Step("waiting", float64(i)/7)
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-time.After(100 * time.Millisecond):
					}
				}
			}
			return do(ctx, w)
		}
	}
}

func child() func(string) *exec.Cmd {
	self := pipeline.Self()
	return func(folder string) *exec.Cmd {
		cmd := self(folder)
		cmd.Env = append(os.Environ(), "ORFEAS_TEST_PROCESS=child")
		return cmd
	}
}

// quick are options for tests, which have no half minutes to wait.
func quick(url string) Options {
	deliveries, _ := strconv.ParseUint(os.Getenv("ORFEAS_TEST_DELIVERIES"), 10, 64)
	return Options{URL: url, Deliveries: cmp.Or(deliveries, 10), AckWait: 2 * time.Second, Every: 250 * time.Millisecond, Recheck: time.Second, PictureBytes: 64 << 20, ResultBytes: 64 << 20}
}

// beWorker works for the farm in ORFEAS_TEST_FARM until ctx is done.
func beWorker(ctx context.Context, folder string) error {
	o := quick(os.Getenv("ORFEAS_TEST_FARM"))
	o.Patient = true
	f, err := Open(o)
	if err != nil {
		return err
	}
	defer f.Close()
	queue, end := context.WithCancel(context.Background())
	q := pipeline.Open(queue, filepath.Join(folder, "jobs"), pipeline.Options{Worker: child(), Poll: 50 * time.Millisecond})
	defer q.Wait()
	defer end()
	run := func(ctx context.Context, j pipeline.Job, see func(pipeline.Job)) (pipeline.Job, error) {
		if strings.HasPrefix(j.Title, "murderer") {
			os.Exit(139)
		}
		return q.Run(ctx, j, see)
	}
	if os.Getenv("ORFEAS_TEST_FAKE") != "" {
		run = (&fake{bytes: 1000}).run
	}
	w := Worker{Farm: f, Name: filepath.Base(folder), Run: run, Scratch: folder}
	return w.Work(ctx)
}

// hired is a worker in a process of its own, in a folder of its own.
func hired(t testing.TB, url, folder string) *exec.Cmd {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := pipeline.Self()(folder)
	cmd.Env = append(os.Environ(), "ORFEAS_TEST_PROCESS=worker", "ORFEAS_TEST_FARM="+url)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// served is a server that ends with the test.
func served(t testing.TB) *Server {
	t.Helper()
	s, err := Serve(ServerOptions{Addr: "127.0.0.1:0", Dir: t.TempDir(), Store: 1 << 30, Log: func(text string) { t.Log("server: ", text) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// servedApart is a server in a process of its own.
func servedApart(t testing.TB) (url string, pid int) {
	t.Helper()
	cmd := pipeline.Self()(t.TempDir())
	cmd.Env = append(os.Environ(), "ORFEAS_TEST_PROCESS=server")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	if _, err := fmt.Fscanln(out, &url); err != nil {
		t.Fatal(err)
	}
	return url, cmd.Process.Pid
}

func opened(t testing.TB, o Options) *Farm {
	t.Helper()
	f, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// queue is one whose jobs are done by the runner, or by a child for none; it ends with the test.
func queue(t testing.TB, run pipeline.Runner, abreast int) *pipeline.Queue {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	o := pipeline.Options{Runner: run, Abreast: abreast, Poll: 50 * time.Millisecond}
	if run == nil {
		o.Worker = child()
	}
	q := pipeline.Open(ctx, filepath.Join(t.TempDir(), "jobs"), o)
	t.Cleanup(func() { cancel(); q.Wait() })
	return q
}

// dots draws a small picture, another one for every number.
func dots(t testing.TB, folder, name string, number int) string {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for y := range 40 {
		for x := range 40 {
			if dx, dy := x-20, y-20; dx*dx+(2+number%5)*dy*dy < 300 {
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

func settings(number int) pipeline.Settings {
	s := pipeline.Defaults()
	s.Engine, s.Faces = []string{"extrude", "inflate", "auto"}[number%3], 20_000
	return s
}

func added(t testing.TB, q *pipeline.Queue, path string, s pipeline.Settings) pipeline.Job {
	t.Helper()
	j, err := q.Add(path, s)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// over waits until n jobs are; nothing may happen for a minute at most. see is called with every state.
func over(t testing.TB, q *pipeline.Queue, n int, see func(pipeline.Job)) map[string]pipeline.Job {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	patience := time.AfterFunc(time.Minute, cancel)
	defer patience.Stop()
	jobs, ended := map[string]pipeline.Job{}, 0
	q.Watch(ctx, func(j pipeline.Job) {
		patience.Reset(time.Minute)
		if see != nil {
			see(j)
		}
		if j.State.Over() && !jobs[j.ID].State.Over() {
			ended++
		}
		jobs[j.ID] = j
		if ended >= n {
			cancel()
		}
	}, nil)
	if ended < n {
		for _, j := range jobs {
			if j.State != pipeline.Done {
				t.Logf("job %s, %s, is %s, %s, %s: %s", j.ID, j.Title, j.State, j.Stage, j.Step, j.Problem)
			}
		}
		t.Fatalf("%d of %d jobs are over: %+v", ended, n, q.Status())
	}
	return jobs
}
