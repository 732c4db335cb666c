package pipeline

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestMeshOfAnEarlierAttempt: a mesh that was read while its job was done anew is not kept for who asks next.
func TestMeshOfAnEarlierAttempt(t *testing.T) {
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{})
	j := added(t, q, dots(t, dir, "a", 1), few())
	wait(t, q, "it is done", state(j.ID, Done))
	if err := syscall.Mkfifo(j.File(filamentFile), 0o600); err != nil { // the reader stops at it
		t.Fatal(err)
	}
	read := make(chan error)
	go func() {
		_, err := q.Mesh(j.ID)
		read <- err
	}()
	f, err := os.OpenFile(j.File(filamentFile), os.O_WRONLY, 0) // until it is there
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := q.Retry(j.ID); err != nil {
		t.Fatal(err)
	}
	wait(t, q, "it is done again", state(j.ID, Done))
	if err := os.Remove(j.File(filamentFile)); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte{1}); err != nil {
		t.Fatal(err)
	}
	if err := <-read; err != nil {
		t.Fatal(err)
	}
	if m, err := q.Mesh(j.ID); err != nil || m.Filaments != nil {
		t.Errorf("it is the mesh of the attempt before, %v", err)
	}
}
