package pipeline

import (
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"
)

// TestAhead lets jobs of known length go down the line: stage by stage, one in each, no more than three abreast.
func TestAhead(t *testing.T) {
	var records []Record
	for range 12 {
		r := job("inflate", 1, 4, 1, 2, 2)
		r.Cores = runtime.GOMAXPROCS(0)
		records = append(records, r)
	}
	settings := Defaults()
	settings.Engine, settings.Faces = "inflate", 1000
	queued := func(id string) Job {
		return Job{ID: id, Settings: settings}.fresh(time.Now())
	}
	running := queued("0")
	running.State, running.Stages[0] = Running, StageInfo{Name: Line[0].Name, Progress: 1, Seconds: 1}
	strange := queued("9")
	strange.Settings.Engine = "revolve"
	over := queued("8")
	over.State = Failed
	for _, c := range []struct {
		name    string
		jobs    []Job
		abreast int
		want    map[string]float64
	}{
		{"nothing", nil, 3, nil},
		{"one", []Job{queued("1")}, 3, map[string]float64{"1": 10}},
		{"one by one", []Job{queued("1"), queued("2")}, 1, map[string]float64{"1": 10, "2": 20}},
		// The shape stage is what holds them up: every four seconds.
		{"overlapping", []Job{queued("1"), queued("2"), queued("3")}, 3, map[string]float64{"1": 10, "2": 14, "3": 18}},
		{"two abreast", []Job{queued("1"), queued("2"), queued("3")}, 2, map[string]float64{"1": 10, "2": 14, "3": 20}},
		{"one runs", []Job{running, queued("1")}, 3, map[string]float64{"0": 9, "1": 13}},
		{"one of another kind, and one that is over", []Job{over, strange, queued("1")}, 3, map[string]float64{"1": 10}},
	} {
		got := aheadOf((&recent{all: records}).forecast, c.jobs, c.abreast)
		last := 0.0
		for id, want := range c.want {
			last = max(last, want)
			if s := got.Until[id].Seconds(); math.Abs(s-want) > 1e-6 {
				t.Errorf("%s: job %s in %g s, want %g", c.name, id, s, want)
			}
		}
		if len(got.Until) != len(c.want) || math.Abs(got.All.Seconds()-last) > 1e-6 {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// BenchmarkAhead is five hundred jobs of four kinds with a full history.
func BenchmarkAhead(b *testing.B) {
	records := lawful(2000, 0.1)
	var jobs []Job
	for i := range 500 {
		s := Defaults()
		s.Engine, s.Faces = "a", 1000*(1+i%4)
		jobs = append(jobs, Job{ID: fmt.Sprint(i), Settings: s}.fresh(time.Now()))
	}
	known := &recent{all: records}
	b.ReportAllocs()
	for range b.N {
		aheadOf(known.forecast, jobs, 3)
	}
}
