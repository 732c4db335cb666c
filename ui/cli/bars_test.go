package cli

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"orfeas/pipeline"
)

// screen is what a terminal shows that was written text: lines, and the few movements that [bars] makes.
func screen(t *testing.T, text string) []string {
	t.Helper()
	var lines []string
	at := 0
	for len(text) > 0 {
		var n int
		switch {
		case strings.HasPrefix(text, "\r"), strings.HasPrefix(text, "\n"):
			if text[0] == '\n' {
				at++
			}
			text = text[1:]
		case strings.HasPrefix(text, "\x1b[K"):
			if at < len(lines) {
				lines[at] = ""
			}
			text = text[3:]
		case strings.HasPrefix(text, "\x1b[J"):
			lines = lines[:min(at, len(lines))]
			text = text[3:]
		case text[0] == '\x1b':
			if _, err := fmt.Sscanf(text, "\x1b[%dA", &n); err != nil || n > at {
				t.Fatalf("line %d: %q", at, text[:min(len(text), 10)])
			}
			at -= n
			_, text, _ = strings.Cut(text, "A")
		default:
			end := strings.IndexAny(text, "\r\n\x1b")
			if end < 0 {
				end = len(text)
			}
			for len(lines) <= at {
				lines = append(lines, "")
			}
			lines[at] += text[:end]
			text = text[end:]
		}
	}
	return lines
}

// TestBars: one picture has a bar for each stage, several a line each that fits, as many as fit; what is said of one that is
// over stays above the others, and nothing of the bars does in the end.
func TestBars(t *testing.T) {
	var out bytes.Buffer
	b := &bars{t: Terminal{Err: &out, Fancy: true, Size: func() (int, int) { return 72, 6 }}}
	at := func(stage int, done float64, step string) (string, []pipeline.StageInfo) {
		s := pipeline.NewStages()
		for i := range stage {
			s[i].Progress = 1
		}
		s[stage].Progress, s[stage].Step = done, step
		return s[stage].Name, s
	}
	show := func(r *row, stage int, done float64, step string) {
		name, stages := at(stage, done, step)
		b.show(r, name, stages)
	}
	want := func(what string, lines ...string) {
		t.Helper()
		got := screen(t, out.String())
		if !slices.EqualFunc(got, lines, func(line, want string) bool {
			return len([]rune(line)) < 72 && (line == want || want != "" && strings.Contains(strings.ReplaceAll(line, "░", ""), want))
		}) {
			t.Errorf("%s:\n%s", what, strings.Join(got, "\n"))
		}
	}
	a := b.begin("a.png", pipeline.Defaults())
	past := pipeline.Record{Outcome: pipeline.Done, Cores: runtime.GOMAXPROCS(0), Stages: []pipeline.Timing{{Name: "shape", Seconds: 9}}}
	b.expect(a, pipeline.NewForecast([]pipeline.Record{past}, &pipeline.Work{Settings: pipeline.Settings{Engine: pipeline.Defaults().Engine}}))
	show(a, 1, 0.5, "denoising 2/5")
	want("one", "a.png", "preprocess   ████████████████████████████ 100 %", "shape        ██████████████  50 %  denoising 2/5, abou", "texture       ", "postprocess", "export")
	c := b.begin("a name that is far too long for a line.png", pipeline.Defaults())
	want("another, which is not at work yet", screen(t, out.String())...)
	show(c, 1, 0.25, "waiting for the pictures that have the network before it")
	want("two", "a.png                    ██████  50 %  shape, about 9s left: d", "a name that is far too … ███  25 %  shape: waiting")
	var more []*row
	for i := range 4 {
		r := b.begin(fmt.Sprint(i), pipeline.Defaults())
		show(r, 0, 0, "reading the picture")
		more = append(more, r)
	}
	want("more than there is room for", "a.png", "a name", "0 ", "1 ", "and 2 more")
	b.end(a, func() { out.WriteString("a.stl: a solid\n") })
	b.end(more[0], func() { out.WriteString("0: none\n") })
	b.end(more[1], func() {})
	want("three are over", "a.stl: a solid", "0: none", "a name", "2 ", "3 ")
	b.close()
	show(c, 1, 0.5, "denoising 3/5")
	want("all are left behind", "a.stl: a solid", "0: none")
}
