package mesh

import (
	"math"
	"math/bits"
)

// collapse is an edge that could go. It is stale when the stamps of its ends no longer add up to stamp; both only grow.
type collapse struct {
	a, b  uint32
	stamp uint32
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
	runs        []run // runs[0] is not used
	free        uint32
	first, last [buckets]uint32        // runs of each bucket, 0 for none
	used        [buckets / 64]uint64   // a bit for each bucket that holds something
	words       [buckets / 4096]uint64 // a bit for each word of used
}

// run is a stretch of a bucket: lists of single collapses would cost a cache line each.
type run struct {
	items [20]collapse
	n     uint32
	next  uint32 // the run after it in its bucket, 0 for none
}

func (q *collapses) push(cost float32, c collapse) {
	b := math.Float32bits(cost) >> bucketShift
	i := q.last[b]
	if i == 0 || q.runs[i].n == uint32(len(run{}.items)) {
		i = q.fresh()
		if q.last[b] == 0 {
			q.first[b] = i
			q.used[b/64] |= 1 << (b % 64)
			q.words[b/4096] |= 1 << (b / 64 % 64)
		} else {
			q.runs[q.last[b]].next = i
		}
		q.last[b] = i
	}
	r := &q.runs[i]
	r.items[r.n] = c
	r.n++
}

// fresh returns an empty run.
func (q *collapses) fresh() uint32 {
	if i := q.free; i != 0 {
		q.free = q.runs[i].next
		q.runs[i].n, q.runs[i].next = 0, 0
		return i
	}
	if len(q.runs) == 0 {
		q.runs = append(q.runs, run{})
	}
	q.runs = append(q.runs, run{})
	return uint32(len(q.runs) - 1)
}

// pop takes out some of the cheapest, in their order, and appends them to out: nothing when there are none.
func (q *collapses) pop(out []collapse) []collapse {
	for w, word := range q.words {
		if word == 0 {
			continue
		}
		u := w*64 + bits.TrailingZeros64(word)
		b := u*64 + bits.TrailingZeros64(q.used[u])
		i := q.first[b]
		r := &q.runs[i]
		out = append(out, r.items[:r.n]...)
		q.first[b] = r.next
		if r.next == 0 {
			q.last[b] = 0
			if q.used[u] &^= 1 << (b % 64); q.used[u] == 0 {
				q.words[w] &^= 1 << (u % 64)
			}
		}
		r.next, q.free = q.free, i
		return out
	}
	return out
}
