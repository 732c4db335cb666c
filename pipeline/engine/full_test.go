package engine

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
)

// TestFull: a GPU, for which the CPU stands in, has too little memory for a part of the network, when that is loaded or when it
// is run. What steps down says so, and the shape is the same but where it says that it is coarser; where nothing can, the error
// says that the memory is full, with which a job goes on with the processor from the beginning.
func TestFull(t *testing.T) {
	e := tinyHunyuan(t, hunyuanVariant{steps: 4, turbo: true}, "e2e_mini_turbo", nil)
	const (
		loads, runs = false, true
		looked      = "the picture was looked at with the processor, for want of memory of cuda"
		read        = "what came out was read with the processor, for want of memory of cuda"
	)
	build := func(o Options, full func(part string, runs bool) bool) (m *mesh.Mesh, notes []string, coarser bool, err error) {
		in := Input{
			Subject: painted(60, 60, annulus), SizeMM: 80, Options: o,
			Step: func(string, float64) {},
			Note: func(what string, c bool) { notes, coarser = append(notes, what), coarser || c },
			On: &onnx.Choice{Provider: onnx.CUDA, Compute: onnx.F32, StandIn: func(part string, runs bool) error {
				if full(part, runs) {
					return fmt.Errorf("%w: %s", onnx.ErrOutOfMemory, part)
				}
				return nil
			}},
		}
		m, err = e.Build(t.Context(), in)
		return m, notes, coarser, err
	}
	want, notes, _, err := build(nil, func(string, bool) bool { return false })
	if err != nil || len(notes) > 0 {
		t.Fatal(notes, err)
	}
	for _, tt := range []struct {
		part  string // by its output
		runs  bool
		times int // it is full; 0 for always
		notes []string
		fails bool
	}{
		{"tokens", loads, 0, []string{looked}, false},
		{"tokens", runs, 0, []string{looked}, false},
		{"projected", loads, 0, nil, true},
		{"projected", runs, 0, nil, true},
		{"flow", loads, 0, nil, true},
		{"flow", runs, 0, nil, true},
		{"keys", loads, 0, []string{read}, false},
		{"keys", runs, 0, []string{read}, false},
		{"logits", loads, 0, []string{read}, false},
		{"logits", runs, 1, []string{"the surface was found 4096 points at a time instead of 8192, for want of memory"}, false},
		{"logits", runs, 3, []string{"the surface was found 1024 points at a time instead of 8192, for want of memory"}, false},
		{"logits", runs, 0, []string{read}, false},
	} {
		left := tt.times
		m, notes, coarser, err := build(nil, func(part string, runs bool) bool {
			if part != tt.part || runs != tt.runs {
				return false
			}
			left--
			return tt.times == 0 || left >= 0
		})
		name := fmt.Sprintf("%s, run %v, %d times", tt.part, tt.runs, tt.times)
		if tt.fails {
			if !errors.Is(err, onnx.ErrOutOfMemory) || !strings.Contains(err.Error(), "transformer") {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || !slices.Equal(notes, tt.notes) || coarser || !reflect.DeepEqual(m, want) {
			t.Errorf("%s: %q, coarser %v, the same mesh %v: %v", name, notes, coarser, reflect.DeepEqual(m, want), err)
		}
	}
	near := Options{"attention": nearAttention.Name}
	m, notes, coarser, err := build(near, func(part string, runs bool) bool { return part == "queries" })
	if same, _, _, err2 := build(near, func(string, bool) bool { return false }); err != nil || err2 != nil || !slices.Equal(notes, []string{read}) || coarser || !reflect.DeepEqual(m, same) {
		t.Errorf("near: %q, %v, %v", notes, err, err2)
	}
}
