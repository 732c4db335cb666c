package pipeline

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"orfeas/pipeline/engine"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
)

func TestParseBytes(t *testing.T) {
	for s, want := range map[string]uint64{"": 0, "6GB": 6 << 30, " 1.5 gib": 3 << 29, "800 MB": 800 << 20, "2MiB": 2 << 20} {
		if got, err := ParseBytes(s); err != nil || got != want {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"6", "0GB", "-1GB", "NaNGB", "GB", "6TB", "1e9GB", "6GBMB"} {
		if got, err := ParseBytes(s); !errors.Is(err, ErrSettings) {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
}

// TestLimit: a network that would fit is run smaller when it may not take so much, and CUDA is told the limit.
func TestLimit(t *testing.T) {
	w := &Work{Machine: &Machine{Probe: card(24, 23), Limit: 4 * gib}, Step: func(string, float64) {}}
	var with []float64
	_, err := w.descend(t.Context(), ladderOf(0), func(r engine.Rung) (*mesh.Mesh, error) {
		with = append(with, r.Options["latents"].(float64), float64(r.On.Memory))
		return &mesh.Mesh{}, nil
	})
	if err != nil || len(with) != 2 || with[0] != 1024 || with[1] != 4*gib {
		t.Errorf("%v, %v", with, err)
	}
	w.Machine.Limit = 1 << 20
	ladder := ladderOf(1 << 40)
	if _, err := w.descend(t.Context(), ladder, func(engine.Rung) (*mesh.Mesh, error) { return nil, onnx.ErrOutOfMemory }); !errors.Is(err, ErrNoRoom) {
		t.Error(err)
	}
}

// TestRenew: the worker is another one afterwards, but not before the job it has is over.
func TestRenew(t *testing.T) {
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "jobs"), Options{})
	worker := func() int {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.child == nil {
			return 0
		}
		return q.child.cmd.Process.Pid
	}
	q.Renew(time.Hour) // without a worker there is nothing to do
	first := added(t, q, dots(t, dir, "first", 1), few())
	wait(t, q, "the first is done", state(first.ID, Done))
	was := worker()
	held := added(t, q, dots(t, dir, "held", 2), few())
	wait(t, q, "the second is held", func(jobs map[string]Job) bool { return jobs[held.ID].Stage == "shape" })
	q.Renew(time.Hour)
	third := added(t, q, dots(t, dir, "third", 3), few())
	q.feed() // which starts what may start
	if j := q.Jobs()[2]; j.ID != third.ID || j.State != Queued || worker() != was {
		t.Errorf("%s is %s, the worker %d, before %d", j.Title, j.State, worker(), was)
	}
	if err := q.Cancel(held.ID); err != nil {
		t.Fatal(err)
	}
	wait(t, q, "the third is done", state(third.ID, Done))
	if now := worker(); now == was || now == 0 {
		t.Errorf("the worker is %d, as before", now)
	}
}
