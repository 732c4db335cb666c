package hunyuan

import (
	"path/filepath"
	"testing"

	"orfeas/pipeline/engine/golden"
	"orfeas/pipeline/engine/latent"
	"orfeas/pipeline/onnx"
)

// viewsCase is what the official code made of pictures of several sides; tools/compare/views.py wrote it.
func viewsCase(t *testing.T) (golden.Case, *Network) {
	t.Helper()
	c := golden.Open(t, filepath.Join("testdata", "golden", "cond_views"))
	var config struct{ Conditioner Conditioner }
	c.Config(t, &config)
	n := &Network{device: latent.Device{Compute: onnx.F32}, vision: c.Weights.Under("main_image_encoder.model.")}
	n.config.Conditioner.Params = config.Conditioner
	return c, n
}

// TestViews holds the tokens of one, two, three and four views to those of the official code, whichever sides they are of.
func TestViews(t *testing.T) {
	c, n := viewsCase(t)
	if n.config.views() != 4 {
		t.Fatalf("it has %d views", n.config.views())
	}
	all := golden.Read(t, c.Inputs, "image")
	size := all.Shape[2]
	see := func(side int) view {
		x := golden.One(all, side).Data
		rows := make([]float32, len(x))
		for i, x := range x {
			rows[i%(size*size)*3+i/(size*size)] = (x + 1) / 2
		}
		return view{side, normalised(rows, size, n.config.side())}
	}
	for name, sides := range map[string][]int{
		"front": {Front}, "front_back": {Front, Back}, "front_right": {Front, Right},
		"front_left_back": {Front, Left, Back}, "all": {Front, Left, Back, Right},
	} {
		var views []view
		for _, side := range sides {
			views = append(views, see(side))
		}
		var shares []float64
		tokens, err := n.look(t.Context(), views, func(_ string, f float64) { shares = append(shares, f) })
		golden.SkipWithout(t, err)
		c.Check(t, name, tokens.Data)
		if want := golden.Read(t, c.Expected, name).Shape; tokens.Shape[0] != want[0] || tokens.Shape[1] != want[1] {
			t.Errorf("%s: %v tokens, not %v", name, tokens.Shape, want)
		}
		if len(shares) < len(sides) || shares[0] != 0 || shares[len(shares)-1] >= 1 {
			t.Errorf("%s: progress is %v", name, shares)
		}
		for i := range shares[1:] {
			if shares[i+1] < shares[i] {
				t.Errorf("%s: progress falls: %v", name, shares)
			}
		}
	}
}

// TestWithoutViews: what is left out where nothing is seen, of the tokens of three views, changes nothing.
func TestWithoutViews(t *testing.T) {
	for _, name := range []string{"dit20_tiny", "dit21_moe_tiny"} {
		c := golden.Open(t, golden.Reference(t, "hunyuan3d", "golden", name))
		var config Model
		c.Config(t, &config)
		config.MoETop = max(config.MoETop, usualTop)
		f, err := flowOf(c.Weights, config)
		if err != nil {
			t.Fatal(err)
		}
		x, one := golden.Read(t, c.Inputs, "x"), golden.One(golden.Read(t, c.Inputs, "cond"), 0)
		tokens := onnx.Tensor{Shape: []int{3 * one.Shape[0], one.Shape[1]}}
		for view := range 3 {
			for i, v := range one.Data {
				tokens.Data = append(tokens.Data, v*float32(1+view)+float32(i%7*view))
			}
		}
		inputs := func(tokens onnx.Tensor) []onnx.Tensor {
			if s, ok := f.(Stream); ok {
				return []onnx.Tensor{golden.One(x, 0), tokens, s.waves(0.3)}
			}
			p := f.(latent.Transformer)
			return []onnx.Tensor{golden.One(x, 0), {Shape: []int{1, p.Width}, Data: latent.Sinusoid(300, p.Width, 10000)}, tokens}
		}
		pass := func(guide bool, tokens onnx.Tensor) []float32 {
			g := onnx.NewGraph(c.Weights, onnx.F32)
			g.Output("out", f.Whole(g, x.Shape[1], tokens.Shape[0], guide))
			out, err := latent.Device{Compute: onnx.F32}.Pass(t.Context(), g, inputs(tokens)...)
			golden.SkipWithout(t, err)
			return out[0].Data
		}
		both := pass(true, tokens)
		half := len(both) / 2
		zeros := onnx.Tensor{Shape: tokens.Shape, Data: make([]float32, len(tokens.Data))}
		golden.Near(t, name+", with the views", both[:half], pass(false, tokens), golden.Tolerance{Atol: 1e-5, Rtol: 1e-5})
		golden.Near(t, name+", without", both[half:], pass(false, zeros), golden.Tolerance{Atol: 1e-5, Rtol: 1e-5})
		fewer := onnx.Tensor{Shape: one.Shape, Data: make([]float32, len(one.Data))}
		if _, many := (golden.Tolerance{Atol: 1e-5}).Off(pass(false, fewer), both[half:]); many == 0 && name == "dit20_tiny" {
			t.Errorf("%s: how many tokens there are is of no account, so that this proves nothing", name)
		}
	}
}
