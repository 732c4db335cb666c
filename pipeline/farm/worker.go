package farm

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// Worker takes jobs from a farm that this machine can do.
type Worker struct {
	Farm    *Farm
	Name    string          // of the machine, for people
	Run     pipeline.Runner // does them
	Slots   int             // jobs at once; 3, one in each of the long stages
	Engines []string        // whose jobs it takes; all it can for none
	Scratch string          // folder for what it works on
	Probe   gpu.Probe       // nil for none
	Able    func() pipeline.Ability

	// Fits says whether there is room for a job as asked for, with so many pictures of other sides; nil for always. One that does not fit is left to others, and
	// done as well as can be when it has been round several times.
	Fits func(context.Context, pipeline.Settings, int) error

	key    string // in the bucket of workers
	wake   chan struct{}
	alone  sync.RWMutex // held for writing by a job that is suspected
	mu     sync.Mutex
	able   pipeline.Ability
	asked  map[string]jetstream.Consumer // those of the classes, by their names
	hot    []*warm                       // classes that may have a job, the one to ask next first
	looked time.Time                     // when all classes were last looked at
	rest   time.Time                     // no job is taken before
	state  WorkerState
	ends   []time.Time // of the last minute
}

// Work takes jobs and does them until ctx is done. Those it has then are given back. The error is that nothing can be done
// at all; that the farm is out of reach is none.
func (w *Worker) Work(ctx context.Context) error {
	w.Slots = cmp.Or(w.Slots, 3)
	if w.Able == nil {
		w.Able = pipeline.Able
	}
	if w.Probe == nil {
		w.Probe = func() ([]gpu.Device, error) { return nil, nil }
	}
	w.key = strings.Map(plain, w.Name) + "-" + strings.ToLower(rand.Text()[:6])
	w.state = WorkerState{Name: w.Name, Slots: w.Slots, Since: time.Now()}
	w.wake, w.asked = make(chan struct{}, 1), map[string]jetstream.Consumer{}
	sub, err := w.Farm.nc.Subscribe(wakeSubject, w.hear)
	if err != nil {
		return fmt.Errorf("listen to the farm: %w", err)
	}
	defer sub.Unsubscribe()
	w.look()
	var jobs sync.WaitGroup
	defer jobs.Wait()
	saying, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer w.goodbye()
	defer stop()
	go w.announce(saying)
	free := make(chan struct{}, w.Slots)
	for {
		select {
		case <-ctx.Done():
			return nil
		case free <- struct{}{}:
		}
		m := w.take(ctx)
		if m == nil {
			return nil
		}
		jobs.Go(func() {
			w.handle(ctx, m)
			<-free
		})
	}
}

// plain keeps what a key in a bucket may be made of.
func plain(r rune) rune {
	if r < 128 && wordForm.MatchString(string(r)) {
		return r
	}
	return '_'
}

// look finds out anew what can be done here.
func (w *Worker) look() {
	a := w.Able()
	if len(w.Engines) > 0 {
		a.Engines = slices.DeleteFunc(slices.Clone(a.Engines), func(e string) bool { return !slices.Contains(w.Engines, e) })
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.able = a
}

// can reports whether a job of the class can be done here.
func (w *Worker) can(c class) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return c.among(pipeline.Version, w.able)
}

// take waits for a job; nil when ctx is done.
func (w *Worker) take(ctx context.Context) jetstream.Msg {
	look := time.NewTicker(w.Farm.options.Every)
	defer look.Stop()
	for ctx.Err() == nil {
		m, again := w.next(ctx)
		if m != nil {
			return m
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-time.After(again):
		case <-look.C:
			w.survey(ctx, w.Farm.options.Every/2) // another slot may have
		}
	}
	return nil
}

// hear takes in that a job of a class was put in the line.
func (w *Worker) hear(m *nats.Msg) {
	if c, err := parseClass(string(m.Data)); err == nil && w.can(c) {
		w.heat(c)
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// warm is a class that may have a job.
type warm struct {
	class  class
	called int       // how often it was heard of
	missed int       // how often it had none since
	due    time.Time // when it is asked next
}

// patience is how long after a miss a class is asked again: in a cluster the one who hands out jobs may hear of one a little
// after everybody else.
var patience = []time.Duration{10 * time.Millisecond, 100 * time.Millisecond}

// heat notes that a class may have a job.
func (w *Worker) heat(c class) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.hot, func(h *warm) bool { return h.class.String() == c.String() })
	if i < 0 {
		i = len(w.hot)
		w.hot = append(w.hot, &warm{class: c})
	}
	h := w.hot[i]
	h.called++
	h.missed, h.due = 0, time.Time{}
}

// ask is the class to be asked now, which goes to the end of the list, and how often it had been called; without one, how
// long there will be none.
func (w *Worker) ask() (h *warm, called int, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, wait := time.Now(), time.Hour
	if rest := w.rest.Sub(now); rest > 0 {
		return nil, 0, rest
	}
	for i, h := range w.hot {
		if left := h.due.Sub(now); left > 0 {
			wait = min(wait, left)
			continue
		}
		w.hot = append(slices.Delete(w.hot, i, i+1), h)
		return h, h.called, 0
	}
	return nil, 0, wait
}

// miss notes that a class had no job. One that was called meanwhile may have one all the same.
func (w *Worker) miss(h *warm, called int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if h.called != called {
		return
	}
	if h.missed == len(patience) {
		w.hot = slices.DeleteFunc(w.hot, func(o *warm) bool { return o == h })
		return
	}
	h.due = time.Now().Add(patience[h.missed])
	h.missed++
}

// survey looks which classes have jobs, unless that was done within the time given. It finds those that were given to
// workers that are gone, and those whose call was missed.
func (w *Worker) survey(ctx context.Context, within time.Duration) {
	if !w.Farm.Connected() {
		return
	}
	w.mu.Lock()
	due := time.Since(w.looked) >= within
	if due {
		w.looked = time.Now()
	}
	w.mu.Unlock()
	if !due {
		return
	}
	ctx, done := soon(ctx)
	defer done()
	s, err := w.Farm.ready(ctx)
	if err != nil {
		return
	}
	all := s.jobs.ListConsumers(ctx)
	for c := range all.Info() {
		if c.NumPending == 0 && uint64(c.NumAckPending) == 0 {
			continue
		}
		filter, ok := strings.CutPrefix(c.Config.FilterSubject, jobSubject)
		if one, err := parseClass(strings.TrimSuffix(filter, ".*")); ok && err == nil && w.can(one) {
			w.heat(one)
		}
	}
}

// next asks the classes that may have a job, one after the other. Without one it says when to ask again.
func (w *Worker) next(ctx context.Context) (jetstream.Msg, time.Duration) {
	w.survey(ctx, 5*w.Farm.options.Every) // a class that always has jobs must not hide the others
	for ctx.Err() == nil {
		h, called, wait := w.ask()
		if h == nil {
			return nil, wait
		}
		m, err := w.pull(ctx, h.class)
		if m != nil {
			return m, 0
		}
		w.miss(h, called)
		w.Farm.doubt(err)
		if err != nil && ctx.Err() == nil {
			w.Farm.options.Log("ask for a job: " + err.Error())
			return nil, time.Second
		}
	}
	return nil, 0
}

// pull takes one job of a class, if there is one.
func (w *Worker) pull(ctx context.Context, c class) (jetstream.Msg, error) {
	if !w.Farm.Connected() {
		return nil, nil
	}
	s, err := w.Farm.ready(ctx)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	consumer := w.asked[c.String()]
	w.mu.Unlock()
	if consumer == nil {
		asking, done := soon(ctx)
		defer done()
		if consumer, err = s.jobs.Consumer(asking, c.consumer()); err != nil {
			if errors.Is(err, jetstream.ErrConsumerNotFound) {
				err = nil
			}
			return nil, err
		}
	}
	batch, err := consumer.FetchNoWait(1)
	if err != nil {
		return nil, err
	}
	for m := range batch.Messages() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.asked[c.String()] = consumer
		return m, nil
	}
	if err = batch.Error(); err != nil { // it may be gone
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.asked, c.String())
	}
	return nil, err
}

// tired keeps the worker from taking jobs for a while.
func (w *Worker) tired(why error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = time.Now().Add(restTime)
	w.state.Problem = why.Error()
}

const restTime = 10 * time.Second

// folder makes one to do a job in.
func (w *Worker) folder() (string, error) {
	if err := os.MkdirAll(w.Scratch, 0o700); err != nil {
		return "", err
	}
	return os.MkdirTemp(w.Scratch, "job-*")
}

// Sweep deletes what a worker that was killed left in the folder.
func Sweep(scratch string) error {
	left, err := filepath.Glob(filepath.Join(scratch, "job-*"))
	for _, l := range left {
		err = errors.Join(err, os.RemoveAll(l))
	}
	return err
}
