package picture

import (
	"context"
	"math/rand/v2"
	"testing"
)

// TestGridCutIsMinimal compares the cut with the cheapest of all labellings of small grids.
func TestGridCutIsMinimal(t *testing.T) {
	const w, h = 4, 3
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		g := newGridCut(w, h)
		for p := range g.terminal {
			g.terminal[p] = float32(random.IntN(41) - 20)
			for k := range 8 {
				if g.has(int32(p), k) {
					g.links[k][p] = float32(random.IntN(9))
				}
			}
		}
		var links [8][]float32
		for k := range links {
			links[k] = append(links[k], g.links[k]...)
		}
		terminal := append([]float32(nil), g.terminal...)
		energy := func(inside func(p int) bool) (e float32) {
			for p, c := range terminal {
				if inside(p) {
					e += max(-c, 0)
				} else {
					e += max(c, 0)
				}
				for k := range 8 {
					if g.has(int32(p), k) && inside(p) && !inside(p+g.step[k]) {
						e += links[k][p]
					}
				}
			}
			return e
		}
		if err := g.solve(context.Background()); err != nil {
			t.Fatal(err)
		}
		got := energy(func(p int) bool { return g.tree[p] > 0 })
		best := got
		for bits := range 1 << (w * h) {
			best = min(best, energy(func(p int) bool { return bits>>p&1 == 1 }))
		}
		if got != best {
			t.Fatalf("round %d: cut of %g, there is one of %g", round, got, best)
		}
	}
}
