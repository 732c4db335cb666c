package pipeline

import (
	"path/filepath"
	"runtime/metrics"
	"strings"
	"sync"
	"time"
	"unicode"

	"orfeas/gpu"
)

// Timing is what a stage, or a step of one, cost. Processor time, allocations and device memory are the whole process's or
// device's meanwhile: when several jobs run at once they overlap.
type Timing struct {
	Name     string   `json:"name"`
	Seconds  float64  `json:"seconds"`
	CPU      float64  `json:"cpu_seconds"` // of all cores together; 0 where the system does not say
	Bytes    uint64   `json:"alloc_bytes"` // allocated on the heap, whether still in use or not
	Objects  uint64   `json:"allocs"`
	VRAM     uint64   `json:"vram_peak_bytes,omitempty"` // the most of the device's memory that was in use
	VRAMRise uint64   `json:"vram_rise_bytes,omitempty"` // over what was in use before
	Steps    []Timing `json:"steps,omitempty"`           // in the order they first came; the same again is added
}

func (t *Timing) add(d cost, p gpu.Peak) {
	t.Seconds += d.wall.Seconds()
	t.CPU += d.cpu.Seconds()
	t.Bytes += d.bytes
	t.Objects += d.objects
	t.VRAM, t.VRAMRise = max(t.VRAM, p.Peak), max(t.VRAMRise, p.Rise())
}

// cost is the reading of the process's counters at one moment, or the difference of two.
type cost struct {
	wall, cpu      time.Duration
	bytes, objects uint64
}

func (c cost) since(o cost) cost {
	return cost{c.wall - o.wall, c.cpu - o.cpu, c.bytes - o.bytes, c.objects - o.objects}
}

func (c cost) and(o cost) cost {
	return cost{c.wall + o.wall, c.cpu + o.cpu, c.bytes + o.bytes, c.objects + o.objects}
}

// meter times the stages of one job and their steps. Its methods may be called from any goroutine.
type meter struct {
	mu     sync.Mutex
	w      *Work
	begun  time.Time
	paused *cost // since when the job waits for others; nil when it does not
	idle   cost  // of its waiting so far, which is not counted
	sample []metrics.Sample
	done   []Timing // the stages that are over
	job    *gpu.Span
	stage  running
	step   running
	text   string // last said
}

// running is what is being timed.
type running struct {
	timing *Timing // nil when nothing is
	from   cost
	memory *gpu.Span
}

func newMeter(w *Work) *meter {
	m := &meter{w: w, begun: time.Now(), sample: []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/allocs:objects"}}}
	if w.Memory != nil {
		m.job = w.Memory.Begin(w.Title, "")
	}
	return m
}

// end is called when the job is over, also by a panic in a stage, and returns what its stages cost.
func (m *meter) end() []Timing {
	m.leave()
	if m.job != nil {
		m.job.End()
	}
	return m.done
}

// now is what has been used while the job did not wait.
func (m *meter) now() cost {
	if m.paused != nil {
		return *m.paused
	}
	metrics.Read(m.sample)
	return cost{time.Since(m.begun), cpuTime(), m.sample[0].Value.Uint64(), m.sample[1].Value.Uint64()}.since(m.idle)
}

// pause stops the clock for as long as others go first, and returns what the stage has taken so far.
func (m *meter) pause() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.paused = &now
	return now.since(m.stage.from).wall
}

// resume goes on, and returns what was said last, too.
func (m *meter) resume() (text string, spent time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was := m.paused
	m.paused = nil
	m.idle = m.idle.and(m.now().since(*was))
	return m.text, m.now().since(m.stage.from).wall
}

func (m *meter) begin(t *Timing, name string, at cost) running {
	r := running{timing: t, from: at}
	if m.w.Memory != nil {
		r.memory = m.w.Memory.Begin(m.w.Title, name)
	}
	return r
}

func (r running) end(at cost) {
	if r.timing == nil {
		return
	}
	var p gpu.Peak
	if r.memory != nil {
		p = r.memory.End()
	}
	r.timing.add(at.since(r.from), p)
}

// enter starts a stage.
func (m *meter) enter(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stage, m.text = m.begin(&Timing{Name: name}, name, m.now()), ""
}

// at notes what the stage says it is doing, and returns what the stage has taken so far. It costs next to nothing as long as
// it says the same.
func (m *meter) at(text string) (spent time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stage.timing == nil {
		return 0
	}
	spent = time.Since(m.begun) - m.idle.wall - m.stage.from.wall
	if text == m.text {
		return spent
	}
	m.text = text
	name := stepName(text, m.w)
	if m.step.timing != nil && m.step.timing.Name == name || m.step.timing == nil && name == "" {
		return spent
	}
	now := m.now()
	m.endStep(now)
	if name != "" {
		m.step = m.begin(&Timing{Name: name}, m.stage.timing.Name+": "+name, now)
	}
	return spent
}

// says is at, and returns what was said before, too.
func (m *meter) says(text string) (before string, spent time.Duration) {
	m.mu.Lock()
	before = m.text
	m.mu.Unlock()
	return before, m.at(text)
}

// leave ends the stage, if one runs, whether it went well or not, and returns what it has taken.
func (m *meter) leave() (spent time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stage.timing == nil {
		return 0
	}
	now := m.now()
	spent = now.since(m.stage.from).wall
	m.endStep(now)
	m.stage.end(now)
	m.done = append(m.done, *m.stage.timing)
	m.stage = running{}
	return spent
}

func (m *meter) endStep(now cost) {
	t := m.step.timing
	m.step.end(now)
	m.step = running{}
	if t == nil {
		return
	}
	steps := m.stage.timing.Steps
	for i := range steps {
		if o := &steps[i]; o.Name == t.Name {
			o.Seconds, o.CPU, o.Bytes, o.Objects = o.Seconds+t.Seconds, o.CPU+t.CPU, o.Bytes+t.Bytes, o.Objects+t.Objects
			o.VRAM, o.VRAMRise = max(o.VRAM, t.VRAM), max(o.VRAMRise, t.VRAMRise)
			return
		}
	}
	m.stage.timing.Steps = append(steps, *t)
}

// stepName makes of what a stage says the name of the step, the same for every picture: without the names of files and
// without what comes after the first word with a digit in it. "decimating to 5000 faces" is "decimating to".
func stepName(text string, w *Work) string {
	for _, o := range w.Outputs {
		text = strings.Replace(text, filepath.Base(o.Path), "", 1)
	}
	var words []string
	for word := range strings.FieldsSeq(text) {
		if strings.ContainsFunc(word, unicode.IsDigit) {
			break
		}
		words = append(words, word)
	}
	return strings.TrimRight(strings.Join(words, " "), ",:;")
}
