package pipeline

import (
	"fmt"
	"math"
	"runtime"
	"slices"
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
	several := job("inflate", 3, 12, 1, 2, 12)
	several.Cores, several.Views = runtime.GOMAXPROCS(0), 1
	records = append(records, several)
	settings := Defaults()
	settings.Engine, settings.Faces = "inflate", 1000
	queued := func(id string) Job {
		return Job{ID: id, Settings: settings}.fresh(time.Now())
	}
	both, all := queued("2"), queued("3")
	both.Shots, all.Shots = []Shot{{Side: "back"}}, []Shot{{Side: "left"}, {Side: "back"}}
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
		{"one of two pictures, and one of three, of which nothing is known", []Job{queued("1"), both, all}, 1, map[string]float64{"1": 10, "2": 40, "3": 50}},
		{"one of another kind, and one that is over", []Job{over, strange, queued("1")}, 3, map[string]float64{"1": 10}},
	} {
		got := Foresee(by(records), c.jobs, c.abreast, 0)
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

// by is what the queue knows of its jobs from these.
func by(records []Record) func(Job) Forecast {
	return (&recent{all: records}).forecast
}

// TestAheadTogether: jobs whose network takes 2 s to load, another one 4 s, and that is run for 1, 4 and 3 s, with 1 s before and
// 1, 2 and 1 s after it. The first of a batch loads both; then each has its turn with the one and the other, and the last 3 s
// they take one after the other.
func TestAheadTogether(t *testing.T) {
	var alone, both []Record
	for i := range 12 {
		r := job(tiny, 1, 14, 1, 2, 1)
		r.Cores = runtime.GOMAXPROCS(0)
		r.Stages[shapeAt].Steps = []Timing{{Name: "looking at the picture", Seconds: 1}, {Name: loading, Seconds: 6}, {Name: "denoising", Seconds: 4}, {Name: "finding the surface in", Seconds: 3}}
		alone, both = append(alone, r), append(both, r)
		if i%4 > 0 { // of which half a second cannot be saved
			r.Stages = slices.Clone(r.Stages)
			r.Stages[shapeAt].Steps = slices.Clone(r.Stages[shapeAt].Steps)
			r.Joined, r.Stages[shapeAt].Seconds, r.Stages[shapeAt].Steps[1].Seconds = true, 8.5, 0.5
			both = append(both, r)
		}
	}
	settings := Defaults()
	settings.Engine, settings.Faces = tiny, 1000
	queued := func(id string) Job { return Job{ID: id, Settings: settings}.fresh(time.Now()) }
	other := queued("other")
	other.Settings.Engine = "hunyuan3d-2"
	// running is a job that has been in the shape stage for so long, 0 for one that is prepared for it, and less while it is.
	running := func(id string, joined bool, seconds float64) Job {
		j := queued(id)
		if j.State = Running; seconds < 0 {
			return j
		}
		j.Stages[0] = StageInfo{Name: Line[0].Name, Progress: 1, Seconds: 1}
		j.Stages[shapeAt].Joined, j.Stages[shapeAt].Seconds = joined, seconds
		return j
	}
	queue := func(ids ...string) (jobs []Job) {
		for _, id := range ids {
			jobs = append(jobs, queued(id))
		}
		return jobs
	}
	for _, c := range []struct {
		name  string
		past  []Record
		jobs  []Job
		batch int
		want  map[string]float64
	}{
		{"each alone", alone, queue("1", "2"), 1, map[string]float64{"1": 19, "2": 33}},
		// Prepared at 1 s; through all but the last part at 12, 17 and 22 s; shaped at 25, 28 and 31 s.
		{"three together", alone, queue("1", "2", "3"), 3, map[string]float64{"1": 29, "2": 32, "3": 35}},
		{"some of it cannot be saved", both, queue("1", "2", "3"), 3, map[string]float64{"1": 30, "2": 33, "3": 36}},
		{"two and one", alone, queue("1", "2", "3"), 2, map[string]float64{"1": 24, "2": 27, "3": 41}},
		{"another network between", alone, []Job{queued("1"), other, queued("2")}, 3, map[string]float64{"1": 24, "2": 27}},
		// 4 s are left of all but the last part to the first, 5 s to the second; then 3 s to each.
		{"under way", alone, []Job{running("1", false, 7), running("2", true, 0.001)}, 2, map[string]float64{"1": 16, "2": 19}},
		{"that is seen without being told", alone, []Job{running("1", false, 7), running("2", true, 0.001)}, 0, map[string]float64{"1": 16, "2": 19}},
		{"one comes into it", alone, []Job{running("1", false, 7), running("2", false, -1)}, 2, map[string]float64{"1": 16, "2": 19}},
		// The first is over: those that are left have nothing to load, and one that stands before the stage is for the next batch.
		{"the rest of one", alone, []Job{running("2", true, 6), running("3", true, 5), running("4", false, 0), queued("5")}, 4, map[string]float64{"2": 6, "3": 9, "4": 28, "5": 31}},
	} {
		got := Foresee(by(c.past), c.jobs, 3, c.batch)
		for id, want := range c.want {
			if s := got.Until[id].Seconds(); math.Abs(s-want) > 0.01 {
				t.Errorf("%s: job %s in %g s, want %g", c.name, id, s, want)
			}
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
	known := by(records)
	b.ReportAllocs()
	for range b.N {
		Foresee(known, jobs, 3, 0)
	}
}
