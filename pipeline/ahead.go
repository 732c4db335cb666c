package pipeline

import (
	"os"
	"sync"
	"time"

	"orfeas/pipeline/export"
)

// Ahead is how long the jobs that are not over will take, learnt from those that are.
type Ahead struct {
	Until  map[string]time.Duration // from now until a job is done, by id; those of which nothing is known are not there
	All    time.Duration            // until the last of them is
	Stages map[string][]float64     // seconds that each stage of a job will still take, by id
}

// aheadOf lets the jobs, in their order, go down the line as the worker does: a stage has one job at a time, and no more
// than abreast are on the line. That they share the processors is in what past jobs took as far as those had company.
func aheadOf(forecast func(Settings) Forecast, jobs []Job, abreast int) Ahead {
	a := Ahead{Until: map[string]time.Duration{}, Stages: map[string][]float64{}}
	free := make([]float64, len(Line)) // when each stage is, in seconds from now
	var ends []float64                 // of the jobs before, in order
	for _, j := range jobs {
		if j.State.Over() {
			continue
		}
		seconds, ok := forecast(j.Settings).Stages(j.Stages)
		if !ok {
			continue
		}
		at := 0.0
		if len(ends) >= abreast {
			at = ends[len(ends)-abreast]
		}
		for i, s := range seconds {
			if s > 0 {
				at = max(at, free[i]) + s
				free[i] = at
			}
		}
		ends = append(ends, at)
		a.Until[j.ID] = time.Duration(at * float64(time.Second))
		a.All = max(a.All, a.Until[j.ID])
		a.Stages[j.ID] = seconds
	}
	return a
}

// Ahead says how long the jobs will take, by the history that the queue was opened with.
func (q *Queue) Ahead() Ahead {
	if q.options.History == nil {
		return Ahead{}
	}
	q.past.read(*q.options.History)
	return aheadOf(q.past.forecast, q.Jobs(), q.options.Abreast)
}

// recent keeps what was read of a history, and what was learnt from it, until there is more.
type recent struct {
	mu    sync.Mutex
	file  os.FileInfo
	all   []Record
	kinds map[kind]Forecast
}

// kind is what is known of a job before it starts.
type kind struct {
	engine string
	faces  int
}

// read looks whether there is more.
func (r *recent) read(h History) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := os.Stat(h.path)
	if err != nil || r.file != nil && info.Size() == r.file.Size() && info.ModTime().Equal(r.file.ModTime()) {
		return
	}
	if all, _, err := h.Records(); err == nil {
		r.file, r.all, r.kinds = info, all, nil
	}
}

// forecast predicts a job of the queue with these settings.
func (r *recent) forecast(s Settings) Forecast {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := kind{s.Engine, s.Faces}
	f, known := r.kinds[k]
	if !known {
		w := &Work{Settings: s}
		if ply, err := export.ByName("ply"); err == nil {
			w.Outputs = []Output{{Format: ply}}
		}
		if f = NewForecast(r.all, w); r.kinds == nil {
			r.kinds = map[kind]Forecast{}
		}
		r.kinds[k] = f
	}
	return f
}
