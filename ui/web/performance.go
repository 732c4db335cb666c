package web

import (
	"fmt"
	"math"
	"net/http"
	"slices"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// spread sums up a number of durations in seconds; the percentiles are by nearest rank.
type spread struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

func spreadOf(seconds []float64) (s spread) {
	n := len(seconds)
	if n == 0 {
		return s
	}
	slices.Sort(seconds)
	rank := func(p float64) float64 { return seconds[max(int(math.Ceil(p*float64(n)))-1, 0)] }
	for _, x := range seconds {
		s.Mean += x / float64(n)
	}
	s.Count, s.P50, s.P95, s.P99, s.Max = n, rank(0.5), rank(0.95), rank(0.99), seconds[n-1]
	return s
}

// summary is what the jobs in the list cost, and the profiles of all jobs that are remembered.
type summary struct {
	Jobs    map[pipeline.State]int `json:"jobs"`
	Seconds spread                 `json:"seconds"`      // from start to end, of those done
	Wait    spread                 `json:"wait_seconds"` // from added to started
	Stages  []stageCost            `json:"stages"`
	Engines []engineCost           `json:"engines"` // those that did something, by name
	Slowest string                 `json:"slowest_stage,omitempty"`

	Profiles []pipeline.Profile `json:"profiles"` // of all engines together, then of each
}

type stageCost struct {
	Name    string  `json:"name"`
	Share   float64 `json:"share"` // of the time of all stages
	Seconds spread  `json:"seconds"`
}

type engineCost struct {
	Engine  string `json:"engine"`
	Seconds spread `json:"seconds"`
}

func summaryOf(jobs []pipeline.Job, past []pipeline.Record) summary {
	s := summary{Jobs: map[pipeline.State]int{}, Engines: []engineCost{}, Profiles: pipeline.Profiles(past)}
	for _, state := range states {
		s.Jobs[state] = 0
	}
	var took, waited []float64
	stages, engines := make([][]float64, len(pipeline.Line)), map[string][]float64{}
	for _, j := range jobs {
		s.Jobs[j.State]++
		if j.State != pipeline.Done {
			continue
		}
		seconds := j.Ended.Sub(j.Started).Seconds()
		took, waited = append(took, seconds), append(waited, j.Started.Sub(j.Added).Seconds())
		engines[j.Engine()] = append(engines[j.Engine()], seconds)
		for i, st := range j.Stages {
			stages[i] = append(stages[i], st.Seconds)
		}
	}
	s.Seconds, s.Wait = spreadOf(took), spreadOf(waited)
	var total, most float64
	for i, st := range pipeline.Line {
		c := stageCost{Name: st.Name, Seconds: spreadOf(stages[i])}
		total += c.Seconds.Mean
		if c.Seconds.Mean > most {
			most, s.Slowest = c.Seconds.Mean, st.Name
		}
		s.Stages = append(s.Stages, c)
	}
	for i := range s.Stages {
		if total > 0 {
			s.Stages[i].Share = s.Stages[i].Seconds.Mean / total
		}
	}
	for name, seconds := range engines {
		s.Engines = append(s.Engines, engineCost{name, spreadOf(seconds)})
	}
	slices.SortFunc(s.Engines, func(a, b engineCost) int {
		if a.Engine < b.Engine {
			return -1
		}
		return 1
	})
	return s
}

func (s *Server) getSummary(w http.ResponseWriter, r *http.Request) error {
	return reply(w, r, http.StatusOK, summaryOf(s.queue.Jobs(), s.sampler.past()))
}

// recommendation is something that would help, and what of the summary says so.
type recommendation struct {
	About string `json:"about"` // a stage, the queue or the memory
	Text  string `json:"text"`
}

// Where the advice begins.
const (
	adviceJobs   = 5   // done, before anything is said of the queue
	adviceWait   = 10  // times as long waited as worked
	adviceMemory = 0.1 // of the memory left
)

// recommend says what the profiler would do, and what the queue and the memory show; nothing is an answer too.
func recommend(s summary, m gpu.Reading) []recommendation {
	out := []recommendation{}
	say := func(about, format string, v ...any) {
		out = append(out, recommendation{about, fmt.Sprintf(format, v...)})
	}
	for _, p := range s.Profiles[1:] { // the first is of all engines together
		for _, st := range p.Stages {
			for _, advice := range st.Advice {
				say(st.Name, "%s: %s", p.Engine, advice)
			}
		}
	}
	if s.Seconds.Count >= adviceJobs {
		if s.Wait.P50 > adviceWait*s.Seconds.P50 {
			say("queue", "jobs wait %.0f s and take %.1f s: more come than this machine does", s.Wait.P50, s.Seconds.P50)
		}
		if failed, all := s.Jobs[pipeline.Failed], s.Jobs[pipeline.Failed]+s.Jobs[pipeline.Done]; 10*failed > all {
			say("queue", "%d of %d jobs failed; each of them says why", failed, all)
		}
	}
	if m.RAMTotal > 0 && float64(m.RAMAvailable) < adviceMemory*float64(m.RAMTotal) {
		say("memory", "%.1f of %.1f GB of memory are left; jobs with fewer faces need less", float64(m.RAMAvailable)/(1<<30), float64(m.RAMTotal)/(1<<30))
	}
	for _, d := range m.Devices {
		if d.Total > 0 && float64(d.Free) < adviceMemory*float64(d.Total) {
			say("memory", "%s has %.1f of %.1f GB free", d.Name, float64(d.Free)/(1<<30), float64(d.Total)/(1<<30))
		}
	}
	return out
}

func (s *Server) getRecommendations(w http.ResponseWriter, r *http.Request) error {
	read, _ := s.sampler.now()
	return reply(w, r, http.StatusOK, struct {
		Recommendations []recommendation `json:"recommendations"`
	}{recommend(summaryOf(s.queue.Jobs(), s.sampler.past()), read)})
}
