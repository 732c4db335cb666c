//go:build !headless

package render

import (
	"image"
	"image/color"
	"math"
	"testing"

	"orfeas/pipeline/mesh"
)

// orange reports whether a pixel is of the face that closes a cut.
func orange(c color.NRGBA) bool { return c.A == 255 && int(c.R) > 2*int(c.B) && int(c.R) > int(c.G)+40 }

// hollow is a ball of radius 30 with one of radius 20 taken out, in one colour.
func hollow(n int) *mesh.Mesh {
	m := ball(n)
	m.Colors = nil
	inner := ball(n)
	base := uint32(len(m.Vertices))
	for _, v := range inner.Vertices {
		m.Vertices = append(m.Vertices, [3]float32{v[0] * 2 / 3, v[1] * 2 / 3, (v[2]-30)*2/3 + 30})
	}
	for _, t := range inner.Triangles {
		m.Triangles = append(m.Triangles, [3]uint32{base + t[0], base + t[2], base + t[1]})
	}
	return m
}

// TestSectionOfBall: cut off the middle by d, a ball of radius R shows a disc of radius sqrt(R² - d²), from whichever side;
// a hollow one a ring.
func TestSectionOfBall(t *testing.T) {
	v := open(t)
	const side, mm = 240, 100. // a frame shows 100 mm
	for _, c := range []struct {
		axis   int
		at     float32
		flip   bool
		camera Camera
	}{
		{1, 0, true, Camera{}}, {1, -15, true, Camera{}}, {1, 15, false, Camera{Yaw: math.Pi}},
		{0, 10, false, Camera{Yaw: -math.Pi / 2}}, {2, 40, false, Camera{Pitch: maxPitch}},
	} {
		for _, parallel := range []bool{true, false} {
			for name, m := range map[string]*mesh.Mesh{"full": ball(80), "hollow": hollow(80)} {
				m.Colors = nil
				show(t, v, m)
				cam := c.camera
				cam.Target, cam.Orthographic = [3]float32{0, 0, 30}, parallel
				cam.Target[c.axis] = c.at // in the plane, where both projections show as much
				cam.Distance = mm / 2 / cam.tan()
				s := Shading{Mode: Clay, Section: Section{On: true, Axis: c.axis, At: c.at, Flip: c.flip}}
				img := shoot(t, v, cam, s, side, side)
				d := float64(c.at)
				if c.axis == 2 {
					d -= 30
				}
				area := math.Pi * (900 - d*d)
				if name == "hollow" {
					area -= math.Pi * (400 - d*d)
				}
				got := 0
				for y := range side {
					for x := range side {
						if orange(img.NRGBAAt(x, y)) {
							got++
						}
					}
				}
				if want := area * (side / mm) * (side / mm); math.Abs(float64(got)-want) > 0.05*want {
					t.Errorf("%s, axis %d at %g, parallel %v: %d pixels closed, want %.0f", name, c.axis, c.at, parallel, got, want)
				}
				if name == "hollow" && orange(img.NRGBAAt(side/2, side/2)) {
					t.Errorf("axis %d: the hollow is closed", c.axis)
				}
			}
		}
	}
	// From the side that is kept nothing of the cut shows.
	show(t, v, ball(40))
	img := shoot(t, v, Camera{Target: [3]float32{0, 0, 30}, Distance: 150}, Shading{Mode: Clay, Wireframe: true, Section: Section{On: true, Axis: 1, At: 0}}, 64, 64)
	if orange(img.NRGBAAt(32, 32)) {
		t.Error("the cut shows through the ball")
	}
}

// TestOcclusion: the corner between two boxes is darker than the same faces out in the open; what stands alone is as bright
// as without.
func TestOcclusion(t *testing.T) {
	v := open(t)
	m := prism([2]float32{-30, 0}, [2]float32{30, 0}, [2]float32{30, 5}, [2]float32{-30, 5})
	post := prism([2]float32{-30, 5}, [2]float32{0, 5}, [2]float32{0, 40}, [2]float32{-30, 40})
	base := uint32(len(m.Vertices))
	m.Vertices = append(m.Vertices, post.Vertices...)
	for _, f := range post.Triangles {
		m.Triangles = append(m.Triangles, [3]uint32{base + f[0], base + f[1], base + f[2]})
	}
	show(t, v, m)
	for _, parallel := range []bool{true, false} {
		cam := Camera{Target: [3]float32{5, 0, 10}, Yaw: -0.9, Pitch: 0.6, Distance: 150, Orthographic: parallel}
		img := shoot(t, v, cam, Shading{Mode: Clay, Transparent: true}, 300, 300)
		at := func(x, y, z float32) int {
			px, py, _ := cam.Project([3]float32{x, y, z}, 300, 300)
			return int(img.NRGBAAt(int(px), int(py)).G)
		}
		if corner, open := at(1.5, 0, 5), at(26, 0, 5); corner > open*9/10 {
			t.Errorf("parallel %v: %d in the corner, %d in the open", parallel, corner, open)
		}
		if a, b := at(24, 5, 5), at(26, -5, 5); max(a-b, b-a) > 6 {
			t.Errorf("parallel %v: the open face is uneven, %d and %d", parallel, a, b)
		}
	}
}

// textured is a square of 40 mm that stands upright, its halves red and blue on one texture, upper green.
func textured() *mesh.Mesh {
	m := cube()
	img := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			c := color.NRGBA{220, 30, 30, 255}
			if x >= 32 {
				c = color.NRGBA{30, 30, 220, 255}
			}
			if y < 32 {
				c.G = 160
			}
			img.SetNRGBA(x, y, c)
		}
	}
	m.Texture = img
	m.UVs = make([][3][2]float32, len(m.Triangles))
	for i, f := range m.Triangles {
		for k, n := range f {
			p := m.Vertices[n]
			m.UVs[i][k] = [2]float32{(p[0] + 20) / 40, 1 - p[2]/40}
		}
	}
	return m
}

// TestTextureShows: with OpenGL as in software, and the right way up.
func TestTextureShows(t *testing.T) {
	v := open(t)
	m := textured()
	show(t, v, m)
	c := fit(m, Camera{}, 1)
	img := shoot(t, v, c, Shading{}, 100, 100)
	soft, err := Draw(m, c, 100, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct {
		x, y             int
		red, green, blue bool
	}{{30, 70, true, false, false}, {70, 70, false, false, true}, {30, 30, true, true, false}, {70, 30, false, true, true}} {
		a, b := img.NRGBAAt(p.x, p.y), soft.NRGBAAt(p.x, p.y)
		if (a.R > 90) != p.red || (a.G > 90) != p.green || (a.B > 90) != p.blue {
			t.Errorf("(%d,%d): %v", p.x, p.y, a)
		}
		for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B)} {
			if d > 4 || d < -4 {
				t.Errorf("(%d,%d): %v with OpenGL, %v in software", p.x, p.y, a, b)
			}
		}
	}
	// Another mesh after it has no texture.
	show(t, v, cube())
	if c := shoot(t, v, c, Shading{}, 100, 100).NRGBAAt(30, 70); int(c.R) > 2*int(c.B) {
		t.Errorf("the texture stayed: %v", c)
	}
}

// TestFilamentsAreSharp: a face has its own filament's colour up to its edge.
func TestFilamentsAreSharp(t *testing.T) {
	m := cube()
	m.Palette = [][4]uint8{{255, 255, 255, 255}, {200, 0, 0, 255}}
	m.Filaments = make([]uint8, len(m.Triangles))
	m.Filaments[3] = 1
	s := newSurface(m)
	for f, tri := range s.triangles {
		for _, n := range tri {
			if red := s.vertices[n].color[1] == 0; red != (f == 3) {
				t.Errorf("triangle %d has a corner of %v", f, s.vertices[n].color)
			}
		}
	}
}
