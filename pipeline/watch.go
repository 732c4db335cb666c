package pipeline

import (
	"context"
	"slices"
)

// watcher collects what changed since it was last looked at: the newest state of each job, in the order of the first
// change. A slow watcher misses steps in between, never the last one, and never holds up the work.
type watcher struct {
	order []string
	news  map[string]Job
	queue *Status // when it changed
	ready chan struct{}
}

// Watch calls see with every job and then with the newest state of whichever changed, and status, unless it is nil, with
// that of the queue, until ctx is done. Calls come one at a time, from this goroutine.
func (q *Queue) Watch(ctx context.Context, see func(Job), status func(Status)) {
	if status == nil {
		status = func(Status) {}
	}
	q.WatchAll(ctx, func(jobs []Job) {
		for _, j := range jobs {
			if ctx.Err() != nil {
				return
			}
			see(j)
		}
	}, status)
}

// WatchAll is Watch for who would rather have all that changed at once: the first call has every job.
func (q *Queue) WatchAll(ctx context.Context, see func([]Job), status func(Status)) {
	w := &watcher{news: map[string]Job{}, ready: make(chan struct{}, 1)}
	q.mu.Lock()
	w.about(q.status)
	for _, e := range q.entries {
		w.note(e.job)
	}
	q.watchers = append(q.watchers, w)
	q.mu.Unlock()
	defer func() {
		q.mu.Lock()
		q.watchers = slices.DeleteFunc(q.watchers, func(o *watcher) bool { return o == w })
		q.mu.Unlock()
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.ready:
		}
		q.mu.Lock()
		order, news, queue := w.order, w.news, w.queue
		w.order, w.news, w.queue = nil, map[string]Job{}, nil
		q.mu.Unlock()
		if queue != nil {
			status(*queue)
		}
		jobs := make([]Job, len(order))
		for i, id := range order {
			jobs[i] = news[id]
		}
		if len(jobs) > 0 && ctx.Err() == nil {
			see(jobs)
		}
	}
}

func (w *watcher) note(j Job) {
	if _, known := w.news[j.ID]; !known {
		w.order = append(w.order, j.ID)
	}
	w.news[j.ID] = j
	w.wake()
}

func (w *watcher) about(s Status) {
	w.queue = &s
	w.wake()
}

func (w *watcher) wake() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// tell passes a job's new state to every watcher; q.mu is held.
func (q *Queue) tell(j Job) {
	q.moved = true
	for _, w := range q.watchers {
		w.note(j)
	}
}

// say changes the queue's status and passes it on; q.mu is held.
func (q *Queue) say(s Status) {
	if s == q.status {
		return
	}
	q.status = s
	for _, w := range q.watchers {
		w.about(s)
	}
}
