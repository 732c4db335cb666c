package cli

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"orfeas/pipeline/export"
)

// TestPaths: every picture gets a file of its own, however its name and folder are written, and none a name of dots.
func TestPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(here, "linked"); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		target         string
		pictures, want []string
	}{
		{"", []string{"d.png", filepath.Join(here, "d.gif"), "linked/d.jpg"}, []string{"d.stl", filepath.Join(here, "d-2.stl"), "linked/d-3.stl"}},
		{"meshes", []string{"Duck.png", "a/duck.jpg", "b/duck.jpg"}, []string{"meshes/Duck.stl", "meshes/duck-2.stl", "meshes/duck-3.stl"}},
		{"meshes", []string{".png", "..png", "a/...png"}, []string{"meshes/.png.stl", "meshes/..png.stl", "meshes/...png.stl"}},
		{"one.stl", []string{".png"}, []string{"one.stl"}},
	} {
		got := (&conversion{target: c.target, format: export.Formats[0]}).paths(c.pictures)
		for i := range c.want {
			c.want[i] = filepath.FromSlash(c.want[i])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q become %q, not %q", c.pictures, got, c.want)
		}
	}
}
