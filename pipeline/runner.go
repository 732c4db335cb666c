package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Runner does a job, wherever that is: a job in, its states out. The job's folder holds its picture; the files that
// [ResultFiles] lists lie there too when it returns a job that is [Done]. see is called with how far it is, one call at a
// time. The job that is returned is over. An error says that it could not be done now, which is not the job's fault; it
// is that of ctx when that is done. Then the job is stopped, unless the cause is [ErrLeaving].
//
// A [Queue] is one by its Run, with a worker process; a farm is another.
type Runner func(ctx context.Context, j Job, see func(Job)) (Job, error)

// ErrLeaving is the cause of a context that ends because this program does, while its jobs are still wanted: one that can
// go on elsewhere may, and will be asked for again.
var ErrLeaving = errors.New("the program ends")

// ErrStuck is wrapped when a runner cannot do any job until something outside it is put right.
var ErrStuck = errors.New("no job can be done")

// ResultFiles are the names of all that a finished job's folder may hold besides its picture and job.json. The first is
// always there.
var ResultFiles = []string{MeshFile, CutoutFile, PreviewFile, textureFile, placesFile, filamentFile}

// Busy reports whether anything has not been let go of: a job that was cancelled may still be.
func (q *Queue) Busy() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.child != nil && len(q.child.runs) > 0
}

// Dead reports whether the job was set aside because workers die of it.
func (j Job) Dead() bool { return j.State == Failed && j.Kills > 1 }

// Run does a job of somebody else's in this queue, which keeps nothing of it: a queue is a [Runner].
func (q *Queue) Run(ctx context.Context, j Job, see func(Job)) (Job, error) {
	if q.Status().Problem != "" {
		if err := q.Resume(); err != nil {
			return j, fmt.Errorf("%w: %w", ErrStuck, err)
		}
	}
	own, err := q.add(j.File(j.Input), j.Picture, j.Settings, true, j.OtherShots())
	if err != nil {
		return j, err
	}
	defer q.Remove(own.ID)
	watching, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	q.Watch(watching, func(n Job) {
		if n.ID != own.ID {
			return
		}
		j.State, j.Stage, j.Step, j.Progress, j.Stages, j.Started = n.State, n.Stage, n.Step, n.Progress, n.Stages, n.Started
		if n.State == Removed {
			stop(errors.New("somebody removed the job"))
		} else if n.State.Over() {
			own = n
			stop(nil)
		} else {
			see(j)
		}
	}, func(s Status) {
		if s.Problem != "" {
			stop(fmt.Errorf("%w: %s", ErrStuck, s.Problem))
		}
	})
	if !own.State.Over() {
		return j, context.Cause(watching)
	}
	j.Result, j.Problem, j.Hint, j.Kills, j.Said, j.Ended = own.Result, own.Problem, own.Hint, own.Kills, own.Said, own.Ended
	if j.State != Done {
		return j, ctx.Err()
	}
	for i, name := range ResultFiles {
		if err := os.Rename(own.File(name), j.File(name)); err != nil && (i == 0 || !errors.Is(err, fs.ErrNotExist)) {
			return j, fmt.Errorf("keep what was made: %w", err)
		}
	}
	return j, nil
}

// employ gives jobs to a runner in place of a worker process: the same orders go in and the same news come out.
func employ(do Runner, heard func(*child, news), gone func(*child, error)) *child {
	in, orders := io.Pipe()
	working, leave := context.WithCancelCause(context.Background())
	c := &child{in: orders, runs: map[string]*run{}, ready: true, gone: make(chan struct{})}
	c.leave = func() {
		leave(ErrLeaving)
		in.Close()
	}
	var jobs sync.WaitGroup
	var mu sync.Mutex
	stops := map[string]context.CancelFunc{} // by folder
	begin := func(folder string) {
		ctx, stop := context.WithCancel(working)
		stops[folder] = stop
		jobs.Go(func() {
			conduct(ctx, do, folder, func(n news) { heard(c, n) })
			mu.Lock()
			defer mu.Unlock()
			stop()
			delete(stops, folder)
		})
	}
	go func() {
		defer close(c.gone)
		lines := json.NewDecoder(in)
		for o := (order{}); lines.Decode(&o) == nil; o = (order{}) {
			mu.Lock()
			if stop := stops[o.Stop]; stop != nil {
				stop()
			}
			if o.Do != "" {
				begin(o.Do)
			}
			mu.Unlock()
		}
		c.leave()
		jobs.Wait()
		gone(c, nil)
	}()
	return c
}

// conduct has one job done and says how it went; nothing, when it goes on without us.
func conduct(ctx context.Context, do Runner, folder string, say func(news)) {
	j, err := readJob(folder)
	if err != nil {
		j = Job{ID: filepath.Base(folder), State: Failed, Stages: NewStages(), Problem: err.Error()}
		say(news{Job: j})
		return
	}
	j, err = do(ctx, j, func(j Job) { say(news{Job: j}) })
	stuck := false
	switch {
	case errors.Is(context.Cause(ctx), ErrLeaving):
		return
	case ctx.Err() != nil:
		j.State = Cancelled
	case err != nil:
		stuck, j.State = true, Failed
		j.Problem, j.Hint = Explain(err)
	}
	say(news{Job: j, Stuck: stuck})
}
