package mesh

import (
	"math"
	"math/bits"
)

// collapse is an edge that could go. It is stale when the stamps of its ends no longer add up to stamp; both only grow.
type collapse struct {
	a, b  uint32
	stamp uint32
	next  uint32 // the one after it in its bucket, 0 for none
}

// bucketShift keeps of a cost its exponent and eight bits of mantissa: buckets are 0.4 % apart, closer than the error of
// the quadrics themselves.
const (
	bucketShift = 15
	buckets     = 1 << (31 - bucketShift)
)

// collapses is a priority queue of buckets by the bits of the cost, which order positive floats as integers (Dial 1969
// on a logarithmic scale). Pushing and popping touch one or two cache lines where a heap of a million touches twenty.
// Within a bucket the first in is the first out: the order never depends on anything but the input, and collapses of
// equal cost, as on a plane, spread over the mesh instead of eating away from one corner.
type collapses struct {
	items       []collapse // items[0] is not used
	free        uint32
	first, last [buckets]uint32
	used        [buckets / 64]uint64   // a bit for each bucket that holds something
	words       [buckets / 4096]uint64 // a bit for each word of used
}

func (q *collapses) push(cost float32, c collapse) {
	c.next = 0
	i := q.free
	if i != 0 {
		q.free = q.items[i].next
		q.items[i] = c
	} else {
		if len(q.items) == 0 {
			q.items = append(q.items, collapse{})
		}
		i = uint32(len(q.items))
		q.items = append(q.items, c)
	}
	b := math.Float32bits(cost) >> bucketShift
	if q.first[b] == 0 {
		q.first[b] = i
		q.used[b/64] |= 1 << (b % 64)
		q.words[b/4096] |= 1 << (b / 64 % 64)
	} else {
		q.items[q.last[b]].next = i
	}
	q.last[b] = i
}

// pop takes out one of the cheapest, false when there is none.
func (q *collapses) pop() (collapse, bool) {
	for w, word := range q.words {
		if word == 0 {
			continue
		}
		u := w*64 + bits.TrailingZeros64(word)
		b := u*64 + bits.TrailingZeros64(q.used[u])
		i := q.first[b]
		c := q.items[i]
		q.first[b] = c.next
		if c.next == 0 {
			if q.used[u] &^= 1 << (b % 64); q.used[u] == 0 {
				q.words[w] &^= 1 << (u % 64)
			}
		}
		q.items[i].next, q.free = q.free, i
		return c, true
	}
	return collapse{}, false
}
