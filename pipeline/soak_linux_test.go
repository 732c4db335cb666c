package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// usage reads how much memory, in KB, and how many files a process has.
func usage(t *testing.T, pid int) (memory, files int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			if memory, err = strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB"))); err != nil {
				t.Fatal(err)
			}
		}
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return memory, len(open)
}

// TestSoak does one job after the other, ORFEAS_SOAK of them, and holds the memory and the open files of the queue's and
// the worker's process at the end against those after the first third.
func TestSoak(t *testing.T) {
	n := 90
	if m, err := strconv.Atoi(os.Getenv("ORFEAS_SOAK")); err == nil {
		n = m
	} else if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{})
	measure := func() (m, f [2]int) {
		q.mu.Lock()
		worker := q.child.cmd.Process.Pid
		q.mu.Unlock()
		for i, pid := range []int{os.Getpid(), worker} {
			m[i], f[i] = usage(t, pid)
		}
		return m, f
	}
	var memory, most, files [2]int
	for i := range n {
		j := added(t, q, dots(t, dir, "a", i), few())
		wait(t, q, "it is done", state(j.ID, Done))
		if _, err := q.Mesh(j.ID); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			if err := q.Remove(j.ID); err != nil {
				t.Fatal(err)
			}
		}
		m, f := measure()
		switch {
		case i < n/3:
			for k := range m {
				memory[k], files[k] = max(memory[k], m[k]), max(files[k], f[k])
			}
		case i >= n*2/3:
			for k, who := range []string{"the queue", "the worker"} {
				most[k] = max(most[k], m[k])
				if f[k] > files[k]+2 { // a folder being read, a file being written
					t.Errorf("job %d: %s has %d open files, %d at first", i, who, f[k], files[k])
				}
			}
		}
	}
	t.Logf("%d jobs: the queue %d KB at first, %d KB at the end, %d files; the worker %d and %d KB, %d files",
		n, memory[0], most[0], files[0], memory[1], most[1], files[1])
	for k, who := range []string{"the queue", "the worker"} {
		if most[k] > memory[k]*5/4+8<<10 {
			t.Errorf("%s has grown from %d to %d KB", who, memory[k], most[k])
		}
	}
}
