package pipeline

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline/export"
	"orfeas/pipeline/picture"
)

// TestRunTimesEveryStage and the steps in it, whose times do not exceed the stage's.
func TestRunTimesEveryStage(t *testing.T) {
	memory := gpu.NewMemoryProfile("")
	memory.Add(gpu.Reading{RAMTotal: 100, RAMAvailable: 70})
	w := &Work{Settings: small(), Picture: bundled(t, "duck.png"), Memory: memory, Outputs: []Output{{filepath.Join(t.TempDir(), "a b 7.stl"), export.Formats[0]}}}
	start := time.Now()
	if err := Run(t.Context(), w, nil); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(start).Seconds()
	var sum float64
	for i, s := range w.Timings {
		steps := 0.0
		for _, step := range s.Steps {
			if steps += step.Seconds; step.Name == "" || strings.ContainsAny(step.Name, "0123456789") {
				t.Errorf("%s has a step %q", s.Name, step.Name)
			}
		}
		if sum += s.Seconds; s.Name != Line[i].Name || s.Seconds <= 0 || steps > s.Seconds || s.VRAM != 30 || s.VRAMRise != 0 {
			t.Errorf("%+v", s)
		}
	}
	last := w.Timings[len(w.Timings)-1]
	if len(w.Timings) != len(Line) || sum > whole || last.Steps[0].Name != "writing" || w.Timings[0].Bytes == 0 || w.Timings[0].Objects == 0 {
		t.Errorf("%g of %g s: %+v", sum, whole, w.Timings)
	}
	r := w.Record(nil)
	if r.Outcome != Done || r.Pixels == 0 || r.Triangles == 0 || r.Formats[0] != "stl" || r.Seconds != sum || !r.sound() {
		t.Errorf("%+v", r)
	}
	if jobs := memory.Report(0).Jobs; len(jobs) != 1 || jobs[0].Peak != 30 {
		t.Errorf("%+v", jobs)
	}
	if peaks := memory.Report(0).Stages; !slices.ContainsFunc(peaks, func(p gpu.Peak) bool { return p.Stage == "shape" }) {
		t.Errorf("%+v", peaks)
	}
}

// TestRunTimesWhatFails: the stage that failed, was stopped or panicked is timed and nothing stays open.
func TestRunTimesWhatFails(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, c := range []struct {
		name   string
		err    error
		ctx    context.Context
		stages int
		want   State
	}{
		{"fails", gpu.ErrOutOfMemory, t.Context(), 2, Failed},
		{"panics", nil, t.Context(), 2, Failed},
		{"stopped before it began", nil, ctx, 0, Cancelled},
	} {
		before := Line
		Line = []Stage{{"preprocess", 1, func(context.Context, *Work) error { return nil }}, {"shape", 1, func(_ context.Context, w *Work) error {
			if w.Step("denoising 1/5", 0.1); c.err == nil {
				panic("oh")
			}
			return c.err
		}}}
		w := &Work{Settings: Defaults(), Memory: gpu.NewMemoryProfile("")}
		err := guarded(c.ctx, w, nil)
		Line = before
		if r := w.Record(err); err == nil || c.err != nil && !errors.Is(err, c.err) || len(r.Stages) != c.stages || r.Outcome != c.want {
			t.Errorf("%s: %v, %+v", c.name, err, r)
		}
		if c.stages == 2 && (len(w.Timings[1].Steps) != 1 || w.Timings[1].Steps[0].Name != "denoising") {
			t.Errorf("%s: %+v", c.name, w.Timings)
		}
	}
}

// TestOutOfMemoryAtEveryStage: whichever stage finds the GPU full, the job fails with a hint and the rest is timed.
func TestOutOfMemoryAtEveryStage(t *testing.T) {
	before := Line
	defer func() { Line = before }()
	for i := range before {
		Line = slices.Clone(before)
		for k := range Line {
			Line[k].Do = func(context.Context, *Work) error {
				if k == i {
					return fmt.Errorf("run the network: %w", gpu.ErrOutOfMemory)
				}
				return nil
			}
		}
		w := &Work{Settings: Defaults()}
		err := Run(t.Context(), w, nil)
		if _, hint := Explain(err); !errors.Is(err, gpu.ErrOutOfMemory) || hint == "" || len(w.Timings) != i+1 || !strings.HasPrefix(err.Error(), before[i].Name) {
			t.Errorf("%s: %v, %q, %d stages", before[i].Name, err, hint, len(w.Timings))
		}
	}
}

// TestStepsFromManyGoroutines is for the race detector: stages may report from goroutines they started.
func TestStepsFromManyGoroutines(t *testing.T) {
	w := &Work{Memory: gpu.NewMemoryProfile("")}
	m := newMeter(w)
	m.enter("shape")
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 200 {
				m.at(fmt.Sprintf("part %c, %d", 'a'+g, i))
			}
		})
	}
	all.Wait()
	m.leave()
	m.at("too late")
	m.leave()
	if len(m.done) != 1 || len(m.done[0].Steps) > 4 {
		t.Errorf("%+v", m.done)
	}
}

// TestPause runs on a clock of its own: what passes while a job waits for others is counted for neither the stage nor the step
// that it is at.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(&Work{})
		m.enter("shape")
		m.at("denoising")
		time.Sleep(3 * time.Second)
		spent := m.pause()
		time.Sleep(time.Hour)
		blob := make([]byte, 64<<20) // that somebody else needs meanwhile
		if text, again := m.resume(); text != "denoising" || spent != 3*time.Second || again != spent {
			t.Errorf("%q, %v after %v", text, again, spent)
		}
		m.at("decoding")
		time.Sleep(2 * time.Second)
		m.pause()
		time.Sleep(time.Hour)
		all := m.leave()
		stage := m.done[0]
		if len(stage.Steps) != 2 || all != 5*time.Second || stage.Seconds != 5 || stage.Steps[0].Seconds != 3 || stage.Steps[1].Seconds != 2 || stage.Bytes >= uint64(len(blob)) {
			t.Errorf("%+v", stage)
		}
	})
}

func TestStepName(t *testing.T) {
	w := &Work{Outputs: []Output{{Path: filepath.Join("out", "meine Ente ä.png.stl")}}}
	for text, want := range map[string]string{
		"": "", "framing": "framing", "decimating to 5000 faces": "decimating to", "denoising 3/5": "denoising",
		"decoding 126³ -> 252³": "decoding", "writing meine Ente ä.png.stl": "writing", "building the surface, 90 x 80 cells": "building the surface",
		"turning about an axis 1.5 degrees aslant, mirror symmetry 90 %": "turning about an axis", "7": "",
	} {
		if got := stepName(text, w); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestStatsOf(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[99-i] = float64(i + 1)
	}
	for _, c := range []struct {
		values []float64
		want   Stats
	}{
		{nil, Stats{}},
		{[]float64{3}, Stats{1, 3, 3, 3, 3, 3}},
		{[]float64{4, 2}, Stats{2, 3, 2, 4, 2, 4}},
		{hundred, Stats{100, 50.5, 1, 100, 50, 95}},
	} {
		if got := StatsOf(c.values); got.Count != c.want.Count || math.Abs(got.Mean-c.want.Mean) > 1e-9 || got.Min != c.want.Min || got.Max != c.want.Max || got.P50 != c.want.P50 || got.P95 != c.want.P95 {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
}

// job is a record of seconds per stage, in the order of the line.
func job(engine string, seconds ...float64) Record {
	r := Record{At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Outcome: Done, Engine: engine, Faces: 1000, Triangles: 1000, Cores: 2}
	for i, s := range seconds {
		r.Stages = append(r.Stages, Timing{Name: Line[i].Name, Seconds: s, CPU: 2 * s, Bytes: 100})
		r.Seconds += s
	}
	return r
}

func TestProfiles(t *testing.T) {
	failed := job("a", 100)
	failed.Outcome = Failed
	records := []Record{job("a", 1, 2, 0, 2, 5), job("b", 5, 3, 0, 1, 1), failed, job("a", 1, 2, 0, 2, 5)}
	got := Profiles(records)
	if len(got) != 3 || got[0].Engine != "" || got[1].Engine != "a" || got[2].Engine != "b" || got[0].Jobs != 3 || got[1].Failed != 1 || got[2].Seconds.Mean != 10 {
		t.Fatalf("%+v", got)
	}
	var names []string
	for _, s := range got[1].Bottlenecks() {
		names = append(names, fmt.Sprintf("%s %s %.0f", s.Name, s.Level, 100*s.Share))
	}
	if s := strings.Join(names, ", "); s != "export critical 50" {
		t.Errorf("bottlenecks of a: %s", s)
	}
	names = nil
	for _, s := range got[2].Bottlenecks() {
		names = append(names, fmt.Sprintf("%s %s", s.Name, s.Level))
	}
	if s := strings.Join(names, ", "); s != "preprocess critical, shape medium" {
		t.Errorf("bottlenecks of b: %s", s)
	}
	if s := got[0].Stages[1]; s.Seconds.Min != 2 || s.Seconds.Max != 3 || s.Busy != 2 || s.Bytes.P50 != 100 {
		t.Errorf("%+v", s)
	}
	if text := got[1].String(); !strings.Contains(text, "engine a: 2 done, 1 failed") || !strings.Contains(text, "export takes 50 % of the time (critical)") {
		t.Errorf("%s", text)
	}
	if rows := Rows(records); len(rows) != 16 || rows[0].Stage != "preprocess" || rows[10].Outcome != Failed {
		t.Errorf("%+v", rows)
	}
	if none := Profiles(nil); len(none) != 1 || none[0].Jobs != 0 || none[0].String() == "" {
		t.Errorf("%+v", none)
	}
}

func TestLevels(t *testing.T) {
	for share, want := range map[float64]Level{0: Low, 0.2: Low, 0.21: Medium, 0.3: Medium, 0.31: High, 0.4: High, 0.41: Critical, 1: Critical} {
		if got := levelOf(share); got != want {
			t.Errorf("%g: %q, want %q", share, got, want)
		}
	}
}

func TestProfileTrend(t *testing.T) {
	var slower []Record
	for i := range 20 {
		slower = append(slower, job("a", 1+0.1*float64(i)))
	}
	if p := Profiles(slower)[1]; p.Trend.Direction != gpu.Increasing || !strings.Contains(p.String(), "1.90 s more than 20 jobs ago") {
		t.Errorf("%+v", p.Trend)
	}
}

func TestAdvise(t *testing.T) {
	with := func(change func(r *Record)) []Record {
		r := job("a", 1, 1, 1, 1, 1)
		r.Faces, r.Triangles = 200_000, 200_000
		change(&r)
		return []Record{r}
	}
	steps := func(stage int, names ...string) func(*Record) {
		return func(r *Record) {
			for _, n := range names {
				r.Stages[stage].Steps = append(r.Stages[stage].Steps, Timing{Name: n, Seconds: 1 / float64(len(names))})
			}
		}
	}
	for _, c := range []struct {
		name    string
		records []Record
		stage   int
		want    []string // each in one line of advice, and no more lines
	}{
		{"segmentation", with(steps(0, parting...)), 0, []string{"1 of 1 pictures .* 100 % of this stage|transparent|--keep-background"}},
		{"reading", with(steps(0, "reading the picture")), 0, []string{"1024 pixels"}},
		{"alpha", with(steps(0, "framing")), 0, nil},
		{"triangles", with(func(*Record) {}), 1, []string{"50000 (Triangles, --faces)"}},
		{"an engine that makes few", with(func(r *Record) { r.Triangles = 1600 }), 1, nil},
		{"few asked for", with(func(r *Record) { r.Faces, r.Triangles = 2*MinFaces, 2*MinFaces }), 1, nil},
		{"texture", with(func(*Record) {}), 2, nil},
		{"decimation", with(steps(3, "decimating to", "measuring the walls")), 3, []string{"50000 (Triangles, --faces)", "1 meshes had more triangles"}},
		{"faults", with(steps(3, "making it solid")), 3, []string{"50000 (Triangles, --faces)", "1 of 1 meshes had faults"}},
		{"3MF", with(func(r *Record) { r.Formats = []string{"3mf"} }), 4, []string{"50000 (Triangles, --faces)", "1 of 1 files were 3mf|STL does without"}},
		{"preview", with(steps(4, "drawing the preview")), 4, []string{"50000 (Triangles, --faces)", "--preview"}},
		{"waiting", with(func(r *Record) { r.Stages[2].CPU = 0.3 }), 2, []string{"it kept 0.3 cores busy"}},
	} {
		got := Profiles(c.records)[1].Stages[c.stage].Advice
		if len(got) != len(c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
			continue
		}
		for i, line := range got {
			for part := range strings.SplitSeq(c.want[i], "|") {
				for piece := range strings.SplitSeq(part, " .* ") {
					if !strings.Contains(line, piece) {
						t.Errorf("%s: %q does not say %q", c.name, line, piece)
					}
				}
			}
		}
	}
}

// photo is a disc before a background that is not plain.
func photo() *picture.Picture {
	rng := rand.New(rand.NewPCG(3, 4))
	img := image.NewNRGBA(image.Rect(0, 0, 128, 128))
	for y := range 128 {
		for x := range 128 {
			c := color.NRGBA{uint8(40 + rng.IntN(40)), uint8(60 + x/2 + rng.IntN(40)), uint8(60 + y/2 + rng.IntN(40)), 255}
			if dx, dy := x-64, y-64; dx*dx+dy*dy < 900 {
				c = color.NRGBA{uint8(200 + rng.IntN(40)), 30, 30, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return &picture.Picture{Image: img}
}

// TestStepsThatAdviceKnows are steps that stages really have.
func TestStepsThatAdviceKnows(t *testing.T) {
	seen := map[string]bool{}
	_, err := picture.Cut(t.Context(), photo(), picture.CutOptions{}, func(text string, _ float64) { seen[text] = true })
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range parting {
		if !seen[s] {
			t.Errorf("cutting out never says %q: %v", s, seen)
		}
	}
}
