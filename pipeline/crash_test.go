package pipeline

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// kills is how often a process is killed: ORFEAS_CRASHES times, or as often as an ordinary test run has patience for.
func kills(t *testing.T, usual int) int {
	if n, err := strconv.Atoi(os.Getenv("ORFEAS_CRASHES")); err == nil {
		return n
	}
	if testing.Short() {
		t.Skip("kills processes for seconds")
	}
	return usual
}

// TestKillingTheWorker: at random moments, while the queue is full. Every job is done in the end, once, and what was set
// aside on the way had been on the line at two deaths.
func TestKillingTheWorker(t *testing.T) {
	n := kills(t, 60)
	dir := t.TempDir()
	folder := filepath.Join(dir, "jobs")
	q, _ := opened(t, folder, Options{})
	done := map[string]bool{}
	watched := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		defer close(watched)
		q.Watch(ctx, func(j Job) {
			if done[j.ID] && j.State != Done {
				t.Errorf("job %s was done and is %s", j.ID, j.State)
			}
			done[j.ID] = j.State == Done
		}, nil)
	}()
	random := rand.New(rand.NewPCG(1, uint64(n)))
	var ids []string
	add := func() { ids = append(ids, added(t, q, dots(t, dir, fmt.Sprint(len(ids)), len(ids)), few()).ID) }
	for range 4 {
		add()
	}
	busy, aside := 0, 0
	again := func() (waiting int) {
		for _, j := range q.Jobs() {
			switch {
			case j.State == Failed:
				if j.Kills != 2 {
					t.Fatalf("%+v", j)
				}
				aside++
				if err := q.Retry(j.ID); err != nil {
					t.Fatal(err)
				}
				waiting++
			case !j.State.Over():
				waiting++
			}
		}
		return waiting
	}
	for range n {
		<-time.After(time.Duration(random.IntN(150)) * time.Millisecond)
		q.mu.Lock()
		if q.child != nil {
			if len(q.child.runs) > 0 {
				busy++
			}
			q.child.kill()
		}
		q.mu.Unlock()
		if again() < 4 {
			add()
		}
		if q.Status().Problem != "" { // killed again and again before it was ready
			if err := q.Resume(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for again() > 0 {
		wait(t, q, "all are over", over(len(ids)))
	}
	stop()
	<-watched
	t.Logf("killed %d times, %d of them at work; %d jobs done, set aside %d times", n, busy, len(ids), aside)
	left(t, folder, ids...)
	for _, j := range q.Jobs() {
		whole(t, j)
	}
}

// TestKillingTheOwner kills the process that has the queue, at random moments: every job that it said was added is there
// once and is done by those who come after it.
func TestKillingTheOwner(t *testing.T) {
	n := kills(t, 25)
	dir := t.TempDir()
	folder := filepath.Join(dir, "jobs")
	for i := range 2 {
		dots(t, dir, fmt.Sprint("a", i), i)
	}
	random := rand.New(rand.NewPCG(2, uint64(n)))
	said := map[string]bool{}
	for range n {
		cmd := asProcess("owner")(folder)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		after := time.AfterFunc(time.Duration(50+random.IntN(450))*time.Millisecond, func() { cmd.Process.Kill() })
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if id := lines.Text(); said[id] {
				t.Errorf("job %s was added twice", id)
			} else {
				said[id] = true
			}
		}
		_ = cmd.Wait()
		after.Stop()
	}
	q, _ := opened(t, folder, Options{})
	waitStatus(t, q, "the last one is gone", func(s Status) bool { return s == Status{} })
	jobs := q.Jobs()
	before := 0
	for _, j := range jobs {
		if j.State == Done {
			before++
		}
	}
	wait(t, q, "all are done", over(len(jobs)))
	for _, j := range q.Jobs() {
		whole(t, j)
		delete(said, j.ID)
	}
	if len(said) > 0 {
		t.Errorf("lost: %v", said)
	}
	if len(jobs) > 2*n || len(q.Jobs()) != len(jobs) {
		t.Errorf("%d jobs of at most %d, then %d", len(jobs), 2*n, len(q.Jobs()))
	}
	t.Logf("killed %d times; %d jobs added, %d of them done on the way", n, len(jobs), before)
}
