package weights

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// reference is the folder of facts and golden vectors beside the repository, or a skip.
func reference(t testing.TB) string {
	t.Helper()
	for _, up := range []string{"../../../shared", "../../../../shared"} {
		p := filepath.Join(up, "reference")
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	t.Skip("there is no ../shared/reference")
	return ""
}

func mustOpen(t testing.TB, path string) *Checkpoint {
	t.Helper()
	c, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// write puts a file into a folder of the test's own.
func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// same checks that two checkpoints hold the same tensors, to the bit.
func same(t *testing.T, got, want *Checkpoint) {
	t.Helper()
	if !slices.Equal(got.Names(), want.Names()) {
		t.Fatalf("names are %v, want %v", got.Names(), want.Names())
	}
	for _, name := range want.Names() {
		g, w := got.Tensors[name], want.Tensors[name]
		if g.DType != w.DType || !slices.Equal(g.Shape, w.Shape) {
			t.Errorf("%s: %s%v, want %s%v", name, g.DType, g.Shape, w.DType, w.Shape)
		}
		a, errA := g.Read(1 << 30)
		b, errB := w.Read(1 << 30)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: other bytes (%v, %v)", name, errA, errB)
		}
	}
}

// TestGolden: torch files hold the same tensors as the .safetensors saved beside them.
func TestGolden(t *testing.T) {
	for _, file := range []string{"mixed.ckpt", "nested_state_dict.ckpt"} {
		t.Run(file, func(t *testing.T) {
			c := mustOpen(t, filepath.Join("testdata", file))
			same(t, c, mustOpen(t, "testdata/expected.safetensors"))
			for name, tensor := range c.Tensors {
				if tensor.Contiguous() != (name != "transposed_view") {
					t.Errorf("%s: contiguous is %v", name, tensor.Contiguous())
				}
			}
		})
	}
}

func TestReference(t *testing.T) {
	dir := reference(t)
	for _, pair := range [][2]string{
		{"triposr/golden/e2e/model.ckpt", "triposr/golden/e2e/weights.safetensors"},
		{"triposr/golden/e2e/model_plain_dict.ckpt", "triposr/golden/e2e/weights.safetensors"},
		{"hunyuan3d/golden/e2e_21_moe/model.fp16.ckpt", "hunyuan3d/golden/e2e_21_moe/weights.safetensors"},
	} {
		t.Run(pair[0], func(t *testing.T) {
			same(t, mustOpen(t, filepath.Join(dir, pair[0])), mustOpen(t, filepath.Join(dir, pair[1])))
		})
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".safetensors" {
			if _, err := Open(path); err != nil {
				t.Error(err)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNotCheckpoints(t *testing.T) {
	legacy, err := os.ReadFile("testdata/legacy_nonzip.ckpt")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		kind error
		says string
	}{
		"empty":       {nil, ErrCorrupt, "empty"},
		"a word":      {[]byte("hi"), ErrUnsupported, "neither"},
		"page":        {[]byte("\n<!DOCTYPE html><html>"), ErrCorrupt, "web page"},
		"pointer":     {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:00"), ErrCorrupt, "LFS"},
		"legacy":      {legacy, ErrUnsupported, "before version 1.6"},
		"tar":         {append(make([]byte, 257), "ustar\x00000000"...), ErrUnsupported, "before version 1.6"},
		"pickle":      {[]byte("\x80\x04\x95xxxxxxxx}."), ErrUnsupported, "bare pickle"},
		"gguf":        {[]byte("GGUF\x03\x00\x00\x00"), ErrUnsupported, "GGUF"},
		"onnx":        {[]byte("\x08\x08\x12\x07pytorch"), ErrUnsupported, "ONNX"},
		"json":        {[]byte(`{"a": 1}`), ErrUnsupported, "weight_map"},
		"empty zip":   {[]byte("PK\x05\x06" + strings.Repeat("\x00", 18)), ErrUnsupported, "neither"},
		"cut-off zip": {[]byte("PK\x03\x04" + strings.Repeat("\x00", 60)), ErrCorrupt, "cut off"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "model", c.data)
			_, err := Open(path)
			if !errors.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.says) || !strings.Contains(fmt.Sprint(err), path) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestDamaged: a file that is cut off anywhere is refused, and no flipped bit makes it break a promise.
func TestDamaged(t *testing.T) {
	for _, file := range []string{"mixed.ckpt", "expected.safetensors"} {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		for n := range data {
			if c := tryDirectory(t, data[:n]); c != nil {
				t.Fatalf("%s is read though cut off at %d", file, n)
			}
		}
		for i := range data {
			data[i] ^= 1 << (i % 8)
			tryDirectory(t, data)
			data[i] ^= 1 << (i % 8)
		}
	}
}

// tryDirectory holds any bytes to the promises of Open; it returns nil when they are refused.
func tryDirectory(t *testing.T, data []byte) *Checkpoint {
	t.Helper()
	c, err := directory(bytes.NewReader(data), int64(len(data)), "none", false)
	if err == nil {
		hold(t, c, int64(len(data)))
	} else if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrUnsupported) {
		t.Fatalf("an error of no kind: %v", err)
	}
	return c
}

// hold checks what every checkpoint in one file promises.
func hold(t *testing.T, c *Checkpoint, size int64) {
	t.Helper()
	for name, v := range c.Tensors {
		if v.Name != name || v.Offset < 0 || v.Length < 0 || v.Offset+v.Length > size {
			t.Fatalf("%+v lies outside its file of %d bytes", v, size)
		}
		if v.Contiguous() && v.Length != v.Count()*v.DType.Size() {
			t.Fatalf("%+v has the wrong length", v)
		}
		if !v.Contiguous() && len(v.Strides) != len(v.Shape) {
			t.Fatalf("%+v has the wrong strides", v)
		}
		if want := sizeOf(v.Shape, v.DType.Size()); !v.Contiguous() && want < 1<<16 {
			if got := gather(make([]byte, v.Length), v.Shape, v.Strides, v.DType.Size()); int64(len(got)) != want {
				t.Fatalf("%+v read as %d bytes", v, len(got))
			}
		}
	}
}

func TestExpect(t *testing.T) {
	c := mustOpen(t, "testdata/expected.safetensors")
	for _, e := range []struct {
		shapes map[string][]int64
		kind   error
		says   string
	}{
		{map[string][]int64{"f32": {3, 5}, "scalar0d": {}}, nil, "nil"},
		{map[string][]int64{"f32": {3, 5}, "z": {1}, "a": {2}}, ErrMissing, "2 of 3: a, z"},
		{map[string][]int64{"f32": {5, 3}, "u8": {8}}, ErrShape, "f32 is [3 5], not [5 3]; u8 is [9], not [8]"},
	} {
		if err := c.Expect(e.shapes); !errors.Is(err, e.kind) || !strings.Contains(fmt.Sprint(err), e.says) {
			t.Errorf("%v: %v", e.shapes, err)
		}
	}
	if u := c.Under("shared_"); !slices.Equal(u.Names(), []string{"a", "view_rows2to5"}) || u.Tensors["a"].Name != "a" {
		t.Errorf("under shared_: %v", u.Names())
	}
}

func TestFloats(t *testing.T) {
	c := mustOpen(t, "testdata/expected.safetensors")
	for name, n := range map[string]int{"f32": 15, "f16": 12, "bf16": 12, "empty": 0, "scalar0d": 1, "transposed_view": 48} {
		if v, err := c.Tensors[name].Floats(1 << 10); err != nil || len(v) != n {
			t.Errorf("%s: %d numbers, %v", name, len(v), err)
		}
	}
	if _, err := c.Tensors["i64"].Floats(1 << 10); !errors.Is(err, ErrUnsupported) {
		t.Errorf("whole numbers as floats: %v", err)
	}
	if _, err := c.Tensors["f16"].Floats(47); err == nil {
		t.Error("48 bytes are within a limit of 47")
	}
	if _, err := c.Tensors["f32"].Read(59); err == nil {
		t.Error("60 bytes are within a limit of 59")
	}
}

// TestHalf compares all 65536 halves with the definition, (-1)^s 2^(e-15) (1+f/1024).
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		s, e, f := h>>15, h>>10&31, float64(h&1023)
		want := math.Ldexp(1+f/1024, e-15)
		switch {
		case e == 0:
			want = math.Ldexp(f/1024, -14)
		case e == 31 && f == 0:
			want = math.Inf(1)
		case e == 31:
			want = math.NaN()
		}
		if s == 1 {
			want = math.Copysign(want, -1)
		}
		if got := float64(half(uint16(h))); math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("%#04x is %v, want %v", h, got, want)
		}
	}
}
