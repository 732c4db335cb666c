//go:build !headless

package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"orfeas/assets"
	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

// germanFor speaks German until the test is over.
func germanFor(t *testing.T) {
	t.Helper()
	t.Setenv(languageVariable, "")
	if err := speak(languageGerman); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := speak(languageEnglish); err != nil {
			t.Fatal(err)
		}
	})
}

// inTable reports whether a sentence of the pipeline is in its table, whole or as a pattern.
func inTable(s string) bool {
	b := phrases()
	_, whole := b.german[s]
	return whole || slices.ContainsFunc(b.patterns, func(p pattern) bool { return p.form.MatchString(s) })
}

// TestPipelineTable: what the window shows of engines, settings, stages, formats, networks and advice has its German words.
func TestPipelineTable(t *testing.T) {
	need := func(what, s string) {
		t.Helper()
		if s != "" && !inTable(s) {
			t.Errorf("%s: there is nothing for %q", what, s)
		}
	}
	for _, e := range engine.All {
		need("an engine's title", e.Title)
		need("what "+e.Name+" is", e.About)
		for _, s := range e.Settings {
			need(e.Name, s.Title)
			need(e.Name+", "+s.Name, s.About)
			for _, c := range s.Choices {
				need(e.Name+", "+s.Name, c.Title)
			}
		}
		for _, p := range e.Presets {
			need(e.Name+"'s preset", p.Title)
		}
	}
	for _, s := range pipeline.Line {
		need("a stage", s.Name)
	}
	for _, f := range export.Formats {
		need("a format", f.Title)
	}
	for _, c := range picture.Cutters {
		need("what cuts out", c.Title)
	}
	for _, n := range weights.Networks() {
		need(n.Name, n.About)
		need(n.Name, n.Licence.Note)
		for _, s := range append(slices.Clone(n.Licence.Limits), n.Licence.Excludes...) {
			need(n.Name, s)
		}
	}
	for _, err := range []error{picture.ErrEmpty, picture.ErrTruncated, picture.ErrTooLarge, picture.ErrNoSubject, picture.ErrNotPicture, engine.ErrNoDepth, pipeline.ErrNoRoom,
		weights.ErrAbsent, weights.ErrLicence, weights.ErrBusy, weights.ErrServer, weights.ErrOther, weights.ErrMissing, weights.ErrCorrupt, pipeline.ErrSettings, engine.ErrOptions,
		mesh.ErrOpen, pipeline.ErrVerify, gpu.ErrOutOfMemory, gpu.ErrNoNVIDIA, export.ErrTooLarge, os.ErrPermission, os.ErrNotExist} {
		problem, hint := pipeline.Explain(err)
		if told := hint == "" || inTable(hint); !told {
			t.Errorf("there is nothing for the hint %q", hint)
		}
		if !inTable(problem) && err != export.ErrTooLarge {
			t.Errorf("there is nothing for the error %q", problem)
		}
	}
}

// TestPipelineVerbs: German sentences take as much as the English ones, and as often.
func TestPipelineVerbs(t *testing.T) {
	verbs := regexp.MustCompile(`%[sd]`)
	b := phrases()
	for english, german := range b.german {
		if strings.TrimSpace(german) == "" || strings.Contains(english, "%s") || strings.Contains(english, "%d") {
			if !slices.Equal(verbs.FindAllString(english, -1), verbs.FindAllString(german, -1)) || german == "" {
				t.Errorf("%q becomes %q", english, german)
			}
		}
	}
}

func TestTold(t *testing.T) {
	for _, s := range []string{"Inflate", "denoising 3/5", "no such sentence: at all"} {
		if got := told(s); got != s {
			t.Errorf("in English %q becomes %q", s, got)
		}
	}
	germanFor(t)
	for english, want := range map[string]string{
		"Inflate":       "Aufblasen",
		"denoising 3/5": "entrauscht 3/5",
		"preprocess: read picture /a/Shape.png: not a picture of a known kind": "Vorbereitung: Bild /a/Shape.png lesen: kein Bild einer bekannten Art",
		"turning about an axis 0.4 degrees aslant, mirror symmetry 98 %":       "dreht um eine Achse, 0.4 Grad schräg, Spiegelgleichheit 98 %",
		"1 face turned, 3 holes closed":                                        "1 Dreieck gewendet, 3 Löcher geschlossen",
		"settings: the size is a length from 1 to 2000 mm":                     "Einstellungen: die Größe ist eine Länge von 1 bis 2000 mm",
		"no such sentence: at all":                                             "no such sentence: at all",
	} {
		if got := told(english); got != want {
			t.Errorf("%q becomes %q", english, got)
		}
	}
	if got := capital("über"); got != "Über" {
		t.Error(got)
	}
}

// TestJobsSpeakGerman runs real jobs of every engine without a network: what the window shows of them is in the table.
func TestJobsSpeakGerman(t *testing.T) {
	germanFor(t)
	s := studio(t)
	dir := t.TempDir()
	add := func(name string, data []byte, e string) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		set := pipeline.Defaults()
		set.Engine, set.Faces = e, 5000
		if _, err := s.queue.Add(path, set); err != nil {
			t.Fatal(err)
		}
	}
	n := 1
	add("x.png", []byte("no picture"), engine.Auto)
	for i, e := range engine.All {
		if e.Ready == nil {
			sample := assets.Samples()[i%5]
			add(fmt.Sprint(i, ".png"), sample.Data, e.Name)
			n++
		}
	}
	english := map[string]bool{}
	look := func(what string) {
		if told(what) == what && regexp.MustCompile(`[a-z]{3} [a-z]{2}`).MatchString(what) {
			english[what] = true
		}
	}
	until(t, "all are over", func() bool {
		over := 0
		for _, j := range s.jobs {
			if j.State.Over() {
				over++
			}
			for _, stage := range j.Stages {
				look(stage.Step)
			}
		}
		return over == n
	})
	onThread(func() {
		for _, j := range s.jobs {
			look(reason(j.Problem))
			look(j.Hint)
			if j.Result != nil {
				look(j.Result.Cutout)
				for _, note := range j.Result.Notes {
					look(note)
				}
			}
		}
	})
	for what := range english {
		t.Errorf("it is still English: %q", what)
	}
}
