// Package texture gives a mesh its colours from the picture it was made of: the picture is laid over the mesh, what it
// shows is painted, what it does not show is filled in, and the whole becomes vertex colours, a texture atlas, or a
// palette of filaments.
//
// Meshes are in the model frame (see package mesh). Results are the same on every run and on any number of cores.
package texture

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// chunk is how many elements are worked on between two looks at the context. Sums are taken by chunks and then over the
// chunks in order, so that the number of cores does not reach a result.
const chunk = 4096

// each calls do for the chunks of 0..n-1 on all cores; no call may touch what another one writes. The only error is that
// of ctx.
func each(ctx context.Context, n int, do func(from, to int)) error { return eachOf(ctx, n, chunk, do) }

// eachOf is each with chunks of another size.
func eachOf(ctx context.Context, n, chunk int, do func(from, to int)) error {
	chunks := (n + chunk - 1) / chunk
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), chunks) {
		wait.Go(func() {
			for ctx.Err() == nil {
				c := int(next.Add(1)) - 1
				if c >= chunks {
					return
				}
				do(c*chunk, min((c+1)*chunk, n))
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}

func dot(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func wide(a [3]float32) [3]float64 { return [3]float64{float64(a[0]), float64(a[1]), float64(a[2])} }

func sub(a, b [3]float64) [3]float64 { return [3]float64{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

func cross(a, b [3]float64) [3]float64 {
	return [3]float64{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

// step is smooth from 0 at lo to 1 at hi.
func step(x, lo, hi float64) float64 {
	t := min(max((x-lo)/(hi-lo), 0), 1)
	return t * t * (3 - 2*t)
}
