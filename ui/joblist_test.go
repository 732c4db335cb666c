//go:build !headless

package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// waitingJobs is a window with a paused queue of so many jobs.
func waitingJobs(t *testing.T, n int) *Studio {
	t.Helper()
	s := studio(t)
	if err := s.queue.Pause(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i := range n {
		if _, err := s.queue.Add(dot(t, dir, i), pipeline.Defaults()); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "all are shown", func() bool { return len(s.jobs) == n })
	return s
}

// dot is a small picture, another one for every number.
func dot(t *testing.T, dir string, number int) string {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for i := range img.Pix {
		img.Pix[i] = uint8(number >> (8 * (i % 3)))
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, fmt.Sprintf("job %03d.png", number))
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// order is the titles of the jobs as they are shown; marked those of the marked ones.
func order(s *Studio) (titles []string) {
	for _, j := range s.jobs {
		titles = append(titles, strings.TrimPrefix(j.Title, "job 00"))
	}
	return titles
}

func marked(s *Studio) string {
	var titles []string
	for _, j := range s.list.marks() {
		titles = append(titles, strings.TrimPrefix(j.Title, "job 00"))
	}
	return strings.Join(titles, "")
}

// TestMarks is a walk of clicks and keys over six jobs.
func TestMarks(t *testing.T) {
	s := waitingJobs(t, 6)
	const ctrl, shift = fyne.KeyModifierShortcutDefault, fyne.KeyModifierShift
	onThread(func() {
		for _, step := range []struct {
			at   int
			with fyne.KeyModifier
			want string
		}{
			{1, 0, "1"}, {3, ctrl, "13"}, {5, ctrl, "135"}, {3, ctrl, "15"}, {1, ctrl, "5"}, {2, 0, "2"}, {4, shift, "234"}, {0, shift, "012"}, {5, 0, "5"},
		} {
			s.list.mark(s.jobs[step.at].ID, step.with)
			if got := marked(s); got != step.want {
				t.Errorf("after %+v: %s are marked", step, got)
			}
		}
		for _, step := range []struct {
			key  fyne.KeyName
			want string
		}{{fyne.KeyUp, "4"}, {fyne.KeyPageUp, "0"}, {fyne.KeyUp, "0"}, {fyne.KeyDown, "1"}, {fyne.KeyPageDown, "5"}} {
			if !s.list.typed(step.key) || marked(s) != step.want {
				t.Errorf("after %s: %s are marked", step.key, marked(s))
			}
		}
		if s.list.typed(fyne.KeyF) {
			t.Error("the list takes a key that is not its own")
		}
	})
}

// TestOrder moves marked jobs by keys, the menu and the mouse, and holds the queue to what is shown.
func TestOrder(t *testing.T) {
	s := waitingJobs(t, 6)
	is := func(want string) {
		t.Helper()
		until(t, want, func() bool { return strings.Join(order(s), "") == want })
		var queued []string
		for _, j := range s.queue.Jobs() {
			queued = append(queued, strings.TrimPrefix(j.Title, "job 00"))
		}
		if got := strings.Join(queued, ""); got != want {
			t.Errorf("the queue has %s, the window %s", got, want)
		}
	}
	mark := func(titles string) {
		onThread(func() {
			clear(s.list.marked)
			for i, title := range order(s) {
				if strings.Contains(titles, title) {
					s.list.marked[s.jobs[i].ID], s.selected = true, s.jobs[i].ID
				}
			}
		})
	}
	mark("23")
	onThread(func() { s.list.shift(-1) })
	is("023145")
	onThread(func() { s.list.shift(1) })
	is("012345")
	onThread(func() { s.list.shift(1) })
	is("014235")
	mark("5")
	onThread(func() { s.list.shift(1) }) // it is the last
	onThread(func() { do(t, s, "Move to the top") })
	is("501423")
	mark("04")
	onThread(func() { do(t, s, "Move 2 jobs to the end") })
	is("512304")
	// By the mouse: the last two are pulled up to the second row.
	onThread(func() {
		s.window.Resize(fyne.NewSize(1400, 880))
		r := newRow(s.list)
		r.show(s.jobs[4])
		pitch := s.list.list.CreateItem().MinSize().Height + 4
		top := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.list.list).Y
		r.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: fyne.NewPos(20, top+pitch*1.1)}})
		if s.list.gap.Hidden || s.list.drop != 1 {
			t.Errorf("the gap is at %d, hidden %v", s.list.drop, s.list.gap.Hidden)
		}
		r.MouseUp(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
		r.DragEnd()
	})
	is("504123")
}

// do chooses an entry of the menu of the selected job.
func do(t *testing.T, s *Studio, title string) {
	t.Helper()
	j, _ := s.job(s.selected)
	var titles []string
	for _, item := range s.list.deeds(j) {
		if titles = append(titles, item.Label); item.Label == title {
			item.Action()
			return
		}
	}
	t.Fatalf("there is no %q in the menu: %q", title, titles)
}

// TestMenuIsForWhatWasMarked: its entries are for the jobs that were marked when it opened, whatever is selected since, and who
// has opened it or clicked on a job is not taken to another one.
func TestMenuIsForWhatWasMarked(t *testing.T) {
	s := waitingJobs(t, 3)
	var first, second string
	onThread(func() {
		first, second = s.jobs[0].ID, s.jobs[1].ID
		s.selected, s.follow = first, true
		if s.list.mark(first, 0); s.follow {
			t.Error("a click on the job that is selected already does not end that others are")
		}
		items := s.list.deeds(s.jobs[0])
		s.selected = second // as it may be when something finishes
		items[len(items)-1].Action()
	})
	until(t, "one is gone", func() bool { return len(s.jobs) == 2 })
	onThread(func() {
		if _, ok := s.job(second); !ok {
			t.Error("the other one was removed")
		}
		s.follow = true
		if s.list.menu(s.jobs[0], fyne.NewPos(10, 10)); s.follow {
			t.Error("under an open menu another job may come to be selected")
		}
	})
}

// TestMenu: what is offered fits the job's state, and does it.
func TestMenu(t *testing.T) {
	s := studio(t)
	dir := t.TempDir()
	good, broken := dot(t, dir, 1<<20), filepath.Join(dir, "broken.png")
	if err := os.WriteFile(broken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	settings := pipeline.Defaults()
	settings.Engine, settings.Faces, settings.SizeMM, settings.KeepBackground = "heightmap", 5000, 33, true
	for _, p := range []string{good, broken} {
		if _, err := s.queue.Add(p, settings); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "both are over", func() bool { return len(s.jobs) == 2 && s.jobs[0].State.Over() && s.jobs[1].State.Over() })
	offered := func(i int) (titles []string) {
		s.list.mark(s.jobs[i].ID, 0)
		for _, item := range s.list.deeds(s.jobs[i]) {
			if !item.IsSeparator {
				titles = append(titles, item.Label)
			}
		}
		return titles
	}
	onThread(func() {
		if got, want := offered(0), []string{"Show the mesh", "Do it again", "Use its settings", "Show in folder", "Remove"}; !slices.Equal(got, want) {
			t.Errorf("done (%s): %q", s.jobs[0].Problem, got)
		}
		if got, want := offered(1), []string{"What went wrong…", "Try again", "Use its settings", "Show in folder", "Remove"}; !slices.Equal(got, want) {
			t.Errorf("failed: %q", got)
		}
		do(t, s, "What went wrong…")
		if s.window.Canvas().Overlays().Top() == nil {
			t.Error("nothing is said of what went wrong")
		}
		do(t, s, "Use its settings")
		if got, err := s.settings.value(); err != nil || got.Engine != "heightmap" || got.SizeMM != 33 || !got.KeepBackground {
			t.Errorf("%+v, %v", got, err)
		}
		r := newRow(s.list)
		r.Resize(fyne.NewSize(300, 60))
		r.show(s.jobs[1])
		if r.state.Text == "" || r.state.Color != color.Color(bad) || r.next.Text == "" || r.next.Hidden {
			t.Errorf("a failed job is shown as %q, %q", r.state.Text, r.next.Text)
		}
		s.list.mark(s.jobs[0].ID, 0)
		do(t, s, "Do it again")
	})
	until(t, "it is done again", func() bool {
		return len(s.jobs) == 3 && s.jobs[2].State == pipeline.Done && s.jobs[2].Title == s.jobs[0].Title
	})
	onThread(func() {
		s.list.mark(s.jobs[0].ID, 0)
		s.list.mark(s.jobs[2].ID, fyne.KeyModifierShift)
		key, asked := s.window.Canvas().OnTypedKey(), s.window.Canvas().Overlays()
		do(t, s, "Remove 3 jobs")
		if asked.Top() == nil {
			t.Error("three jobs that are over are removed unasked by the menu")
		}
		key(&fyne.KeyEvent{Name: fyne.KeyEscape})
		s.list.dismissMarked()
		if asked.Top() == nil {
			t.Error("three jobs that are over are removed unasked by Delete")
		}
		key(&fyne.KeyEvent{Name: fyne.KeyReturn})
	})
	until(t, "all are gone", func() bool { return len(s.jobs) == 0 && len(s.list.marks()) == 0 })
}

// TestAWorkersDeathIsSaid, and what becomes of the job.
func TestAWorkersDeathIsSaid(t *testing.T) {
	s := studio(t)
	onThread(func() {
		j := pipeline.Job{ID: "000001", Title: "cat", State: pipeline.Running, Stages: pipeline.NewStages()}
		s.see(j)
		j.State, j.Kills = pipeline.Queued, 1
		s.see(j)
		if s.list.note.Hidden || !strings.Contains(s.list.note.Text, "cat") || !strings.Contains(s.list.note.Text, "once more") {
			t.Errorf("hidden %v: %q", s.list.note.Hidden, s.list.note.Text)
		}
		j.State, j.Kills = pipeline.Failed, 2
		s.see(j)
		if !strings.Contains(s.list.note.Text, "set aside") {
			t.Error(s.list.note.Text)
		}
	})
}

// TestDescribe says of states what a user needs to know next.
func TestDescribe(t *testing.T) {
	ahead := pipeline.Ahead{Until: map[string]time.Duration{"1": 3 * time.Minute}}
	now := time.Now()
	for _, c := range []struct {
		job         pipeline.Job
		state, next string
	}{
		{pipeline.Job{ID: "1", State: pipeline.Queued}, "waiting", "done in 3 min"},
		{pipeline.Job{ID: "2", State: pipeline.Queued}, "waiting", ""},
		{pipeline.Job{ID: "2", State: pipeline.Queued, Kills: 1}, "again alone, the worker died", ""},
		{pipeline.Job{ID: "1", State: pipeline.Running, Stage: "shape", Progress: 0.4}, "shape, 40 %, 3 min", ""},
		{pipeline.Job{ID: "1", State: pipeline.Failed, Problem: "preprocess: read picture: empty", Hint: "Copy it again."}, "empty", "Copy it again."},
		{pipeline.Job{ID: "1", State: pipeline.Failed, Kills: 2, Problem: "shape: the worker died twice of this picture: signal: killed", Hint: "It was set aside."}, "set aside, the worker died of it twice", "It was set aside."},
		{pipeline.Job{ID: "1", State: pipeline.Done, Started: now, Ended: now.Add(time.Second), Result: &pipeline.Result{Lowered: true}}, "done, took 1.0 s", "with less than asked for, see its notes"},
	} {
		if state, _, next := describe(c.job, ahead); state != c.state || next != c.next {
			t.Errorf("%s: %q, %q", c.job.State, state, next)
		}
	}
	for d, want := range map[time.Duration]string{0: "a second", 4600 * time.Millisecond: "5 s", 43 * time.Second: "45 s", 100 * time.Second: "2 min", 5 * time.Hour: "5.0 h", 100 * time.Hour: "4 days"} {
		if got := roughly(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

// TestExpand: folders in folders, hidden ones left out, as deep and as many as it says.
func TestExpand(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.JPG", "a.png", "notes.txt", ".hidden.png", "sub/c.webp", "sub/deeper/d.png", ".cache/e.png", "1/2/3/4/5/6/7/8/9/f.png"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	names := func(paths []string) (out []string) {
		for _, p := range paths {
			out = append(out, filepath.Base(p))
		}
		return out
	}
	got, problems := expand([]string{dir, filepath.Join(dir, "notes.txt"), filepath.Join(dir, "none")})
	if want := []string{"a.png", "b.JPG", "c.webp", "d.png", "notes.txt"}; !slices.Equal(names(got), want) || len(problems) != 1 {
		t.Errorf("%q, %v", names(got), problems)
	}
	if got, err := picturesAt(dir, 2); err == nil || len(got) != 2 || !strings.Contains(err.Error(), fmt.Sprint(dropMost)) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := picturesAt(t.TempDir(), 10); err == nil {
		t.Error("an empty folder was taken")
	}
}

// TestPaste: what file managers and terminals copy, and pictures where a program hands them out.
func TestPaste(t *testing.T) {
	dir := t.TempDir()
	a, b := dot(t, dir, 1), dot(t, dir, 2)
	for written, want := range map[string][]string{
		"": nil, "some words": nil, a: {a}, `"` + a + `"`: {a}, "file://" + strings.ReplaceAll(a, " ", "%20") + "\r\n" + b + "\n": {a, b},
		"copy\nfile://" + strings.ReplaceAll(b, " ", "%20"): {b}, "https://example.org/a.png": nil, filepath.Join(dir, "none.png"): nil, "job 001.png": nil,
	} {
		if got := pathsIn(written); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q", written, got)
		}
	}
	s := studio(t)
	onThread(func() {
		fyne.CurrentApp().Clipboard().SetContent(a + "\n" + b)
		s.paste()
	})
	until(t, "both are there", func() bool { return len(s.jobs) == 2 })
	if got := lastPictures(s.jobs); len(got) != 2 || !slices.Contains(got, a) {
		t.Errorf("the last pictures are %q", got)
	}
	onThread(func() {
		fyne.CurrentApp().Clipboard().SetContent("")
	})
	t.Setenv("PATH", dir)
	if _, err := pastedPicture(t.Context()); !errors.Is(err, errNoPicture) || !strings.Contains(err.Error(), "install") {
		t.Errorf("without a program: %v", err)
	}
}

// TestPasteAPicture is from a real clipboard, where there is one to be had.
func TestPasteAPicture(t *testing.T) {
	xclip, err := exec.LookPath("xclip")
	if err != nil || os.Getenv("DISPLAY") == "" {
		t.Skip("there is no X clipboard here")
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	path := dot(t, t.TempDir(), 7)
	if err := exec.CommandContext(ctx, xclip, "-selection", "clipboard", "-target", "image/png", "-in", path).Run(); err != nil {
		t.Skip("the clipboard cannot be filled here: ", err)
	}
	got, err := pastedPicture(ctx)
	want, _ := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, want %d: %v", len(got), len(want), err)
	}
}

// TestGauge: the bar, the peak, what the running stage has taken, and the line.
func TestGauge(t *testing.T) {
	test.NewTempApp(t)
	g := newGauge()
	const gb = 1 << 30
	at := func(used uint64) {
		g.show(gpu.Reading{Devices: []gpu.Device{{Name: "Card", Total: 10 * gb, Used: used * gb, Temperature: 60}}})
	}
	at(1)
	at(8)
	at(2)
	if g.detail.Text != "2.0 of 10.0 GB, 60 °C, peak 8.0" || g.bar.fraction != 0.2 {
		t.Errorf("%q, %g", g.detail.Text, g.bar.fraction)
	}
	g.follow(pipeline.Job{ID: "1", State: pipeline.Running, Stage: "shape"})
	at(5)
	if g.detail.Text != "5.0 of 10.0 GB, 60 °C, shape +3.0" {
		t.Error(g.detail.Text)
	}
	g.object.Resize(fyne.NewSize(360, 58))
	w := g.bar.object.Size().Width
	if got := g.taken.Size().Width; got < 0.29*w || got > 0.31*w {
		t.Errorf("the stage's share is %g of %g", got, w)
	}
	if got := g.mark.Position().X; got < 0.78*w || got > 0.81*w {
		t.Errorf("the peak is at %g of %g", got, w)
	}
	img := g.draw(120, 40)
	top := func(x int) int {
		for y := range 40 {
			if _, _, _, a := img.At(x, y).RGBA(); a == 0xffff {
				return y
			}
		}
		return -1
	}
	if newest, before := top(119), top(117); newest != 20 || before > 10 {
		t.Errorf("the line is at %d, before at %d", newest, before)
	}
	g.follow(pipeline.Job{ID: "1", State: pipeline.Done, Stage: "shape"})
	at(5)
	if !strings.Contains(g.detail.Text, "peak 8.0") {
		t.Error(g.detail.Text)
	}
}

// TestLongQueue is for its figures, with -v: five hundred jobs, how long the window takes to show them all, one change, and
// to scroll.
func TestLongQueue(t *testing.T) {
	s := studio(t)
	const n = 500
	var jobs []pipeline.Job
	for i := range n {
		jobs = append(jobs, pipeline.Job{ID: fmt.Sprintf("%06d", i), Title: fmt.Sprintf("a picture with a name, number %d", i), Turn: float64(i), State: pipeline.Queued, Stages: pipeline.NewStages()})
	}
	onThread(func() {
		s.window.Resize(fyne.NewSize(1400, 880))
		start := time.Now()
		s.see(jobs...)
		all := time.Since(start)
		j := jobs[n/2]
		start = time.Now()
		for i := range 100 {
			j.State, j.Stage, j.Progress = pipeline.Running, "shape", float64(i)/100
			s.see(j)
		}
		one := time.Since(start) / 100
		start = time.Now()
		for i := range 100 {
			s.list.list.ScrollTo(i * n / 100)
		}
		t.Logf("%d jobs: all shown in %s, one change in %s, a jump in %s", n, all, one, time.Since(start)/100)
		if len(s.jobs) != n || s.jobs[n/2].Progress != 0.99 {
			t.Errorf("%d jobs are shown", len(s.jobs))
		}
	})
}
