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
