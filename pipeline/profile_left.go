package pipeline

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Forecast foretells how long jobs like one will take, learnt from the history. It is a value made once per job.
type Forecast struct {
	Jobs   int                  // it rests on; 0 when there is nothing to go by
	stages map[string][]float64 // seconds the most similar jobs took, brought to this one's size
}

// nearest is how many of the most similar jobs count.
const nearest = 9

// NewForecast looks for jobs like w on this machine: of the same engine and device and number of cores, then as near as can be
// in faces asked for, formats and, once it has been read, the picture's size and how its subject was found.
func NewForecast(records []Record, w *Work) Forecast {
	return forecast(records, w.Record(nil))
}

func forecast(records []Record, like Record) Forecast {
	type near struct {
		Record
		away float64
		age  int
	}
	var found []near
	for i, r := range records {
		if r.Outcome == Done && r.Engine == like.Engine && r.Device == like.Device && r.Cores == like.Cores {
			found = append(found, near{r, distance(r, like), len(records) - i})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Or(cmp.Compare(a.away, b.away), cmp.Compare(a.age, b.age)) })
	found = found[:min(len(found), nearest)]
	f := Forecast{Jobs: len(found), stages: map[string][]float64{}}
	for _, r := range found {
		for _, t := range r.Stages {
			f.stages[t.Name] = append(f.stages[t.Name], t.Seconds)
		}
	}
	return f
}

// distance is how unlike two jobs are. Time goes by ratios: twice the faces are as far as half of them.
func distance(a, b Record) float64 {
	ratio := func(x, y int) float64 {
		if x <= 0 || y <= 0 {
			return 0 // not known yet
		}
		return math.Abs(math.Log2(float64(x) / float64(y)))
	}
	d := 2*ratio(a.Faces, b.Faces) + ratio(a.Pixels, b.Pixels)
	if b.Cutout != "" && a.Cutout != b.Cutout {
		d++
	}
	if !slices.Equal(a.Formats, b.Formats) {
		d++
	}
	return d
}

// Left is how long a job that has come so far will still take; ok is false when there is nothing to go by.
//
// A stage is thought to take what it took in the middle of the similar jobs. The running one is what is left in the middle of
// those that took longer than it has run already; when none did, half of what it has run, the less the further it says it is.
// How the stages that are over compare with what was foretold tells whether the machine is busier than usual.
func (f Forecast) Left(stages []StageInfo) (left time.Duration, ok bool) {
	if f.Jobs == 0 {
		return 0, false
	}
	var seconds, took, foretold float64
	for _, s := range stages {
		usual := f.stages[s.Name]
		switch {
		case s.Progress >= 1:
			took, foretold = took+s.Seconds, foretold+middle(usual)
		case s.Seconds > 0 || s.Progress > 0:
			seconds += rest(usual, s)
		default:
			seconds += middle(usual)
		}
	}
	// Half a job that keeps the usual pace is thrown in, so that the first stages, which are short, do not count too much.
	whole := took + seconds
	pace := (took + whole/2) / (foretold + whole/2)
	if whole == 0 || math.IsNaN(pace) {
		pace = 1
	}
	return time.Duration(seconds * min(max(pace, 0.5), 3) * float64(time.Second)), true
}

func rest(usual []float64, s StageInfo) float64 {
	var longer []float64
	for _, u := range usual {
		if u > s.Seconds {
			longer = append(longer, u-s.Seconds)
		}
	}
	if len(longer) == 0 {
		return 0.5 * s.Seconds * (1 - s.Progress)
	}
	return middle(longer)
}

func middle(v []float64) float64 { return StatsOf(v).P50 }
