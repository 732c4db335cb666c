package gpu

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestWatch runs on a clock of its own: a quick probe is read as often as asked for, a slow one a fiftieth of the time.
func TestWatch(t *testing.T) {
	for _, c := range []struct {
		every, takes time.Duration
		want         int // readings in 100 s
	}{
		{time.Second, 0, 101},
		{time.Second, 10 * time.Millisecond, 100},
		{time.Second, 100 * time.Millisecond, 20},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), 100*time.Second+time.Millisecond)
			defer stop()
			n := 0
			Watch(ctx, func() ([]Device, error) { time.Sleep(c.takes); return nil, ErrNoNVIDIA }, c.every, func(Reading) { n++ })
			if n != c.want {
				t.Errorf("every %s, taking %s: %d readings, want %d", c.every, c.takes, n, c.want)
			}
		})
	}
}

func TestFollow(t *testing.T) {
	if m := Follow(t.Context(), func() ([]Device, error) { return nil, ErrNoNVIDIA }, time.Second); m != nil {
		t.Error("it follows nothing")
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		used := uint64(0)
		m := Follow(ctx, func() ([]Device, error) { used++; return []Device{{UUID: "it", Total: 1000, Used: used}}, nil }, time.Second)
		synctest.Wait() // until its first reading
		s := m.Begin("a", "shape")
		time.Sleep(3500 * time.Millisecond)
		stop()
		synctest.Wait()
		if p := s.End(); p.Before != 3 || p.Peak != 6 || p.Samples != 3 {
			t.Errorf("%+v", p)
		}
	})
}
