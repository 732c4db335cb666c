package gpu

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Sample is how full a memory was at one moment.
type Sample struct {
	At   time.Time `json:"at"`
	Used uint64    `json:"used_bytes"`
	Free uint64    `json:"free_bytes"`
}

// Peak is the most that was used while something ran. Where nothing was sampled meanwhile it is what was used before.
type Peak struct {
	Job     string `json:"job,omitempty"`
	Stage   string `json:"stage,omitempty"` // empty for the job as a whole
	Before  uint64 `json:"before_bytes"`
	Peak    uint64 `json:"peak_bytes"`
	After   uint64 `json:"after_bytes"`
	Samples int    `json:"samples"`
}

// Rise is what it took over what was used before.
func (p Peak) Rise() uint64 { return max(p.Peak, p.Before) - p.Before }

// How much a MemoryProfile remembers.
const (
	maxSamples = 1200 // ten minutes at two a second
	maxPeaks   = 100  // jobs
)

// MemoryProfile remembers how full one memory was, and what ran meanwhile. All methods may be called from anywhere.
type MemoryProfile struct {
	device string // UUID, Processor, or empty for the machine's memory

	mu      sync.Mutex
	total   uint64
	samples []Sample
	open    []*Span
	stages  []Peak // the highest of each stage's, in the order of their first end
	jobs    []Peak // of the last jobs
}

// NewMemoryProfile returns an empty profile of the device with this UUID, of the machine's memory if that is empty, or of
// what this process holds of it for [Processor].
func NewMemoryProfile(uuid string) *MemoryProfile { return &MemoryProfile{device: uuid} }

// Add takes what a reading says of this memory; a reading without it is passed over.
func (p *MemoryProfile) Add(r Reading) {
	s := Sample{At: r.At, Used: r.RAMTotal - r.RAMAvailable, Free: r.RAMAvailable}
	total := r.RAMTotal
	if p.device == Processor {
		s.Used = r.Own
	} else if p.device != "" {
		i := slices.IndexFunc(r.Devices, func(d Device) bool { return d.UUID == p.device })
		if i < 0 {
			return
		}
		d := r.Devices[i]
		s.Used, s.Free, total = d.Used, d.Free, d.Total
	}
	if total == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total = total
	if p.samples = append(p.samples, s); len(p.samples) > maxSamples {
		p.samples = slices.Delete(p.samples, 0, len(p.samples)-maxSamples)
	}
	for _, o := range p.open {
		o.peak.Peak = max(o.peak.Peak, s.Used)
		o.peak.Samples++
	}
}

// Span is something that runs.
type Span struct {
	profile *MemoryProfile
	peak    Peak
}

// Begin notes that a stage of a job starts, or a job as a whole if stage is empty. Spans may overlap: each has the peak of
// the whole memory while it ran.
func (p *MemoryProfile) Begin(job, stage string) *Span {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.used()
	s := &Span{p, Peak{Job: job, Stage: stage, Before: now, Peak: now}}
	p.open = append(p.open, s)
	return s
}

// End notes that it is over and returns its peak. A second End changes nothing.
func (s *Span) End() Peak {
	p := s.profile
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.open, s)
	if i < 0 {
		return s.peak
	}
	p.open = slices.Delete(p.open, i, i+1)
	s.peak.After = p.used()
	if s.peak.Stage == "" {
		if p.jobs = append(p.jobs, s.peak); len(p.jobs) > maxPeaks {
			p.jobs = slices.Delete(p.jobs, 0, len(p.jobs)-maxPeaks)
		}
		return s.peak
	}
	k := slices.IndexFunc(p.stages, func(o Peak) bool { return o.Stage == s.peak.Stage })
	if k < 0 {
		p.stages = append(p.stages, s.peak)
	} else if s.peak.Peak > p.stages[k].Peak {
		p.stages[k] = s.peak
	}
	return s.peak
}

func (p *MemoryProfile) used() uint64 {
	if len(p.samples) == 0 {
		return 0
	}
	return p.samples[len(p.samples)-1].Used
}

// MemoryReport is what a profile has seen.
type MemoryReport struct {
	Device  string   `json:"device,omitempty"`
	Total   uint64   `json:"total_bytes"`
	Samples []Sample `json:"samples"`
	Stages  []Peak   `json:"stages,omitempty"`
	Jobs    []Peak   `json:"jobs,omitempty"`
	Trend   Trend    `json:"trend"`          // bytes over seconds, of the samples in the window
	Floor   Trend    `json:"floor"`          // bytes over jobs, of what was left when each ended
	Leak    string   `json:"leak,omitempty"` // a warning in words
}

// Report looks at the samples of the last while.
func (p *MemoryProfile) Report(window time.Duration) MemoryReport {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := MemoryReport{Device: p.device, Total: p.total, Samples: slices.Clone(p.samples), Stages: slices.Clone(p.stages), Jobs: slices.Clone(p.jobs)}
	r.Trend = trendOfSamples(p.samples, window, p.total)
	r.Floor, r.Leak = leak(p.jobs, p.samples, p.total)
	return r
}

// trendOfSamples calls a change of less than a hundredth of the memory none.
func trendOfSamples(s []Sample, window time.Duration, total uint64) Trend {
	var x, y []float64
	for _, v := range s {
		if last := s[len(s)-1].At; last.Sub(v.At) <= window {
			x, y = append(x, v.At.Sub(s[0].At).Seconds()), append(y, float64(v.Used))
		}
	}
	return TrendOf(x, y, float64(total)/100)
}

// leakJobs is how many jobs it takes to tell a leak from models that are loaded once.
const leakJobs = 6

// leak looks at what is left in use when jobs end: it should be the same each time.
func leak(jobs []Peak, samples []Sample, total uint64) (Trend, string) {
	var x, y []float64
	for i, j := range jobs {
		x, y = append(x, float64(i)), append(y, float64(j.After))
	}
	t := TrendOf(x, y, float64(total)/200)
	if t.Direction != Increasing || len(jobs) < leakJobs || len(samples) == 0 {
		return t, ""
	}
	free := samples[len(samples)-1].Free
	return t, fmt.Sprintf("every job leaves %.0f MB more in use, over %d jobs; the %.1f GB that are free last for about %.0f more",
		t.Slope/(1<<20), len(jobs), gb(free), float64(free)/t.Slope)
}
