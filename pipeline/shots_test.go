package pipeline

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"orfeas/pipeline/picture"
)

func shot(side picture.Side, path string) Shot { return Shot{Side: side, Picture: path} }

// meshOf is the file of a finished job's mesh.
func meshOf(t *testing.T, q *Queue, id string) []byte {
	t.Helper()
	for _, j := range q.Jobs() {
		if j.ID == id {
			data, err := os.ReadFile(j.File(MeshFile))
			if err != nil {
				t.Fatal(err, j.Problem)
			}
			return data
		}
	}
	t.Fatalf("there is no job %s", id)
	return nil
}

// TestShots: a network of several views sees the pictures of other sides, and a job is told from others by them.
func TestShots(t *testing.T) {
	s := smallNetwork(t, tinyViews)
	s.Options["steps"] = 2.0
	dir, folder := t.TempDir(), filepath.Join(t.TempDir(), "jobs")
	q, end := opened(t, folder, Options{})
	front, back, other := dots(t, dir, "front", 200), dots(t, dir, "back", 7), dots(t, dir, "other", 99)
	add := func(shots ...Shot) Job {
		t.Helper()
		j, err := q.Add(front, s, shots...)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	alone := add()
	two := add(shot("back", back))
	three := add(shot("right", other), shot("back", back))
	swapped := add(shot("right", back), shot("back", other))
	for _, again := range []Job{add(shot("back", back)), add(shot("back", dots(t, dir, "copy", 7)))} {
		if again.ID != two.ID {
			t.Error("the same pictures were added again")
		}
	}
	if j := add(shot("back", back), shot("right", other)); j.ID != three.ID {
		t.Error("the same pictures in another order were added again")
	}
	ids := []string{alone.ID, two.ID, three.ID, swapped.ID}
	if slices.Sort(ids); len(slices.Compact(ids)) != 4 {
		t.Fatalf("other pictures were taken for the same: %v", ids)
	}
	for _, name := range []string{front, back, other} { // the queue has its own
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	wait(t, q, "all are over", over(4))
	for i, id := range ids {
		for _, before := range ids[:i] {
			if bytes.Equal(meshOf(t, q, id), meshOf(t, q, before)) {
				t.Errorf("jobs %s and %s have the same mesh", id, before)
			}
		}
	}

	// They outlive the program, and whatever is done with the job again has them.
	end()
	q, _ = opened(t, folder, Options{})
	kept := q.Jobs()[slices.IndexFunc(q.Jobs(), func(j Job) bool { return j.ID == three.ID })]
	if len(kept.Shots) != 2 || kept.Shots[0] != (Shot{Side: "back", Picture: back, Input: "back.png"}) || kept.Shots[1].Input != "right.png" {
		t.Errorf("%+v", kept.Shots)
	}
	want := meshOf(t, q, three.ID)
	again, err := q.Again(three.ID)
	if err != nil || again.ID == three.ID {
		t.Fatalf("%+v, %v", again, err)
	}
	if j, err := q.AddFrom(three.ID, s, kept.OtherShots()...); err != nil || j.Key != three.Key {
		t.Errorf("%+v, %v", j, err)
	}
	if err := q.Retry(two.ID); err != nil {
		t.Fatal(err)
	}
	if done, err := q.Run(t.Context(), undone(t, kept), func(Job) {}); err != nil || done.State != Done {
		t.Errorf("%+v, %v", done, err)
	} else if data, err := os.ReadFile(done.File(MeshFile)); err != nil || !bytes.Equal(data, want) {
		t.Errorf("as somebody else's job it has another mesh (%v)", err)
	}
	wait(t, q, "all are over", over(5))
	if !bytes.Equal(meshOf(t, q, again.ID), want) {
		t.Error("done again it is another mesh")
	}
}

// undone is a finished job as another queue has it, before it is done.
func undone(t *testing.T, j Job) Job {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{j.Input, j.Shots[0].Input, j.Shots[1].Input} {
		data, err := os.ReadFile(j.File(name))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	j = j.fresh(j.Added)
	j.Folder = folder
	return j
}

// TestBadShots: what is wrong with one of several pictures is said of that one, in a sentence.
func TestBadShots(t *testing.T) {
	s := smallNetwork(t, tinyViews)
	dir := t.TempDir()
	folder := filepath.Join(dir, "jobs")
	q, _ := opened(t, folder, Options{})
	front := dots(t, dir, "front", 200)
	whole, err := os.ReadFile(front)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	short, text, empty := write("short.png", whole[:len(whole)/2]), write("notes.png", []byte("no picture")), write("empty.png", nil)
	gone := filepath.Join(dir, "gone.png")
	for path, says := range map[string]string{short: "cut short", text: "not a picture", empty: "empty", gone: "no such file", dir: "a folder"} {
		j, err := q.Add(front, s, shot("back", path), shot("left", front))
		if err != nil {
			t.Fatal(path, err)
		}
		wait(t, q, "it is over", state(j.ID, Failed))
		j = q.Jobs()[len(q.Jobs())-1]
		if !strings.Contains(j.Problem, "the back: ") || !strings.Contains(j.Problem, path) || !strings.Contains(j.Problem, says) || strings.Contains(j.Problem, folder) || strings.Contains(j.Problem, "\n") {
			t.Errorf("%s: %s", path, j.Problem)
		}
		if path == gone {
			gone = j.ID
		}
	}
	dots(t, dir, "gone", 3) // now it is there
	if err := q.Retry(gone); err != nil {
		t.Fatal(err)
	}
	wait(t, q, "the second attempt is done", state(gone, Done))

	for name, shots := range map[string][]Shot{"two": {shot("back", front), shot("back", short)}, "front": {shot("front", front)}, "above": {shot("above", front)}} {
		if j, err := q.Add(front, s, shots...); !errors.Is(err, ErrSettings) {
			t.Errorf("%s: %+v, %v", name, j, err)
		}
	}
	n := len(q.Jobs())
	if j, err := q.AddUpload(front, "front.png", s, true, Shot{Side: "back", Picture: "back.png", Path: filepath.Join(dir, "nothing")}); err == nil || len(q.Jobs()) != n {
		t.Errorf("an upload that is gone: %+v, %v", j, err)
	}
	left, err := filepath.Glob(filepath.Join(folder, ".new-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestShotsForNothing: an engine that looks at the front only says that it does, and the shape is that of the front.
func TestShotsForNothing(t *testing.T) {
	dir := t.TempDir()
	run := func(shots ...Shot) *Work {
		w := &Work{Settings: few(), Picture: dots(t, dir, "front", 200), Shots: shots}
		last := 0.0
		if err := Run(t.Context(), w, func(_ string, total float64, _ []StageInfo) {
			if total < last {
				t.Errorf("progress falls from %g to %g", last, total)
			}
			last = total
		}); err != nil {
			t.Fatal(err)
		}
		return w
	}
	with, without := run(shot("back", "nowhere.png")), run()
	said := func(w *Work) bool {
		return slices.ContainsFunc(w.Notes, func(n string) bool { return strings.Contains(n, "extrude looks at the front only") })
	}
	if !said(with) || said(without) || len(with.Views) > 0 || len(with.Mesh.Triangles) != len(without.Mesh.Triangles) {
		t.Errorf("%v and %v, %d views", with.Notes, without.Notes, len(with.Views))
	}
}
