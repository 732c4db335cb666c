package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// ErrNoJob is wrapped when a job is not, or no longer, in the queue; ErrBusy when what is asked does not fit its state.
var (
	ErrNoJob = errors.New("no such job")
	ErrBusy  = errors.New("the job is not in the right state")
)

// Queue holds jobs and does them one after another on a goroutine of its own. All methods may be called from anywhere.
type Queue struct {
	mu       sync.Mutex
	entries  []*entry
	made     int
	wake     chan struct{}
	watchers []*watcher
	ended    chan struct{}
}

type entry struct {
	job     Job
	stop    context.CancelFunc // while running
	mesh    *mesh.Mesh
	subject *picture.Subject
}

// NewQueue starts a queue that works until ctx is done.
func NewQueue(ctx context.Context) *Queue {
	q := &Queue{wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go q.work(ctx)
	return q
}

// Wait returns when the queue's context is done and its last job has stopped.
func (q *Queue) Wait() { <-q.ended }

// Add checks the settings and appends a job for the picture at path. A path that cannot be read becomes a failed job
// when its turn comes, so that the user sees which one it was.
func (q *Queue) Add(path string, s Settings) (Job, error) {
	if err := s.Check(); err != nil {
		return Job{}, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.made++
	e := &entry{job: Job{
		ID: fmt.Sprintf("%06d", q.made), Title: Title(path), Picture: path, Settings: s,
		State: Queued, Stages: NewStages(), Added: time.Now(),
	}}
	q.entries = append(q.entries, e)
	q.tell(e.job)
	q.nudge()
	return e.job, nil
}

// Cancel stops a running job or takes a waiting one out of the line. A job that is over stays as it is.
func (q *Queue) Cancel(id string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	e, err := q.find(id)
	if err != nil {
		return err
	}
	switch e.job.State {
	case Queued:
		e.job.State, e.job.Ended = Cancelled, time.Now()
		q.tell(e.job)
	case Running:
		e.stop() // the worker notes the state when the stages have let go
	}
	return nil
}

// Retry puts a job that is over at the end of the line again.
func (q *Queue) Retry(id string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	e, err := q.find(id)
	if err != nil {
		return err
	}
	if !e.job.State.Over() {
		return fmt.Errorf("retry job %s: %w: %s", id, ErrBusy, e.job.State)
	}
	j := e.job
	e.job = Job{ID: j.ID, Title: j.Title, Picture: j.Picture, Settings: j.Settings, State: Queued, Stages: NewStages(), Added: time.Now()}
	e.mesh, e.subject = nil, nil
	q.entries = append(slices.DeleteFunc(q.entries, func(o *entry) bool { return o == e }), e)
	q.tell(e.job)
	q.nudge()
	return nil
}

// Remove cancels a job and forgets it.
func (q *Queue) Remove(id string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	e, err := q.find(id)
	if err != nil {
		return err
	}
	if e.job.State == Running {
		e.stop()
	}
	q.entries = slices.DeleteFunc(q.entries, func(o *entry) bool { return o == e })
	e.job.State = Removed
	q.tell(e.job)
	return nil
}

// Jobs returns every job, in the order of the line.
func (q *Queue) Jobs() []Job {
	q.mu.Lock()
	defer q.mu.Unlock()
	jobs := make([]Job, len(q.entries))
	for i, e := range q.entries {
		jobs[i] = e.job
	}
	return jobs
}

// Mesh returns a finished job's mesh in the print frame, read-only.
func (q *Queue) Mesh(id string) (*mesh.Mesh, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e, err := q.find(id)
	if err != nil {
		return nil, err
	}
	if e.mesh == nil {
		return nil, fmt.Errorf("mesh of job %s: %w: %s", id, ErrBusy, e.job.State)
	}
	return e.mesh, nil
}

// Subject returns a finished job's cut-out, read-only.
func (q *Queue) Subject(id string) (*picture.Subject, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e, err := q.find(id)
	if err != nil {
		return nil, err
	}
	if e.subject == nil {
		return nil, fmt.Errorf("cut-out of job %s: %w: %s", id, ErrBusy, e.job.State)
	}
	return e.subject, nil
}

func (q *Queue) find(id string) (*entry, error) {
	for _, e := range q.entries {
		if e.job.ID == id {
			return e, nil
		}
	}
	return nil, fmt.Errorf("job %s: %w", id, ErrNoJob)
}

func (q *Queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
