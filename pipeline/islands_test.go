package pipeline

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orfeas/pipeline/engine"
)

// twoIslands is a picture of a red disc and a small green square to the upper right of it, on nothing.
func twoIslands(t *testing.T) string {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 400, 400))
	for y := range 400 {
		for x := range 400 {
			switch {
			case math.Hypot(float64(x)-160, float64(y)-240) < 120:
				img.SetNRGBA(x, y, color.NRGBA{200, 30, 30, 255})
			case x >= 340 && x < 380 && y >= 20 && y < 60:
				img.SetNRGBA(x, y, color.NRGBA{30, 200, 30, 255})
			}
		}
	}
	return drawn(t, img)
}

// drawn writes a picture into a folder of the test's.
func drawn(t *testing.T, img image.Image) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "drawn.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	return path
}

// greens counts the vertices that have more green than red: where the square is, out of all that are there, and elsewhere.
func greens(w *Work) (in, there, elsewhere int) {
	lo, hi := w.Mesh.Bounds()
	for i, v := range w.Mesh.Vertices {
		// Of 340 pixels, from 40 to 380 and from 20 to 360.
		x, y := 340*float64(v[0]-lo[0])/float64(hi[0]-lo[0]), 340*float64(v[2]-lo[2])/float64(hi[2]-lo[2])
		c := w.Mesh.Colors[i]
		switch is, at := c[1] > c[0], min(x, y) > 302; {
		case at && max(x, y) < 338:
			there++
			if is {
				in++
			}
		case is && min(x, y) < 298:
			elsewhere++
		}
	}
	return in, there, elsewhere
}

// TestColoursOfIslands: the colours lie where they are in the picture, whatever becomes of parts that do not touch.
func TestColoursOfIslands(t *testing.T) {
	path := twoIslands(t)
	for islands, parts := range map[string]int{"separate": 2, "largest": 1, "base": 1} {
		s := small()
		s.Engine, s.Options, s.SizeMM = "inflate", engine.Options{"islands": islands}, 50
		w := &Work{Settings: s, Picture: path}
		if err := Run(t.Context(), w, nil); err != nil {
			t.Fatal(err)
		}
		in, there, elsewhere := greens(w)
		wrong := in < there || there < 50
		switch islands {
		case "largest":
			wrong = in > 0 || elsewhere > 0
		case "separate":
			wrong = wrong || elsewhere > 0
		}
		if n := w.Certificate.Components; n != parts || wrong || strings.Contains(strings.Join(w.Notes, " "), "out of place") {
			t.Errorf("%s: %d parts, %d of %d vertices in the square are green and %d elsewhere; %q", islands, n, in, there, elsewhere, w.Notes)
		}
	}
}
