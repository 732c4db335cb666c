package cli

import (
	"fmt"
	"strings"

	"orfeas/pipeline"
)

// bars shows the stages of one conversion: on a terminal a bar each, redrawn in place; elsewhere a line when a stage
// begins.
type bars struct {
	t     Terminal
	title string
	stage string
	drawn int
	left  func(stage string, stages []pipeline.StageInfo) string // how long it will still take, in words; nil when nobody knows
}

func newBars(t Terminal, title string) *bars { return &bars{t: t, title: title} }

func (b *bars) show(stage string, stages []pipeline.StageInfo) {
	if !b.t.Fancy {
		if stage != b.stage {
			b.stage = stage
			fmt.Fprintf(b.t.Err, "%s: %s\n", b.title, stage)
		}
		return
	}
	const width = 28
	var s strings.Builder
	if b.drawn > 0 {
		fmt.Fprintf(&s, "\x1b[%dA", b.drawn)
	} else {
		fmt.Fprintf(b.t.Err, "%s\n", b.title)
	}
	left := ""
	if b.left != nil {
		left = b.left(stage, stages)
	}
	for _, i := range stages {
		if i.Name == stage && left != "" && i.Step != "" {
			i.Step += ", " + left
		}
		n := int(i.Progress * width)
		fmt.Fprintf(&s, "\r\x1b[K  %-12s %s%s %3.0f %%  %s\n", i.Name, strings.Repeat("█", n), strings.Repeat("░", width-n), 100*i.Progress, i.Step)
	}
	b.drawn = len(stages)
	fmt.Fprint(b.t.Err, s.String())
}

func (b *bars) end() {
	if b.t.Fancy && b.drawn > 0 {
		fmt.Fprintf(b.t.Err, "\x1b[%dA\x1b[J", b.drawn+1) // the result line says all that is left to say
	}
}
