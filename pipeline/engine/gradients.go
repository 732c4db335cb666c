package engine

import "context"

// fitGradients finds the heights u, on w x h cells, whose steps from cell to cell are nearest, by least squares, to given
// ones: f holds for every cell the sum of what it is to stand above its four neighbours. This is Poisson's equation with
// free edges; u is determined but for a constant. Conjugate gradients start from the solution on a grid half as fine
// (cascadic multigrid, Bornemann and Deuflhard 1996) and take so many steps at most, twice as many on each coarser one.
func fitGradients(ctx context.Context, f []float64, w, h, steps int) ([]float64, error) {
	u := make([]float64, len(f))
	if max(w, h) > 8 {
		cw, ch := (w+1)/2, (h+1)/2
		coarse := make([]float64, cw*ch)
		for p, v := range f {
			coarse[p/w/2*cw+p%w/2] += v
		}
		c, err := fitGradients(ctx, coarse, cw, ch, 2*steps)
		if err != nil {
			return nil, err
		}
		for p := range u {
			// The middle of a cell lies a quarter of a coarse one off the middle of that.
			u[p] = clamped(c, cw, ch, (float64(p%w)-0.5)/2, (float64(p/w)-0.5)/2)
		}
	}
	return u, refineFit(ctx, u, f, w, h, steps)
}

// clamped reads a field bilinearly, beyond its edge that of the edge.
func clamped(v []float64, w, h int, x, y float64) float64 {
	x, y = min(max(x, 0), float64(w-1)), min(max(y, 0), float64(h-1))
	i, j := int(x), int(y)
	i1, j1 := min(i+1, w-1), min(j+1, h-1)
	fx, fy := x-float64(i), y-float64(j)
	return (1-fy)*((1-fx)*v[j*w+i]+fx*v[j*w+i1]) + fy*((1-fx)*v[j1*w+i]+fx*v[j1*w+i1])
}

// refineFit improves u by conjugate gradients until the residual is a ten-thousandth of f or the steps are used up.
func refineFit(ctx context.Context, u, f []float64, w, h, steps int) error {
	image, residual := make([]float64, len(u)), make([]float64, len(u))
	standOut(u, image, w, h)
	var rho, size float64
	for p, v := range f {
		residual[p] = v - image[p]
		rho += residual[p] * residual[p]
		size += v * v
	}
	direction := append([]float64(nil), residual...)
	for k := 0; k < steps && rho > 1e-8*size; k++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		standOut(direction, image, w, h)
		var curvature float64
		for p, d := range direction {
			curvature += d * image[p]
		}
		if curvature <= 0 {
			return nil // only a constant is left, which changes nothing
		}
		alpha := rho / curvature
		var next float64
		for p, d := range direction {
			u[p] += alpha * d
			residual[p] -= alpha * image[p]
			next += residual[p] * residual[p]
		}
		beta := next / rho
		rho = next
		for p, r := range residual {
			direction[p] = r + beta*direction[p]
		}
	}
	return nil
}

// standOut sets out to what every cell stands above its neighbours, added up.
func standOut(v, out []float64, w, h int) {
	for j := range h {
		row := v[j*w : (j+1)*w]
		to := out[j*w : (j+1)*w]
		for i, c := range row {
			sum := 0.0
			if i > 0 {
				sum += c - row[i-1]
			}
			if i+1 < w {
				sum += c - row[i+1]
			}
			if j > 0 {
				sum += c - v[(j-1)*w+i]
			}
			if j+1 < h {
				sum += c - v[(j+1)*w+i]
			}
			to[i] = sum
		}
	}
}
