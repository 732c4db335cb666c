//go:build unix

package triposg

import (
	"context"
	"image"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
)

// realFolder names a folder of the released sizes for TestRealSize, the real one or one of random numbers; realSettings
// says how many latents, steps and cells along each side, 512,1,64 unless it does.
const (
	realFolder   = "ORFEAS_TRIPOSG"
	realSettings = "ORFEAS_TRIPOSG_SETTINGS"
)

// TestRealSize runs the released network to its surface and says how long each stage took and how much memory. It takes
// minutes, and runs only where realFolder is set.
func TestRealSize(t *testing.T) {
	folder := os.Getenv(realFolder)
	if folder == "" {
		t.Skip(realFolder + " names no folder")
	}
	s, cells := Settings{Steps: 1, Guidance: 7, Seed: 42, Latents: 512}, 64
	for i, text := range strings.Split(os.Getenv(realSettings), ",") {
		v, err := strconv.Atoi(text)
		if text != "" && err != nil {
			t.Fatal(err)
		}
		if into := []*int{&s.Latents, &s.Steps, &cells}[i]; text != "" {
			*into = v
		}
	}
	n, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	n = n.On(latent.Device{Run: onnx.Options{Threads: 2}, Compute: onnx.F32})
	stage, began := "opening", time.Now()
	lap := func(next string) {
		t.Logf("%-24s %6.2f s, peak %s", stage, time.Since(began).Seconds(), golden.Peak())
		stage, began = next, time.Now()
	}
	img := image.NewNRGBA(image.Rect(0, 0, 400, 400))
	for i := range 400 * 400 {
		if x, y := i%400-200, i/400-200; 9*(x*x+y*y) < 400*400 {
			copy(img.Pix[4*i:], []uint8{uint8(128 + x/2), uint8(128 + y/2), 90, 255})
		}
	}
	latents, err := n.Imagine(context.Background(), img, s, func(text string, _ float64) { lap(text) })
	golden.SkipWithout(t, err)
	lap("reading the latents")
	f, err := n.Field(context.Background(), latents)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lap("asking at 8192 points")
	points, values := make([][3]float32, latent.Chunk), make([]float32, latent.Chunk)
	for i := range points {
		points[i] = [3]float32{at(0.1, i%20), at(0.1, i/20%20), at(0.1, i/400)}
	}
	if err := f.At(context.Background(), points, values); err != nil {
		t.Fatal(err)
	}
	lap("surface")
	t.Logf("logits from %g to %g", slices.Min(values), slices.Max(values))
	m, err := f.Surface(context.Background(), cells+1, latent.Chunk, func(float64) {})
	if err != nil {
		t.Log(err) // random numbers may have none
	} else {
		t.Logf("%d triangles", len(m.Triangles))
	}
	lap("")
}
