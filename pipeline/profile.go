package pipeline

import (
	"math"
	"slices"
	"time"

	"orfeas/gpu"
)

// Stats sum up a number of values.
type Stats struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean"`
	Min   float64 `json:"min"`
	Max   float64 `json:"max"`
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
}

// StatsOf sums up values; of none all is 0. The percentiles are the smallest values with at least so many percent of the
// others at or below them (the nearest-rank method).
func StatsOf(values []float64) Stats {
	n := len(values)
	if n == 0 {
		return Stats{}
	}
	v := slices.Sorted(slices.Values(values))
	rank := func(p float64) float64 { return v[max(int(math.Ceil(p*float64(n)))-1, 0)] }
	s := Stats{Count: n, Min: v[0], Max: v[n-1], P50: rank(0.5), P95: rank(0.95)}
	for _, x := range v {
		s.Mean += x / float64(n)
	}
	return s
}

// Level says how much a stage holds up the line.
type Level string

// The levels: a stage that takes more than a fifth of the time, more than three tenths, more than two fifths.
const (
	Low      Level = ""
	Medium   Level = "medium"
	High     Level = "high"
	Critical Level = "critical"
)

// levelOf grades a share of the whole time.
func levelOf(share float64) Level {
	switch {
	case share > 0.4:
		return Critical
	case share > 0.3:
		return High
	case share > 0.2:
		return Medium
	}
	return Low
}

// StageProfile is what a stage, or a named step of one, cost over many jobs.
type StageProfile struct {
	Name    string         `json:"name"`
	Share   float64        `json:"share"` // of the time of all jobs
	Level   Level          `json:"level,omitempty"`
	Seconds Stats          `json:"seconds"` // per job that had it
	CPU     Stats          `json:"cpu_seconds"`
	Busy    float64        `json:"busy_cores"` // kept busy on average
	Bytes   Stats          `json:"alloc_bytes"`
	VRAM    uint64         `json:"vram_peak_bytes,omitempty"`
	Trend   gpu.Trend      `json:"trend"` // seconds over jobs
	Steps   []StageProfile `json:"steps,omitempty"`
	Advice  []string       `json:"advice,omitempty"`
}

// Profile is what jobs cost, of one engine or of all.
type Profile struct {
	Engine  string         `json:"engine,omitempty"` // empty for all
	Jobs    int            `json:"jobs"`             // done; only these are counted below
	Failed  int            `json:"failed"`           // or cancelled
	From    time.Time      `json:"from,omitzero"`
	To      time.Time      `json:"to,omitzero"`
	Seconds Stats          `json:"seconds"`
	Trend   gpu.Trend      `json:"trend"`
	Stages  []StageProfile `json:"stages,omitempty"`
}

// Profiles sums up the jobs of all engines together and then of each, in the order in which the engines first appear.
func Profiles(records []Record) []Profile {
	all := []Profile{profileOf("", records)}
	var engines []string
	for _, r := range records {
		if !slices.Contains(engines, r.Engine) {
			engines = append(engines, r.Engine)
		}
	}
	for _, e := range engines {
		var own []Record
		for _, r := range records {
			if r.Engine == e {
				own = append(own, r)
			}
		}
		all = append(all, profileOf(e, own))
	}
	return all
}

func profileOf(name string, records []Record) Profile {
	p := Profile{Engine: name}
	var done []Record
	var seconds []float64
	var jobs [][]Timing
	for _, r := range records {
		if r.Outcome != Done {
			p.Failed++
			continue
		}
		done, seconds, jobs = append(done, r), append(seconds, r.Seconds), append(jobs, r.Stages)
	}
	if p.Jobs = len(done); p.Jobs == 0 {
		return p
	}
	p.From, p.To = done[0].At, done[len(done)-1].At
	p.Seconds, p.Trend = StatsOf(seconds), trendOfSeconds(seconds)
	p.Stages = stagesOf(jobs, p.Seconds.Mean*float64(p.Jobs))
	for i := range p.Stages {
		p.Stages[i].Advice = advise(p.Stages[i], done)
	}
	return p
}

// stagesOf sums up timings of the same name over jobs, in the order in which the names first appear, as shares of total.
func stagesOf(jobs [][]Timing, total float64) (out []StageProfile) {
	byName := map[string][]Timing{}
	for _, timings := range jobs {
		for _, t := range timings {
			if _, known := byName[t.Name]; !known {
				out = append(out, StageProfile{Name: t.Name})
			}
			byName[t.Name] = append(byName[t.Name], t)
		}
	}
	for i := range out {
		out[i].fill(byName[out[i].Name], total)
	}
	return out
}

func (p *StageProfile) fill(timings []Timing, total float64) {
	var seconds, cpu, bytes []float64
	var steps [][]Timing
	for _, t := range timings {
		seconds, cpu, bytes = append(seconds, t.Seconds), append(cpu, t.CPU), append(bytes, float64(t.Bytes))
		steps = append(steps, t.Steps)
		p.VRAM = max(p.VRAM, t.VRAM)
	}
	p.Seconds, p.CPU, p.Bytes, p.Trend = StatsOf(seconds), StatsOf(cpu), StatsOf(bytes), trendOfSeconds(seconds)
	if total > 0 {
		p.Share = p.Seconds.Mean * float64(len(timings)) / total
	}
	if p.Seconds.Mean > 0 {
		p.Busy = p.CPU.Mean / p.Seconds.Mean
	}
	p.Level = levelOf(p.Share)
	p.Steps = stagesOf(steps, total)
}

// trendJobs is how many of the last jobs a trend looks at, enough how many it takes to tell anything.
const (
	trendJobs = 50
	enough    = 10
)

// trendOfSeconds calls a change of less than a fifth of what is usual none.
func trendOfSeconds(seconds []float64) gpu.Trend {
	if len(seconds) < enough {
		return gpu.Trend{Direction: gpu.Unknown, Points: len(seconds)}
	}
	seconds = seconds[max(len(seconds)-trendJobs, 0):]
	x := make([]float64, len(seconds))
	for i := range x {
		x[i] = float64(i)
	}
	return gpu.TrendOf(x, seconds, StatsOf(seconds).P50/5)
}

// Row is one stage or step of one job, flat, as Grafana's tables want it.
type Row struct {
	Time    time.Time `json:"time"`
	Engine  string    `json:"engine"`
	Outcome State     `json:"outcome"`
	Stage   string    `json:"stage"`
	Step    string    `json:"step,omitempty"`
	Seconds float64   `json:"seconds"`
	CPU     float64   `json:"cpu_seconds"`
	Bytes   uint64    `json:"alloc_bytes"`
	VRAM    uint64    `json:"vram_peak_bytes"`
}

// Rows lists what every job cost, stage by stage, each before its steps.
func Rows(records []Record) (rows []Row) {
	for _, r := range records {
		for _, s := range r.Stages {
			row := func(t Timing, step string) Row {
				return Row{r.At, r.Engine, r.Outcome, s.Name, step, t.Seconds, t.CPU, t.Bytes, t.VRAM}
			}
			rows = append(rows, row(s, ""))
			for _, t := range s.Steps {
				rows = append(rows, row(t, t.Name))
			}
		}
	}
	return rows
}
