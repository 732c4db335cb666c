package gpu

import (
	"context"
	"time"
)

// dearest is the greatest share of the time that watching may spend on reading.
const dearest = 0.02

// Watch reads again and again and calls see with each reading, one at a time, until ctx is done. It reads every so often,
// and less often where a reading takes long, so that it never costs more than a fiftieth of a core.
func Watch(ctx context.Context, p Probe, every time.Duration, see func(Reading)) {
	for {
		start := time.Now()
		r := Read(p)
		wait := time.NewTimer(pause(every, time.Since(start)))
		if ctx.Err() == nil {
			see(r)
		}
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
	}
}

// pause is how long to wait after a reading that took so long.
func pause(every, took time.Duration) time.Duration {
	return max(every-took, time.Duration(float64(took)*(1-dearest)/dearest))
}

// Follow starts to profile the memory of the first device, until ctx is done. It is nil when there is none.
func Follow(ctx context.Context, p Probe, every time.Duration) *MemoryProfile {
	devices, err := p()
	if err != nil || len(devices) == 0 {
		return nil
	}
	m := NewMemoryProfile(devices[0].UUID)
	m.Add(Read(p)) // so that what begins now knows what was in use before
	go Watch(ctx, p, every, m.Add)
	return m
}
