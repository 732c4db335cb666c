package mesh

import "math"

// parallel is the least cosine between the normals of faces that count as coplanar: wide enough for what rounding does
// to the normal of a face a hundred units in the last place across, and too narrow for the blade of a knife.
const parallel = 0.9999

// coplanar reports whether two faces with like normals lie in one plane: every corner within c.near of the other's
// plane. Corners that lay in one plane before they were turned and rounded to float32 do, and two sheets of a solid that
// lie no farther apart than that are none.
func (c *crosser) coplanar(a, b *facet, p, q *[3][3]float64) bool {
	for i := range 3 {
		if math.Abs(dot(a.normal, q[i])-a.offset) > c.near || math.Abs(dot(b.normal, p[i])-b.offset) > c.near {
			return false
		}
	}
	return true
}

// covers reports whether q reaches farther than near into p over each of p's sides; n is the normal of the plane in which
// both lie, either way round. Two convex figures are apart just when a side of one of them parts them.
func covers(n [3]float64, p, q *[3][3]float64, near float64) bool {
	for i := range 3 {
		a, b, o := p[i], p[(i+1)%3], p[(i+2)%3]
		e := sub(b, a)
		in := cross(n, e)
		scale := norm(in)
		if dot(in, sub(o, a)) < 0 {
			scale = -scale
		}
		deep := 0.0
		for _, v := range q {
			if v != a && v != b {
				deep = max(deep, dot(in, sub(v, a))/scale)
			}
		}
		if deep <= near {
			return false
		}
	}
	return true
}
