package weights

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// reference is the folder of facts and golden vectors beside the repository, or a skip.
func reference(t testing.TB, name string) string {
	t.Helper()
	for _, up := range []string{"../../../shared", "../../../../shared"} {
		p := filepath.Join(up, "reference", name)
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	t.Skip("there is no ../shared/reference")
	return ""
}

func equal(t *testing.T, got, want *Checkpoint) {
	t.Helper()
	if !slices.Equal(got.Names(), want.Names()) {
		t.Fatalf("names are %v, want %v", got.Names(), want.Names())
	}
	for _, name := range want.Names() {
		g, w := got.Tensors[name], want.Tensors[name]
		if g.DType != w.DType || !slices.Equal(g.Shape, w.Shape) {
			t.Errorf("%s: %s%v, want %s%v", name, g.DType, g.Shape, w.DType, w.Shape)
		}
		a, err := g.Read(1 << 30)
		if err != nil {
			t.Fatal(err)
		}
		b, err := w.Read(1 << 30)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s: other bytes", name)
		}
	}
}

func open2(t *testing.T, path string) *Checkpoint {
	t.Helper()
	c, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestReference: torch files hold the same tensors as the .safetensors saved beside them.
func TestReference(t *testing.T) {
	dir := reference(t, "")
	for _, pair := range [][2]string{
		{"triposr/golden/ckpt_formats/mixed.ckpt", "triposr/golden/ckpt_formats/expected.safetensors"},
		{"triposr/golden/ckpt_formats/nested_state_dict.ckpt", "triposr/golden/ckpt_formats/expected.safetensors"},
		{"triposr/golden/e2e/model.ckpt", "triposr/golden/e2e/weights.safetensors"},
		{"triposr/golden/e2e/model_plain_dict.ckpt", "triposr/golden/e2e/weights.safetensors"},
		{"hunyuan3d/golden/e2e_21_moe/model.fp16.ckpt", "hunyuan3d/golden/e2e_21_moe/weights.safetensors"},
	} {
		t.Run(pair[0], func(t *testing.T) {
			equal(t, open2(t, filepath.Join(dir, pair[0])), open2(t, filepath.Join(dir, pair[1])))
		})
	}
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".safetensors" {
			if _, err := Open(path); err != nil {
				t.Error(err)
			}
		}
		return err
	})
}
