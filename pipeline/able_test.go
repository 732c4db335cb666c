package pipeline

import (
	"slices"
	"testing"
)

// TestPinned: settings say on every machine what they say here, and what has to be there for that.
func TestPinned(t *testing.T) {
	t.Setenv("ORFEAS_MODELS", t.TempDir()) // nothing is installed
	for _, c := range []struct {
		engine, cutout string
		needs          []string
	}{{"auto", "", nil}, {"relief", ByColours, nil}, {"inflate", "u2netp", []string{"u2netp"}}} {
		s := Defaults()
		s.Engine, s.Cutout = c.engine, c.cutout
		pinned, needs := s.Pinned()
		if !slices.Equal(needs, c.needs) || !slices.Equal(pinned.Networks, []string{NoNetworks}) || pinned.Cutout != c.cutout {
			t.Errorf("%+v: needs %v, %+v", c, needs, pinned)
		}
		if pinned.may("u2netp") || !s.may("u2netp") {
			t.Errorf("%+v: what is left open is not what it was", c)
		}
	}
	if a := Able(); len(a.Networks) > 0 || !slices.Contains(a.Engines, "extrude") || slices.Contains(a.Engines, "triposr") {
		t.Errorf("%+v", a)
	}
}
