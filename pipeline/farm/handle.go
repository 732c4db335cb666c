package farm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"orfeas/pipeline"
	"orfeas/pipeline/export"
)

// errUnwanted says that whoever asked for the job has taken it back.
var errUnwanted = errors.New("the job was taken back")

// job is one that a worker has in hand.
type job struct {
	*Worker
	stores  *stores
	message jetstream.Msg
	task    task
	attempt uint64 // how often it was handed out
	starts  uint64 // how often it was begun before
	mu      sync.Mutex
	far     pipeline.Job // how far it is
	said    time.Time    // when it last said so
	silent  bool         // it was not said
}

// handle does a job and says what came of it. Whatever goes wrong, the message is acknowledged only when the end of the job
// lies in the stream of results or the job is taken back; it is handed out anew otherwise, the sooner the better.
func (w *Worker) handle(ctx context.Context, m jetstream.Msg) {
	s, err := w.Farm.ready(ctx)
	if err != nil {
		return // after AckWait
	}
	h := &job{Worker: w, stores: s, message: m}
	h.task, err = read(m.Subject(), m.Data())
	if about, e := m.Metadata(); e == nil {
		h.attempt = about.NumDelivered
	}
	w.count(func(s *WorkerState) { s.Doing = append(s.Doing, h.task.ID) })
	defer w.count(func(s *WorkerState) { s.drop(h.task.ID) })
	if err != nil {
		h.settle(ctx, h.giveUp(ctx, err))
		return
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sub, err := w.Farm.nc.Subscribe(stopSubject+h.task.ID, func(*nats.Msg) { cancel(errUnwanted) })
	if err == nil {
		defer sub.Unsubscribe()
	}
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	var kept sync.WaitGroup
	kept.Go(func() { h.keep(keeping) })
	err = h.try(ctx)
	if errors.Is(err, errTask) && ctx.Err() == nil {
		err = h.giveUp(ctx, err)
	}
	stop()
	kept.Wait()
	h.settle(ctx, err)
}

// settle acknowledges the message or gives it back.
func (h *job) settle(ctx context.Context, err error) {
	done := context.WithoutCancel(ctx)
	switch {
	case err == nil:
		err = h.acknowledge(done)
	case errors.Is(context.Cause(ctx), errUnwanted), errors.Is(err, errUnwanted):
		err = h.message.Term()
	case errors.Is(err, errElsewhere):
		err = h.message.NakWithDelay(h.Farm.options.Every)
	case ctx.Err() != nil:
		h.forgive(done)
		err = h.message.Nak() // this worker ends: somebody else goes on at once
	default:
		h.Farm.options.Log(fmt.Sprintf("job %s: %v", h.task.ID, err))
		h.tired(err)
		h.forgive(done)
		err = h.message.NakWithDelay(restTime)
	}
	if err != nil {
		h.Farm.options.Log(fmt.Sprintf("job %s: acknowledge: %v", h.task.ID, err))
	}
}

func (h *job) acknowledge(ctx context.Context) error {
	ctx, done := soon(ctx)
	defer done()
	return h.message.DoubleAck(ctx)
}

// keep tells the server that the job is being done, and the others how far it is.
func (h *job) keep(ctx context.Context) {
	tick, late := time.NewTicker(h.Farm.options.AckWait/4), time.NewTicker(often)
	defer tick.Stop()
	defer late.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = h.message.InProgress() // when it is missed too often another worker takes the job
		case <-late.C:
			h.mu.Lock()
			h.utter()
			h.mu.Unlock()
		}
	}
}

// do takes the job from picture to result. Nil means that its end lies in the stream of results.
func (h *job) do(ctx context.Context) error {
	folder, err := h.folder()
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	j := pipeline.Job{ID: h.task.ID, Title: pipeline.Title(h.task.Name), Picture: h.task.Name, Input: h.task.Input, Settings: h.task.Settings, Stages: pipeline.NewStages(), Folder: folder}
	for _, s := range h.task.Views {
		j.Shots = append(j.Shots, pipeline.Shot{Side: s.Side, Picture: s.Name, Input: s.Input})
	}
	for _, o := range h.task.objects() {
		if err := h.fetch(ctx, o, j.File(o.input)); err != nil {
			return err
		}
	}
	start := time.Now()
	end, err := h.Run(ctx, j, h.report)
	if err != nil {
		return err
	}
	if end.State == pipeline.Cancelled { // by somebody on this machine
		end.State, end.Problem = pipeline.Failed, "it was stopped where it was done"
	}
	if end.Dead() {
		if err := h.bury(ctx, end.Problem, end.Said); err != nil {
			return err
		}
	}
	if err := h.deliver(ctx, end); err != nil {
		return err
	}
	h.ended(end, time.Since(start))
	return nil
}

// fetch brings a picture. One that is not there, also when the replicas had the time to catch up, belongs to a job that
// was taken back or is over; if somebody waits for it after all, he will give it anew. The error wraps errTask when it is not
// the picture that the task is about.
func (h *job) fetch(ctx context.Context, o object, path string) error {
	waiting, done := patiently(ctx)
	defer done()
	in, err := h.stores.pictures.Get(waiting, o.name)
	for tries := 0; errors.Is(err, jetstream.ErrObjectNotFound); tries++ {
		if tries == 5 {
			return errUnwanted
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(often):
		}
		in, err = h.stores.pictures.Get(waiting, o.name)
	}
	if err != nil {
		return fmt.Errorf("fetch %s: %w", o.input, err)
	}
	defer in.Close()
	if info, err := in.Info(); err == nil && int64(info.Size) != o.bytes { // nor will it the next time
		return fmt.Errorf("%w: %s has %d bytes in the store, not %d", errTask, o.input, info.Size, o.bytes)
	}
	err = export.WriteFile(waiting, path, func(w io.Writer) error {
		n, err := io.Copy(w, io.LimitReader(waiting.of(in), o.bytes+1))
		if err == nil && n != o.bytes {
			err = fmt.Errorf("fetch %s: it has %d bytes, not %d", o.input, n, o.bytes)
		}
		return err
	})
	if errors.Is(err, jetstream.ErrDigestMismatch) && h.attempt >= h.Farm.options.Deliveries { // nobody is just putting it there anew
		err = fmt.Errorf("%w: %s is damaged in the store: %w", errTask, o.input, err)
	}
	return err
}

// often is how often a worker says how far within a stage a job is.
const often = time.Second / 4

// report says how far the job is, to whom it may concern; at once when a stage begins.
func (h *job) report(j pipeline.Job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	began := j.Stage != h.far.Stage
	h.far, h.silent = j, true
	if began || time.Since(h.said) >= often {
		h.utter()
	}
}

// utter says what was not said; h.mu is held.
func (h *job) utter() {
	if j := h.far; h.silent {
		h.said, h.silent = time.Now(), false
		h.say(Report{Attempt: h.attempt, Worker: h.Name, Stage: j.Stage, Step: j.Step, Progress: j.Progress, Stages: j.Stages})
	}
}

func (h *job) say(r Report) {
	if data, err := json.Marshal(r); err == nil {
		_ = h.Farm.nc.Publish(stateSubject+h.task.ID, data) // the end is found without it
	}
}

// deliver puts the files and then the end of a job where they will be fetched. It goes on trying until there is room and
// the farm answers: the work is done and would have to be done again. Files that cannot be read here are errLocal.
func (h *job) deliver(ctx context.Context, j pipeline.Job) error {
	r := result{Worker: h.Name, Attempt: h.attempt, Job: j}
	if j.State == pipeline.Done {
		r.Object = fmt.Sprintf("%s-%d-%s", h.task.ID, h.attempt, h.key)
	}
	for wait := time.Second / 4; ; wait = min(2*wait, h.Farm.options.Recheck) {
		err := h.wanted(ctx)
		if err == nil {
			err = h.put(ctx, j, &r)
		}
		if err == nil {
			err = h.publish(ctx, r)
		}
		if err == nil || ctx.Err() != nil || errors.Is(err, errUnwanted) || errors.Is(err, errLocal) {
			return err
		}
		h.Farm.options.Log(fmt.Sprintf("job %s: deliver: %v", h.task.ID, err))
		j.Step = why(err)
		h.report(j)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// wanted makes sure that the job is still in the line: one that is not was taken back, or done by another worker while this
// one was out of reach.
func (h *job) wanted(ctx context.Context) error {
	ctx, done := soon(ctx)
	defer done()
	_, err := h.stores.jobs.GetLastMsgForSubject(ctx, h.message.Subject())
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return errUnwanted
	}
	return err
}

// put puts the files into the store, once.
func (h *job) put(ctx context.Context, j pipeline.Job, r *result) error {
	if r.Object == "" || r.Bytes > 0 {
		return nil
	}
	var size int64
	for _, name := range pipeline.ResultFiles {
		if info, err := os.Stat(filepath.Join(j.Folder, name)); err == nil {
			size += info.Size()
		}
	}
	ctx, done := inTime(ctx, size)
	defer done()
	out, in := io.Pipe()
	go func() {
		err := pack(in, j)
		if err != nil { // when it is the store's fault, nobody reads this any more
			err = fmt.Errorf("%w: %w", errLocal, err)
		}
		in.CloseWithError(err)
	}()
	defer out.Close()
	info, err := h.stores.meshes.Put(ctx, jetstream.ObjectMeta{Name: r.Object}, out)
	if err != nil {
		return errors.Join(err, h.stores.meshes.drop(context.WithoutCancel(ctx), r.Object))
	}
	r.Bytes = int64(info.Size)
	return nil
}

// publish makes the end known. When another worker was quicker, that one's is the end.
func (h *job) publish(ctx context.Context, r result) error {
	data, err := json.Marshal(r)
	if err == nil && len(data) > maxResult {
		err = fmt.Errorf("the result has %d bytes besides its files", len(data))
	}
	if err != nil {
		r.Job = ended(pipeline.Job{Stages: pipeline.NewStages()}, err)
		if data, err = json.Marshal(r); err != nil {
			return err
		}
	}
	asking, done := soon(ctx)
	defer done()
	_, err = h.Farm.js.Publish(asking, resultSubject+h.task.ID, data)
	if there(err) {
		first, e := lookUp(ctx, h.stores, h.task.ID)
		if e != nil {
			return e
		}
		if err = nil; r.Object != "" && (first == nil || first.Object != r.Object) {
			_ = h.stores.meshes.drop(ctx, r.Object) // it goes by its age else
		}
	}
	if err == nil {
		h.say(Report{Attempt: h.attempt, Worker: h.Name, Over: true})
	}
	return err
}
