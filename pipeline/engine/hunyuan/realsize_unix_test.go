//go:build unix

package hunyuan

import (
	"image"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/engine/latent"
)

// realFolder names a folder of the released sizes for TestRealSize, the real one or one of random numbers; realSettings
// says in how many steps and cells along each side, 5,256 unless it does.
const (
	realFolder   = "ORFEAS_HUNYUAN3D"
	realSettings = "ORFEAS_HUNYUAN3D_SETTINGS"
	realNear     = "ORFEAS_HUNYUAN3D_NEAR"  // set for the decoder with the latents that matter most
	realViews    = "ORFEAS_HUNYUAN3D_VIEWS" // set for a picture of every side that the network knows
)

// TestRealSize runs a released network to its surface and says how long each stage took, how that compares with plain
// products of matrices, and how much memory it took. It takes minutes, and runs only where realFolder is set.
func TestRealSize(t *testing.T) {
	folder := os.Getenv(realFolder)
	if folder == "" {
		t.Skip(realFolder + " names no folder")
	}
	steps, cells := 5, 256
	if a, b, ok := strings.Cut(os.Getenv(realSettings), ","); ok {
		var err1, err2 error
		steps, err1 = strconv.Atoi(a)
		cells, err2 = strconv.Atoi(b)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
	}
	kind := Turbo
	if _, err := Open(folder, kind); err != nil {
		kind = Standard
	}
	n, err := Open(folder, kind)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v, %s decoder", n.flow, kind)
	s := Settings{Steps: steps, Guidance: 5, Seed: 42}
	before := golden.Product(t)
	spent, stage, began := map[string]golden.Effort{}, "opening", golden.Now()
	lap := func(next string) {
		e := golden.Now().Since(began)
		t.Logf("%-24s %7.2f s, %7.2f s of processors, peak %s", stage, e.Clock, e.Processor, golden.Peak())
		name, _, _ := strings.Cut(stage, " ")
		spent[name] = golden.Effort{Clock: spent[name].Clock + e.Clock, Processor: spent[name].Processor + e.Processor}
		stage, began = next, golden.Now()
	}
	img := image.NewNRGBA(image.Rect(0, 0, 400, 400))
	for i := range 400 * 400 {
		if x, y := i%400-200, i/400-200; 9*(x*x+y*y) < 400*400 {
			copy(img.Pix[4*i:], []uint8{uint8(128 + x/2), uint8(128 + y/2), 90, 255})
		}
	}
	pictures := Pictures{Front: img}
	views := 1
	if os.Getenv(realViews) != "" {
		for views = range n.config.views() {
			pictures[views] = img
		}
		views++
	}
	latents, err := n.Imagine(t.Context(), pictures, s, func(text string, _ float64) { lap(text) })
	golden.SkipWithout(t, err)
	lap("reading the latents")
	f, err := n.Field(t.Context(), latents, os.Getenv(realNear) != "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lap("asking at points")
	points, values := make([][3]float32, 4*latent.Chunk), make([]float32, 4*latent.Chunk)
	for i := range points {
		for k := range points[i] {
			points[i][k] = Radius * (2*rand.Float32() - 1)
		}
	}
	for from := 0; from < len(points); from += latent.Chunk {
		if err := f.At(t.Context(), points[from:][:latent.Chunk], values[from:][:latent.Chunk]); err != nil {
			t.Fatal(err)
		}
	}
	lap("surface")
	t.Logf("logits from %g to %g", slices.Min(values), slices.Max(values))
	m, err := f.Surface(t.Context(), cells+1, latent.Chunk, func(float64) {})
	if err != nil {
		t.Log(err) // random numbers may have none
	} else {
		t.Logf("%d triangles", len(m.Triangles))
	}
	lap("")
	after := golden.Product(t)
	t.Logf("plain products: %.0f and %.0f GFLOP/s, %.0f and %.0f per second of a processor", before.Clock, after.Clock, before.Processor, after.Processor)
	look, step := n.products(s, views)
	all := map[string]float64{"looking": 2 * look / 1e9, "denoising": 2 * step * float64(len(n.config.Scheduler.steps(steps))) / 1e9}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		e, plain := spent[name], max(before.Processor, after.Processor)
		t.Logf("%-12s %.0f GFLOP, with loading %.0f GFLOP/s; %.0f per second of a processor, %.0f %% of the plain product",
			name, all[name], all[name]/e.Clock, all[name]/e.Processor, 100*all[name]/e.Processor/plain)
	}
}
