package engine

import "math"

// partition says which region every node of a grid belongs to; rows run upward. The nodes of the grid's rim are outside,
// region 0.
type partition struct {
	w, h  int
	label []uint8
	cross func(p, q int) float64 // where between two nodes of different regions their border runs, 0 to 1
}

// arc is a border between two regions, from one junction of three regions to another, or closed.
type arc struct {
	points      [][2]float64 // of an open arc with both junctions, of a closed one without a repeated point
	left, right uint8        // the regions on both sides
	from, to    int32        // junctions; -1 for a closed arc
}

// network is the borders of a partition, every one once.
type network struct {
	junctions [][2]float64
	arcs      []arc
}

// tracer follows marching squares generalised to many regions: in a cell that three regions share, their borders meet in
// a junction; in one that four corners share crosswise, two junctions or two borders side by side keep regions from
// touching in a point. So every node of the graph has two or three links, and no links cross.
type tracer struct {
	points [][2]float64
	links  [][3]link
	degree []uint8
}

type link struct {
	to          int32
	left, right uint8
}

func (t *tracer) node(p [2]float64) int32 {
	t.points = append(t.points, p)
	t.links = append(t.links, [3]link{})
	t.degree = append(t.degree, 0)
	return int32(len(t.points) - 1)
}

func (t *tracer) join(a, b int32, left, right uint8) {
	t.links[a][t.degree[a]] = link{b, left, right}
	t.degree[a]++
	t.links[b][t.degree[b]] = link{a, right, left}
	t.degree[b]++
}

// minCross keeps borders off the nodes of the grid, so that they never touch each other.
const minCross = 0.03

func (p *partition) trace() *network {
	t := &tracer{}
	below, above := make([]int32, p.w), make([]int32, p.w) // the border's nodes on the level edges of two rows
	row := func(j int, ids []int32) {
		for i := range p.w - 1 {
			if a := j*p.w + i; p.label[a] != p.label[a+1] {
				ids[i] = t.node([2]float64{float64(i) + p.at(a, a+1), float64(j)})
			}
		}
	}
	row(0, below)
	for j := range p.h - 1 {
		row(j+1, above)
		var left int32
		for i := range p.w - 1 {
			a := j*p.w + i
			b, c, d := a+1, a+p.w+1, a+p.w
			var right int32
			if p.label[b] != p.label[c] {
				right = t.node([2]float64{float64(i + 1), float64(j) + p.at(b, c)})
			}
			l := [4]uint8{p.label[a], p.label[b], p.label[c], p.label[d]}
			if l[0] != l[1] || l[1] != l[2] || l[2] != l[3] {
				t.cell(l, [4]int32{below[i], right, above[i], left})
			}
			left = right
		}
		below, above = above, below
	}
	return t.network()
}

func (p *partition) at(a, b int) float64 {
	return min(max(p.cross(a, b), minCross), 1-minCross)
}

// cell links the nodes e on the sides of a cell, bottom, right, top, left, whose corners, anticlockwise from the bottom
// left, belong to the regions l.
func (t *tracer) cell(l [4]uint8, e [4]int32) {
	var cut []int
	for k := range 4 {
		if l[k] != l[(k+1)%4] {
			cut = append(cut, k)
		}
	}
	// Seen from side k into the cell, the region of corner k is on the left and that of the next on the right.
	toward := func(k int, at int32) { t.join(e[k], at, l[k], l[(k+1)%4]) }
	middle := func(sides ...int) int32 {
		var m [2]float64
		for _, k := range sides {
			q := t.points[e[k]]
			m[0], m[1] = m[0]+q[0]/float64(len(sides)), m[1]+q[1]/float64(len(sides))
		}
		return t.node(m)
	}
	switch {
	case len(cut) == 2:
		toward(cut[0], e[cut[1]])
	case len(cut) == 3:
		at := middle(cut...)
		for _, k := range cut {
			toward(k, at)
		}
	case l[0] == l[2] && (l[1] != l[3] || l[0] > l[1]):
		toward(0, e[1])
		toward(2, e[3])
	case l[1] == l[3]:
		toward(3, e[0])
		toward(1, e[2])
	default:
		a, b := middle(0, 3), middle(1, 2)
		for k, at := range [4]int32{a, b, b, a} {
			toward(k, at)
		}
		t.join(a, b, l[3], l[1])
	}
}

// network chains the links into arcs, first those between junctions.
func (t *tracer) network() *network {
	n := &network{}
	number := make([]int32, len(t.points))
	done := make([]bool, len(t.points))
	for v, d := range t.degree {
		number[v] = -1
		if d == 3 {
			number[v] = int32(len(n.junctions))
			n.junctions = append(n.junctions, t.points[v])
		}
	}
	follow := func(start int32, l link) arc {
		a := arc{left: l.left, right: l.right, from: number[start], to: -1, points: [][2]float64{t.points[start]}}
		prev, v := start, l.to
		for v != start && t.degree[v] == 2 {
			done[v] = true
			a.points = append(a.points, t.points[v])
			next := t.links[v][0].to
			if next == prev {
				next = t.links[v][1].to
			}
			prev, v = v, next
		}
		if t.degree[v] == 3 {
			a.points, a.to = append(a.points, t.points[v]), number[v]
		}
		return a
	}
	for v := range t.points {
		if t.degree[v] != 3 {
			continue
		}
		for _, l := range t.links[v] {
			// An arc is met at both ends; it is taken where its larger region is on the left. Between two junctions that are
			// linked, and round to the same junction, that holds too.
			if l.left > l.right {
				n.arcs = append(n.arcs, follow(int32(v), l))
			}
		}
	}
	for v := range t.points {
		if t.degree[v] == 2 && !done[v] {
			done[v] = true
			l := t.links[v][0]
			if l.left < l.right {
				l = t.links[v][1]
			}
			n.arcs = append(n.arcs, follow(int32(v), l))
		}
	}
	return n
}

func length(points [][2]float64) (sum float64) {
	for i := 1; i < len(points); i++ {
		sum += gap(points[i-1], points[i])
	}
	return sum
}

func gap(a, b [2]float64) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }
