package picture

import (
	"context"
	"encoding/json"
	"image"
	"os"
	"path/filepath"
	"testing"
)

// evaluation finds pictures with true masks; they are not part of the project.
func evaluation(t testing.TB) string {
	dir := os.Getenv("ORFEAS_EVAL")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "eval", "dev")
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err != nil {
		t.Skip("no evaluation pictures: set ORFEAS_EVAL to their folder")
	}
	return dir
}

// TestCutAgainstMasks holds the cut-out to the silhouette intersection-over-union it reaches on pictures with known masks.
func TestCutAgainstMasks(t *testing.T) {
	dir := evaluation(t)
	data, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		Cases []struct{ ID, Kind, Variant, Image, Mask string }
	}
	if err := json.Unmarshal(data, &set); err != nil {
		t.Fatal(err)
	}
	sum, n := map[string]float64{}, map[string]int{}
	for _, c := range set.Cases {
		if c.Mask == "" {
			continue
		}
		ctx := context.Background()
		p, err := Load(ctx, filepath.Join(dir, c.Image))
		if err != nil {
			t.Fatal(err)
		}
		truth, err := Load(ctx, filepath.Join(dir, c.Mask))
		if err != nil {
			t.Fatal(err)
		}
		group := c.Kind + "/" + c.Variant
		n[group]++
		s, err := Cut(ctx, p, CutOptions{MaxSide: 1 << 20}, nil)
		if err != nil {
			t.Logf("%-28s %v", c.ID, err)
			continue
		}
		iou := overlap(s, truth.Image)
		sum[group] += iou
		t.Logf("%-28s %.3f  %s", c.ID, iou, s.How)
	}
	for _, floor := range []struct {
		group string
		mean  float64
	}{{"object/rgba", 0.99}, {"object/white", 0.985}, {"object/scene", 0.77}, {"flat/", 0.98}} {
		mean := sum[floor.group] / float64(n[floor.group])
		t.Logf("%s: mean %.4f of %d", floor.group, mean, n[floor.group])
		if mean < floor.mean {
			t.Errorf("%s: mean intersection over union %.3f, want %.3f", floor.group, mean, floor.mean)
		}
	}
}

func overlap(s *Subject, truth *image.NRGBA) float64 {
	both, either := 0, 0
	for y := range truth.Rect.Dy() {
		for x := range truth.Rect.Dx() {
			a := s.Matte.GrayAt(x-s.Crop.Min.X, y-s.Crop.Min.Y).Y >= 128
			b := truth.Pix[truth.PixOffset(x, y)] >= 128
			if a && b {
				both++
			}
			if a || b {
				either++
			}
		}
	}
	return float64(both) / float64(max(either, 1))
}
