package pipeline

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTheQueueOutOfMemoryAtEveryStage: where a stage is told so, the job fails with a hint; where the process dies of it, the job
// has a second chance and is set aside. The others are done either way.
func TestTheQueueOutOfMemoryAtEveryStage(t *testing.T) {
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{})
	n := 0
	for _, stage := range Line {
		for _, how := range []string{"full", "exhausted", "shot"} {
			added(t, q, dots(t, dir, how+"-"+stage.Name, n), few())
			n++
		}
		added(t, q, dots(t, dir, "good", n), few())
		n++
	}
	wait(t, q, "all are over", over(n))
	for _, j := range q.Jobs() {
		how, stage, bad := strings.Cut(j.Title, "-")
		switch {
		case !bad:
			whole(t, j)
		case j.State != Failed || (j.Kills == 2) == (how == "full") || j.Stage != stage || !strings.HasPrefix(j.Problem, stage+": ") || j.Hint == "":
			t.Errorf("%s: %s at %s, died %d times: %q, %q", j.Title, j.State, j.Stage, j.Kills, j.Problem, j.Hint)
		case how == "exhausted" && !slices.Contains(j.Said, "fatal error: runtime: out of memory"):
			t.Errorf("%s: it said %q", j.Title, j.Said)
		}
	}
}

// TestAHangingStageIsKilled: after the patience is over, twice, then it is set aside; those that were on the line with it
// are done.
func TestAHangingStageIsKilled(t *testing.T) {
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{Patience: time.Second})
	before := added(t, q, dots(t, dir, "before", 1), few())
	hangs := added(t, q, dots(t, dir, "stubborn-postprocess", 2), few())
	after := added(t, q, dots(t, dir, "after", 3), few())
	wait(t, q, "all are over", over(3))
	jobs := q.Jobs()
	if j := jobs[1]; j.ID != hangs.ID || j.State != Failed || j.Kills != 2 || !strings.Contains(j.Problem, "postprocess: ") || !strings.Contains(j.Problem, "no progress and no processor time for 1s") || j.Hint == "" {
		t.Errorf("%+v", j)
	}
	for _, id := range []string{before.ID, after.ID} {
		wait(t, q, "the others are done", state(id, Done))
	}
}

// TestPulse is a table of what a worker says and whether that is a life.
func TestPulse(t *testing.T) {
	start := time.Now()
	for _, c := range []struct {
		name string
		cpu  time.Duration // used in every second
		gap  time.Duration // between two looks
		want time.Duration // without a sign, after a minute
	}{
		{"at work", 900 * time.Millisecond, time.Second, 0},
		{"at work now and then", 30 * time.Millisecond, time.Second, 0},
		{"only watching its memory", 10 * time.Millisecond, time.Second, time.Minute},
		{"doing nothing", 0, time.Second, time.Minute},
		{"the machine slept", 0, 20 * time.Second, 12 * time.Second},
	} {
		var p pulse
		p.beats(start, 0)
		p.look(start, time.Second)
		var still time.Duration
		for at := c.gap; at <= time.Minute; at += c.gap {
			still = p.look(start.Add(at), time.Second)
			p.beats(start.Add(at), time.Duration(float64(c.cpu)*at.Seconds()))
		}
		if c.want == 0 {
			still = p.still
		}
		if still != c.want {
			t.Errorf("%s: still for %s, want %s", c.name, still, c.want)
		}
	}
}

// TestTheMachineWentDown: a job that was running then has been counted when the machine is up again, and is set aside the
// second time; one whose owner was killed has not.
func TestTheMachineWentDown(t *testing.T) {
	if bootID() == "" {
		t.Skip("this system does not say which start of the machine this is")
	}
	dir := t.TempDir()
	folder := filepath.Join(dir, "jobs")
	q, _ := opened(t, folder, Options{})
	j := added(t, q, dots(t, dir, "held", 1), few())
	wait(t, q, "it runs", func(jobs map[string]Job) bool { return jobs[j.ID].Stage == "shape" })
	seen, err := readJob(filepath.Join(folder, j.ID))
	if err != nil || seen.State != Running || seen.Boot != bootID() {
		t.Fatalf("on the disk while it runs: %+v, %v", seen, err)
	}
	for _, c := range []struct {
		name   string
		before string // the machine's boot while the job ran
		kills  int    // before
		state  State
		want   int
	}{
		{"the owner was killed", seen.Boot, 0, Queued, 0},
		{"the owner was killed after the worker had died", seen.Boot, 1, Queued, 1},
		{"the machine went down", "another", 0, Queued, 1},
		{"it went down again", "another", 1, Failed, 2},
		{"it is not known", "", 1, Queued, 1},
	} {
		dir := t.TempDir()
		left := seen
		left.Boot, left.Kills = c.before, c.kills
		left.Folder = filepath.Join(dir, j.ID)
		if err := os.Mkdir(left.Folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := (store{dir}).save(left); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, pauseFile), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		again, _ := opened(t, dir, Options{})
		got := again.Jobs()[0]
		disk, err := readJob(left.Folder)
		if err != nil || disk.State != got.State || disk.Kills != got.Kills || disk.Boot != "" {
			t.Errorf("%s: on the disk %+v, %v", c.name, disk, err)
		}
		if got.State != c.state || got.Kills != c.want || (got.State == Failed) != strings.Contains(got.Problem, "the machine went down") {
			t.Errorf("%s: %s, died %d times, %q", c.name, got.State, got.Kills, got.Problem)
		}
	}
}

// TestWhoWatchesSeesProgress, not only states; and nothing is left when nothing runs.
func TestWhoWatchesSeesProgress(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "jobs")
	q, end := opened(t, folder, Options{})
	j := added(t, q, dots(t, dir, "held-texture", 1), few())
	watches, _ := opened(t, folder, Options{})
	wait(t, watches, "it sees the stage and the ones before", func(jobs map[string]Job) bool {
		n := jobs[j.ID]
		return n.State == Running && n.Stage == "texture" && n.Progress > 0 && n.Stages[1].Progress == 1
	})
	// What a process that was killed has left of another attempt says nothing of this one.
	other := q.Jobs()[0]
	other.Started, other.Progress = other.Started.Add(time.Second), 0.99
	data, err := json.Marshal([]Job{other})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, liveFile)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for read := false; !read; time.Sleep(5 * time.Millisecond) {
		watches.mu.Lock()
		read = watches.overheard.Equal(info.ModTime())
		watches.mu.Unlock()
	}
	if got := watches.Jobs()[0]; got.Progress == 0.99 {
		t.Error("progress of another attempt is shown")
	}
	if err := q.Cancel(j.ID); err != nil {
		t.Fatal(err)
	}
	wait(t, watches, "it sees the end", state(j.ID, Cancelled))
	end()
	if parts, _ := filepath.Glob(filepath.Join(folder, ".live*")); len(parts) > 0 {
		t.Errorf("left behind: %v", parts)
	}
}
