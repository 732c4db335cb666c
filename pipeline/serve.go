package pipeline

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
)

// worker does the jobs of a queue in a process of its own.
type worker struct {
	draw    func(*mesh.Mesh) ([]byte, error)
	history *History
	machine *Machine
	memory  *gpu.MemoryProfile // of the first GPU, nil when there is none
	belt    *belt

	mu    sync.Mutex
	out   io.Writer
	stops map[string]context.CancelFunc // of the jobs at work, by folder
}

// Serve is the worker's side of a [Queue]: job folders come in, how far the jobs are goes out. It returns when in ends,
// that is, when the process that reads is gone; the caller then ends the process, with whatever is still being done. draw
// makes the PNG of a mesh for its folder, and history remembers what jobs cost; nil for none.
func Serve(folder string, in io.Reader, out io.Writer, draw func(*mesh.Mesh) ([]byte, error), history *History) error {
	orders, ended := make(chan order), make(chan struct{})
	go func() {
		defer close(ended)
		lines := json.NewDecoder(bufio.NewReader(in))
		for o := (order{}); lines.Decode(&o) == nil; o = (order{}) {
			orders <- o
		}
	}()
	lock, err := waitForLock(filepath.Join(folder, workerLock), ended)
	if err != nil {
		return err
	}
	defer lock.Close()
	watching, stop := context.WithCancel(context.Background())
	defer stop()
	probe := gpu.Visible(gpu.NVML())
	limit, err := MemoryLimit()
	if err != nil {
		return err
	}
	machine := NewMachine(probe, history, limit)
	if machine.Batch, err = Batch(); err != nil {
		return err
	}
	w := &worker{
		draw: draw, history: history, machine: machine, memory: gpu.Follow(watching, probe, gpuSampled),
		out: out, stops: map[string]context.CancelFunc{},
	}
	w.belt = newBelt(func(most int) { w.say(news{Batch: most, CPU: cpuTime().Seconds()}) })
	w.say(news{})
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		select {
		case <-ended:
			return nil
		case <-beat.C:
			w.beat()
		case o := <-orders:
			w.obey(o)
		}
	}
}

// gpuSampled is how often the GPU's memory is looked at for the timings of stages.
const gpuSampled = 250 * time.Millisecond

// beat says how much of the processor the worker has used, as long as it has jobs.
func (w *worker) beat() {
	w.mu.Lock()
	busy := len(w.stops) > 0
	w.mu.Unlock()
	if busy {
		w.say(news{CPU: cpuTime().Seconds()})
	}
}

// waitForLock waits until the worker before this one, whose queue was killed, is gone too, or ended.
func waitForLock(path string, ended <-chan struct{}) (*os.File, error) {
	for {
		f, err := lockFile(path)
		if !errors.Is(err, errHeld) {
			return f, err
		}
		select {
		case <-ended:
			return nil, err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (w *worker) obey(o order) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if stop := w.stops[o.Stop]; stop != nil {
		stop()
	}
	if o.Do != "" {
		ctx, stop := context.WithCancel(context.Background())
		w.stops[o.Do] = stop
		go w.do(ctx, o.Do, w.belt.come(o.Network))
	}
}

// do takes one job down the line and says how it went.
func (w *worker) do(ctx context.Context, folder string, p *place) {
	defer p.give()
	defer w.belt.part(p)
	j, err := readJob(folder)
	stuck := false
	if err == nil {
		stuck, err = w.convert(ctx, &j, p)
	} else {
		j.ID = filepath.Base(folder)
	}
	switch {
	case err == nil:
		j.State, j.Progress = Done, 1
	case errors.Is(err, context.Canceled):
		j.State = Cancelled
	default:
		j.State = Failed
		j.Problem, j.Hint = Explain(err)
		if j.Input != "" { // the user knows the picture by its own name
			j.Problem = strings.ReplaceAll(j.Problem, j.File(j.Input), j.Picture)
			for _, s := range j.Shots {
				j.Problem = strings.ReplaceAll(j.Problem, j.File(s.Input), s.Picture)
			}
		}
	}
	w.mu.Lock()
	w.stops[folder]()
	delete(w.stops, folder)
	w.mu.Unlock()
	w.say(news{Job: j, Stuck: stuck})
}

// convert runs the line over a job and leaves its files in the folder. stuck says that they could not be written.
func (w *worker) convert(ctx context.Context, j *Job, p *place) (stuck bool, err error) {
	ply, err := export.ByName("ply")
	if err != nil {
		return false, err
	}
	work := &Work{
		Settings: j.Settings, Picture: j.File(j.Input), Shots: j.OtherShots(), Title: j.Title, Machine: w.machine, Memory: w.memory,
		Outputs: []Output{{Path: j.File(MeshFile), Format: ply}},
	}
	w.belt.put(work, p)
	var preview []byte
	if w.draw != nil {
		work.Preview = func(m *mesh.Mesh) ([]byte, error) {
			data, err := w.draw(m)
			preview = data
			return data, err
		}
	}
	err = guarded(ctx, work, w.reporter(j))
	if w.history != nil {
		if err := w.history.Add(work.Record(err)); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	if err == nil {
		err = keep(ctx, *j, work, preview)
	}
	if err != nil {
		var refused syscall.Errno
		return j.Stage == Line[len(Line)-1].Name && errors.As(err, &refused), err
	}
	j.Result = &Result{Certificate: work.Certificate, Engine: work.Settings.Engine, Cutout: work.Subject.How, Notes: work.Notes, Lowered: work.Lowered, Memory: work.GPU}
	return false, nil
}

// often is how often the worker says how far within a stage a job is.
const often = 40 * time.Millisecond

// reporter notes in j how far it is and says so.
func (w *worker) reporter(j *Job) func(string, float64, []StageInfo) {
	var said time.Time
	return func(stage string, total float64, stages []StageInfo) {
		began := stage != j.Stage
		j.State, j.Stage, j.Progress, j.Stages = Running, stage, total, stages
		for _, s := range stages {
			if s.Name == stage {
				j.Step = s.Step
				began = began || s.Progress == 1
			}
		}
		if began || time.Since(said) >= often {
			said = time.Now()
			w.say(news{Job: *j})
		}
	}
}

// say writes a line. When nobody reads any more, the end of the orders says so too.
func (w *worker) say(n news) {
	line, err := json.Marshal(n)
	if err != nil {
		line, _ = json.Marshal(news{Job: Job{ID: n.ID, State: Failed, Stages: NewStages(), Problem: err.Error()}})
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = w.out.Write(append(line, '\n'))
}

// guarded runs the line and turns a panic in a stage into an error, so that one bad picture costs one job. Where it
// happened goes to the standard error.
func guarded(ctx context.Context, w *Work, see func(string, float64, []StageInfo)) (err error) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(os.Stderr, "%v\n%s", r, debug.Stack())
			err = fmt.Errorf("the program has a fault: %v", r)
		}
	}()
	return Run(ctx, w, see)
}
