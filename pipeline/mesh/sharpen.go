package mesh

import (
	"context"
	"math"
)

// sharpener brings the edges and corners back that a surface from a grid has cut off. Every vertex is put where its edge
// of the grid meets the faces that the field was made of, and remembers the plane there (Kobbelt et al. 2001, Feature
// Sensitive Surface Extraction); an edge of the mesh between two planes gets a vertex where they meet, and a triangle between
// three one in their corner (Attene et al. 2005, Sharpen & Bend). Quadrics find these places (Ju et al. 2002), which must
// lie within a step and on one of the faces.
type sharpener struct {
	field  *solidField
	blocks *blocks // its samples
	mesh   *Mesh
	step   float64
	places [][3]float64 // of the vertices, new ones behind those of the mesh
	plain  [][3]float64 // where they would be without sharpening
	sides  []sided
}

// sided is the planes a vertex lies on: none where nothing is known, two on an edge, three in a corner.
type sided struct {
	n       int
	normals [3][3]float64
	points  [3][3]float64
}

// Shares of a step.
const (
	sharpOn   = 0.05 // from what counts as being on a face
	sharpSnap = 0.15 // from a vertex to the edge that it is put on, for an edge so close would make needles
)

// smoothTurn is the cosine of the angle, 14 degrees, up to which two planes count as one.
const smoothTurn = 0.97

// sharpened returns the surface of the field's samples with its edges brought back. Where that would turn a face over or
// make faces cross, what was done is undone.
func (f *solidField) sharpened(ctx context.Context, b *blocks, m *Mesh) (*Mesh, error) {
	s := &sharpener{field: f, blocks: b, mesh: m, step: f.grid.Step,
		plain: make([][3]float64, len(m.Vertices)), sides: make([]sided, len(m.Vertices))}
	for i, v := range m.Vertices {
		s.plain[i] = wide(v)
	}
	s.places = append([][3]float64(nil), s.plain...)
	if err := s.each(ctx, len(s.plain), s.project); err != nil {
		return nil, err
	}
	if err := s.snap(ctx); err != nil {
		return nil, err
	}
	faces, err := s.split(ctx)
	if err != nil {
		return nil, err
	}
	return s.settled(ctx, faces)
}

// project puts a vertex of the mesh, which lies on an edge of the grid, where a face meets that edge first from outside:
// behind it, parts that overlap may have others.
func (s *sharpener) project(i int) {
	p, g := s.plain[i], s.field.grid
	var low [3]int // the lower end of the edge
	axis, most := 0, 0.0
	for k := range 3 {
		at := (p[k] - g.Origin[k]) / g.Step
		low[k] = int(math.Round(at))
		if off := math.Abs(at - math.Round(at)); off > most {
			axis, most = k, off
		}
	}
	low[axis] = int(math.Floor((p[axis] - g.Origin[axis]) / g.Step))
	const over = 0.03 // for rounding
	way, start := 1.0, float64(low[axis])-over
	if s.blocks.at(low) > 0 {
		way, start = -1, float64(low[axis])+1+over
	}
	var d [3]float64
	d[axis] = way
	q := p
	q[axis] = g.Origin[axis] + g.Step*start
	far, face := s.field.tree.ray(s.field.mesh, q, d, (1+2*over)*g.Step, anyFace)
	if face < 0 {
		return
	}
	// Faces that look the other way have been taken for part of the surface too.
	n := wide(s.field.mesh.FaceNormal(face))
	if n[axis]*way > 0 {
		n = [3]float64{-n[0], -n[1], -n[2]}
	}
	q[axis] += way * far
	s.places[i] = q
	s.sides[i] = sided{n: 1, normals: [3][3]float64{n}, points: [3][3]float64{q}}
}

// has reports whether one of the planes looks that way, or nearly.
func (d *sided) has(normal [3]float64) bool {
	for _, n := range d.normals[:d.n] {
		if dot(n, normal) > smoothTurn {
			return true
		}
	}
	return false
}

// meet is where planes meet next to p; ok when that is within reach, and on faces that lie in them.
func (s *sharpener) meet(p [3]float64, reach float64, sides ...*sided) (x [3]float64, ok bool) {
	var q quadric
	for _, d := range sides {
		for i := range d.n {
			plane := planeQuadric(d.normals[i], -dot(d.normals[i], sub(d.points[i], p)), 1)
			q.add(&plane)
		}
	}
	way, ok := q.best(&[3]float64{})
	if !ok || dot(way, way) > reach*reach {
		return p, false
	}
	x = [3]float64{p[0] + way[0], p[1] + way[1], p[2] + way[2]}
	for _, d := range sides {
		for _, n := range d.normals[:d.n] {
			if !s.on(x, n) {
				return x, false
			}
		}
	}
	return x, true
}

// on reports whether x is on a face that looks along the normal, or against it.
func (s *sharpener) on(x, normal [3]float64) bool {
	m := s.field.mesh
	_, ok := s.field.tree.nearestOf(m, x, sharpOn*sharpOn*s.step*s.step, func(f uint32) bool {
		n := m.faceCross(m.Triangles[f])
		along := dot(n, normal)
		return along*along > smoothTurn*smoothTurn*dot(n, n)
	})
	return ok
}

func (s *sharpener) each(ctx context.Context, n int, do func(i int)) error {
	const batch = 512
	return inParallel(ctx, (n+batch-1)/batch, func(b int) {
		for i := b * batch; i < min((b+1)*batch, n); i++ {
			do(i)
		}
	}, func(float64) {})
}

func middle(p ...[3]float64) (m [3]float64) {
	for _, q := range p {
		for k := range m {
			m[k] += q[k] / float64(len(p))
		}
	}
	return m
}

// separate returns the point where the planes of two vertices part, and these, when none belongs to both; or the corner
// between two edges that have one plane in common.
func (s *sharpener) separate(a, b uint32) (x [3]float64, parted sided, ok bool) {
	da, db := &s.sides[a], &s.sides[b]
	if da.n == 0 || db.n == 0 {
		return x, parted, false
	}
	m := middle(s.places[a], s.places[b])
	if da.shares(db) > 0 {
		if da.n != 2 || db.n != 2 || da.shares(db) != 1 {
			return x, parted, false
		}
		parted = *da
		for i, n := range db.normals[:2] {
			if !da.has(n) {
				parted.normals[2], parted.points[2] = n, db.points[i]
			}
		}
		parted.n = 3
		x, ok = s.meet(m, s.step, &parted)
		return x, parted, ok
	}
	least := math.Inf(1)
	for i := range da.n {
		for j := range db.n {
			pair := sided{n: 2, normals: [3][3]float64{da.normals[i], db.normals[j]}, points: [3][3]float64{da.points[i], db.points[j]}}
			if p, on := s.meet(m, s.step, &pair); on {
				if way := sub(p, m); dot(way, way) < least {
					x, parted, ok, least = p, pair, true, dot(way, way)
				}
			}
		}
	}
	return x, parted, ok
}

// shares counts the planes of d that o lies on too.
func (d *sided) shares(o *sided) (n int) {
	for _, normal := range d.normals[:d.n] {
		if o.has(normal) {
			n++
		}
	}
	return n
}
