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

// next3 is the corner after one of three, and after that.
var next3 = [4]int{1, 2, 0, 1}

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
		u, w := &d.vertices[t[next3[i]]].position, &d.vertices[t[next3[i+1]]].position
		// The side that stays, and the ways from its start to the corner as it is and as it would be.
		sx, sy, sz := w[0]-u[0], w[1]-u[1], w[2]-u[2]
		fx, fy, fz := from[0]-u[0], from[1]-u[1], from[2]-u[2]
		tx, ty, tz := p[0]-u[0], p[1]-u[1], p[2]-u[2]
		bx, by, bz := sy*fz-sz*fy, sz*fx-sx*fz, sx*fy-sy*fx
		ax, ay, az := sy*tz-sz*ty, sz*tx-sx*tz, sx*ty-sy*tx
		lb, la := bx*bx+by*by+bz*bz, ax*ax+ay*ay+az*az
		// No face may turn by more than 78 degrees; one without area has no side to keep.
		if s := bx*ax + by*ay + bz*az; lb > 0 && (s <= 0 || s*s < 0.04*lb*la) {
			return false
		}
		if off := bx*tx + by*ty + bz*tz; d.most > 0 && off*off > d.most*lb {
			return false
		}
		// Slivers: the height must not be less than a fiftieth of the longest side.
		x, y, z := p[0]-w[0], p[1]-w[1], p[2]-w[2]
		long := max(sx*sx+sy*sy+sz*sz, tx*tx+ty*ty+tz*tz, x*x+y*y+z*z)
		if la < 4e-4*long*long && la <= lb {
			return false
		}
	}
	return true
}
