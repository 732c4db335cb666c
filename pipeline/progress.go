package pipeline

import (
	"slices"
	"sync"
	"time"
)

// progress keeps what a job shows while it runs: monotone, whatever the stages report.
type progress struct {
	mu     sync.Mutex
	stages []StageInfo
	total  float64
	see    func(stage string, total float64, stages []StageInfo)
}

// NewStages returns the untouched state of every stage of the line.
func NewStages() []StageInfo {
	s := make([]StageInfo, len(Line))
	for i := range s {
		s[i].Name = Line[i].Name
	}
	return s
}

func newProgress(see func(string, float64, []StageInfo)) *progress {
	return &progress{stages: NewStages(), see: see}
}

// join notes that others load the networks of stage i.
func (p *progress) join(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stages[i].Joined = true
}

func (p *progress) step(i int, text string, fraction float64, spent time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &p.stages[i]
	s.Progress = max(s.Progress, min(fraction, 1))
	s.Step, s.Seconds = text, spent.Seconds()
	var done, all float64
	for k, stage := range Line {
		done += stage.Weight * p.stages[k].Progress
		all += stage.Weight
	}
	p.total = max(p.total, done/all)
	if p.see != nil {
		p.see(s.Name, p.total, slices.Clone(p.stages))
	}
}
