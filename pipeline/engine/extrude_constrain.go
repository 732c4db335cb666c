package engine

// side is where a side of the triangulation lies: the triangle to the left of a to b, and its corner opposite.
func (p *plane) find(a, b int32) (t int32, k int, ok bool) {
	p.around(a, func(s int32, c int) bool {
		if p.tri[s][(c+1)%3] == b {
			t, k, ok = s, (c+2)%3, true
		}
		return !ok
	})
	return t, k, ok
}

// connect makes the straight line from a to b sides of the triangulation, with the regions left and right of it, or as creases.
// It tells whether it could: a border that is there already is not crossed; a crease that meets one ends there.
func (p *plane) connect(a, b int32, left, right int32) bool {
	for a != b {
		if t, k, ok := p.find(a, b); ok {
			return p.mark(t, k, left, right)
		}
		crossed, via, ok := p.crossed(a, b)
		if !ok {
			return false
		}
		if !p.flipAway(crossed, a, via) {
			return false
		}
		t, k, ok := p.find(a, via)
		if !ok || !p.mark(t, k, left, right) {
			return false
		}
		p.legalize()
		a = via
	}
	return true
}

// mark sets both sides of an edge; a border stays one when a crease runs along it.
func (p *plane) mark(t int32, k int, left, right int32) bool {
	u := p.next[t][k]
	if u < 0 {
		return false
	}
	m := p.facing(u, t)
	if p.border[t][k] > 0 {
		return left == crease || p.border[t][k] == left && p.border[u][m] == right
	}
	p.border[t][k], p.border[u][m] = left, right
	return true
}

// crossed lists the sides that the line from a to b crosses, as pairs of points, up to the first point it runs through. ok is
// false when one of them must stay.
func (p *plane) crossed(a, b int32) (list [][2]int32, via int32, ok bool) {
	var t int32
	k := -1
	p.around(a, func(s int32, c int) bool {
		u, w := p.tri[s][(c+1)%3], p.tri[s][(c+2)%3]
		if su, sw := p.side(a, b, u), p.side(a, b, w); su <= 0 && sw >= 0 && (su < 0 || sw > 0) {
			if su == 0 && p.ahead(a, b, u) {
				via = u
				t, k = s, -2
				return false
			}
			if sw == 0 && p.ahead(a, b, w) {
				via = w
				t, k = s, -2
				return false
			}
			if su < 0 && sw > 0 {
				t, k = s, c
				return false
			}
		}
		return true
	})
	if k == -2 {
		return nil, via, true
	}
	if k < 0 {
		return nil, 0, false
	}
	for {
		if p.border[t][k] != 0 || p.next[t][k] < 0 {
			return nil, 0, false
		}
		u, w := p.tri[t][(k+1)%3], p.tri[t][(k+2)%3]
		list = append(list, [2]int32{u, w})
		n := p.next[t][k]
		m := p.facing(n, t)
		v := p.tri[n][m]
		s := p.side(a, b, v)
		if s == 0 {
			return list, v, true
		}
		// n is v, w, u. The line leaves it between v and w when v lies to the right, as u does.
		t = n
		if s < 0 {
			k = (m + 2) % 3
		} else {
			k = (m + 1) % 3
		}
	}
}

// ahead reports whether v, on the line through a and b, lies on b's side of a.
func (p *plane) ahead(a, b, v int32) bool {
	pa, pb, pv := p.points[a], p.points[b], p.points[v]
	return (pb[0]-pa[0])*(pv[0]-pa[0])+(pb[1]-pa[1])*(pv[1]-pa[1]) > 0
}

// flipAway flips the sides that a to b crosses until it is a side itself, and puts the new ones on the stack.
func (p *plane) flipAway(crossed [][2]int32, a, b int32) bool {
	for tries := 64 + 16*len(crossed)*len(crossed); len(crossed) > 0; tries-- {
		if tries < 0 {
			return false
		}
		e := crossed[0]
		crossed = crossed[1:]
		t, k, ok := p.find(e[0], e[1])
		if !ok {
			return false
		}
		if !p.flippable(t, k) {
			crossed = append(crossed, e)
			continue
		}
		p.flip(t, k)
		c, d := p.tri[t][0], p.tri[t][2]
		sc, sd := p.side(a, b, c), p.side(a, b, d)
		if c != a && c != b && d != a && d != b && (sc < 0) != (sd < 0) {
			if sc > 0 {
				c, d = d, c
			}
			crossed = append(crossed, [2]int32{c, d})
			continue
		}
		p.stack = append(p.stack, edgeRef{t, 1})
	}
	return true
}
