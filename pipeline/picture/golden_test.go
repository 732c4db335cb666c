package picture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// helperCase is what a helper network made of a picture.
type helperCase struct {
	Model     struct{ File string }
	Tolerance map[string]struct {
		Atol, Rtol float64
		Mean       float64 `json:"mean_abs"`
	}
	network          string // its file, on this machine
	inputs, expected *weights.Checkpoint
}

// TestGolden runs the cases of helper networks under ../shared/reference/triposr/golden, or under the folder that
// ORFEAS_GOLDEN names, with the networks under ../shared.
func TestGolden(t *testing.T) {
	root := os.Getenv("ORFEAS_GOLDEN")
	if root == "" {
		if root = upward(t, filepath.Join("shared", "reference", "triposr", "golden")); root == "" {
			t.Skip("there is no reference beside the repository, and ORFEAS_GOLDEN names none")
		}
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "manifest.json" {
			return err
		}
		c, ok := openHelper(t, filepath.Dir(path))
		if !ok {
			return nil
		}
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			if c.network == "" {
				t.Skipf("there is no %s beside the repository", c.Model.File)
			}
			if _, ok := c.expected.Tensors["mask_full"]; ok {
				c.cut(t)
			} else {
				c.depth(t)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// upward finds a path beside the repository, or "".
func upward(t *testing.T, path string) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, path)); err == nil {
			return filepath.Join(dir, path)
		}
	}
	return ""
}

func openHelper(t *testing.T, folder string) (c helperCase, ok bool) {
	data, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if json.Unmarshal(data, &c) != nil || !strings.HasSuffix(c.Model.File, ".onnx") {
		return c, false
	}
	c.network = upward(t, filepath.Join("shared", filepath.FromSlash(c.Model.File)))
	if c.inputs, err = weights.Open(filepath.Join(folder, "inputs.safetensors")); err != nil {
		t.Fatal(err)
	}
	if c.expected, err = weights.Open(filepath.Join(folder, "expected.safetensors")); err != nil {
		t.Fatal(err)
	}
	return c, true
}

func bytesOf(t *testing.T, tensor weights.Tensor) []uint8 {
	t.Helper()
	raw, err := tensor.Read(1 << 28)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// picture is a tensor [h, w, 3].
func (c helperCase) picture(t *testing.T) *image.NRGBA {
	t.Helper()
	x := c.inputs.Tensors["image_rgb"]
	img := image.NewNRGBA(image.Rect(0, 0, int(x.Shape[1]), int(x.Shape[0])))
	for i, v := range bytesOf(t, x) {
		img.Pix[i/3*4+i%3], img.Pix[i/3*4+3] = v, 255
	}
	return img
}

// resized is the tensor that begins with resized, [h, w, 3].
func (c helperCase) resized(t *testing.T) weights.Tensor {
	t.Helper()
	for _, name := range c.inputs.Names() {
		if strings.HasPrefix(name, "resized") {
			return c.inputs.Tensors[name]
		}
	}
	t.Fatal("the case has no resized picture")
	return weights.Tensor{}
}

func skipWithout(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, onnx.ErrNoLibrary) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (c helperCase) cut(t *testing.T) {
	img, small := c.picture(t), c.resized(t)
	cutter := Cutters[0]
	cutter.Side = int(small.Shape[0])
	got := lanczos(rgbOf(img), img.Rect.Dx(), img.Rect.Dy(), 3, cutter.Side, cutter.Side)
	if !bytes.Equal(got, bytesOf(t, small)) {
		t.Error("the resized picture is another")
	}
	shape := []int{1, 3, cutter.Side, cutter.Side}
	raw, err := runFile(context.Background(), c.network, onnx.Tensor{Shape: shape, Data: cutter.normalised(got)})
	skipWithout(t, err)
	want, err := c.expected.Tensors["output0"].Floats(1 << 28)
	if err != nil {
		t.Fatal(err)
	}
	c.near(t, "output0", raw.Data, want)

	// What follows is exact, when it begins with the same map.
	mask, err := cutter.stretched(want)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "mask of the map given, rounded to F16", mask, bytesOf(t, c.expected.Tensors["mask_320"]), 1)
	given := bytesOf(t, c.expected.Tensors["mask_320"])
	full := lanczos(given, cutter.Side, cutter.Side, 1, img.Rect.Dx(), img.Rect.Dy())
	within(t, "mask at the picture's size", full, bytesOf(t, c.expected.Tensors["mask_full"]), 0)

	matte, err := cutter.Matte(context.Background(), c.network, img)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for i, w := range bytesOf(t, c.expected.Tensors["mask_full"]) {
		sum += math.Abs(float64(matte.Pix[i]) - float64(w))
	}
	if mean := sum / float64(len(matte.Pix)); !(mean <= c.Tolerance["mask_full"].Mean) {
		t.Errorf("the matte is off by %.2f on average", mean)
	} else {
		t.Logf("the matte is off by %.4f of 255 on average", mean)
	}
}

func (c helperCase) depth(t *testing.T) {
	small := c.resized(t)
	h, w := int(small.Shape[0]), int(small.Shape[1])
	e := Estimator{Name: "test", width: w, height: h}
	rgb := bytesOf(t, small)
	raw, err := runFile(context.Background(), c.network, onnx.Tensor{Shape: []int{1, 3, h, w}, Data: e.input(rgb, w, h, w, h)})
	skipWithout(t, err)
	want, err := c.expected.Tensors["output"].Floats(1 << 28)
	if err != nil {
		t.Fatal(err)
	}
	c.near(t, "output", raw.Data, want)

	img := c.picture(t)
	m, err := e.Nearness(context.Background(), c.network, img)
	if err != nil {
		t.Fatal(err)
	}
	if m.Rect != img.Rect {
		t.Errorf("a map of %v for a picture of %v", m.Rect, img.Rect)
	}
	var samples []uint16
	for i := 0; i < len(m.Pix); i += 2 {
		samples = append(samples, uint16(m.Pix[i])<<8|uint16(m.Pix[i+1]))
	}
	// The corners are samples of the small map; its largest can lie between those of the large one.
	if lo, hi := slices.Min(samples), slices.Max(samples); lo > 2000 || hi < 63000 {
		t.Errorf("the map goes from %d to %d", lo, hi)
	}
}

func (c helperCase) near(t *testing.T, name string, got, want []float32) {
	t.Helper()
	tol, worst, off := c.Tolerance[name], 0.0, 0
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, not %d", name, len(got), len(want))
	}
	for i, w := range want {
		d := math.Abs(float64(got[i] - w))
		if worst = max(worst, d); !(d <= tol.Atol+tol.Rtol*math.Abs(float64(w))) {
			off++
		}
	}
	t.Logf("%s off by %.2g at most, %.2g allowed", name, worst, tol.Atol)
	if off > 0 {
		t.Errorf("%s: %d of %d numbers are off", name, off, len(want))
	}
}

func within(t *testing.T, what string, got, want []uint8, tolerance int) {
	t.Helper()
	worst := 0
	for i := range want {
		worst = max(worst, int(got[i])-int(want[i]), int(want[i])-int(got[i]))
	}
	t.Logf("%s off by %d at most, %d allowed", what, worst, tolerance)
	if worst > tolerance || len(got) != len(want) {
		t.Errorf("%s is off by %d", what, worst)
	}
}

// TestCutWithNetwork goes through the whole cut: the reference's picture shows a ball.
func TestCutWithNetwork(t *testing.T) {
	network := upward(t, filepath.Join("shared", "models", "u2netp-fp16.onnx"))
	folder := upward(t, filepath.Join("shared", "reference", "triposr", "golden", "helper_u2netp_fp16"))
	if network == "" || folder == "" {
		t.Skip("there is no network beside the repository")
	}
	c, ok := openHelper(t, folder)
	if !ok {
		t.Fatal("the case cannot be read")
	}
	o := CutOptions{Network: &CutNetwork{Cutters[0], network, true}}
	s, err := Cut(context.Background(), &Picture{Image: c.picture(t)}, o, nil)
	skipWithout(t, err)
	box := Covered(s.Matte)
	if !strings.Contains(s.How, "U²-Net") || math.Abs(float64(box.Dx())/float64(box.Dy())-1) > 0.03 || box.Dx() < 100 {
		t.Errorf("%s: a box of %v", s.How, box)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Cut(ctx, &Picture{Image: c.picture(t)}, o, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestCutterSeesNothing: in pictures without an object the network makes none up.
func TestCutterSeesNothing(t *testing.T) {
	network := upward(t, filepath.Join("shared", "models", "u2netp-fp16.onnx"))
	if network == "" {
		t.Skip("there is no network beside the repository")
	}
	for name, value := range map[string]uint8{"black": 0, "grey": 128, "white": 255} {
		img := image.NewNRGBA(image.Rect(0, 0, 120, 90))
		for i := range img.Pix {
			if img.Pix[i] = value; i%4 == 3 {
				img.Pix[i] = 255
			}
		}
		_, err := Cutters[0].Matte(context.Background(), network, img)
		if errors.Is(err, onnx.ErrNoLibrary) {
			t.Skip(err)
		}
		if !errors.Is(err, ErrNoSubject) {
			t.Errorf("%s: %v", name, err)
		} else {
			t.Log(name, err)
		}
	}
}

func TestDepthAnythingLooks(t *testing.T) {
	for size, want := range map[[2]int][2]int{
		{518, 518}: {518, 518}, {1000, 1000}: {518, 518}, {1920, 1080}: {924, 518}, {480, 640}: {518, 686}, {100, 10000}: {518, longestLook},
	} {
		if w, h := DepthAnything.look(size[0], size[1]); [2]int{w, h} != want {
			t.Errorf("%v is looked at as %d x %d, not %v", size, w, h, want)
		}
	}
}

// TestBicubic: between two samples it is their mean, on a slope; elsewhere it is what the kernel says; nothing changes
// at the same size.
func TestBicubic(t *testing.T) {
	x := make([]float32, 20*10)
	for i := range x {
		x[i] = float32(i % 20)
	}
	if got := bicubic(x, 20, 10, 1, 20, 10); !slices.Equal(got, x) {
		t.Error("the same size changed it")
	}
	half, double := bicubic(x, 20, 10, 1, 10, 5), bicubic(x, 20, 10, 1, 40, 25)
	for i := 1; i < 9; i++ {
		if want := 2*float32(i) + 0.5; half[2*10+i] != want {
			t.Errorf("half the size, at %d: %g, not %g", i, half[2*10+i], want)
		}
	}
	for i := 6; i < 34; i++ {
		// A = -0.75 bends a slope by 3/64 of a step a quarter of the way between samples.
		bend := 3. / 64
		if i%2 == 0 {
			bend = -bend
		}
		if want := (float64(i)+0.5)/2 - 0.5 + bend; math.Abs(float64(double[7*40+i])-want) > 1e-5 {
			t.Errorf("double the size, at %d: %g, not %g", i, double[7*40+i], want)
		}
	}
}
