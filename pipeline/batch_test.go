package pipeline

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"orfeas/gpu"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/weights"
)

// The engines whose networks [smallNetwork] puts there, of one view and of several.
const (
	tiny      = "hunyuan3d-2-turbo"
	tinyViews = "hunyuan3d-2mv-turbo"
)

// smallNetwork puts the reference's smallest network of Hunyuan3D where the user's networks are kept, under the name of one
// that is told by its tensors alone, and has these processes and their workers find it.
func smallNetwork(t *testing.T, name string) Settings {
	t.Helper()
	if _, err := onnx.Library(); err != nil {
		t.Skip(err)
	}
	golden := filepath.Join("..", "..", "shared", "reference", "hunyuan3d", "golden")
	if _, err := os.Stat(golden); err != nil {
		t.Skip("the reference lies not beside the project:", err)
	}
	dir := t.TempDir()
	t.Setenv("ORFEAS_MODELS", dir)
	var flat, params map[string]any
	for name, into := range map[string]*map[string]any{"e2e_mini_turbo": &flat, "vae_turbo_tiny": &params} {
		data, err := os.ReadFile(filepath.Join(golden, name, "manifest.json"))
		manifest := struct{ Config any }{into}
		if err == nil {
			err = json.Unmarshal(data, &manifest)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	config := map[string]any{"image_processor": map[string]any{"params": flat["image_processor"]},
		"scheduler": map[string]any{"target": "x." + flat["scheduler"].(string), "params": map[string]any{"num_train_timesteps": 1000, "pcm_timesteps": 100}}}
	for _, part := range []string{"model", "vae", "conditioner"} {
		config[part] = map[string]any{"params": flat[part]}
	}
	main := "hunyuan3d-dit-v2-0-turbo"
	if name == tinyViews {
		main = "hunyuan3d-dit-v2-mv-turbo"
		flat["conditioner"].(map[string]any)["main_image_encoder"].(map[string]any)["type"] = "DinoImageEncoderMV"
	}
	for folder, part := range map[string]struct {
		config any
		from   string
		extra  string
	}{
		main:                       {config, "e2e_mini_turbo", "model.double_blocks.15.img_mod.lin.weight"},
		"hunyuan3d-vae-v2-0-turbo": {map[string]any{"params": params}, "vae_turbo_tiny", ""},
	} {
		to := filepath.Join(dir, name, folder)
		text, err := json.Marshal(part.config)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(golden, part.from, "weights.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if part.extra != "" {
			data = withTensor(t, data, part.extra)
		}
		if err := os.MkdirAll(to, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{"config.yaml": text, "model.fp16.safetensors": data} {
			if err := os.WriteFile(filepath.Join(to, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	n, err := weights.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&weights.Library{Dir: dir}).Verify(t.Context(), n, func(weights.Progress) {}); err != nil {
		t.Fatal(err)
	}
	s := few()
	s.Engine, s.Options, s.Cutout, s.Texture = name, engine.Options{"resolution": 64.0}, ByColours, NoTexture
	if err := s.Missing(); err != nil {
		t.Fatal(err)
	}
	return s
}

// withTensor is a safetensors file with one more tensor, of one number.
func withTensor(t *testing.T, data []byte, name string) []byte {
	t.Helper()
	n := binary.LittleEndian.Uint64(data)
	var header map[string]any
	if err := json.Unmarshal(data[8:8+n], &header); err != nil {
		t.Fatal(err)
	}
	rest := data[8+n:]
	header[name] = map[string]any{"dtype": "F16", "shape": []int{1}, "data_offsets": []int{len(rest), len(rest) + 2}}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	return append(append(append(out, text...), rest...), 0, 0)
}

// TestBatchSize: as many as the user says, or the usual number on a GPU, where one fits; alone where not even the least does.
func TestBatchSize(t *testing.T) {
	on := func(c onnx.Choice, ladder []engine.Rung) []engine.Rung {
		for i := range ladder {
			ladder[i].On, ladder[i].Need.InTurn = c, true
		}
		return ladder
	}
	cuda, cpu := onnx.Choice{Provider: onnx.CUDA, Compute: onnx.F16}, onnx.Choice{Provider: onnx.CPU, Compute: onnx.F32}
	for _, tt := range []struct {
		name  string
		said  int
		on    onnx.Choice
		probe gpu.Probe
		limit uint64
		want  int
	}{
		{"a GPU", 0, cuda, card(24, 23), 0, UsualBatch},
		{"the user says", 3, cuda, card(24, 23), 0, 3},
		{"the user wants none", 1, cuda, card(24, 23), 0, 1},
		{"with less it fits", 0, cuda, card(8, 5), 0, UsualBatch},
		{"nothing fits", 0, cuda, card(8, 1), 0, 1},
		{"the user grants too little", 5, cuda, card(24, 23), 1 << 20, 1},
		{"nobody knows how large it is", 0, cuda, func() ([]gpu.Device, error) { return nil, gpu.ErrNoNVIDIA }, 0, UsualBatch},
		{"the processor", 0, cpu, card(24, 23), 0, 1},
	} {
		m := &Machine{Probe: tt.probe, Limit: tt.limit, Batch: tt.said}
		if got := m.batch(on(tt.on, ladderOf(0)[:3]), gpu.Read(tt.probe)); got != tt.want {
			t.Errorf("%s: %d together, not %d", tt.name, got, tt.want)
		}
	}
	for said, want := range map[string]int{"": 0, "1": 1, "32": 32, "0": -1, "33": -1, "-1": -1, "many": -1} {
		t.Setenv(BatchVariable, said)
		if got, err := Batch(); (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q is %d (%v)", said, got, err)
		}
	}
}

// TestBatches: pictures that load their network together become the same bytes as each alone, also beside one that cannot be
// read, one that panics and one that is cancelled; and one that kills the worker is found out.
func TestBatches(t *testing.T) {
	s := smallNetwork(t, tiny)
	dir := t.TempDir()
	names := []string{"a", "b", "panic", "c", "held", "d", "killer", "e", "f"}
	pictures := map[string]string{}
	for i, name := range names {
		pictures[name] = dots(t, dir, name, 40*i)
	}
	do := func(batch int, names []string) (meshes map[string][]byte, together int) {
		t.Helper()
		t.Setenv(BatchVariable, fmt.Sprint(batch))
		folder := filepath.Join(t.TempDir(), "jobs")
		q, end := opened(t, folder, Options{})
		defer end()
		if err := q.Pause(); err != nil { // until all wait
			t.Fatal(err)
		}
		for _, name := range names {
			added(t, q, pictures[name], s)
		}
		if err := q.Resume(); err != nil {
			t.Fatal(err)
		}
		wait(t, q, "all are over", func(jobs map[string]Job) bool {
			shaped, done := 0, 0
			for _, j := range jobs {
				switch {
				case j.State == Running && j.Stage == shapeStage && j.Stages[1].Progress < 1:
					shaped++
					if j.Title == "held" {
						go q.Cancel(j.ID)
					}
				case j.State.Over():
					done++
				}
			}
			together = max(together, shaped)
			return done == len(names)
		})
		meshes = map[string][]byte{}
		for _, j := range q.Jobs() {
			want := map[string]State{"panic": Failed, "held": Cancelled, "killer": Failed}[j.Title]
			if want == "" {
				want = Done
			}
			if j.State != want || j.Title == "killer" && j.Kills != 2 {
				t.Errorf("%d together: %s is %s after %d kills: %s", batch, j.Title, j.State, j.Kills, j.Problem)
			}
			if j.State == Done {
				data, err := os.ReadFile(j.File(MeshFile))
				if err != nil {
					t.Error(err)
				}
				meshes[j.Title] = data
			}
		}
		return meshes, together
	}
	alone, one := do(1, []string{"a", "b", "c", "d", "e", "f"})
	if one > 1 {
		t.Errorf("%d at once where each is to be alone", one)
	}
	for _, tt := range []struct {
		batch int
		names []string
	}{{4, []string{"a", "b", "panic", "c", "held", "d", "e", "f"}}, {3, names}} {
		meshes, together := do(tt.batch, tt.names)
		if together < 2 || together > tt.batch {
			t.Errorf("up to %d together, not %d", together, tt.batch)
		}
		for name, data := range meshes {
			if !bytes.Equal(data, alone[name]) {
				t.Errorf("%d together: %s is another mesh", tt.batch, name)
			}
		}
	}
}
