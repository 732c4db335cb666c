package mesh

import (
	"context"
	"fmt"
	"math"
)

// Printer is what a [Certificate] judges against.
type Printer struct {
	NozzleMM    float64 `json:"nozzle_mm"`    // walls thinner than this do not print
	LayerMM     float64 `json:"layer_mm"`     // what lies within the first layer touches the bed
	OverhangDeg float64 `json:"overhang_deg"` // from the vertical; what leans out further needs support
	Density     float64 `json:"density"`      // of the filament, g/cm³
	DiameterMM  float64 `json:"diameter_mm"`  // of the filament
}

// DefaultPrinter is a 0.4 mm nozzle, 0.2 mm layers, and PLA of 1.75 mm.
var DefaultPrinter = Printer{NozzleMM: 0.4, LayerMM: 0.2, OverhangDeg: 45, Density: 1.24, DiameterMM: 1.75}

// Certificate is what someone who prints a mesh wants to know of it. Lengths are millimetres in the print frame.
type Certificate struct {
	Report
	Printable bool    `json:"printable"` // clean, in one part, and no wall thinner than the nozzle worth a mention
	Printer   Printer `json:"printer"`
	Walls     Walls   `json:"walls"`
	Overhang  float64 `json:"overhang_mm2"`    // area that needs support
	Contact   float64 `json:"bed_contact_mm2"` // area within the first layer that looks down
	Grams     float64 `json:"filament_g"`      // printed full
	Metres    float64 `json:"filament_m"`
}

// thinAllowed is the share of the area that may be thinner than the nozzle: ears and fingertips end somewhere.
const thinAllowed = 0.02

// Certify checks the mesh and measures its walls. The only error is that of ctx.
func (m *Mesh) Certify(ctx context.Context, p Printer) (Certificate, error) {
	r, tree := m.check(ctx)
	c := Certificate{Report: r, Printer: p}
	if err := ctx.Err(); err != nil {
		return c, err
	}
	if c.Invalid > 0 || c.Triangles == 0 {
		return c, nil
	}
	c.Overhang, c.Contact = m.overhang([3]float64{0, 0, -1}, p)
	if c.Closed && c.Oriented {
		var err error
		if c.Walls, err = m.walls(ctx, tree, c.Area, p.NozzleMM); err != nil {
			return c, err
		}
		c.Grams = c.Volume / 1000 * p.Density
		c.Metres = c.Volume / (math.Pi / 4 * p.DiameterMM * p.DiameterMM) / 1000
	}
	c.Printable = c.Clean() && c.Components == 1 && c.Walls.ThinShare <= thinAllowed
	return c, nil
}

// String says it in one line.
func (c Certificate) String() string {
	if !c.Clean() {
		return c.Faults()
	}
	return fmt.Sprintf("walls %.3g mm and up (half of it above %.3g), overhang %.1f cm², on the bed %.1f cm², %.0f g or %.1f m of filament if full",
		c.Walls.Thinnest, c.Walls.Median, c.Overhang/100, c.Contact/100, c.Grams, c.Metres)
}

// overhang returns the area of the faces that lean out more than the printer allows and do not lie on the bed, and that
// of those that do, seen from below, when down is a unit vector toward the bed.
func (m *Mesh) overhang(down [3]float64, p Printer) (area, contact float64) {
	lowest := math.Inf(-1)
	for _, v := range m.Vertices {
		lowest = max(lowest, dot(wide(v), down))
	}
	steep := math.Sin(p.OverhangDeg * math.Pi / 180)
	onBed := func(t [3]uint32) bool {
		for _, v := range t {
			if !(lowest-dot(wide(m.Vertices[v]), down) <= p.LayerMM) {
				return false
			}
		}
		return true
	}
	area = m.sum(func(t [3]uint32) float64 {
		n := m.faceCross(t)
		if d := dot(n, down); d > 0 {
			if l := norm(n); d > steep*l && !onBed(t) {
				return l / 2
			}
		}
		return 0
	})
	contact = m.sum(func(t [3]uint32) float64 {
		if d := dot(m.faceCross(t), down); d > 0 && onBed(t) {
			return d / 2
		}
		return 0
	})
	return area, contact
}
