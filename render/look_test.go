//go:build !headless

package render

import (
	"fmt"
	"image/png"
	"os"
	"testing"

	"orfeas/pipeline/export"
)

func TestLook(t *testing.T) {
	path := os.Getenv("LOOK")
	if path == "" {
		t.Skip()
	}
	m, err := export.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	v := open(t)
	show(t, v, m)
	h, err := Walls(t.Context(), m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.SetThickness(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	c := fit(m, ThreeQuarter, 4./3)
	lo, hi := m.Bounds()
	save := func(name string, c Camera, s Shading) {
		img := shoot(t, v, c, s, 800, 600)
		f, _ := os.Create("/tmp/win-mesh/out/" + name + ".png")
		png.Encode(f, img)
		f.Close()
	}
	for i, n := range []string{"colors", "solid", "clay", "normals", "overhang", "thickness"} {
		save(fmt.Sprintf("%d-%s", i, n), c, Shading{Mode: Mode(i), Bed: true, Legend: true, Dimensions: i == 1})
	}
	save("6-edges", c, Shading{Mode: Solid, Bed: true, Wireframe: true})
	save("7-section", c, Shading{Mode: Colors, Bed: true, Section: Section{On: true, Axis: 1, At: (lo[1] + hi[1]) / 2, Flip: true}})
	save("8-section-thick", c, Shading{Mode: Thickness, Bed: true, Section: Section{On: true, Axis: 0, At: (lo[0] + hi[0]) / 2, Flip: false}})
	low := c
	low.Pitch = -0.4
	save("9-overhang-below", low, Shading{Mode: Overhang, Bed: true, Legend: true, Dimensions: true})
	save("10-draft-thick", c, Shading{Mode: Thickness, Bed: true, Draft: true})
	f, _ := os.Create("/tmp/win-mesh/out/cube.png")
	png.Encode(f, Cube(ThreeQuarter, 192, [3]int{0, -1, 1}))
	f.Close()
}
