package engine

import (
	"math/rand/v2"
	"testing"
)

// sound fails the test where the triangulation is not one.
func (p *plane) sound(t *testing.T) (area int64) {
	t.Helper()
	for i, tri := range p.tri {
		o := p.side(tri[0], tri[1], tri[2])
		if o <= 0 {
			t.Fatalf("triangle %d has area %d", i, o)
		}
		area += o
		for k, n := range p.next[i] {
			if n < 0 {
				continue
			}
			m := p.facing(n, int32(i))
			if p.tri[n][(m+1)%3] != tri[(k+2)%3] || p.tri[n][(m+2)%3] != tri[(k+1)%3] {
				t.Fatalf("triangles %d and %d do not share a side", i, n)
			}
			if (p.border[n][m] == 0) != (p.border[i][k] == 0) {
				t.Fatalf("triangles %d and %d disagree about their border", i, n)
			}
		}
	}
	for v, f := range p.of {
		if tri := p.tri[f]; tri[0] != int32(v) && tri[1] != int32(v) && tri[2] != int32(v) {
			t.Fatalf("point %d is not in its triangle", v)
		}
	}
	return area
}

func TestPlaneHoldsRandomPointsAndEdges(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		size := int64(1) << (2 + r.IntN(18)) // small ones have many points in line and in one place
		var points [][2]int64
		for range 3 + r.IntN(150) {
			points = append(points, [2]int64{r.Int64N(size), r.Int64N(size)})
		}
		p := newPlane()
		whole := p.sound(t)
		ids := p.insertAll(points)
		if p.sound(t) != whole {
			t.Fatal("the triangles do not fill the plane")
		}
		for i, id := range ids {
			if p.points[id] != points[i] {
				t.Fatal("a point has the wrong number")
			}
		}
		for range 40 {
			a, b := ids[r.IntN(len(ids))], ids[r.IntN(len(ids))]
			if a != b && p.connect(a, b, 2, 1) {
				if _, _, ok := p.find(a, b); !ok && len(p.points) > 60 && size > 1<<16 {
					t.Fatal("an edge that was connected is not there")
				}
			}
			p.sound(t)
		}
		// New points split the borders they lie on and keep the others.
		for range 20 {
			p.insert([2]int64{r.Int64N(size), r.Int64N(size)})
		}
		if p.sound(t) != whole {
			t.Fatal("the triangles do not fill the plane")
		}
	}
}
