package export

import (
	"errors"
	"fmt"
)

// matrix is 4 x 4, column-major, as in glTF; the last row is 0 0 0 1.
type matrix [16]float64

var identity = matrix{0: 1, 5: 1, 10: 1, 15: 1}

func (a matrix) times(b matrix) (out matrix) {
	for c := range 4 {
		for r := range 4 {
			for k := range 4 {
				out[4*c+r] += a[4*k+r] * b[4*c+k]
			}
		}
	}
	return out
}

func (a *matrix) apply(v [3]float64) (out [3]float64) {
	for r := range 3 {
		out[r] = a[r]*v[0] + a[4+r]*v[1] + a[8+r]*v[2] + a[12+r]
	}
	return out
}

// mirrors reports whether the matrix turns the faces inside out.
func (a *matrix) mirrors() bool {
	return a[0]*(a[5]*a[10]-a[6]*a[9])-a[4]*(a[1]*a[10]-a[2]*a[9])+a[8]*(a[1]*a[6]-a[2]*a[5]) < 0
}

// transform returns a node's matrix: given as such, or as translation, rotation (a quaternion x, y, z, w) and scale
// (glTF 2.0, section 3.5.3).
func (n glbNode) transform() (matrix, error) {
	if n.Matrix != nil {
		if len(n.Matrix) != 16 {
			return matrix{}, fmt.Errorf("a matrix of %d numbers", len(n.Matrix))
		}
		return matrix(n.Matrix), nil
	}
	t, q, s := []float64{0, 0, 0}, []float64{0, 0, 0, 1}, []float64{1, 1, 1}
	for _, part := range []struct {
		given []float64
		used  *[]float64
	}{{n.Translation, &t}, {n.Rotation, &q}, {n.Scale, &s}} {
		if part.given == nil {
			continue
		}
		if len(part.given) != len(*part.used) {
			return matrix{}, errors.New("a transform with the wrong number of numbers")
		}
		*part.used = part.given
	}
	x, y, z, w := q[0], q[1], q[2], q[3]
	return matrix{
		s[0] * (1 - 2*(y*y+z*z)), s[0] * 2 * (x*y + z*w), s[0] * 2 * (x*z - y*w), 0,
		s[1] * 2 * (x*y - z*w), s[1] * (1 - 2*(x*x+z*z)), s[1] * 2 * (y*z + x*w), 0,
		s[2] * 2 * (x*z + y*w), s[2] * 2 * (y*z - x*w), s[2] * (1 - 2*(x*x+y*y)), 0,
		t[0], t[1], t[2], 1,
	}, nil
}
