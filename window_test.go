//go:build !headless

package main

import (
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGenuineDrop starts the real window on a virtual display, drags the sample duck into it with a real pointer, and
// looks for its yellow in the viewport.
func TestGenuineDrop(t *testing.T) {
	for _, tool := range []string{"Xvfb", "openbox", "xdotool", "import"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool, " is not installed")
		}
	}
	if err := exec.Command("/usr/bin/python3", "-c", "import gi; gi.require_version('Gtk', '3.0')").Run(); err != nil {
		t.Skip("python3-gi with GTK 3, the drag source, is not installed")
	}
	dir := t.TempDir()
	binary, shot := filepath.Join(dir, "orfeas"), filepath.Join(dir, "shot.png")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	cmd := exec.Command("tools/shot.sh", shot, filepath.Join("assets", "samples", "duck.png"))
	cmd.Env = append(os.Environ(), "ORFEAS="+binary, "XDG_CONFIG_HOME="+dir, "ORFEAS_DATA="+filepath.Join(dir, "data"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(shot)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	yellow := 0
	for y := b.Min.Y + b.Dy()/5; y < b.Max.Y-b.Dy()/5; y++ {
		for x := b.Min.X + b.Dx()/4; x < b.Max.X-b.Dx()/4; x++ {
			r, g, bl, _ := img.At(x, y).RGBA()
			if r > 0x9000 && g > 0x6000 && bl < g/2 {
				yellow++
			}
		}
	}
	if share := float64(yellow) / float64(b.Dx()*b.Dy()); share < 0.02 {
		t.Errorf("only %.3f of the window is the duck's yellow", share)
	}
}
