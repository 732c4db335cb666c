package pipeline

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"orfeas/pipeline/engine"
)

// Forecast predicts how long jobs like one will take, learnt from the history. It is a value made once per job.
type Forecast struct {
	Jobs   int                  // it rests on; 0 when there is nothing to go by
	stages map[string][]float64 // seconds the most similar jobs took, brought to this one's size, had each loaded its networks
	saved  float64              // seconds that one saves of them for which another job loads the networks
	last   float64              // seconds of the last step of the shape stage, which jobs that load together do one after the other
}

// remembered is how many of the last jobs are looked at, nearest how many of the most similar of them count.
const (
	remembered = 120
	nearest    = 9
)

// NewForecast looks for jobs like w on this machine: of the same device, number of cores and engine, or any engine while
// that is not chosen yet; with as many pictures of other sides, if there are any such; then as near as can be in faces asked
// for, formats and, once it has been read, the picture's size and how its subject was found.
func NewForecast(records []Record, w *Work) Forecast {
	return forecast(records, w.Record(nil))
}

func forecast(records []Record, like Record) Forecast { return pastOf(records, like).forecast(like) }

// past is what there is to learn from for jobs of one kind.
type past struct {
	jobs   []Record           // the newest first
	powers map[string]float64 // of the faces, by stage
}

func pastOf(records []Record, like Record) past {
	var p past
	for _, r := range slices.Backward(records) {
		alike := r.Engine == like.Engine || like.Engine == engine.Auto // which is not known yet
		there := like.Device == "" || r.Device == like.Device          // of a network that has not started it is not known yet
		if alike && there && r.Outcome == Done && r.Cores == like.Cores && len(p.jobs) < remembered {
			p.jobs = append(p.jobs, r)
		}
	}
	p.powers = facePowers(p.jobs)
	return p
}

func (p past) forecast(like Record) Forecast {
	found := slices.DeleteFunc(slices.Clone(p.jobs), func(r Record) bool { return r.Views != like.Views })
	if len(found) == 0 {
		found = slices.Clone(p.jobs)
	}
	slices.SortStableFunc(found, func(a, b Record) int { return cmp.Compare(distance(a, like), distance(b, like)) })
	found = found[:min(len(found), nearest)]
	f := Forecast{Jobs: len(found), stages: map[string][]float64{}, saved: saved(found)}
	var last []float64
	for _, r := range found {
		for _, t := range r.Stages {
			scale := math.Pow(float64(like.Faces)/float64(max(r.Faces, 1)), p.powers[t.Name])
			s := t.Seconds * scale
			if t.Name == shapeStage && r.Joined {
				s += f.saved
			}
			if f.stages[t.Name] = append(f.stages[t.Name], s); t.Name == shapeStage && len(t.Steps) > 0 {
				last = append(last, t.Steps[len(t.Steps)-1].Seconds*scale)
			}
		}
	}
	f.last = middle(last)
	return f
}

// saved is how many seconds less of loading jobs have for which others did it.
func saved(found []Record) float64 {
	var all, rest []float64
	for _, r := range found {
		if r.Joined {
			rest = append(rest, r.loading())
		} else {
			all = append(all, r.loading())
		}
	}
	if len(all) == 0 {
		return 0 // nobody knows
	}
	return max(middle(all)-middle(rest), 0)
}

// loading is how many seconds of the shape stage networks were read.
func (r Record) loading() (seconds float64) {
	for _, t := range r.Stages {
		for _, s := range t.Steps {
			if t.Name == shapeStage && s.Name == loading {
				seconds += s.Seconds
			}
		}
	}
	return seconds
}

// joined is the forecast of such a job for which another one loads the networks.
func (f Forecast) joined() Forecast {
	f.stages = maps.Clone(f.stages)
	shaped := slices.Clone(f.stages[shapeStage])
	for i, s := range shaped {
		shaped[i] = max(s-f.saved, 0)
	}
	f.stages[shapeStage] = shaped
	return f
}

// facePowers finds with which power of the faces asked for the time of each stage grows: the median slope, in logarithms,
// between all pairs of jobs that differ (Theil's and Sen's line, as in [gpu.TrendOf]).
func facePowers(jobs []Record) map[string]float64 {
	slopes := map[string][]float64{}
	for i, a := range jobs {
		for _, b := range jobs[:i] {
			if a.Faces == b.Faces || min(a.Faces, b.Faces) < 1 {
				continue
			}
			d := math.Log(float64(a.Faces) / float64(b.Faces))
			for k, t := range a.Stages {
				if k < len(b.Stages) && b.Stages[k].Name == t.Name && min(t.Seconds, b.Stages[k].Seconds) > 0 {
					slopes[t.Name] = append(slopes[t.Name], math.Log(t.Seconds/b.Stages[k].Seconds)/d)
				}
			}
		}
	}
	powers := map[string]float64{}
	for name, v := range slopes {
		powers[name] = min(max(middle(v), 0), 1)
	}
	return powers
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
// How the stages that are over compare with what was predicted tells whether the machine is busier than usual.
func (f Forecast) Left(stages []StageInfo) (left time.Duration, ok bool) {
	each, ok := f.Stages(stages)
	for _, s := range each {
		left += time.Duration(s * float64(time.Second))
	}
	return left, ok
}

// Stages is how many seconds each stage of such a job will still take, 0 for those that are over.
func (f Forecast) Stages(stages []StageInfo) (left []float64, ok bool) {
	left, _, ok = f.paced(stages)
	return left, ok
}

// paced is Stages, and how many times as long as usual it was taken to last.
func (f Forecast) paced(stages []StageInfo) (left []float64, pace float64, ok bool) {
	if f.Jobs == 0 {
		return nil, 0, false
	}
	left = make([]float64, len(stages))
	var seconds, took, predicted float64
	for i, s := range stages {
		usual := f.stages[s.Name]
		switch {
		case s.Progress >= 1:
			took, predicted = took+s.Seconds, predicted+middle(usual)
		case s.Seconds > 0 || s.Progress > 0:
			left[i] = rest(usual, s)
		default:
			left[i] = middle(usual)
		}
		seconds += left[i]
	}
	// Half a job that keeps the usual pace is thrown in, so that the first stages, which are short, do not count too much.
	whole := took + seconds
	pace = (took + whole/2) / (predicted + whole/2)
	if whole == 0 || math.IsNaN(pace) {
		pace = 1
	}
	pace = min(max(pace, 0.5), 3)
	for i := range left {
		left[i] *= pace
	}
	return left, pace, true
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

// ForecastError says how far forecasts are off.
type ForecastError struct {
	Jobs  int     `json:"jobs"`  // that were predicted
	Start float64 `json:"start"` // median of |predicted - taken| / taken, of whole jobs before they start
	Along float64 `json:"along"` // median of |predicted - taken| / the whole job, of what is left when a stage ends
}

// HeldOut learns from the older half of a history and predicts the newer one.
func HeldOut(records []Record) ForecastError {
	learnt, held := records[:len(records)/2], records[len(records)/2:]
	var start, along []float64
	pasts := map[[3]any]past{}
	for _, r := range held {
		kind := [3]any{r.Engine, r.Device, r.Cores}
		if _, known := pasts[kind]; !known {
			pasts[kind] = pastOf(learnt, r)
		}
		unread := r
		unread.Pixels, unread.Cutout = 0, ""
		f, read := pasts[kind].forecast(unread), pasts[kind].forecast(r)
		if r.Joined {
			f, read = f.joined(), read.joined()
		}
		if r.Outcome != Done || r.Seconds <= 0 || f.Jobs == 0 {
			continue
		}
		stages := NewStages()
		taken := 0.0
		for i, t := range r.Stages {
			left, _ := f.Left(stages)
			off := math.Abs(left.Seconds() - (r.Seconds - taken))
			if i == 0 {
				start = append(start, off/r.Seconds)
			} else {
				along = append(along, off/r.Seconds)
			}
			for k := range stages {
				if stages[k].Name == t.Name {
					stages[k].Progress, stages[k].Seconds = 1, t.Seconds
				}
			}
			taken += t.Seconds
			f = read
		}
	}
	return ForecastError{len(start), middle(start), middle(along)}
}

// String says it for people; nothing when too little was predicted.
func (e ForecastError) String() string {
	if e.Jobs < enough {
		return ""
	}
	return fmt.Sprintf("the time of a job is predicted to within %.0f %% (median) before it starts, what is left to within %.0f %% of it at the end of each stage; learnt from the older half of the history, tested on the newer, %d jobs",
		100*e.Start, 100*e.Along, e.Jobs)
}
