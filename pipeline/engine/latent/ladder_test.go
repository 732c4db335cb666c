package latent

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/onnx"
)

// TestFit: for want of memory pieces become smaller first, then the grid coarser; what was changed is said, and what is no
// want of memory is an error.
func TestFit(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		room int // samples times points that the memory is good for
		err  error
		want []string
		said string

		least int
		noted string
	}{
		{1 << 30, nil, []string{"257 4096"}, "257³ samples", LeastSamples, ""},
		{257 * 2048, nil, []string{"257 4096", "257 2048"}, "2048 points at a time for want of memory", LeastSamples,
			"the surface was found 2048 points at a time instead of 4096, for want of memory"},
		{100 * 1024, nil, []string{"257 4096", "257 2048", "257 1024", "128 1024", "64 1024"}, "fewer than asked for", LeastSamples,
			"the surface was found in 64³ samples instead of 257³, 1024 points at a time instead of 4096, for want of memory"},
		{100 * 1024, onnx.ErrOutOfMemory, []string{"257 4096", "257 2048", "257 1024"}, "", 257, ""},
		{0, onnx.ErrOutOfMemory, []string{"257 4096", "257 2048", "257 1024", "128 1024", "64 1024"}, "", LeastSamples, ""},
		{-1, broken, []string{"257 4096"}, "", LeastSamples, ""},
	} {
		var tried []string
		said, noted := "", ""
		note := func(coarser bool, format string, args ...any) {
			if noted = fmt.Sprintf(format, args...); coarser != strings.Contains(noted, "samples instead of") {
				t.Errorf("%q makes it coarser: %v", noted, coarser)
			}
		}
		_, err := fit(257, 4096, tt.least, func(text string, _ float64) { said = text }, note, func(samples, chunk int, step func(float64)) (*mesh.Mesh, error) {
			tried = append(tried, fmt.Sprint(samples, chunk))
			switch {
			case tt.room < 0:
				return nil, broken
			case samples*chunk > tt.room:
				return nil, fmt.Errorf("decoder: %w", onnx.ErrOutOfMemory)
			}
			step(1)
			return &mesh.Mesh{}, nil
		})
		if !errors.Is(err, tt.err) || !slices.Equal(tried, tt.want) || !strings.Contains(said, tt.said) || noted != tt.noted {
			t.Errorf("room for %d: %v, tried %v, said %q, noted %q", tt.room, err, tried, said, noted)
		}
	}
}
