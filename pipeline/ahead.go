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

// Foresee lets the jobs, in their order, go down the line as the worker does: a stage has one job at a time, but for those
// that load their network together, and no more than abreast are on the line. batch is how many at most load together, which
// then may be on it besides; 0 when that is not known. That they share the processors is in what past jobs took as far as
// those had company.
func Foresee(forecast func(Job) Forecast, jobs []Job, abreast, batch int) Ahead {
	a := ahead{Ahead{Until: map[string]time.Duration{}, Stages: map[string][]float64{}}, make([]float64, len(Line)), nil}
	var known []coming
	for _, j := range jobs {
		if f := forecast(j); !j.State.Over() && f.Jobs > 0 {
			known = append(known, coming{job: j, network: j.Settings.network(), forecast: f})
		}
	}
	for len(known) > 0 {
		n := together(known, batch)
		may := abreast
		if known[0].network != "" && batch > 1 {
			may += batch - 1
		}
		a.pass(known[:n], may)
		known = known[n:]
	}
	return a.Ahead
}

// coming is a job that is not over.
type coming struct {
	job      Job
	network  string // see [Settings.network]
	forecast Forecast
	left     []float64 // seconds of each stage
	last     float64   // of those of the shape stage: that the others of its batch are ahead of, or behind
}

// shapes reports whether the job is in the shape stage, which several are only when they load together.
func (c coming) shapes() bool {
	s := c.job.Stages[shapeAt]
	return c.job.State == Running && s.Progress < 1 && (s.Seconds > 0 || s.Progress > 0 || s.Step != "")
}

// together is how many of the jobs, from the first, load their network together: the next that have the same. When that has
// begun they are those that are in the stage, or come into the line meanwhile.
func together(jobs []coming, batch int) int {
	first := jobs[0]
	if first.network == "" || first.job.Stages[shapeAt].Progress >= 1 {
		return 1
	}
	for n, c := range jobs {
		comes := n < batch && (!first.shapes() || c.job.State == Running && c.job.Stages[0].Progress < 1)
		if n > 0 && (c.network != first.network || !c.shapes() && !comes) {
			return n
		}
	}
	return len(jobs)
}

// ahead is the line in thought, in seconds from now.
type ahead struct {
	Ahead
	free []float64 // when each stage is
	ends []float64 // of the jobs before, in order
}

// pass lets jobs that load together go down the line, or one that is alone. In the shape stage each has a turn with every
// network; they are through one after the other, when all have been through all but the last part.
func (a *ahead) pass(jobs []coming, abreast int) {
	come := make([]float64, len(jobs)) // into the shape stage
	before := len(a.ends)
	for i := range jobs {
		c := &jobs[i]
		f := c.forecast
		if i > 0 || c.job.Stages[shapeAt].Joined {
			f = f.joined()
		}
		var pace float64
		c.left, pace, _ = f.paced(c.job.Stages)
		c.last = min(f.last*pace, c.left[shapeAt])
		if k := before + i - abreast; k >= 0 && k < before {
			come[i] = a.ends[k]
		}
		come[i] = a.through(0, come[i], c.left)
	}
	at := a.free[shapeAt]
	begun := max(at, come[0])
	for i, c := range jobs {
		if own := c.left[shapeAt] - c.last; c.left[shapeAt] > 0 {
			at = max(at, come[i]) + own
		}
	}
	for i, c := range jobs {
		end := come[i]
		if c.left[shapeAt] > 0 {
			at += c.last
			end, a.free[shapeAt] = at, at
			c.left[shapeAt] = end - max(begun, come[i])
		}
		for k := shapeAt + 1; k < len(Line); k++ {
			end = a.through(k, end, c.left)
		}
		a.ends = append(a.ends, end)
		a.Until[c.job.ID] = time.Duration(end * float64(time.Second))
		a.All = max(a.All, a.Until[c.job.ID])
		a.Stages[c.job.ID] = c.left
	}
}

// through is when a job that comes to stage i leaves it.
func (a *ahead) through(i int, at float64, left []float64) float64 {
	if left[i] > 0 {
		at = max(at, a.free[i]) + left[i]
		a.free[i] = at
	}
	return at
}

// Ahead says how long the jobs will take, by the history that the queue was opened with.
func (q *Queue) Ahead() Ahead {
	if q.options.History == nil {
		return Ahead{}
	}
	q.past.read(*q.options.History)
	batch := 0
	q.mu.Lock()
	if q.child != nil {
		batch = q.child.batch
	}
	q.mu.Unlock()
	return Foresee(func(j Job) Forecast { return q.past.forecast(j) }, q.Jobs(), q.options.Abreast, batch)
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
	views  int
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

// forecast predicts a job of the queue.
func (r *recent) forecast(j Job) Forecast {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := kind{j.Settings.Engine, j.Settings.Faces, len(j.Shots)}
	f, known := r.kinds[k]
	if !known {
		w := &Work{Settings: j.Settings, Shots: j.Shots}
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
