package mesh

import (
	"fmt"
	"strings"
)

// Report is what [Mesh.Check] found. It is also the JSON of the terminal and the API.
type Report struct {
	Vertices          int        `json:"vertices"`
	Triangles         int        `json:"triangles"`
	Closed            bool       `json:"closed"`             // no edge is used by only one face
	Manifold          bool       `json:"manifold"`           // every edge has two faces, every vertex one fan of them
	Oriented          bool       `json:"oriented"`           // the two faces of every edge run through it in opposite directions
	Outward           bool       `json:"outward"`            // closed, oriented, and every outermost shell encloses a positive volume
	OpenEdges         int        `json:"open_edges"`         // edges with one face
	ManifoldFaults    int        `json:"manifold_faults"`    // edges with three faces or more, and vertices with two fans or more
	FlippedEdges      int        `json:"flipped_edges"`      // edges both of whose faces run the same way
	Degenerate        int        `json:"degenerate"`         // faces with a repeated corner or no area
	Duplicates        int        `json:"duplicates"`         // faces with the same three corners as an earlier one
	Invalid           int        `json:"invalid"`            // indices out of range, and NaN or infinite coordinates
	Components        int        `json:"components"`         // parts connected by edges
	Euler             int        `json:"euler"`              // V - E + F over the vertices in use
	Genus             int        `json:"genus"`              // handles, summed over the components; -1 unless closed and manifold
	SelfIntersections int        `json:"self_intersections"` // pairs of faces that cross, or cover each other in one plane, but for duplicates; 1 000 000 is that many or more
	Volume            float64    `json:"volume"`             // signed, cubic units of the frame
	Area              float64    `json:"area"`               // square units of the frame
	Min               [3]float32 `json:"min"`
	Max               [3]float32 `json:"max"`
}

// Size returns the side lengths of the bounding box.
func (r Report) Size() [3]float32 {
	return [3]float32{r.Max[0] - r.Min[0], r.Max[1] - r.Min[1], r.Max[2] - r.Min[2]}
}

// Clean reports whether a slicer can take the mesh as it is: a closed, oriented 2-manifold, outward, without
// degenerate or crossing faces, and with a volume.
func (r Report) Clean() bool {
	return r.Triangles > 0 && r.Closed && r.Manifold && r.Oriented && r.Outward && r.Degenerate == 0 &&
		r.Duplicates == 0 && r.Invalid == 0 && r.SelfIntersections == 0 && r.Volume > 0
}

// Faults names what keeps the mesh from being [Report.Clean], in words; empty when nothing does.
func (r Report) Faults() string {
	var out []string
	for _, f := range []struct {
		n         int
		one, many string
	}{
		{r.Invalid, "broken index or coordinate", "broken indices or coordinates"},
		{r.OpenEdges, "open edge", "open edges"},
		{r.ManifoldFaults, "place that is not 2-manifold", "places that are not 2-manifold"},
		{r.FlippedEdges, "edge between faces that look opposite ways", "edges between faces that look opposite ways"},
		{r.Degenerate, "face without area", "faces without area"},
		{r.Duplicates, "repeated face", "repeated faces"},
		{r.SelfIntersections, "pair of crossing faces", "pairs of crossing faces"},
	} {
		switch {
		case f.n == 1:
			out = append(out, "1 "+f.one)
		case f.n > 1:
			out = append(out, fmt.Sprintf("%d %s", f.n, f.many))
		}
	}
	if r.Triangles == 0 {
		out = append(out, "no faces")
	} else if out == nil && !r.Clean() {
		out = append(out, "inside out, or encloses nothing")
	}
	return strings.Join(out, ", ")
}
