package weights

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImport finds a network wherever people have it.
func TestImport(t *testing.T) {
	const url = "https://models.invalid/org/name/resolve/abc"
	config := []byte(`{"a": 1}`)
	n := Network{Name: "net", Title: "Net", Files: []File{
		{Path: "in/net.bin", URL: url + "/in/net.bin", Size: int64(len(content)), SHA256: hexSum(content)},
		{Path: "config.json", URL: url + "/config.json", Optional: true},
	}}
	cached := func(t *testing.T, dir string) { // as the libraries of the hub lay it out
		put(t, dir+"/models--org--name/blobs/1", content)
		put(t, dir+"/models--org--name/blobs/2", config)
		for _, link := range [][2]string{{"../../../blobs/1", "abc/in/net.bin"}, {"../../blobs/2", "abc/config.json"}} {
			at := dir + "/models--org--name/snapshots/" + link[1]
			if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.Symlink(link[0], at)); err != nil {
				t.Skip("there are no symbolic links:", err)
			}
		}
		put(t, dir+"/models--org--name/snapshots/000/in/net.bin", content[1:])
	}
	for name, c := range map[string]struct {
		lay   func(t *testing.T, dir string)
		from  string
		found int
		kind  error
	}{
		"the authors' layout":    {func(t *testing.T, dir string) { put(t, dir+"/in/net.bin", content); put(t, dir+"/config.json", config) }, "", 2, nil},
		"loose files":            {func(t *testing.T, dir string) { put(t, dir+"/net.bin", content) }, "", 1, nil},
		"one file":               {func(t *testing.T, dir string) { put(t, dir+"/net (1).bin", content) }, "net (1).bin", 1, nil},
		"brackets":               {func(t *testing.T, dir string) { put(t, dir+"/[a]*/net.bin", content) }, "[a]*", 1, nil},
		"the cache":              {cached, "", 2, nil},
		"the repository in it":   {cached, "models--org--name", 2, nil},
		"a snapshot":             {cached, "models--org--name/snapshots/abc", 2, nil},
		"another snapshot":       {cached, "models--org--name/snapshots/000", 0, ErrOther},
		"above the cache":        {func(t *testing.T, dir string) { cached(t, dir+"/huggingface/hub") }, "", 2, nil},
		"nothing":                {func(t *testing.T, dir string) {}, "", 0, ErrNotThere},
		"not there":              {func(t *testing.T, dir string) {}, "none", 0, os.ErrNotExist},
		"a wrong file":           {func(t *testing.T, dir string) { put(t, dir+"/net.bin", append([]byte("x"), content[1:]...)) }, "net.bin", 0, ErrOther},
		"a file of another kind": {func(t *testing.T, dir string) { put(t, dir+"/net.zip", content) }, "net.zip", 0, ErrNotThere},
		"a configuration alone":  {func(t *testing.T, dir string) { put(t, dir+"/config.json", config) }, "", 0, ErrNotThere},
		"of another release": {func(t *testing.T, dir string) {
			put(t, dir+"/net.bin", content[1:])
			put(t, dir+"/config.json", config)
		}, "", 0, ErrOther},
		"a wrong configuration": {func(t *testing.T, dir string) { put(t, dir+"/net.bin", content); put(t, dir+"/config.json", nil) }, "", 1, ErrOther},
	} {
		t.Run(name, func(t *testing.T) {
			l, dir := library(t), t.TempDir()
			c.lay(t, filepath.ToSlash(dir))
			found, err := l.Import(t.Context(), n, filepath.Join(dir, c.from), nil)
			if !errors.Is(err, c.kind) || len(found) != c.found {
				t.Fatalf("found %v, %v", found, err)
			}
			want := Ready
			if c.found == 0 {
				want = Absent
			}
			if s := l.Status(n); s.State != want {
				t.Errorf("state %v", s.State)
			}
			if data, err := os.ReadFile(filepath.Join(l.Where(n), "in", "net.bin")); (err == nil && string(data) == string(content)) != (c.found > 0) {
				t.Errorf("%d bytes, %v", len(data), err)
			}
			if left, _ := filepath.Glob(filepath.Join(l.Where(n), "*", "*.part")); len(left) > 0 {
				t.Errorf("there are %v", left)
			}
		})
	}
}

// TestImportOther: a checkpoint of another network is recognised.
func TestImportOther(t *testing.T) {
	triposr, err1 := Find("triposr")
	triposg, err2 := Find("triposg")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	var header []string
	for i, name := range triposg.Files[1].Has {
		header = append(header, fmt.Sprintf(`%q:{"dtype":"U8","shape":[1],"data_offsets":[%d,%d]}`, name, i, i+1))
	}
	path := write(t, "model.ckpt", safetensors("{"+strings.Join(header, ",")+"}", len(header)))
	_, err := library(t).Import(t.Context(), triposr, path, nil)
	if !errors.Is(err, ErrOther) || !strings.Contains(err.Error(), "it looks like TripoSG, diffusion_pytorch_model.safetensors") {
		t.Errorf("got %v", err)
	}
}

func TestCopy(t *testing.T) {
	from, to := write(t, "a", content), filepath.Join(t.TempDir(), "b")
	if err := copyFile(t.Context(), to, from, int64(len(content)), hexSum(content), func(int64) {}); err != nil {
		t.Fatal(err)
	}
	if err := copyFile(t.Context(), to, from, int64(len(content)), hexSum(content[1:]), func(int64) {}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a file that changed: %v", err)
	}
}
