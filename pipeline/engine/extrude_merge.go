package engine

import "container/heap"

// merging is a list of pieces, each of which may be merged with the next. It is closed where the arc is.
type merging struct {
	*fitter
	pieces     []piece
	next, prev []int // -1 for none
	stamp      []int // counts the changes of a piece; -1 once it is gone
	queue      candidates
}

// candidate is a merger of a piece with the next.
type candidate struct {
	primitive
	off         float64
	left        int
	stamp, then int // of both pieces when it was computed
}

// candidates is a heap, the best first.
type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	return c[i].off < c[j].off || c[i].off == c[j].off && c[i].left < c[j].left
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *candidates) Push(x any)   { *c = append(*c, x.(candidate)) }
func (c *candidates) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

// merged divides the samples into as few pieces as merging finds, in order.
func (f *fitter) merged() []piece {
	m := f.divided()
	for i := range m.pieces {
		m.propose(i)
	}
	alive, first := len(m.pieces), 0
	for m.queue.Len() > 0 {
		c := heap.Pop(&m.queue).(candidate)
		l, r := c.left, m.next[c.left]
		if m.stamp[l] != c.stamp || r < 0 || r == l || m.stamp[r] != c.then {
			continue // one of them has changed since
		}
		m.pieces[l].primitive = c.primitive
		m.pieces[l].last += m.pieces[r].last - m.pieces[r].first
		m.next[l] = m.next[r]
		if m.next[l] >= 0 {
			m.prev[m.next[l]] = l
		}
		m.stamp[l]++
		m.stamp[r] = -1
		alive--
		first = l
		m.propose(l)
		m.propose(m.prev[l])
	}
	for !f.closed && m.prev[first] >= 0 {
		first = m.prev[first]
	}
	out := make([]piece, 0, alive)
	for i := first; len(out) < alive; i = m.next[i] {
		out = append(out, m.pieces[i])
	}
	return out
}

// divided cuts the samples into the short pieces that the merging starts from.
func (f *fitter) divided() *merging {
	step := int(firstPiece / sampleStep)
	end := len(f.samples)
	if !f.closed {
		end--
	}
	n := max(end/step, 1)
	m := &merging{fitter: f, pieces: make([]piece, n), next: make([]int, n), prev: make([]int, n), stamp: make([]int, n)}
	for i := range n {
		a, b := i*end/n, (i+1)*end/n
		c, _ := f.best(a, b)
		m.pieces[i], m.next[i], m.prev[i] = piece{c, a, b}, i+1, i-1
	}
	m.next[n-1] = -1
	if f.closed {
		m.next[n-1], m.prev[0] = 0, n-1
	}
	return m
}

// propose queues the merger of a piece with the next, where one primitive is near enough to both.
func (m *merging) propose(l int) {
	if l < 0 || m.next[l] < 0 || m.next[l] == l {
		return
	}
	a, b := m.pieces[l], m.pieces[m.next[l]]
	if c, off := m.best(a.first, a.last+b.last-b.first); off <= m.tolerance {
		heap.Push(&m.queue, candidate{c, off, l, m.stamp[l], m.stamp[m.next[l]]})
	}
}
