package weights

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"orfeas/assets"
)

// TestTable: what the table says is whole and cannot lead anywhere else.
func TestTable(t *testing.T) {
	var names []string
	for _, n := range Networks() {
		if slices.Contains(names, n.Name) || n.Title == "" || n.About == "" || n.Licence.Name == "" || n.Licence.By == "" || len(n.Files) == 0 {
			t.Errorf("%s: there twice, or something is missing", n.Name)
		}
		names = append(names, n.Name)
		if got, err := Find(n.Name); err != nil || got.Title != n.Title {
			t.Errorf("%s is not found: %v", n.Name, err)
		}
		if len(n.Licence.Excludes) > 0 && !n.Licence.Asks() {
			t.Errorf("%s leaves out regions and does not ask", n.Name)
		}
		var paths []string
		for _, f := range n.Files {
			if !filepath.IsLocal(f.Path) || slices.Contains(paths, f.Path) || !strings.HasPrefix(f.URL, "https://") || !strings.HasSuffix(f.URL, filepath.Base(f.Path)) {
				t.Errorf("%s: %s from %s", n.Name, f.Path, f.URL)
			}
			paths = append(paths, f.Path)
			if f.SHA256 != "" && !regexp.MustCompile("^[0-9a-f]{64}$").MatchString(f.SHA256) {
				t.Errorf("%s: %s has the checksum %s", n.Name, f.Path, f.SHA256)
			}
			if f.SHA256 == "" && f.Bytes() > 1<<20 && len(f.Has) == 0 {
				t.Errorf("%s: nothing tells %s from other files", n.Name, f.Path)
			}
		}
	}
	if _, err := Find("nothing"); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "triposr") {
		t.Errorf("an unknown one: %v", err)
	}
	if !strings.Contains(string(assets.Weights), names[0]) {
		t.Error("the table is another one")
	}
}

// TestRecognise tells the published networks apart by the names of their tensors. Turbo decoders have the same, and so have the
// networks of one view and of several.
func TestRecognise(t *testing.T) {
	for _, n := range Networks() {
		for _, f := range n.Files {
			if len(f.Has) == 0 {
				continue
			}
			c := &Checkpoint{Tensors: map[string]Tensor{}}
			for _, name := range f.Has {
				c.Tensors[name] = Tensor{Name: name}
			}
			alike := slices.Contains(f.Has, "geo_decoder.latents_proj.weight") || slices.Contains(f.Has, "model.double_blocks.15.img_mod.lin.weight")
			var want []string
			for _, o := range Networks() {
				for _, g := range o.Files {
					if slices.Equal(g.Has, f.Has) {
						want = append(want, o.Title+", "+filepath.Base(g.Path))
					}
				}
			}
			if got := Recognise(c); !slices.Equal(got, want) || len(want) > 1 && !alike {
				t.Errorf("%s/%s is taken for %v", n.Name, f.Path, got)
			}
		}
	}
}

type noNetwork struct{ t *testing.T }

func (n noNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("%s was asked for", r.URL)
	return nil, errors.New("no")
}

// TestNoSocket: nothing but Get asks the network, and only fetch.go could.
func TestNoSocket(t *testing.T) {
	was := http.DefaultTransport
	http.DefaultTransport = noNetwork{t}
	defer func() { http.DefaultTransport = was }()
	l := &Library{Dir: t.TempDir(), web: &web{transport: noNetwork{t}, stall: time.Minute, wait: pause}}
	for _, n := range Networks() {
		l.Status(n)
		l.Where(n)
		l.Ready(n)
		l.Accepted(n)
		if err := errors.Join(l.Accept(n), l.Remove(n)); err != nil {
			t.Error(err)
		}
		if err := l.Verify(t.Context(), n, nil); !errors.Is(err, ErrAbsent) {
			t.Errorf("verify %s: %v", n.Name, err)
		}
		if _, err := l.Import(t.Context(), n, t.TempDir(), nil); !errors.Is(err, ErrNotThere) {
			t.Errorf("import %s: %v", n.Name, err)
		}
	}
	out, err := exec.Command("go", "list", "-f", `{{range .GoFiles}}{{$.Dir}}/{{.}} {{end}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range strings.Fields(string(out)) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if name := filepath.Base(file); regexp.MustCompile(`(?m)^\s*"net(/http)?"$`).Match(data) != (name == "fetch.go") {
			t.Errorf("%s imports the network, or fetch.go does not", name)
		}
		if name := filepath.Base(file); strings.Contains(string(data), "theWeb()") && name != "fetch.go" && name != "get.go" {
			t.Errorf("%s uses the network", name)
		}
	}
}

// put writes a file and the folders it lies in.
func put(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestVerify(t *testing.T) {
	l, n := library(t), one("https://models.invalid")
	at := filepath.Join(l.Where(n), "in", "net.bin")
	state := func(want State) {
		t.Helper()
		if s := l.Status(n); s.State != want {
			t.Errorf("state %v, not %v", s.State, want)
		}
		if _, err := l.Ready(n); (err == nil) != (want == Ready) || err != nil && !errors.Is(err, ErrAbsent) {
			t.Errorf("%v: %v", want, err)
		}
	}
	state(Absent)
	put(t, at, content[1:])
	state(Partial)
	put(t, at, content)
	state(Unverified)
	if err := l.Verify(t.Context(), n, nil); err != nil {
		t.Fatal(err)
	}
	state(Ready)
	put(t, at, append([]byte("x"), content[1:]...))
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(at, later, later); err != nil {
		t.Fatal(err)
	}
	state(Unverified)
	if err := l.Verify(t.Context(), n, nil); !errors.Is(err, ErrOther) || !strings.Contains(err.Error(), "in/net.bin") {
		t.Errorf("a changed file: %v", err)
	}
	state(Unverified)
	put(t, filepath.Join(l.Where(n), "mine.txt"), nil)
	if err := l.Remove(n); err != nil {
		t.Fatal(err)
	}
	state(Absent)
	if left, _ := os.ReadDir(l.Where(n)); len(left) != 1 || left[0].Name() != "mine.txt" {
		t.Errorf("there are %v", left)
	}
}

// TestStructure: without a known checksum, size and structure have to be right.
func TestStructure(t *testing.T) {
	net := safetensors(`{"a.b":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}`, 9)
	other := safetensors(`{"a.c":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}`, 9)
	for _, c := range []struct {
		file File
		data []byte
		kind error
	}{
		{File{Path: "m.safetensors", Around: 80, Has: []string{"a.b"}}, net, nil},
		{File{Path: "m.safetensors", Size: int64(len(net)), Has: []string{"a.b"}}, net, nil},
		{File{Path: "m.safetensors", Size: 9, Has: []string{"a.b"}}, net, ErrOther},
		{File{Path: "m.safetensors", Around: 30, Has: []string{"a.b"}}, net, ErrOther},
		{File{Path: "m.safetensors", Around: 80, Has: []string{"a.b"}}, other, ErrOther},
		{File{Path: "m.safetensors", Around: 80, Has: []string{"a.b"}}, net[:60], ErrCorrupt},
		{File{Path: "c.json"}, []byte(`{"a": 1}`), nil},
		{File{Path: "c.json"}, []byte(`{"a": `), ErrOther},
		{File{Path: "c.yaml"}, []byte("a: 1\n"), nil},
		{File{Path: "c.yaml"}, []byte("\n<html>"), ErrOther},
		{File{Path: "c.yaml"}, nil, ErrOther},
		{File{Path: "c.yaml"}, make([]byte, 2<<20), ErrOther},
	} {
		l, n := library(t), Network{Name: "net", Title: "Net", Files: []File{c.file}}
		put(t, filepath.Join(l.Where(n), c.file.Path), c.data)
		err := l.Verify(t.Context(), n, nil)
		if !errors.Is(err, c.kind) {
			t.Errorf("%+v: %v", c.file, err)
		}
		if s := l.Status(n); (s.State == Ready) != (c.kind == nil) || s.Checked {
			t.Errorf("%+v: %+v", c.file, s)
		}
	}
}

func TestDefaultDir(t *testing.T) {
	t.Setenv("ORFEAS_MODELS", "")
	t.Setenv("XDG_DATA_HOME", "")
	dir, err := DefaultDir()
	if err != nil || !filepath.IsAbs(dir) || filepath.Base(dir) != "models" {
		t.Errorf("%s, %v", dir, err)
	}
	mine := t.TempDir()
	t.Setenv("ORFEAS_MODELS", mine)
	if dir, err := DefaultDir(); err != nil || dir != mine {
		t.Errorf("%s, %v", dir, err)
	}
}
