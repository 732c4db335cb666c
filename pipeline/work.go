package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// work does the jobs until ctx is done.
func (q *Queue) work(ctx context.Context) {
	defer close(q.ended)
	for {
		if e, jobCtx := q.take(ctx); e != nil {
			q.do(jobCtx, e)
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
		}
	}
}

// take marks the first waiting job as running.
func (q *Queue) take(ctx context.Context) (*entry, context.Context) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if ctx.Err() != nil {
		return nil, nil
	}
	for _, e := range q.entries {
		if e.job.State == Queued {
			jobCtx, stop := context.WithCancel(ctx)
			e.stop = stop
			e.job.State, e.job.Started = Running, time.Now()
			q.tell(e.job)
			return e, jobCtx
		}
	}
	return nil, nil
}

func (q *Queue) do(ctx context.Context, e *entry) {
	w := &Work{Settings: e.job.Settings, Picture: e.job.Picture, Title: e.job.Title}
	err := guarded(ctx, w, func(stage string, total float64, stages []StageInfo) {
		q.mu.Lock()
		defer q.mu.Unlock()
		if e.job.State != Running {
			return
		}
		e.job.Stage, e.job.Progress, e.job.Stages = stage, total, stages
		for _, s := range stages {
			if s.Name == stage {
				e.job.Step = s.Step
			}
		}
		q.tell(e.job)
	})
	q.mu.Lock()
	defer q.mu.Unlock()
	e.stop()
	if e.job.State == Removed {
		return
	}
	e.job.Ended, e.job.Step = time.Now(), ""
	switch {
	case err == nil:
		e.job.State, e.job.Progress, e.mesh, e.subject = Done, 1, w.Mesh, w.Subject
		e.job.Result = &Result{Certificate: w.Certificate, Cutout: w.Subject.How, Notes: w.Notes, Files: w.Files}
	case errors.Is(err, context.Canceled):
		e.job.State = Cancelled
	default:
		e.job.State = Failed
		e.job.Problem, e.job.Hint = Explain(err)
	}
	q.tell(e.job)
}

// guarded runs the line and turns a panic in a stage into an error, so that one bad picture costs one job.
func guarded(ctx context.Context, w *Work, see func(string, float64, []StageInfo)) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the program has a fault: %v\n%s", r, debug.Stack())
		}
	}()
	return Run(ctx, w, see)
}
