//go:build !headless

package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
)

// costly is a job whose shape stage takes half of its time, postprocess a quarter.
func costly(engine string, scale float64, at time.Time) pipeline.Record {
	r := pipeline.Record{At: at, Outcome: pipeline.Done, Engine: engine, Faces: 100_000, Triangles: 90_000, Cores: 2, Seconds: 8 * scale}
	for i, s := range []float64{0.5, 4, 0.5, 2, 1} {
		r.Stages = append(r.Stages, pipeline.Timing{Name: pipeline.Line[i].Name, Seconds: s * scale, CPU: s * scale,
			Steps: []pipeline.Timing{{Name: "a step", Seconds: s * scale, CPU: s * scale}}})
	}
	return r
}

// words is every text an object shows.
func words(o fyne.CanvasObject) string {
	var all []string
	for _, o := range test.LaidOutObjects(o) {
		switch o := o.(type) {
		case *canvas.Text:
			all = append(all, o.Text)
		case *widget.Label:
			all = append(all, o.Text)
		}
	}
	return strings.Join(all, "\n")
}

func TestProfilePage(t *testing.T) {
	t.Setenv("ORFEAS_DATA", t.TempDir())
	s := studio(t)
	onThread(func() { s.pages.show("profile") })
	until(t, "it says there is nothing", func() bool { return strings.Contains(words(s.costs.object), "Nothing has been converted yet") })

	dir, err := pipeline.DataDir()
	if err != nil {
		t.Fatal(err)
	}
	h, at := pipeline.HistoryIn(dir), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for i := range 12 {
		name, scale := "inflate", 1.0
		if i%2 == 1 {
			name, scale = "extrude", 3
		}
		if err := h.Add(costly(name, scale, at.Add(time.Duration(i)*time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	onThread(func() { s.pages.show("studio"); s.pages.show("profile") })
	until(t, "the jobs are there", func() bool { return strings.Contains(words(s.costs.object), "Shape takes 50 % of the time.") })
	onThread(func() {
		p := s.costs
		said := words(p.object)
		for _, want := range []string{"12", "8.00 s", "24.0 s", "critical", "medium", "50 %", "25 %", "a step", "12 jobs; the dashed line is the median", "Postprocess takes 25 % of the time."} {
			if !strings.Contains(said, want) {
				t.Errorf("it does not say %q:\n%s", want, said)
			}
		}
		if strings.Contains(said, "Export takes") {
			t.Error("a stage that takes 13 % is called a bottleneck")
		}
		if len(p.engine.Options) != 3 {
			t.Fatal(p.engine.Options)
		}
		p.engine.SetSelected("Extrude")
		if said := words(p.object); !strings.Contains(said, "24.0 s") || strings.Contains(said, "8.00 s") || len(p.trend.values) != 6 {
			t.Errorf("of extrude alone: %d jobs in the trend\n%s", len(p.trend.values), said)
		}
	})
}
