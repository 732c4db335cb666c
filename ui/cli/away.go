package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"orfeas/pipeline"
	"orfeas/pipeline/export"
	"orfeas/pipeline/farm"
)

// away is a batch of pictures that a farm converts. All are given to it at once, and brought home one after the other.
type away struct {
	*conversion
	farm   *farm.Farm
	folder string
	queue  *pipeline.Queue
	stop   context.CancelFunc
	ids    []string // of the jobs of the pictures, in order
	failed []error  // why there is none
	next   int

	mu     sync.Mutex
	jobs   map[string]pipeline.Job
	status pipeline.Status
	news   chan struct{}
}

// elsewhere has the farm convert the pictures. told hears of each what came of it.
func (c *conversion) elsewhere(ctx context.Context, t Terminal, pictures []string, told func(picture string, err error)) int {
	a, err := c.send(ctx, t, pictures)
	if err != nil {
		complain(t, "", err)
		return ExitFailed
	}
	defer a.close()
	for i, out := range c.paths(pictures) {
		if told(pictures[i], a.one(ctx, t, pictures[i], out)); ctx.Err() != nil {
			break
		}
	}
	return ExitOK
}

// send gives the pictures to the farm.
func (c *conversion) send(ctx context.Context, t Terminal, pictures []string) (*away, error) {
	f, err := farm.Open(farm.Options{URL: c.farm, Name: "convert", Log: logTo(t.Err)}.Environment())
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "orfeas-farm-*")
	if err != nil {
		f.Close()
		return nil, err
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	a := &away{conversion: c, farm: f, folder: folder, stop: stop, jobs: map[string]pipeline.Job{}, news: make(chan struct{}, 1)}
	a.queue = pipeline.Open(working, filepath.Join(folder, "jobs"), pipeline.Options{Runner: f.Run, Abreast: farm.Abreast})
	go a.queue.Watch(working, a.see, a.about)
	for _, p := range pictures {
		j, err := a.queue.AddAgain(p, c.settings, c.shots...)
		a.ids, a.failed = append(a.ids, j.ID), append(a.failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	return a, nil
}

func (a *away) see(j pipeline.Job) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.jobs[j.ID] = j
	if j.State == pipeline.Removed {
		delete(a.jobs, j.ID)
	}
	a.wake()
}

func (a *away) about(s pipeline.Status) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status = s
	a.wake()
}

func (a *away) wake() {
	select {
	case a.news <- struct{}{}:
	default:
	}
}

// close takes back what the farm has not done and leaves nothing behind.
func (a *away) close() {
	for _, j := range a.queue.Jobs() {
		_ = a.queue.Cancel(j.ID) // all of it is deleted below
	}
	for wait := time.Now().Add(10 * time.Second); a.queue.Busy() && time.Now().Before(wait); {
		time.Sleep(20 * time.Millisecond)
	}
	a.stop()
	a.queue.Wait()
	a.farm.Close()
	os.RemoveAll(a.folder)
}

// one waits for the next picture and brings its mesh home.
func (a *away) one(ctx context.Context, t Terminal, in, out string) error {
	start := time.Now()
	id, err := a.ids[a.next], a.failed[a.next]
	a.next++
	bars := &bars{t: t}
	row := bars.begin(filepath.Base(in), a.settings)
	o := outcome{Picture: in}
	var j pipeline.Job
	if err == nil {
		j, err = a.wait(ctx, id, func(j pipeline.Job) {
			o.Stages = j.Stages
			bars.show(row, j.Stage, j.Stages)
		})
	}
	bars.end(row, func() {})
	if err == nil {
		o.Stages = j.Stages
		err = a.bring(ctx, j, out, &o)
	}
	if id != "" {
		err = errors.Join(err, a.queue.Remove(id))
	}
	o.Seconds = time.Since(start).Seconds()
	if !j.Started.IsZero() && !j.Ended.IsZero() {
		o.Seconds = j.Ended.Sub(j.Started).Seconds()
	}
	return a.say(t, o, err)
}

// wait returns a job that is over.
func (a *away) wait(ctx context.Context, id string, see func(pipeline.Job)) (pipeline.Job, error) {
	for {
		a.mu.Lock()
		j, status := a.jobs[id], a.status
		a.mu.Unlock()
		switch {
		case j.State == pipeline.Failed:
			return j, failure{j.Problem, j.Hint}
		case j.State.Over():
			return j, nil
		case status.Problem != "":
			return j, failure{status.Problem, status.Hint}
		case j.Stage != "":
			see(j)
		}
		select {
		case <-ctx.Done():
			return j, ctx.Err()
		case <-a.news:
		}
	}
}

// bring writes the mesh of a job as if it had been made here.
func (a *away) bring(ctx context.Context, j pipeline.Job, out string, o *outcome) error {
	m, err := a.queue.Mesh(j.ID)
	if err != nil {
		return err
	}
	meta := export.Meta{Title: j.Title, Application: pipeline.Application}
	if a.format.Name == "3mf" {
		if meta.Thumbnail, err = preview(m); err != nil {
			j.Result.Notes = append(j.Result.Notes, "no preview: "+err.Error())
		}
	}
	c, err := pipeline.Deliver(ctx, out, a.format, m, j.Result.Certificate, meta)
	if err == nil && a.preview != "" {
		err = savePreview(ctx, a.preview, m)
		o.Preview = a.preview
	}
	o.Output, o.Cutout, o.Certificate, o.Notes = out, j.Result.Cutout, &c, j.Result.Notes
	return err
}

// failure is an error of somebody else's, with its hint.
type failure struct{ problem, hint string }

func (f failure) Error() string { return f.problem }

// explain is [pipeline.Explain], also for failures elsewhere.
func explain(err error) (problem, hint string) {
	var f failure
	if errors.As(err, &f) {
		return f.problem, f.hint
	}
	return pipeline.Explain(err)
}
