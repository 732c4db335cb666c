package farm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"orfeas/pipeline"
	"orfeas/pipeline/picture"
)

// fake is a runner that takes its time, as a job on a GPU would, and makes a mesh of so many bytes.
type fake struct {
	takes time.Duration
	bytes int
	runs  atomic.Int64
	hold  chan struct{} // waited for, when not nil
}

func (r *fake) run(ctx context.Context, j pipeline.Job, see func(pipeline.Job)) (pipeline.Job, error) {
	r.runs.Add(1)
	j.Stage = pipeline.Line[1].Name
	see(j)
	select {
	case <-ctx.Done():
		return j, context.Cause(ctx)
	case <-r.hold:
	case <-time.After(r.takes):
	}
	j.State, j.Result, j.Progress = pipeline.Done, &pipeline.Result{Cutout: j.Title}, 1
	return j, os.WriteFile(j.File(pipeline.MeshFile), make([]byte, r.bytes), 0o600)
}

// works is a worker in this process; it ends with the test or by what is returned.
func works(t testing.TB, o Options, name string, slots int, run pipeline.Runner) (end func()) {
	t.Helper()
	f := opened(t, o)
	w := Worker{Farm: f, Name: name, Run: run, Slots: slots, Scratch: t.TempDir(), Able: func() pipeline.Ability {
		return pipeline.Ability{Engines: []string{"extrude", "inflate", "auto"}}
	}}
	ctx, cancel := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() {
		if err := w.Work(ctx); err != nil {
			t.Error(err)
		}
	})
	end = func() { cancel(); working.Wait() }
	t.Cleanup(end)
	return end
}

// TestDuplicates: a job that is put in the line twice, asked for twice at once, and again when it is over, is run once.
func TestDuplicates(t *testing.T) {
	dir := t.TempDir()
	s := served(t)
	f, g := opened(t, quick(s.URL())), opened(t, quick(s.URL()))
	r := &fake{bytes: 1000, hold: make(chan struct{}), takes: time.Hour}
	j := staged(t, dir, 1)
	type answer struct {
		j   pipeline.Job
		err error
	}
	answers := make(chan answer)
	var waiting atomic.Int64
	for _, one := range []*Farm{f, g} {
		go func() {
			j, err := one.Run(t.Context(), j, func(j pipeline.Job) {
				if j.Step == "waiting for a worker" {
					waiting.Add(1)
				}
			})
			answers <- answer{j, err}
		}()
	}
	wait(t, "both wait for the job", func() bool { return waiting.Load() == 2 })
	if info, err := f.info(t.Context(), jobsStream); err != nil || info.State.Msgs != 1 {
		t.Errorf("%+v, %v", info, err)
	}
	task, err := taskOf(j)
	if err != nil {
		t.Fatal(err)
	}
	a := asking{Farm: f, task: task, job: j}
	if _, err := f.js.Publish(t.Context(), a.subject(), nil); !there(err) {
		t.Errorf("the line took a job twice: %v", err)
	}
	works(t, quick(s.URL()), "one", 2, r.run)
	works(t, quick(s.URL()), "two", 2, r.run)
	close(r.hold)
	for range 2 {
		if a := <-answers; a.err != nil || a.j.State != pipeline.Done {
			t.Errorf("%+v, %v", a.j, a.err)
		}
	}
	if n := r.runs.Load(); n != 1 {
		t.Errorf("it was run %d times", n)
	}
	empty(t, f, true) // both may have put the picture there at the same moment
}

// TestViews: pictures of other sides come to the worker as they are, by their names, and nothing of them is left.
func TestViews(t *testing.T) {
	dir := t.TempDir()
	s := served(t)
	f := opened(t, quick(s.URL()))
	got := make(chan map[string]string, 1)
	runner := &fake{bytes: 10}
	works(t, quick(s.URL()), "one", 1, func(ctx context.Context, j pipeline.Job, see func(pipeline.Job)) (pipeline.Job, error) {
		files := map[string]string{}
		for _, shot := range append(j.OtherShots(), pipeline.Shot{Side: "front", Picture: j.Picture, Path: j.File(j.Input)}) {
			data, err := os.ReadFile(shot.Path)
			files[string(shot.Side)] = fmt.Sprint(shot.Picture, " ", len(data), err)
		}
		got <- files
		return runner.run(ctx, j, see)
	})
	want := map[string]string{}
	var shots []pipeline.Shot
	for i, side := range []picture.Side{"right", "back", "front"} {
		path := dots(t, dir, "of the "+string(side), i)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		want[string(side)] = fmt.Sprint(filepath.Base(path), " ", info.Size(), nil)
		if shots = append(shots, pipeline.Shot{Side: side, Picture: path}); side == "front" {
			q := queue(t, f.Run, 1)
			if _, err := q.Add(path, settings(0), shots[:i]...); err != nil {
				t.Fatal(err)
			}
			over(t, q, 1, nil)
		}
	}
	if files := <-got; !maps.Equal(files, want) {
		t.Errorf("%v came, not %v", files, want)
	}
	empty(t, f, false)
}

// staged is a job with its picture, as a queue has it.
func staged(t testing.TB, dir string, number int) pipeline.Job {
	t.Helper()
	folder := filepath.Join(dir, fmt.Sprintf("%06d", number))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := dots(t, folder, "picture", number)
	return pipeline.Job{
		ID: filepath.Base(folder), Title: "dots", Picture: path, Input: filepath.Base(path), Key: fmt.Sprint(number), Settings: settings(0),
		Stages: pipeline.NewStages(), Added: time.Now(), Folder: folder,
	}
}

// TestFullStores: with room for three pictures and two results, thirty jobs wait for one another and get done.
func TestFullStores(t *testing.T) { fullStores(t, 30, 3<<10) }

// TestFullStoresOfViews: the same goes for jobs of three pictures, where there is room for four.
func TestFullStoresOfViews(t *testing.T) { fullStores(t, 8, 4<<10, "left", "back") }

// fullStores has n jobs with pictures of those other sides done, with little room.
func fullStores(t *testing.T, n int, room int64, sides ...picture.Side) {
	t.Helper()
	dir := t.TempDir()
	s := served(t)
	o := quick(s.URL())
	o.PictureBytes, o.ResultBytes = room, 250<<10
	f := opened(t, o)
	q := queue(t, f.Run, n)
	for i := range n {
		var shots []pipeline.Shot
		for _, side := range sides {
			shots = append(shots, pipeline.Shot{Side: side, Picture: dots(t, dir, fmt.Sprint(side, i), i)})
		}
		if _, err := q.Add(dots(t, dir, fmt.Sprint(i), i), settings(0), shots...); err != nil {
			t.Fatal(err)
		}
	}
	r := &fake{bytes: 100 << 10}
	waited := false
	jobs := over(t, q, n, func(j pipeline.Job) {
		if !waited && j.Step == "waiting for room in the farm's store" {
			waited = true
			works(t, o, "one", 3, r.run)
		}
	})
	for _, j := range jobs {
		if j.State != pipeline.Done {
			t.Errorf("%+v", j)
		}
	}
	empty(t, f, false)
}

// TestNoRoomForAll: a job whose pictures have room for some of them only keeps none from others.
func TestNoRoomForAll(t *testing.T) {
	s := served(t)
	o := quick(s.URL())
	o.PictureBytes = 2 << 10
	f := opened(t, o)
	j := staged(t, t.TempDir(), 1)
	for _, side := range picture.OtherSides {
		j.Shots = append(j.Shots, pipeline.Shot{Side: side, Picture: "a.png", Input: filepath.Base(dots(t, j.Folder, string(side), 1))})
	}
	a, stores := asks(t, f, j)
	for range 2 {
		if err := a.give(t.Context(), stores); !full(err) {
			t.Errorf("there was room: %v", err)
		}
	}
	empty(t, f, false)
}

// TestCancel: a job that is not wanted any more leaves the line, and its worker.
func TestCancel(t *testing.T) {
	dir := t.TempDir()
	s := served(t)
	f := opened(t, quick(s.URL()))
	q := queue(t, f.Run, 8)
	r := &fake{hold: make(chan struct{}), takes: time.Hour}
	works(t, quick(s.URL()), "one", 1, r.run)
	for i := range 2 {
		added(t, q, dots(t, dir, fmt.Sprint(i), i), settings(0))
	}
	wait(t, "one is done, the other in the line", func() bool {
		status, err := f.Status(t.Context())
		return err == nil && r.runs.Load() == 1 && len(status.Line) == 1 && status.Line[0].Doing == 1 && status.Line[0].Waiting == 1
	})
	for _, j := range q.Jobs() {
		if err := q.Cancel(j.ID); err != nil {
			t.Error(err)
		}
	}
	empty(t, f, false)
	began := r.runs.Load() // the worker may have begun the second before word came that nobody wants that either
	if err := q.Retry("000001"); err != nil {
		t.Fatal(err)
	}
	wait(t, "the retried one is run by the worker, which is free again", func() bool { return r.runs.Load() == began+1 })
}

// TestLeaving: a queue that is closed while the farm works finds the results when it is opened again.
func TestLeaving(t *testing.T) {
	dir := t.TempDir()
	s := served(t)
	f := opened(t, quick(s.URL()))
	r := &fake{bytes: 1000, hold: make(chan struct{}), takes: time.Hour}
	works(t, quick(s.URL()), "one", 3, r.run)
	folder := filepath.Join(dir, "jobs")
	ctx, leave := context.WithCancel(context.Background())
	q := pipeline.Open(ctx, folder, pipeline.Options{Runner: f.Run, Abreast: 8})
	for i := range 3 {
		added(t, q, dots(t, dir, fmt.Sprint(i), i), settings(0))
	}
	wait(t, "they are being done", func() bool { return r.runs.Load() == 3 })
	leave()
	q.Wait()
	close(r.hold)
	wait(t, "there are results", func() bool {
		status, err := f.Status(t.Context())
		return err == nil && status.Results == 3
	})
	ctx, leave = context.WithCancel(context.Background())
	q = pipeline.Open(ctx, folder, pipeline.Options{Runner: f.Run, Abreast: 8})
	defer q.Wait()
	defer leave()
	for id, j := range over(t, q, 3, nil) {
		if j.State != pipeline.Done {
			t.Errorf("job %s: %+v", id, j)
		}
	}
	if n := r.runs.Load(); n != 3 {
		t.Errorf("three jobs were run %d times", n)
	}
	empty(t, f, false)
}

// TestHandingBack: a worker that is told to end gives its jobs back at once, and a job that never comes to its end through no
// fault of its own is not given up.
func TestHandingBack(t *testing.T) {
	dir := t.TempDir()
	s := served(t)
	o := quick(s.URL())
	o.AckWait, o.Deliveries = time.Minute, 2
	f := opened(t, o)
	q := queue(t, f.Run, 8)
	added(t, q, dots(t, dir, "one", 1), settings(0))
	for i := range 4 {
		r := &fake{takes: time.Hour}
		end := works(t, o, fmt.Sprint("leaver", i), 1, r.run)
		wait(t, "it is begun", func() bool { return r.runs.Load() == 1 })
		end()
	}
	works(t, o, "last", 1, (&fake{bytes: 10}).run)
	if j := over(t, q, 1, nil)["000001"]; j.State != pipeline.Done {
		t.Errorf("%+v", j)
	}
}

// TestHostile: what comes out of the line and the stores is not trusted.
func TestHostile(t *testing.T) {
	good := task{ID: "0123456789abcdef0123456789abcdef", Name: "a.png", Input: "picture.png", Bytes: 9, Settings: settings(0)}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*task){
		"id":       func(x *task) { x.ID = "../../etc" },
		"input":    func(x *task) { x.Input = "../picture.png" },
		"name":     func(x *task) { x.Name = "a/b.png" },
		"bytes":    func(x *task) { x.Bytes = 1 << 40 },
		"settings": func(x *task) { x.Settings.Faces = 1 },
		"side":     func(x *task) { x.Views = []shot{{"above", "b.png", "above.png", 9}} },
		"shot":     func(x *task) { x.Views = []shot{{"back", "b.png", "../back.png", 9}} },
		"size":     func(x *task) { x.Views = []shot{{"back", "b.png", "back.png", 1 << 40}} },
		"front":    func(x *task) { x.Views = []shot{{"back", "b.png", "picture.png", 9}} },
		"pair":     func(x *task) { x.Views = []shot{{"back", "b.png", "back.png", 9}, {"back", "c.png", "back.jpg", 9}} },
	} {
		bad := good
		change(&bad)
		if bad.check() == nil {
			t.Errorf("a task with a bad %s was taken", what)
		}
	}
	for _, subject := range []string{"orfeas.jobs.a.b", "orfeas.jobs.a.b.c!.d", "orfeas.jobs.x", "orfeas.jobs.0_1_0.inflate.-." + good.ID} {
		if _, err := read(subject, []byte(`{"id":"`+good.ID+`","settings":{"engine":"extrude"}}`)); !errors.Is(err, errTask) {
			t.Errorf("%s: %v", subject, err)
		}
	}
}

// TestIdleFarm: jobs are handed out when the server has deleted who handed out their class, whether they were in the line then or
// come to it.
func TestIdleFarm(t *testing.T) {
	s := served(t)
	o := quick(s.URL())
	o.Keep, o.Recheck = 8*time.Second, 250*time.Millisecond
	f := opened(t, o)
	dir := t.TempDir()
	drop := func(j pipeline.Job) {
		t.Helper()
		task, err := taskOf(j)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.js.DeleteConsumer(t.Context(), jobsStream, task.class.consumer()); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(f *Farm, j pipeline.Job) {
		t.Helper()
		ctx, done := context.WithTimeout(t.Context(), 15*time.Second)
		defer done()
		got, err := f.Run(ctx, j, func(j pipeline.Job) {
			if j.Step == why(errLost) {
				t.Error("it was not handed out until it was too old")
			}
		})
		if err != nil || got.State != pipeline.Done {
			t.Errorf("it is %s, %v", got.State, err)
		}
	}
	left := staged(t, dir, 1)
	ctx, leave := context.WithCancelCause(t.Context())
	_, err := f.Run(ctx, left, func(j pipeline.Job) {
		if j.Step == "waiting for a worker" {
			leave(pipeline.ErrLeaving)
		}
	})
	if !errors.Is(err, pipeline.ErrLeaving) {
		t.Fatal(err)
	}
	drop(left)
	works(t, o, "one", 1, (&fake{bytes: 10}).run)
	ask(opened(t, o), left) // by a program started anew
	later := staged(t, dir, 2)
	drop(later)
	ask(f, later)
	empty(t, f, false)
}

// TestGivenAnew: of a job that the farm had lost and is given anew, the first attempt is heard, whatever the number of the last.
func TestGivenAnew(t *testing.T) {
	s := served(t)
	f := opened(t, quick(s.URL()))
	j := staged(t, t.TempDir(), 1)
	a, stores := asks(t, f, j)
	seen := 0
	a.see = func(pipeline.Job) { seen++ }
	say := func(attempt uint64) {
		data, err := json.Marshal(Report{Attempt: attempt, Stages: pipeline.NewStages()})
		if err != nil {
			t.Fatal(err)
		}
		a.listen(&nats.Msg{Data: data})
	}
	for _, c := range []struct {
		attempt uint64
		seen    int
	}{{3, 1}, {2, 1}, {3, 2}} {
		if say(c.attempt); seen != c.seen {
			t.Errorf("of attempt %d, %d reports were seen, not %d", c.attempt, seen, c.seen)
		}
	}
	if err := a.give(t.Context(), stores); err != nil {
		t.Fatal(err)
	}
	if say(1); seen != 3 {
		t.Error("the first attempt of the new message was not heard")
	}
}

// TestFilesThatAreGone: a worker that cannot read what it made gives the job back.
func TestFilesThatAreGone(t *testing.T) {
	s := served(t)
	f := opened(t, quick(s.URL()))
	j := staged(t, t.TempDir(), 1)
	a, stores := asks(t, f, j)
	if err := a.give(t.Context(), stores); err != nil {
		t.Fatal(err)
	}
	w := &Worker{Farm: f, asked: map[string]jetstream.Consumer{}}
	m, err := w.pull(t.Context(), a.task.class)
	if m == nil || err != nil {
		t.Fatal(err)
	}
	h := &job{Worker: w, stores: stores, message: m, task: a.task, attempt: 1}
	ctx, done := context.WithTimeout(t.Context(), 5*time.Second)
	defer done()
	j.State = pipeline.Done // with no mesh in its folder
	if err := h.deliver(ctx, j); !errors.Is(err, errLocal) || !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if r, err := lookUp(t.Context(), stores, a.task.ID); r != nil || err != nil {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestAnotherPicture: a job whose picture in the store is not the one it is about comes to an end.
func TestAnotherPicture(t *testing.T) {
	s := served(t)
	f := opened(t, quick(s.URL()))
	j := staged(t, t.TempDir(), 1)
	a, stores := asks(t, f, j)
	if err := a.give(t.Context(), stores); err != nil {
		t.Fatal(err)
	}
	if _, err := stores.pictures.PutBytes(t.Context(), a.task.ID, make([]byte, a.task.Bytes+1)); err != nil {
		t.Fatal(err)
	}
	r := &fake{bytes: 10}
	works(t, quick(s.URL()), "one", 1, r.run)
	ctx, done := context.WithTimeout(t.Context(), 15*time.Second)
	defer done()
	got, err := f.Run(ctx, j, func(pipeline.Job) {})
	if err != nil || got.State != pipeline.Failed || !strings.Contains(got.Problem, "bytes in the store") || r.runs.Load() > 0 {
		t.Errorf("it is %s: %s, %v; %d runs", got.State, got.Problem, err, r.runs.Load())
	}
	letters, err := f.Letters(t.Context(), 9)
	if err != nil || len(letters) != 1 || letters[0].ID != a.task.ID {
		t.Errorf("%+v, %v", letters, err)
	}
	empty(t, f, false)
}

// asks is the asker's side of a job, and what the farm stores.
func asks(t *testing.T, f *Farm, j pipeline.Job) (asking, *stores) {
	t.Helper()
	task, err := taskOf(j)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.ready(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return asking{Farm: f, task: task, job: j}, s
}
