package engine

import (
	"context"
	"math"
)

// poisson solves  -laplace(u) = 4,  u = 0 on the outline,  on the inside of a silhouette in units of cells, so that on a
// disc of radius R the root of u is the hemisphere sqrt(R^2 - r^2).
//
// The outline lies between nodes; the ghost values of Gibou, Fedkiw, Cheng and Kang (2002) put the zero where the
// coverage says and keep the system symmetric. It is solved by conjugate gradients, started from the solution on a grid
// half as fine (cascadic multigrid, Bornemann and Deuflhard 1996).
func poisson(ctx context.Context, s *silhouette, steps int) ([]float64, error) {
	u := make([]float64, len(s.cover))
	if coarse := s.halve(); coarse != nil {
		v, err := poisson(ctx, coarse, 2*steps)
		if err != nil {
			return nil, err
		}
		for j := range s.h {
			for i := range s.w {
				u[j*s.w+i] = 4 * bilinear(v, coarse.w, coarse.h, float64(i)/2, float64(j)/2)
			}
		}
	}
	return u, newLaplacian(s).solve(ctx, u, steps)
}

// halve returns the silhouette on every second node, nil when that would be too coarse to say anything.
func (s *silhouette) halve() *silhouette {
	if min(s.w, s.h) < 24 {
		return nil
	}
	c := &silhouette{w: (s.w + 1) / 2, h: (s.h + 1) / 2}
	c.cover = make([]float64, c.w*c.h)
	for j := range c.h {
		for i := range c.w {
			c.cover[j*c.w+i] = s.cover[2*j*s.w+2*i]
			if i == 0 || j == 0 || i == c.w-1 || j == c.h-1 {
				c.cover[j*c.w+i] = -0.5
			}
		}
	}
	return c
}

func bilinear(v []float64, w, h int, x, y float64) float64 {
	i, j := min(int(x), w-2), min(int(y), h-2)
	fx, fy := x-float64(i), y-float64(j)
	p := j*w + i
	return (1-fy)*((1-fx)*v[p]+fx*v[p+1]) + fy*((1-fx)*v[p+w]+fx*v[p+w+1])
}

// laplacian is the matrix: the nodes inside, each with its diagonal and which of its neighbours are inside.
type laplacian struct {
	w        int
	nodes    []int
	diagonal []float64 // per node of the grid; 0 outside
}

// minFraction keeps an outline that passes very near a node from making the system stiff.
const minFraction = 0.05

func newLaplacian(s *silhouette) *laplacian {
	l := &laplacian{w: s.w, diagonal: make([]float64, len(s.cover))}
	for p, c := range s.cover {
		if c <= 0 {
			continue
		}
		l.nodes = append(l.nodes, p)
		for _, q := range [4]int{p - 1, p + 1, p - s.w, p + s.w} {
			if s.cover[q] > 0 {
				l.diagonal[p]++
			} else {
				l.diagonal[p] += 1 / max(minFraction, c/(c-s.cover[q]))
			}
		}
	}
	return l
}

// apply sets out to the matrix times v; both are zero outside.
func (l *laplacian) apply(v, out []float64) {
	for _, p := range l.nodes {
		sum := l.diagonal[p] * v[p]
		// Outside neighbours hold zero, so they need no test.
		sum -= v[p-1] + v[p+1] + v[p-l.w] + v[p+l.w]
		out[p] = sum
	}
}

// solve improves u by conjugate gradients with a diagonal preconditioner, until the residual is a ten-thousandth of
// the right side or the steps are used up.
func (l *laplacian) solve(ctx context.Context, u []float64, steps int) error {
	const right = 4
	n := len(u)
	residual, direction, image := make([]float64, n), make([]float64, n), make([]float64, n)
	for p := range u {
		if l.diagonal[p] == 0 {
			u[p] = 0
		}
	}
	l.apply(u, image)
	var rho float64
	for _, p := range l.nodes {
		residual[p] = right - image[p]
		direction[p] = residual[p] / l.diagonal[p]
		rho += residual[p] * direction[p]
	}
	enough := 1e-8 * right * right * float64(len(l.nodes)) / 4
	for k := 0; k < steps && rho > enough; k++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.apply(direction, image)
		var curvature float64
		for _, p := range l.nodes {
			curvature += direction[p] * image[p]
		}
		alpha := rho / curvature
		var next float64
		for _, p := range l.nodes {
			u[p] += alpha * direction[p]
			residual[p] -= alpha * image[p]
			next += residual[p] * residual[p] / l.diagonal[p]
		}
		beta := next / rho
		rho = next
		for _, p := range l.nodes {
			direction[p] = residual[p]/l.diagonal[p] + beta*direction[p]
		}
	}
	for _, p := range l.nodes {
		u[p] = math.Max(u[p], 1e-3) // a maximum principle that rounding must not break
	}
	return nil
}
