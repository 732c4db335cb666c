package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"orfeas/pipeline/engine"
)

func TestPresets(t *testing.T) {
	p := Presets{filepath.Join(t.TempDir(), "presets")}
	if all, err := p.List(); err != nil || len(all) > 0 {
		t.Fatalf("at first: %v, %v", all, err)
	}
	s := Defaults()
	s.Engine, s.SizeMM, s.Options = "inflate", 32, engine.Options{"thickness": 1.5, "profile": "soft"}
	s.Edit.Turns = 1
	for _, title := range []string{"Zinnfigur 32 mm", "../ Ä/b:c\\d"} {
		if err := p.Save(Preset{title, s}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := p.List()
	if err != nil || len(all) != 2 || all[0].Title != "../ Ä/b:c\\d" || all[1].Settings.SizeMM != 32 || !reflect.DeepEqual(all[1].Settings.Options, s.Options) || all[1].Settings.Edit.Turns != 0 {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := p.Rename("inflate", "Zinnfigur 32 mm", "../ Ä/b:c\\d"); !errors.Is(err, ErrPreset) {
		t.Errorf("renamed to one that is there: %v", err)
	}
	if err := p.Rename("inflate", "Zinnfigur 32 mm", " Figur "); err != nil {
		t.Error(err)
	}
	if err := p.Rename("inflate", "Figur", ""); !errors.Is(err, ErrPreset) {
		t.Errorf("renamed to nothing: %v", err)
	}
	if err := p.Delete("inflate", "../ Ä/b:c\\d"); err != nil {
		t.Error(err)
	}
	if err := p.Delete("extrude", "Figur"); !errors.Is(err, ErrPreset) {
		t.Errorf("deleted that of another engine: %v", err)
	}
	all, err = p.List()
	if err != nil || len(all) != 1 || all[0].Title != "Figur" {
		t.Errorf("in the end: %+v, %v", all, err)
	}
	if files, _ := os.ReadDir(p.Dir); len(files) != 1 {
		t.Errorf("files: %v", files)
	}
}

// TestBrokenPresets: a file that cannot be used is named in a sentence and the others are there.
func TestBrokenPresets(t *testing.T) {
	p := Presets{t.TempDir()}
	if err := p.Save(Preset{"good", Defaults()}); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":    "",
		"text":     "hello",
		"unknown":  `{"title":"a","settings":{"engine":"inflate","colour":1}}`,
		"engine":   `{"title":"a","settings":{"engine":"magic"}}`,
		"range":    `{"title":"a","settings":{"engine":"inflate","options":{"thickness":99}}}`,
		"kind":     `{"title":"a","settings":{"engine":"inflate","options":{"thickness":"1"}}}`,
		"size":     `{"title":"a","settings":{"engine":"inflate","size_mm":-1}}`,
		"untitled": `{"settings":{"engine":"inflate"}}`,
		"control":  `{"title":"a\u0007b","settings":{"engine":"inflate"}}`,
		"long":     `{"title":"` + strings.Repeat("a", MaxPresetTitle+1) + `","settings":{"engine":"inflate"}}`,
		"edited":   `{"title":"a","settings":{"engine":"inflate","edit":{"turns":1}}}`,
		"twice":    `{"title":"a","settings":{"engine":"inflate"}} {}`,
		"huge":     `{"title":"` + strings.Repeat("a", maxPresetBytes) + `"}`,
	} {
		file := filepath.Join(p.Dir, name+".json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		all, err := p.List()
		if len(all) != 1 || all[0].Title != "good" || !errors.Is(err, ErrPreset) || !strings.Contains(err.Error(), name+".json") {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}
