package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"orfeas/pipeline"
)

// bars shows how far pictures are. On a terminal it is redrawn in place: a bar for each stage when there is one picture, a
// line for each when there are several; elsewhere it is a line when a stage begins. Its methods may be called from anywhere.
type bars struct {
	t     Terminal
	mu    sync.Mutex
	rows  []*row // of the pictures at work, in the order in which they began
	drawn int    // lines
	over  bool   // nothing is shown any more
}

// row is a picture's.
type row struct {
	title, stage string
	job          pipeline.Job      // as far as it has come
	forecast     pipeline.Forecast // of how long it takes
	left         time.Duration     // that it will still take; 0 when nobody knows
}

const (
	barWidth   = 28
	shortBar   = 12
	titleWidth = 24
	stageNames = 12
)

// begin is called when a picture comes on the line.
func (b *bars) begin(title string, s pipeline.Settings) *row {
	r := &row{title: title, job: pipeline.Job{Settings: s, State: pipeline.Running, Stages: pipeline.NewStages()}}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows = append(b.rows, r)
	return r
}

// expect is called when there is something by which to say how long a picture will take.
func (b *bars) expect(r *row, f pipeline.Forecast) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r.forecast = f
}

// show is called when a picture has come further.
func (b *bars) show(r *row, stage string, stages []pipeline.StageInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	begins := stage != r.stage
	r.stage, r.job.Stages = stage, stages
	switch {
	case b.over:
	case b.t.Fancy:
		b.draw()
	case begins:
		fmt.Fprintf(b.t.Err, "%s: %s\n", r.title, stage)
	}
}

// end takes a picture that is over off, has say print what came of it, and goes on with the others.
func (b *bars) end(r *row, say func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows = slices.DeleteFunc(b.rows, func(o *row) bool { return o == r })
	b.erase()
	say()
	if b.t.Fancy {
		b.draw()
	}
}

// close takes all off, also those that are not over and may yet say something.
func (b *bars) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
	b.over = true
}

// erase makes room for what is said; b.mu is held.
func (b *bars) erase() {
	if b.drawn > 0 {
		fmt.Fprintf(b.t.Err, "\x1b[%dA\x1b[J", b.drawn)
		b.drawn = 0
	}
}

// draw shows those that have begun a stage; b.mu is held.
func (b *bars) draw() {
	columns, lines := 80, 24
	if b.t.Size != nil {
		columns, lines = b.t.Size()
	}
	b.foresee()
	var text []string
	var at []*row
	for _, r := range b.rows {
		if r.stage != "" {
			at = append(at, r)
		}
	}
	if len(at) == 1 {
		text = at[0].alone()
	} else {
		for i, r := range at {
			if i == lines-2 && len(at) > lines-1 {
				text = append(text, fmt.Sprintf("  and %d more", len(at)-i))
				break
			}
			text = append(text, r.together())
		}
	}
	var s strings.Builder
	if b.drawn > 0 {
		fmt.Fprintf(&s, "\x1b[%dA", b.drawn)
	}
	for _, line := range text {
		fmt.Fprintf(&s, "\r\x1b[K%s\n", clip(strings.TrimRight(line, " "), columns-1))
	}
	if len(text) < b.drawn {
		s.WriteString("\x1b[J")
	}
	b.drawn = len(text)
	fmt.Fprint(b.t.Err, s.String())
}

// foresee says of each picture how long it will still take.
func (b *bars) foresee() {
	jobs := make([]pipeline.Job, len(b.rows))
	at := map[string]*row{}
	for i, r := range b.rows {
		r.job.ID = strconv.Itoa(i)
		jobs[i], at[r.job.ID] = r.job, r
	}
	ahead := pipeline.Foresee(func(j pipeline.Job) pipeline.Forecast { return at[j.ID].forecast }, jobs, len(jobs), len(jobs))
	for _, r := range b.rows {
		r.left = ahead.Until[r.job.ID]
	}
}

// alone is a picture's line for each stage.
func (r *row) alone() []string {
	lines := []string{r.title}
	for _, i := range r.job.Stages {
		lines = append(lines, fmt.Sprintf("  %-*s %s %3.0f %%  %s", stageNames, i.Name, bar(i.Progress, barWidth), 100*i.Progress, i.Step+r.leftOf(i)))
	}
	return lines
}

// together is a picture's line among others: where it is, and how far in that.
func (r *row) together() string {
	for _, i := range r.job.Stages {
		if i.Name == r.stage {
			text := i.Name + r.leftOf(i)
			if i.Step != "" {
				text += ": " + i.Step
			}
			return fmt.Sprintf("  %-*s %s %3.0f %%  %s", titleWidth, clip(r.title, titleWidth), bar(i.Progress, shortBar), 100*i.Progress, text)
		}
	}
	return "  " + r.title
}

// leftOf is, of the stage that does something, how long all will still take.
func (r *row) leftOf(i pipeline.StageInfo) string {
	if i.Name != r.stage || i.Step == "" || r.left < time.Second {
		return ""
	}
	return fmt.Sprintf(", about %s left", r.left.Round(time.Second))
}

func bar(done float64, width int) string {
	n := int(done * float64(width))
	return strings.Repeat("█", n) + strings.Repeat("░", width-n)
}

// clip cuts a text off that has more letters than fit.
func clip(s string, letters int) string {
	r := []rune(s)
	if len(r) <= letters {
		return s
	}
	return string(r[:max(letters-1, 0)]) + "…"
}
