package render

import (
	"math"

	"orfeas/pipeline/mesh"
)

// rings closes n x k points, periodic in both directions, into a mesh.
func rings(n, k int, at func(u, v float64) [3]float64, color func(p [3]float64) [4]uint8) *mesh.Mesh {
	m := &mesh.Mesh{}
	for j := range k {
		for i := range n {
			p := at(2*math.Pi*float64(i)/float64(n), float64(j)/float64(k))
			m.Vertices = append(m.Vertices, [3]float32{float32(p[0]), float32(p[1]), float32(p[2])})
			if color != nil {
				m.Colors = append(m.Colors, color(p))
			}
			a, b := uint32(j*n+i), uint32(j*n+(i+1)%n)
			up := uint32((j + 1) % k * n)
			c, d := up+uint32((i+1)%n), up+uint32(i)
			m.Triangles = append(m.Triangles, [3]uint32{a, b, c}, [3]uint32{a, c, d})
		}
	}
	return m
}

func redBlue(p [3]float64) [4]uint8 {
	if p[0] < 0 {
		return [4]uint8{30, 60, 220, 255}
	}
	return [4]uint8{220, 40, 30, 255}
}

// ball is a sphere of radius 30 on the bed, of about 4n² triangles, red toward +x and blue toward -x.
func ball(n int) *mesh.Mesh {
	m := rings(2*n, n, func(a, t float64) [3]float64 {
		b := math.Pi * (t*float64(n)/float64(n-1) - 0.5)
		return [3]float64{30 * math.Cos(b) * math.Cos(a), 30 * math.Cos(b) * math.Sin(a), 30 + 30*math.Sin(b)}
	}, redBlue)
	m.Triangles = m.Triangles[:len(m.Triangles)-4*n] // the last ring does not go back to the first
	return m
}

// torus lies on the bed, without colours.
func torus(n int) *mesh.Mesh {
	return rings(2*n, n, func(a, t float64) [3]float64 {
		r := 30 + 10*math.Cos(2*math.Pi*t)
		return [3]float64{r * math.Cos(a), r * math.Sin(a), 10 + 10*math.Sin(2*math.Pi*t)}
	}, nil)
}

// cube has sides of 40 and stands on the bed.
func cube() *mesh.Mesh {
	m := &mesh.Mesh{Triangles: [][3]uint32{
		{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4}, {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}}}
	for i := range 8 {
		m.Vertices = append(m.Vertices, corner([3]float32{-20, -20, 0}, [3]float32{20, 20, 40}, i))
	}
	return m
}
