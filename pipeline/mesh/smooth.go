package mesh

import (
	"context"
	"runtime"
	"sync"
)

// Smooth evens out the surface without shrinking it (Taubin 1995): every pass is a step toward the mean of the
// neighbours followed by a slightly longer one back, a low-pass filter whose gain at long waves is one. Vertices on a
// border, on a non-manifold edge, or of a face that is broken stay where they are. Faces and colours are shared with m.
// The only error is that of ctx.
func (m *Mesh) Smooth(ctx context.Context, passes int) (*Mesh, error) {
	// Pass band 1/lambda + 1/mu = 0.11, which Taubin recommends about.
	const lambda, mu = 0.5, -0.53
	start, near, fixed := m.neighbours()
	from := make([][3]float64, len(m.Vertices))
	for i, v := range m.Vertices {
		from[i] = wide(v)
	}
	to := append([][3]float64(nil), from...)
	for step := range 2 * max(passes, 0) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		by := lambda
		if step%2 == 1 {
			by = mu
		}
		each(len(from), func(i int) {
			if list := near[start[i]:start[i+1]]; !fixed[i] && len(list) > 0 {
				to[i] = toward(from, i, list, by)
			}
		})
		from, to = to, from
	}
	out := &Mesh{Vertices: make([][3]float32, len(from)), Triangles: m.Triangles, Colors: m.Colors}
	for i := range from {
		if out.Vertices[i] = narrow(from[i]); fixed[i] {
			out.Vertices[i] = m.Vertices[i]
		}
	}
	return out, nil
}

func toward(p [][3]float64, i int, near []uint32, by float64) [3]float64 {
	var sum [3]float64
	for _, v := range near {
		for k := range sum {
			sum[k] += p[v][k]
		}
	}
	out := p[i]
	for k := range out {
		out[k] += by * (sum[k]/float64(len(near)) - out[k])
	}
	return out
}

// neighbours lists the vertices next to every vertex in one array, near[start[v]:start[v+1]], and those to leave alone.
func (m *Mesh) neighbours() (start, near []uint32, fixed []bool) {
	fixed = make([]bool, len(m.Vertices))
	start = make([]uint32, len(m.Vertices)+1)
	for _, t := range m.Triangles {
		for _, v := range t {
			if !m.sound(t) && v < uint32(len(fixed)) {
				fixed[v] = true
			}
		}
	}
	edges := m.halfEdges(func(f int) bool { return m.sound(m.Triangles[f]) })
	runs(edges, func(e []halfEdge) {
		a, b := uint32(e[0].key>>32), uint32(e[0].key)
		start[a+1]++
		start[b+1]++
		if len(e) != 2 {
			fixed[a], fixed[b] = true, true
		}
	})
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	near = make([]uint32, start[len(start)-1])
	next := append([]uint32(nil), start...)
	runs(edges, func(e []halfEdge) {
		a, b := uint32(e[0].key>>32), uint32(e[0].key)
		near[next[a]], near[next[b]] = b, a
		next[a]++
		next[b]++
	})
	return start, near, fixed
}

// each calls do for 0 to n-1, on all cores; no call may touch what another one reads or writes.
func each(n int, do func(i int)) {
	parts := min(runtime.GOMAXPROCS(0), n/4096+1)
	var wait sync.WaitGroup
	for p := range parts {
		wait.Go(func() {
			for i := p * n / parts; i < (p+1)*n/parts; i++ {
				do(i)
			}
		})
	}
	wait.Wait()
}
