package mesh

// allowed tells whether the collapse of a and b into p keeps the topology and every face's side.
func (d *decimator) allowed(a, b uint32, p [3]float64) bool {
	d.now += 2
	shared := 0
	for _, f := range d.round(a) {
		for _, v := range d.faces[f] {
			d.mark[v] = d.now
			if v == b {
				shared++
			}
		}
	}
	va, vb := &d.vertices[a], &d.vertices[b]
	if shared == 0 || shared > 2 || (va.border && vb.border && shared != 1) {
		return false
	}
	common := 0
	for _, f := range d.round(b) {
		for _, v := range d.faces[f] {
			if v != a && v != b && d.mark[v] == d.now {
				d.mark[v] = d.now - 1
				common++
			}
		}
	}
	// Neighbours in common must be exactly the far corners of the shared faces, and a tetrahedron must stay.
	if common != shared || int(va.faces+vb.faces)-2*shared < 3 {
		return false
	}
	return d.keepsSides(a, b, p) && d.keepsSides(b, a, p)
}

// keepsSides tells whether moving v to p turns or flattens none of its faces and goes not too far off one, but for those with
// gone that vanish.
func (d *decimator) keepsSides(v, gone uint32, p [3]float64) bool {
	from := d.vertices[v].position
	for _, f := range d.round(v) {
		t := d.faces[f]
		if t[0] == gone || t[1] == gone || t[2] == gone {
			continue
		}
		i := 0
		for t[i] != v {
			i++
		}
		u, w := &d.vertices[t[(i+1)%3]].position, &d.vertices[t[(i+2)%3]].position
		side, to := sub(*w, *u), sub(p, *u)
		before, after := cross(side, sub(from, *u)), cross(side, to)
		lb, la := dot(before, before), dot(after, after)
		// No face may turn by more than 78 degrees; one without area has no side to keep.
		if s := dot(before, after); lb > 0 && (s <= 0 || s*s < 0.04*lb*la) {
			return false
		}
		if off := dot(before, to); d.most > 0 && off*off > d.most*lb {
			return false
		}
		// Slivers: the height must not be less than a fiftieth of the longest side.
		far := sub(p, *w)
		long := max(dot(side, side), dot(to, to), dot(far, far))
		if la < 4e-4*long*long && la <= lb {
			return false
		}
	}
	return true
}
