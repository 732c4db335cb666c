package gpu

import (
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// full is a reading of a device of 10 GB, so many seconds after noon.
func full(second int, mb uint64) Reading {
	return Reading{At: noon.Add(time.Duration(second) * time.Second), RAMTotal: 100, RAMAvailable: 40,
		Devices: []Device{{UUID: "other", Total: 1}, {UUID: "it", Total: 10 << 30, Used: mb << 20, Free: 10<<30 - mb<<20}}}
}

func TestMemoryProfilePeaks(t *testing.T) {
	p := NewMemoryProfile("it")
	p.Add(full(0, 500))
	job, shape := p.Begin("a", ""), p.Begin("a", "shape")
	p.Add(full(1, 4000))
	p.Add(full(2, 1000))
	if got := shape.End(); got != (Peak{"a", "shape", 500 << 20, 4000 << 20, 1000 << 20, 2}) || got.Rise() != 3500<<20 {
		t.Errorf("%+v", got)
	}
	export := p.Begin("a", "export")
	if got := export.End(); got != (Peak{"a", "export", 1000 << 20, 1000 << 20, 1000 << 20, 0}) {
		t.Errorf("not sampled: %+v", got)
	}
	p.Add(full(3, 600))
	if got := job.End(); got.Peak != 4000<<20 || got.After != 600<<20 || got != job.End() {
		t.Errorf("%+v", got)
	}
	again := p.Begin("b", "shape")
	p.Add(full(4, 700))
	again.End()
	r := p.Report(time.Minute)
	if len(r.Stages) != 2 || r.Stages[0].Job != "a" || len(r.Jobs) != 1 || len(r.Samples) != 5 || r.Total != 10<<30 || r.Leak != "" {
		t.Errorf("%+v", r)
	}
}

func TestMemoryProfileOfWhat(t *testing.T) {
	machine, gone := NewMemoryProfile(""), NewMemoryProfile("gone")
	machine.Add(full(0, 1))
	machine.Add(Reading{}) // a system that does not say
	gone.Add(full(0, 1))
	if r := machine.Report(time.Hour); len(r.Samples) != 1 || r.Samples[0].Used != 60 || r.Total != 100 {
		t.Errorf("%+v", r)
	}
	if r := gone.Report(time.Hour); len(r.Samples) != 0 || r.Trend.Direction != Unknown {
		t.Errorf("%+v", r)
	}
}

func TestMemoryProfileTrend(t *testing.T) {
	for _, c := range []struct {
		name string
		used func(i int) uint64
		want Direction
	}{
		{"steady", func(int) uint64 { return 3000 }, Stable},
		{"jobs come and go", func(i int) uint64 { return 1000 + 3000*uint64(i/5%2) }, Stable},
		{"fills", func(i int) uint64 { return 1000 + 20*uint64(i) }, Increasing},
		{"empties", func(i int) uint64 { return 9000 - 20*uint64(i) }, Decreasing},
		{"filled long ago", func(i int) uint64 { return 1000 + 20*uint64(min(i, 100)) }, Stable},
	} {
		p := NewMemoryProfile("it")
		for i := range 300 {
			p.Add(full(i, c.used(i)))
		}
		if r := p.Report(100 * time.Second); r.Trend.Direction != c.want || r.Trend.Points != 101 {
			t.Errorf("%s: %+v", c.name, r.Trend)
		}
	}
}

func TestMemoryProfileLeak(t *testing.T) {
	for _, c := range []struct {
		name string
		left func(job int) uint64
		want string
	}{
		{"clean", func(int) uint64 { return 400 }, ""},
		{"a model stays loaded", func(j int) uint64 { return 400 + 3000*uint64(min(j, 1)) }, ""},
		{"leak", func(j int) uint64 { return 400 + 100*uint64(j) }, "every job leaves 100 MB more in use, over 12 jobs; the 8.5 GB that are free last for about 87 more"},
	} {
		p := NewMemoryProfile("it")
		for j := range 12 {
			job := p.Begin("job", "")
			p.Add(full(2*j, 5000))
			p.Add(full(2*j+1, c.left(j)))
			job.End()
			if j == 4 && p.Report(time.Hour).Leak != "" {
				t.Errorf("%s: a warning after %d jobs", c.name, j+1)
			}
		}
		if r := p.Report(time.Hour); r.Leak != c.want {
			t.Errorf("%s: %q, %+v", c.name, r.Leak, r.Floor)
		}
	}
}

// TestMemoryProfileIsBounded, whatever is put into it, from many goroutines.
func TestMemoryProfileIsBounded(t *testing.T) {
	p := NewMemoryProfile("it")
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 1000 {
				s := p.Begin("x", strings.Repeat("s", g%3))
				p.Add(full(i, uint64(i)))
				s.End()
			}
		})
	}
	all.Wait()
	r := p.Report(time.Hour)
	if len(r.Samples) != maxSamples || len(r.Jobs) != maxPeaks || len(r.Stages) != 2 || len(p.open) != 0 {
		t.Errorf("%d samples, %d jobs, %d stages", len(r.Samples), len(r.Jobs), len(r.Stages))
	}
}
