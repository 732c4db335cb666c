//go:build cgo

package onnx

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

// TestBatch: jobs that open networks one after the other, some of them, some other ones; each computes what it should, each
// network is loaded once where those who want it come to it together, and one only is ever open.
func TestBatch(t *testing.T) {
	needLibrary(t)
	models := map[float32]*Model{}
	for f := float32(2); f < 9; f++ {
		models[f] = scaled(t, f, 1)
	}
	errBroken := errors.New("broken")
	for _, tt := range []struct {
		name  string
		jobs  [][]float32 // the networks by their factors; 0 breaks off, -1 is stopped while it waits
		loads int
	}{
		{"alone", [][]float32{{2, 3, 4}}, 3},
		{"together", [][]float32{{2, 3, 4}, {2, 3, 4}, {2, 3, 4}, {2, 3, 4}}, 3},
		{"each its own at the end", [][]float32{{2, 3, 5}, {2, 3, 6}, {2, 3, 7}}, 5},
		{"one leaves them out", [][]float32{{2, 3, 4}, {4}, {2, 3, 4}}, 3},
		{"one breaks off", [][]float32{{2, 0}, {2, 3, 4}, {2, 3, 4}}, 3},
		{"one is stopped", [][]float32{{2, 3, 4}, {2, -1}, {2, 3, 4}}, 3},
		{"another way", [][]float32{{2, 3, 4}, {5, 6, 4}}, 6},
	} {
		b := &Batch{}
		members := make([]*Member, len(tt.jobs))
		for i := range members {
			members[i] = b.Join()
		}
		var at sync.Mutex            // a network at a time
		first := make(chan struct{}) // has one
		var jobs sync.WaitGroup
		for i, job := range tt.jobs {
			jobs.Go(func() {
				if i > 0 {
					<-first
				}
				m := members[i]
				defer m.Leave()
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				waits := func() func() { return func() {} }
				err := func() error {
					for _, f := range job {
						switch f {
						case 0:
							return errBroken
						case -1:
							waits, f = func() func() { stop(); return func() {} }, 8
						}
						m.Begin(ctx, waits)
						s, err := Open(models[f], Options{Member: m})
						if err != nil {
							return err
						}
						if i == 0 && f == job[0] {
							close(first)
						}
						if !at.TryLock() {
							t.Errorf("%s: two networks are open at once", tt.name)
							return nil
						}
						out, err := s.Run(ctx, Tensor{Shape: []int{1, 1}, Data: []float32{float32(i + 1)}})
						if err == nil && out[0].Data[0] != f*float32(i+1) {
							t.Errorf("%s: %g times %d is %v", tt.name, f, i+1, out)
						}
						at.Unlock()
						if err := errors.Join(err, s.Close()); err != nil {
							return err
						}
					}
					return nil
				}()
				want := error(nil)
				if slices.Contains(job, 0) {
					want = errBroken
				} else if slices.Contains(job, -1) {
					want = context.Canceled
				}
				if !errors.Is(err, want) {
					t.Errorf("%s: job %d: %v", tt.name, i, err)
				}
			})
		}
		jobs.Wait()
		if b.Loads() != tt.loads {
			t.Errorf("%s: %d loads, not %d", tt.name, b.Loads(), tt.loads)
		}
		if b.session != nil || b.holder != nil || len(b.members) > 0 {
			t.Errorf("%s: something is left: %+v", tt.name, b)
		}
		if b.past != (tt.loads > 1) {
			t.Errorf("%s: past its first network: %v", tt.name, b.past)
		}
	}
}

// TestBatchFails: a network that cannot be opened, or fails when it runs, is not passed on, and the others go on.
func TestBatchFails(t *testing.T) {
	needLibrary(t)
	b, x := &Batch{}, Tensor{Shape: []int{1, 1}, Data: []float32{3}}
	one, two := b.Join(), b.Join()
	if _, err := Open(&Model{graph: []byte("no network")}, Options{Member: one}); err == nil {
		t.Fatal("nonsense was opened")
	}
	one.Leave()
	s, err := Open(scaled(t, 2, 1), Options{Member: two})
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(scaled(t, 3, 1), Options{Member: two})
	if err != nil {
		t.Fatal("who has a network waits for itself to get another:", err)
	}
	if out, err := other.Run(t.Context(), x); err != nil || out[0].Data[0] != 9 {
		t.Error(out, err)
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	s.failed = true
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if s, err = Open(scaled(t, 2, 1), Options{Member: two}); err != nil || b.Loads() != 2 {
		t.Errorf("%d loads where one had failed: %v", b.Loads(), err)
	}
	if out, err := s.Run(t.Context(), x); err != nil || out[0].Data[0] != 6 {
		t.Error(out, err)
	}
	s.Close()
	two.Leave()
	if b.Join() != nil {
		t.Error("a batch that is under way took another one")
	}
}
