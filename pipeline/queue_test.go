package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/draw"

	"orfeas/assets"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/picture"
)

func TestQueue(t *testing.T) {
	dir, folder := t.TempDir(), filepath.Join(t.TempDir(), "jobs")
	q, end := opened(t, folder, Options{})
	good := added(t, q, dots(t, dir, "good", 0), few())
	bad := added(t, q, filepath.Join(dir, "none.png"), few())
	short := filepath.Join(dir, "short.png")
	if err := os.WriteFile(short, []byte("\x89PNG\r\n\x1a\n\x00"), 0o644); err != nil {
		t.Fatal(err)
	}
	broken := added(t, q, short, few())
	fault := added(t, q, dots(t, dir, "panic", 1), few())
	wait(t, q, "all are over", over(4))
	jobs := q.Jobs()
	if j := jobs[0]; j.ID != good.ID || j.State != Done || j.Result == nil || !j.Result.Certificate.Clean() || j.Progress != 1 || j.Stages[1].Seconds <= 0 {
		t.Errorf("%+v", j)
	}
	for i, id := range []string{bad.ID, broken.ID} {
		j := jobs[i+1]
		if j.ID != id || j.State != Failed || j.Hint == "" || !strings.Contains(j.Problem, j.Picture) || strings.Contains(j.Problem, folder) {
			t.Errorf("%+v", j)
		}
	}
	if j := jobs[3]; j.ID != fault.ID || j.State != Failed || !strings.Contains(j.Problem, "a stage has had enough") || strings.Contains(j.Problem, "\n") {
		t.Errorf("%+v", j)
	}
	for _, name := range []string{jobFile, jobs[0].Input, CutoutFile, PreviewFile, MeshFile} {
		if info, err := os.Stat(jobs[0].File(name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	m, err := q.Mesh(good.ID)
	if err != nil || len(m.Triangles) != jobs[0].Result.Certificate.Triangles || len(m.Colors) != len(m.Vertices) {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := q.Mesh(bad.ID); !errors.Is(err, ErrBusy) {
		t.Error(err)
	}
	dots(t, dir, "none", 2) // now it is there
	if err := q.Retry(bad.ID); err != nil {
		t.Error(err)
	}
	wait(t, q, "the second attempt is done", state(bad.ID, Done))

	// History is the folder.
	end()
	again, _ := opened(t, folder, Options{})
	got := again.Jobs()
	if len(got) != 4 || got[0].ID != good.ID || got[0].State != Done || got[3].ID != bad.ID {
		t.Errorf("%+v", got)
	}
	if err := again.ClearDone(); err != nil {
		t.Error(err)
	}
	if err := again.Remove(broken.ID); err != nil {
		t.Error(err)
	}
	if _, err := again.Mesh(good.ID); !errors.Is(err, ErrNoJob) {
		t.Error(err)
	}
	left(t, folder, fault.ID)
}

func TestDuplicatesAreAnsweredFromHistory(t *testing.T) {
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{})
	path := dots(t, dir, "a", 1)
	first := added(t, q, path, few())
	if j := added(t, q, dots(t, dir, "copy", 1), few()); j.ID != first.ID {
		t.Error("a picture on its way was added again")
	}
	wait(t, q, "it is done", state(first.ID, Done))
	explicit := few()
	explicit.Options, _, _ = nil, 0, 0
	_, explicit.Options, _ = explicit.engine()
	if j := added(t, q, path, explicit); j.ID != first.ID || j.State != Done {
		t.Errorf("the same settings said in full were done again: %+v", j)
	}
	larger := few()
	larger.SizeMM++
	if j := added(t, q, path, larger); j.ID == first.ID {
		t.Error("another size is not the same")
	}
	if j := added(t, q, dots(t, dir, "a", 2), few()); j.ID == first.ID {
		t.Error("another picture of the same name is not the same")
	}
	forced, err := q.AddAgain(dots(t, dir, "a", 1), few())
	if err != nil || forced.ID == first.ID {
		t.Errorf("%+v, %v", forced, err)
	}
	wait(t, q, "all are done", over(4))
	for _, j := range q.Jobs()[:1] {
		if err := os.Remove(j.File(MeshFile)); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Remove(forced.ID); err != nil {
		t.Fatal(err)
	}
	if j := added(t, q, path, few()); j.ID == first.ID {
		t.Error("a job whose mesh is gone was given for an answer")
	}
}

// TestMeshesAreKeptWhole: textures and filaments, which no one format holds all of, come back as they were.
func TestMeshesAreKeptWhole(t *testing.T) {
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{})
	path := dots(t, dir, "a", 1)
	colours, atlas, filaments, none := few(), few(), few(), few()
	atlas.Texture, filaments.Palette, none.Texture = Atlas1k, 3, NoTexture
	for _, s := range []Settings{colours, atlas, filaments, none} {
		j := added(t, q, path, s)
		wait(t, q, "it is done", state(j.ID, Done))
		got, err := q.Mesh(j.ID)
		if err != nil {
			t.Fatal(err)
		}
		w := &Work{Settings: s, Picture: path}
		if err := Run(t.Context(), w, nil); err != nil {
			t.Fatal(err)
		}
		want := *w.Mesh
		if want.Texture != nil {
			want.Colors = got.Colors // a texture stands for them
			if got.Texture == nil || !bytes.Equal(got.Texture.Pix, want.Texture.Pix) {
				t.Error("the texture is another one")
			}
			want.Texture = got.Texture
		}
		if want.Filaments != nil {
			want.Colors = got.Colors
		}
		if !reflect.DeepEqual(got, &want) {
			t.Errorf("%+v: it has changed: %d and %d triangles, %d and %d UVs, palettes %v and %v", s, len(got.Triangles), len(want.Triangles), len(got.UVs), len(want.UVs), got.Palette, want.Palette)
		}
	}
}

func TestPauseAndReorder(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "jobs")
	q, end := opened(t, folder, Options{Abreast: 1})
	if err := q.Pause(); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i := range 4 {
		ids = append(ids, added(t, q, dots(t, dir, fmt.Sprint(i), i), few()).ID)
	}
	if err := q.Reorder(ids[3], ids[0]); err != nil {
		t.Fatal(err)
	}
	if err := q.Reorder(ids[0], ""); err != nil {
		t.Fatal(err)
	}
	end()
	q, _ = opened(t, folder, Options{Abreast: 1})
	if !q.Status().Paused {
		t.Error("it has forgotten that it is paused")
	}
	want := []string{ids[3], ids[1], ids[2], ids[0]}
	order := func() (got []string) {
		for _, j := range q.Jobs() {
			got = append(got, j.ID)
			if j.State != Queued {
				t.Errorf("a paused queue has %+v", j)
			}
		}
		return got
	}
	if got := order(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for range 120 { // until there is no number left between two turns
		if err := q.Reorder(ids[1], ids[3]); err != nil {
			t.Fatal(err)
		}
		if err := q.Reorder(ids[3], ids[1]); err != nil {
			t.Fatal(err)
		}
	}
	if got := order(); !slices.Equal(got, want) {
		t.Errorf("after many moves %v, want %v", got, want)
	}
	if err := q.Resume(); err != nil {
		t.Fatal(err)
	}
	wait(t, q, "all are done", over(4))
	jobs := q.Jobs()
	for i := range jobs[1:] {
		if !jobs[i+1].Started.After(jobs[i].Started) {
			t.Errorf("%s began before %s", jobs[i+1].ID, jobs[i].ID)
		}
	}
	if err := q.Reorder(ids[0], ids[1]); !errors.Is(err, ErrBusy) {
		t.Error(err)
	}
}

func TestCancel(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "jobs")
	q, _ := opened(t, folder, Options{Grace: 50 * time.Millisecond})
	for i, name := range []string{"held", "stubborn"} {
		j := added(t, q, dots(t, dir, name, i), few())
		after := added(t, q, dots(t, dir, "after", 10+i), few())
		wait(t, q, "it is being shaped", func(jobs map[string]Job) bool { return jobs[j.ID].Stage == "shape" })
		if err := q.Cancel(j.ID); err != nil {
			t.Fatal(err)
		}
		wait(t, q, "it is cancelled", state(j.ID, Cancelled))
		wait(t, q, "the next one is done", state(after.ID, Done))
		if err := q.Retry(j.ID); err != nil {
			t.Fatal(err)
		}
		wait(t, q, "it is being shaped again", func(jobs map[string]Job) bool { return jobs[j.ID].Stage == "shape" })
		if err := q.Remove(j.ID); err != nil {
			t.Fatal(err)
		}
	}
	last := added(t, q, dots(t, dir, "last", 20), few())
	wait(t, q, "the last one is done", state(last.ID, Done))
	for _, j := range q.Jobs() {
		if j.State != Done || j.Kills != 0 {
			t.Errorf("%+v", j)
		}
	}
	if err := q.Cancel("nobody"); !errors.Is(err, ErrNoJob) {
		t.Error(err)
	}
	left(t, folder, q.Jobs()[0].ID, q.Jobs()[1].ID, last.ID)
}

// TestAKillerIsSetAside: it fails with what the worker last said; those on the line with it are done.
func TestAKillerIsSetAside(t *testing.T) {
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{})
	var killer Job
	for i, name := range []string{"a", "b", "killer", "c", "d"} {
		j := added(t, q, dots(t, dir, name, i), few())
		if name == "killer" {
			killer = j
		}
	}
	wait(t, q, "all are over", over(5))
	for _, j := range q.Jobs() {
		switch {
		case j.ID != killer.ID && j.State != Done:
			t.Errorf("%+v", j)
		case j.ID == killer.ID && (j.State != Failed || j.Kills != 2 || !slices.Contains(j.Said, "the driver has had enough") || !strings.Contains(j.Problem, "exit status 139")):
			t.Errorf("%+v", j)
		}
	}
}

func TestAWorkerThatDoesNotStartStopsTheQueue(t *testing.T) {
	dir := t.TempDir()
	for name, worker := range map[string]func(string) *exec.Cmd{
		"absent": func(string) *exec.Cmd { return exec.Command(filepath.Join(dir, "absent")) },
		"ends":   func(string) *exec.Cmd { return Self("-test.run=^$")("") },
	} {
		q, _ := opened(t, filepath.Join(dir, name), Options{Worker: worker})
		j := added(t, q, dots(t, dir, "a", 1), few())
		waitStatus(t, q, "it has stopped", func(s Status) bool { return strings.Contains(s.Problem, "worker") })
		if got := q.Jobs()[0]; got.ID != j.ID || got.State != Queued || got.Kills != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestAnIdleWorkerEnds and another one comes when there is something to do again.
func TestAnIdleWorkerEnds(t *testing.T) {
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{Idle: 10 * time.Millisecond})
	for i := range 3 {
		j := added(t, q, dots(t, dir, "a", i), few())
		wait(t, q, "it is done", state(j.ID, Done))
		q.mu.Lock()
		c := q.child
		q.mu.Unlock()
		if c != nil {
			<-c.gone
		}
	}
}

// TestTwoQueuesOnOneFolder: the second watches and may add, and takes over when the first ends.
func TestTwoQueuesOnOneFolder(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "jobs")
	first, end := opened(t, folder, Options{})
	second, _ := opened(t, folder, Options{})
	if s := second.Status(); !s.Watches || !s.Elsewhere || !strings.Contains(s.Problem, fmt.Sprintf("process %d", os.Getpid())) || s.Hint == "" {
		t.Errorf("%+v", s)
	}
	a := added(t, first, dots(t, dir, "a", 1), few())
	b := added(t, second, dots(t, dir, "b", 2), few())
	held := added(t, second, dots(t, dir, "held", 3), few())
	for _, q := range []*Queue{first, second} {
		wait(t, q, "both are done", func(jobs map[string]Job) bool {
			return jobs[a.ID].State == Done && jobs[b.ID].State == Done && jobs[held.ID].State == Running
		})
	}
	if _, err := second.Mesh(a.ID); err != nil {
		t.Error(err)
	}
	for _, err := range []error{second.Cancel(held.ID), second.Remove(a.ID), second.Retry(a.ID), second.Pause(), second.ClearDone()} {
		if !errors.Is(err, ErrElsewhere) || !strings.Contains(err.Error(), "another ORFEAS Studio") {
			t.Error(err)
		}
	}
	if err := first.Remove(a.ID); err != nil {
		t.Error(err)
	}
	wait(t, second, "it is removed there too", func(jobs map[string]Job) bool { return len(jobs) == 2 && second.Jobs()[0].ID == b.ID })
	end()
	waitStatus(t, second, "it takes over", func(s Status) bool { return s == Status{} })
	wait(t, second, "it works", func(jobs map[string]Job) bool { return jobs[held.ID].Stage == "shape" })
	if err := second.Cancel(held.ID); err != nil {
		t.Error(err)
	}
}

// TestDeletingHoldsNobodyUp: a job that is removed is out of the line at once; its files go when the queue is let go of.
func TestDeletingHoldsNobodyUp(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "jobs")
	q, _ := opened(t, folder, Options{})
	j := added(t, q, filepath.Join(dir, "none.png"), few())
	q.mu.Lock()
	e, err := q.find(j.ID)
	if err == nil {
		err = q.remove(e)
	}
	left, _ := filepath.Glob(filepath.Join(folder, ".gone-*", j.ID, jobFile))
	if _, here := os.Stat(j.Folder); err != nil || len(left) != 1 || !errors.Is(here, fs.ErrNotExist) {
		t.Errorf("%v, %v is left, %v", err, left, here)
	}
	if err := q.unlock(); err != nil {
		t.Error(err)
	}
	if left, _ = filepath.Glob(filepath.Join(folder, ".gone-*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// TestRetryOfAnother: a job that was retried, and is done, while its picture was read for another retry stays as it is.
func TestRetryOfAnother(t *testing.T) {
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{})
	was := added(t, q, filepath.Join(dir, "late.png"), few())
	dots(t, dir, "late", 1)
	j := was.fresh(time.Now())
	var err error
	if j.Folder, err = q.store.stage(); err == nil {
		err = q.read(&j)
	}
	if err != nil || j.Input == "" {
		t.Fatalf("%+v, %v", j, err)
	}
	if err := q.Retry(was.ID); err != nil {
		t.Fatal(err)
	}
	wait(t, q, "it is done", state(was.ID, Done))
	if err := q.rejoin(was, j); !errors.Is(err, ErrBusy) || q.Jobs()[0].State != Done {
		t.Errorf("%v, it is %s", err, q.Jobs()[0].State)
	}
	if err := os.RemoveAll(j.Folder); err != nil {
		t.Error(err)
	}
}

// TestWhatARunnerBringsHome: how often workers elsewhere died of a job, and what they said, is known here.
func TestWhatARunnerBringsHome(t *testing.T) {
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{Runner: func(_ context.Context, j Job, _ func(Job)) (Job, error) {
		j.State, j.Problem, j.Kills, j.Said = Failed, "the worker died twice", 2, []string{"the driver has had enough"}
		return j, nil
	}})
	j := added(t, q, dots(t, dir, "a", 1), few())
	wait(t, q, "it has failed", state(j.ID, Failed))
	if j = q.Jobs()[0]; !j.Dead() || !slices.Equal(j.Said, []string{"the driver has had enough"}) {
		t.Errorf("%+v", j)
	}
}

// TestASlowWatcherEndsUpRight: it misses steps, never the last state, and does not hold up the work.
func TestASlowWatcherEndsUpRight(t *testing.T) {
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{})
	gate := make(chan struct{})
	states := make(chan State, 1000)
	go q.Watch(t.Context(), func(j Job) {
		<-gate
		states <- j.State
	}, nil)
	j := added(t, q, dots(t, dir, "a", 1), few())
	wait(t, q, "it is done", state(j.ID, Done))
	close(gate)
	for s := range states {
		if s == Done {
			return
		}
	}
}

// TestDamagedFolders: what lies in the queue's folder may be anything.
func TestDamagedFolders(t *testing.T) {
	dir := t.TempDir()
	for id, text := range map[string]string{
		"000001": "", "000002": "{", "000003": `{"state":"flying"}`, "000004": `{"state":"done"}`,
		"000005": `{"state":"queued","input":"../../secret"}`, "notes": `{"state":"queued"}`,
		"000006": `{"state":"queued","input":"picture.png","settings":{"engine":"inflate"}}`,
		"000007": `{"state":"queued","input":"picture.png","views":[{"side":"back","input":"../secret"}]}`,
		"000008": `{"state":"queued","input":"picture.png","views":[{"side":"above","input":"above.png"}]}`,
		"000009": `{"state":"queued","input":"picture.png","views":[{"side":"back","input":"a.png"},{"side":"back","input":"b.png"}]}`,
		"000010": `{"state":"queued","input":"picture.png","views":[{"side":"back"}]}`,
	} {
		if err := os.MkdirAll(filepath.Join(dir, id), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, id, jobFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	q, _ := opened(t, dir, Options{})
	wait(t, q, "all have failed", over(10))
	for _, j := range q.Jobs() {
		if j.State != Failed || j.Problem == "" {
			t.Errorf("%+v", j)
		}
		if err := q.Remove(j.ID); err != nil {
			t.Error(err)
		}
	}
	left(t, dir, "notes")
}

// BenchmarkBatch is twenty pictures of 512 to 1024 pixels with the default settings, through the worker: one by one, and
// with the stages of several overlapping; then the same where a GPU has half a second of work on each, stood in for by
// waiting.
func BenchmarkBatch(b *testing.B) {
	for _, kind := range []string{"p", "waits"} {
		dir := b.TempDir()
		var pictures []string
		for i := range 20 {
			samples := assets.Samples()
			p, err := picture.Decode(b.Context(), bytes.NewReader(samples[i%len(samples)].Data), picture.DefaultLimits)
			if err != nil {
				b.Fatal(err)
			}
			side := 512 + 27*i
			big := image.NewNRGBA(image.Rect(0, 0, side, side))
			draw.CatmullRom.Scale(big, big.Rect, p.Image, p.Image.Bounds(), draw.Src, nil)
			var data bytes.Buffer
			if err := png.Encode(&data, big); err != nil {
				b.Fatal(err)
			}
			path := filepath.Join(dir, fmt.Sprintf("%s%02d.png", kind, i))
			if err := os.WriteFile(path, data.Bytes(), 0o644); err != nil {
				b.Fatal(err)
			}
			pictures = append(pictures, path)
		}
		for _, abreast := range []int{1, 2, 3, 4} {
			b.Run(fmt.Sprint(kind, "/", abreast), func(b *testing.B) {
				for b.Loop() {
					q, end := opened(b, b.TempDir(), Options{Abreast: abreast})
					for _, p := range pictures {
						added(b, q, p, Defaults())
					}
					wait(b, q, "all are done", over(20))
					end()
				}
			})
		}
	}
}

// TestAutomaticEngine: of a job whose engine the picture decides, the result says which it was.
func TestAutomaticEngine(t *testing.T) {
	q, end := opened(t, filepath.Join(t.TempDir(), "jobs"), Options{})
	defer end()
	settings := few()
	settings.Engine = engine.Auto
	j := added(t, q, dots(t, t.TempDir(), "dots", 0), settings)
	if j.Engine() != engine.Auto {
		t.Errorf("before it is done: %q", j.Engine())
	}
	wait(t, q, "it is over", over(1))
	j = q.Jobs()[0]
	if e, err := engine.ByName(j.Engine()); err != nil || e.Name == engine.Auto || j.Settings.Engine != engine.Auto {
		t.Errorf("done with %q, asked for %q: %v", j.Engine(), j.Settings.Engine, err)
	}
}
