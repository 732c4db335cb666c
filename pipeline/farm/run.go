package farm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"orfeas/pipeline"
)

// What can become of a job in the farm without its being at an end.
var (
	errLost  = errors.New("the farm has lost the job")
	errLocal = errors.New("keep the result")
)

// Run is a [pipeline.Runner]. While the farm is out of reach, or full, it waits and says so in the job's step; only what is
// wrong on this side is an error. A job that is asked for again, by this program or by one started anew, is the same job.
func (f *Farm) Run(ctx context.Context, j pipeline.Job, see func(pipeline.Job)) (pipeline.Job, error) {
	t, err := taskOf(j)
	if err != nil {
		return ended(j, err), nil
	}
	heard := make(chan *nats.Msg, 64)
	sub, err := f.nc.ChanSubscribe(stateSubject+t.ID, heard)
	if err != nil {
		return j, fmt.Errorf("%w: %w", pipeline.ErrStuck, err)
	}
	defer sub.Unsubscribe()
	j.State = pipeline.Running
	a := asking{Farm: f, task: t, heard: heard, see: see, job: j}
	for wait := time.Second / 4; ; wait = min(2*wait, f.options.Recheck) {
		end, err := a.follow(ctx)
		switch {
		case ctx.Err() != nil:
			if !errors.Is(context.Cause(ctx), pipeline.ErrLeaving) {
				f.withdraw(t)
			}
			return a.job, context.Cause(ctx)
		case err == nil:
			f.cleanup.Go(func() { f.tidy(context.Background(), t, end.object) })
			return end.job, nil
		case errors.Is(err, errLocal):
			return a.job, err
		}
		f.doubt(err)
		if a.job.Stage = ""; a.moved {
			wait, a.moved = time.Second/4, false
		}
		a.job.Step = why(err)
		see(a.job)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// why says in a few words what is waited for.
func why(err error) string {
	switch {
	case full(err):
		return "waiting for room in the farm's store"
	case errors.Is(err, errLost):
		return "the farm has lost the job; it is given there again"
	case errors.Is(err, nats.ErrNoResponders), errors.Is(err, nats.ErrTimeout), errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrReconnectBufExceeded),
		errors.Is(err, nats.ErrConnectionReconnecting), errors.Is(err, nats.ErrNoServers):
		return "waiting for the farm, which does not answer"
	}
	return "waiting for the farm: " + err.Error()
}

// ended is a job that cannot be done.
func ended(j pipeline.Job, err error) pipeline.Job {
	j.State, j.Ended = pipeline.Failed, time.Now()
	j.Problem, j.Hint = pipeline.Explain(err)
	return j
}

// asking is a job being waited for.
type asking struct {
	*Farm
	task    task
	heard   chan *nats.Msg
	see     func(pipeline.Job)
	job     pipeline.Job // as last seen
	attempt uint64       // that was last heard of
	missing int          // how often files of the result were not there
	moved   bool         // something went well since the last error
}

// outcome is a job that is over, and the object that its files came in.
type outcome struct {
	job    pipeline.Job
	object string
}

// follow gives the job to the farm, unless it has it, and waits for its end.
func (a *asking) follow(ctx context.Context) (outcome, error) {
	s, err := a.ready(ctx)
	if err != nil {
		return outcome{}, err
	}
	if o, there, err := a.end(ctx, s); there || err != nil {
		return o, err
	}
	if err := a.give(ctx, s); err != nil {
		return outcome{}, err
	}
	a.moved = true
	if a.job.Stage == "" {
		a.job.Step = "waiting for a worker"
		a.see(a.job)
	}
	look := time.NewTicker(a.options.Recheck)
	defer look.Stop()
	for {
		over := false
		select {
		case <-ctx.Done():
			return outcome{}, ctx.Err()
		case m := <-a.heard:
			over = a.listen(m)
		case <-look.C:
			there, err := a.waits(ctx, s)
			if there {
				err = a.consumer(ctx, s, a.task.class)
			}
			if err != nil {
				return outcome{}, err
			}
			over = !there
		}
		if !over {
			continue
		}
		// What has left the line has come to an end before.
		o, there, err := a.end(ctx, s)
		if err == nil && !there {
			err = errLost
		}
		return o, err
	}
}

// listen takes in how far the job is and reports whether it is over. What a worker says that has been given up is not heard.
func (a *asking) listen(m *nats.Msg) (over bool) {
	var r Report
	if json.Unmarshal(m.Data, &r) != nil || r.Over {
		return r.Over
	}
	if r.Attempt < a.attempt || len(r.Stages) != len(pipeline.Line) {
		return false
	}
	a.attempt = r.Attempt
	a.job.Stage, a.job.Step, a.job.Progress, a.job.Stages = r.Stage, r.Step, min(max(r.Progress, 0), 1), r.Stages
	a.see(a.job)
	return false
}

// waits reports whether the job is in the line, or with a worker.
func (a *asking) waits(ctx context.Context, s *stores) (bool, error) {
	ctx, done := soon(ctx)
	defer done()
	_, err := s.jobs.GetLastMsgForSubject(ctx, a.subject())
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (a *asking) subject() string { return jobSubject + a.task.class.String() + "." + a.task.ID }

// give puts the job in the line, after its pictures, unless it is there.
func (a *asking) give(ctx context.Context, s *stores) error {
	if err := a.consumer(ctx, s, a.task.class); err != nil {
		return err
	}
	if there, err := a.waits(ctx, s); there || err != nil {
		return err
	}
	if err := a.fill(ctx, s); err != nil {
		return err
	}
	data, err := json.Marshal(a.task)
	if err != nil {
		return fmt.Errorf("%w: %w", errLocal, err)
	}
	ctx, done := soon(ctx)
	defer done()
	if _, err = a.js.Publish(ctx, a.subject(), data); err != nil && !there(err) {
		return err
	}
	a.attempt = 0 // another message, whose handing out is counted anew
	return a.nc.Publish(wakeSubject, []byte(a.task.class.String()))
}

// fill puts the pictures into the store, all or none: while a job waits for room it has none that others could use. Of jobs of
// several pictures one is at it at a time, so that they do not take the room from each other by halves.
func (a *asking) fill(ctx context.Context, s *stores) error {
	all := a.task.objects()
	if len(all) > 1 {
		if err := a.filling.take(ctx); err != nil {
			return err
		}
		defer a.filling.free()
	}
	for i, o := range all {
		if err := a.upload(ctx, s, o); err != nil {
			for _, o := range all[:i] {
				err = errors.Join(err, s.pictures.drop(context.WithoutCancel(ctx), o.name))
			}
			return err
		}
	}
	return nil
}

func (a *asking) upload(ctx context.Context, s *stores, o object) error {
	in, err := os.Open(a.job.File(o.input))
	if err != nil {
		return fmt.Errorf("%w: %w", errLocal, err)
	}
	defer in.Close()
	ctx, done := inTime(ctx, o.bytes)
	defer done()
	if _, err = s.pictures.Put(ctx, jetstream.ObjectMeta{Name: o.name}, in); err != nil {
		err = errors.Join(err, s.pictures.drop(context.WithoutCancel(ctx), o.name)) // it may be there by halves
	}
	return err
}

// consumer makes sure that there is somebody to hand out a class. One job makes it, the others wait. The server deletes one that
// nobody has asked for a long time, so that it was there is only believed for a while.
func (f *Farm) consumer(ctx context.Context, s *stores, c class) error {
	seen := func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return time.Since(f.classes[c.String()]) < min(time.Minute, f.options.Keep/4)
	}
	if seen() {
		return nil
	}
	if err := f.making.take(ctx); err != nil {
		return err
	}
	defer f.making.free()
	if seen() {
		return nil
	}
	ctx, done := soon(ctx)
	defer done()
	_, err := s.jobs.Consumer(ctx, c.consumer()) // one that is there is for its keepers to change
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		_, err = s.jobs.CreateConsumer(ctx, jetstream.ConsumerConfig{
			Durable: c.consumer(), FilterSubject: jobSubject + c.String() + ".*", AckPolicy: jetstream.AckExplicitPolicy,
			AckWait: f.options.AckWait, MaxDeliver: -1, MaxAckPending: 100_000, InactiveThreshold: f.options.Keep,
		})
	}
	if err != nil && !errors.Is(err, jetstream.ErrConsumerExists) && !errors.Is(err, jetstream.ErrConsumerNameAlreadyInUse) {
		return fmt.Errorf("make consumer %s: %w", c.consumer(), err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.classes[c.String()] = time.Now()
	return nil
}

// end looks whether the job has come to an end, and brings home what came of it.
func (a *asking) end(ctx context.Context, s *stores) (o outcome, there bool, err error) {
	r, err := lookUp(ctx, s, a.task.ID)
	if r == nil || err != nil {
		return o, false, err
	}
	j := a.job
	j.State, j.Stage, j.Step, j.Progress, j.Stages = r.Job.State, r.Job.Stage, "", r.Job.Progress, r.Job.Stages
	j.Result, j.Problem, j.Hint, j.Kills, j.Said, j.Ended = r.Job.Result, r.Job.Problem, r.Job.Hint, r.Job.Kills, r.Job.Said, time.Now()
	if !j.State.Over() || j.State == pipeline.Done && j.Result == nil || len(j.Stages) != len(pipeline.Line) {
		return o, false, fmt.Errorf("the result of worker %s makes no sense", r.Worker)
	}
	if j.State == pipeline.Done {
		err = a.fetch(ctx, s, r, j)
	}
	if errors.Is(err, errBundle) || errors.Is(err, jetstream.ErrObjectNotFound) {
		// A replica may be behind. What stays away is made again.
		if a.missing++; a.missing >= 3 {
			a.missing = 0
			return o, false, errors.Join(errLost, a.forget(ctx, s, r.Object))
		}
	}
	return outcome{j, r.Object}, err == nil, err
}

// lookUp returns the end of a job; nil when there is none yet.
func lookUp(ctx context.Context, s *stores, id string) (*result, error) {
	ctx, done := soon(ctx)
	defer done()
	m, err := s.results.GetLastMsgForSubject(ctx, resultSubject+id)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r result
	if err := json.Unmarshal(m.Data, &r); err != nil {
		return nil, fmt.Errorf("read the result: %w", err)
	}
	return &r, nil
}

// fetch brings the files of a result into the job's folder.
func (a *asking) fetch(ctx context.Context, s *stores, r *result, j pipeline.Job) error {
	waiting, done := patiently(ctx)
	defer done()
	in, err := s.meshes.Get(waiting, r.Object)
	if err != nil {
		return err
	}
	defer in.Close()
	err = unpack(waiting, waiting.of(in), j)
	if err != nil && (waiting.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded)) { // the reader's timer may be the first
		return cmp.Or(context.Cause(waiting), context.DeadlineExceeded) // what has not come is not damaged
	}
	if err != nil && !errors.Is(err, errBundle) {
		err = fmt.Errorf("%w: %w", errLocal, err)
	}
	return err
}

func (a *asking) forget(ctx context.Context, s *stores, object string) error {
	ctx, done := soon(ctx)
	defer done()
	return errors.Join(s.results.Purge(ctx, jetstream.WithPurgeSubject(resultSubject+a.task.ID)), s.meshes.drop(ctx, object))
}

// withdraw takes a job back that is not wanted any more. What cannot be reached goes by its age.
func (f *Farm) withdraw(t task) {
	ctx, done := soon(context.Background())
	defer done()
	s, err := f.ready(ctx)
	if err != nil {
		return
	}
	err = s.jobs.Purge(ctx, jetstream.WithPurgeSubject(jobSubject+t.class.String()+"."+t.ID))
	err = errors.Join(err, f.nc.Publish(stopSubject+t.ID, nil))
	if err != nil {
		f.options.Log(fmt.Sprintf("take job %s back: %v", t.ID, err))
	}
	object := ""
	if r, err := lookUp(ctx, s, t.ID); err == nil && r != nil {
		object = r.Object
	}
	// Once and now: the job may be asked for again as soon as this returns.
	if err := f.tidied(ctx, t, object); err != nil {
		f.options.Log(fmt.Sprintf("tidy up after job %s: %v; it goes by its age", t.ID, err))
	}
}

// tidy removes what is left of a job that is over. A farm that is choosing another leader is asked again, a few times.
func (f *Farm) tidy(ctx context.Context, t task, object string) {
	var err error
	for wait := time.Second; wait <= 8*time.Second; wait *= 2 {
		if err = f.tidied(ctx, t, object); err == nil {
			return
		}
		f.doubt(err)
		time.Sleep(wait)
	}
	f.options.Log(fmt.Sprintf("tidy up after job %s: %v; it goes by its age", t.ID, err))
}

func (f *Farm) tidied(ctx context.Context, t task, object string) error {
	ctx, done := soon(ctx)
	defer done()
	s, err := f.ready(ctx)
	if err == nil && object != "" {
		err = s.meshes.drop(ctx, object)
	}
	if err != nil {
		return err
	}
	for _, o := range t.objects() {
		err = errors.Join(err, s.pictures.drop(ctx, o.name))
	}
	return errors.Join(err, s.results.Purge(ctx, jetstream.WithPurgeSubject(resultSubject+t.ID)))
}
