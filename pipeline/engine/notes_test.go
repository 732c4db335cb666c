package engine

import (
	"slices"
	"testing"
)

// TestNotesOfWhatIsNotDone: what is done otherwise than asked for is said, and only then.
func TestNotesOfWhatIsNotDone(t *testing.T) {
	const upright, full, tight = "it does not lean, for its back is flat", "it stays full: there is no room for the wall",
		"margin, border and keyring hole have 75 % of the size asked for: there is no more room"
	for _, tt := range []struct {
		e       Engine
		options Options
		says    string
	}{
		{inflate, Options{"lean": 1.0}, ""},
		{inflate, Options{"back": flat}, ""},
		{inflate, Options{"lean": 1.0, "back": flat}, upright},
		{inflate, Options{"lean": 1.0, "islands": base}, upright},
		{revolve, Options{"wall": 2.0}, ""},
		{revolve, nil, ""},
		{revolve, Options{"wall": 20.0}, full},
		{extrude, Options{"keyring": 5.0}, ""},
		{extrude, Options{"base": 2.0, "margin": 10.0, "border": 6.0}, tight},
	} {
		var notes []string
		in := Input{Subject: painted(200, 200, disc), Options: tt.options, SizeMM: 40, Faces: 4000, Step: func(string, float64) {}}
		in.Note = func(what string, coarser bool) {
			if notes = append(notes, what); coarser {
				t.Errorf("%s with %v is the coarser for it", tt.e.Name, tt.options)
			}
		}
		if _, err := tt.e.Build(t.Context(), in); err != nil {
			t.Errorf("%s with %v: %v", tt.e.Name, tt.options, err)
		}
		if tt.says == "" && notes != nil || tt.says != "" && !slices.Equal(notes, []string{tt.says}) {
			t.Errorf("%s with %v: %q, want %q", tt.e.Name, tt.options, notes, tt.says)
		}
	}
}
