package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"orfeas/gpu"
)

// Bottlenecks are the stages that take more than a fifth of the time, the greatest first.
func (p Profile) Bottlenecks() (out []StageProfile) {
	for _, s := range p.Stages {
		if s.Level != Low {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b StageProfile) int { return cmp.Compare(b.Share, a.Share) })
	return out
}

// leastShown is the share of a step that is worth a line.
const leastShown = 0.005

// String says it for people: a table of the stages and their greater steps, the bottlenecks and what can be done about them.
func (p Profile) String() string {
	var b strings.Builder
	title := "all engines"
	if p.Engine != "" {
		title = "engine " + p.Engine
	}
	fmt.Fprintf(&b, "%s: %d done, %d failed or stopped\n", title, p.Jobs, p.Failed)
	if p.Jobs == 0 {
		return b.String()
	}
	fmt.Fprintf(&b, "  %s to %s; a job takes %.2f s (median), %.2f s on average, 95 %% take up to %.2f s, the longest %.2f s; %s\n",
		p.From.Format(time.DateOnly), p.To.Format(time.DateOnly), p.Seconds.P50, p.Seconds.Mean, p.Seconds.P95, p.Seconds.Max, inWords(p.Trend))
	fmt.Fprintf(&b, "  %-36s %6s %8s %8s %8s %8s %8s %6s %9s\n", "", "share", "mean s", "min s", "p50 s", "p95 s", "max s", "cores", "alloc MB")
	for _, s := range p.Stages {
		s.row(&b, "  ")
		for _, step := range s.Steps {
			if step.Share >= leastShown {
				step.row(&b, "    ")
			}
		}
	}
	for _, s := range p.Bottlenecks() {
		fmt.Fprintf(&b, "  %s takes %.0f %% of the time (%s)\n", s.Name, 100*s.Share, s.Level)
		for _, a := range s.Advice {
			fmt.Fprintf(&b, "    - %s\n", a)
		}
	}
	return b.String()
}

func (p StageProfile) row(b *strings.Builder, indent string) {
	fmt.Fprintf(b, "%-38s %4.0f %% %8.3f %8.3f %8.3f %8.3f %8.3f %6.1f %9.1f", indent+p.Name, 100*p.Share,
		p.Seconds.Mean, p.Seconds.Min, p.Seconds.P50, p.Seconds.P95, p.Seconds.Max, p.Busy, p.Bytes.Mean/(1<<20))
	if p.VRAM > 0 {
		fmt.Fprintf(b, "  VRAM %.1f GB", float64(p.VRAM)/(1<<30))
	}
	b.WriteByte('\n')
}

func inWords(t gpu.Trend) string {
	switch t.Direction {
	case gpu.Increasing:
		return fmt.Sprintf("%.2f s more than %d jobs ago", t.Rise, t.Points)
	case gpu.Decreasing:
		return fmt.Sprintf("%.2f s less than %d jobs ago", -t.Rise, t.Points)
	case gpu.Stable:
		return "steady"
	}
	return "too few jobs for a trend"
}
