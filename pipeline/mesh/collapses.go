package mesh

// collapse is an edge that could go, at a cost. It is stale when the stamps of its ends no longer add up to stamp; both
// only ever grow.
type collapse struct {
	cost  float32
	a, b  uint32
	stamp uint32
}

func (c *collapse) before(o *collapse) bool {
	if c.cost != o.cost {
		return c.cost < o.cost
	}
	if c.a != o.a {
		return c.a < o.a
	}
	return c.b < o.b
}

// collapses is a heap with four children a node, the cheapest first; ties go by index, so that runs repeat.
type collapses []collapse

func (h collapses) order() {
	for i := len(h)/4 + 1; i >= 0; i-- {
		h.down(i)
	}
}

func (h *collapses) push(c collapse) {
	*h = append(*h, c)
	s := *h
	i := len(s) - 1
	for i > 0 {
		p := (i - 1) / 4
		if !c.before(&s[p]) {
			break
		}
		s[i] = s[p]
		i = p
	}
	s[i] = c
}

func (h *collapses) pop() collapse {
	s := *h
	top := s[0]
	s[0] = s[len(s)-1]
	*h = s[:len(s)-1]
	h.down(0)
	return top
}

func (h collapses) down(i int) {
	if i >= len(h) {
		return
	}
	c := h[i]
	for {
		first := 4*i + 1
		if first >= len(h) {
			break
		}
		best := first
		for k := first + 1; k < min(first+4, len(h)); k++ {
			if h[k].before(&h[best]) {
				best = k
			}
		}
		if !h[best].before(&c) {
			break
		}
		h[i] = h[best]
		i = best
	}
	h[i] = c
}
