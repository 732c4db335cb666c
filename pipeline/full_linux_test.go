package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// disk mounts a small file system. That takes rights that not every test run has.
func disk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skip("a small file system cannot be mounted here: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill leaves no room on a disk; free gives it back.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 512))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFullDisk: the queue stops and says why, nothing is lost or half there, and it goes on when there is room.
func TestFullDisk(t *testing.T) {
	round := few()
	round.Engine = "inflate" // some 1.2 MB
	pictures, dir := t.TempDir(), disk(t)
	folder := filepath.Join(dir, "jobs")
	q, _ := opened(t, folder, Options{})
	if err := q.Pause(); err != nil {
		t.Fatal(err)
	}
	a, b := added(t, q, dots(t, pictures, "a", 1), round), added(t, q, dots(t, pictures, "b", 2), round)
	free := fill(t, dir)
	if _, err := q.Add(dots(t, pictures, "c", 3), few()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("added on a full disk: %v", err)
	}
	left(t, folder, pauseFile, a.ID, b.ID)
	for _, err := range []error{q.Cancel(a.ID), q.Reorder(b.ID, a.ID)} {
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("changed on a full disk: %v", err)
		}
	}
	stopped := func(s Status) bool { return strings.Contains(s.Problem, "no space left") && s.Hint != "" }
	if err := q.Resume(); err != nil {
		t.Fatal(err)
	}
	waitStatus(t, q, "it has stopped", stopped)
	for _, j := range q.Jobs() {
		if j.State != Queued {
			t.Errorf("%+v", j)
		}
	}
	// Room for a job.json, not for a mesh.
	free()
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 8<<20-120<<10), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := q.Resume(); err != nil {
		t.Fatal(err)
	}
	waitStatus(t, q, "it has stopped again", func(s Status) bool { return stopped(s) && strings.Contains(s.Problem, MeshFile) })
	wait(t, q, "both are back", func(jobs map[string]Job) bool { return state(a.ID, Queued)(jobs) && state(b.ID, Queued)(jobs) })
	free()
	if err := q.Resume(); err != nil {
		t.Fatal(err)
	}
	wait(t, q, "both are done", over(2))
	left(t, folder, a.ID, b.ID)
	for _, j := range q.Jobs() {
		whole(t, j)
	}
}

// TestReadOnlyFolder: the history is shown, nothing is done, and it is said why, until the folder can be written to.
func TestReadOnlyFolder(t *testing.T) {
	pictures, dir := t.TempDir(), disk(t)
	q, end := opened(t, dir, Options{})
	a := added(t, q, dots(t, pictures, "a", 1), few())
	wait(t, q, "it is done", over(1))
	if err := q.Pause(); err != nil {
		t.Fatal(err)
	}
	b := added(t, q, dots(t, pictures, "b", 2), few())
	end()
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skip("the folder cannot be made read-only here: ", err)
	}
	q, _ = opened(t, dir, Options{})
	if s := q.Status(); !s.Watches || s.Elsewhere || !strings.Contains(s.Problem, "read-only") || s.Hint == "" {
		t.Errorf("%+v", s)
	}
	if _, err := q.Mesh(a.ID); err != nil {
		t.Error(err)
	}
	if _, err := q.Add(dots(t, pictures, "c", 3), few()); !errors.Is(err, syscall.EROFS) {
		t.Error(err)
	}
	if err := q.Cancel(b.ID); !errors.Is(err, ErrElsewhere) || !strings.Contains(err.Error(), "read-only") {
		t.Error(err)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
	waitStatus(t, q, "it can be written to again", func(s Status) bool { return s == Status{Paused: true} })
	if err := q.Resume(); err != nil {
		t.Fatal(err)
	}
	wait(t, q, "both are done", over(2))
}
