//go:build !headless

package ui

import (
	"fmt"
	"math"

	"orfeas/pipeline"
	"orfeas/pipeline/mesh"
)

// level says how much a finding matters to a print.
type level int

const (
	fine level = iota
	care       // it prints, but look at it
	wrong
)

func (l level) shade() shade { return []shade{good, busy, bad}[l] }

// finding is a line of a certificate: what was found, what to do about it, and the change that does it where there is one.
type finding struct {
	level  level
	title  string
	value  string
	advice string
	remedy string // on the button; empty for none
	change pipeline.Changes
}

// What a finding is judged by, besides the printer in the certificate.
const (
	thinShare   = 0.02      // of the surface: more under the nozzle's width and a part of it is missing
	littleStand = 100       // mm² on the bed, for anything higher than it is wide
	bedSide     = 220       // mm of a usual bed
	slowFaces   = 1_500_000 // triangles, from which slicers are slow
)

// findings are the lines of a certificate.
func findings(c mesh.Certificate, u unit) []finding {
	out := []finding{surfaceFinding(c)}
	if c.Components > 1 {
		out = append(out, finding{care, tr("Parts"), fmt.Sprint(c.Components), tr("They are not joined: each prints by itself, unless one is the wall of a hollow."), tr("Keep the largest"), pipeline.Changes{Keep: 1, Place: true}})
	}
	if c.Clean() {
		out = append(out, wallFinding(c, u))
	}
	out = append(out, overhangFinding(c), standFinding(c, u))
	if f := sizeFinding(c, u); f.level != fine { // it stands over the lines anyway
		out = append(out, f)
	}
	f := finding{level: fine, title: tr("Triangles"), value: thousands(c.Triangles)}
	if c.Triangles > slowFaces {
		f.level, f.advice, f.remedy = care, tr("Slicers get slow with so many."), tr("Make it %s", thousands(500_000))
		f.change = pipeline.Changes{Faces: 500_000}
	}
	return append(out, f)
}

func surfaceFinding(c mesh.Certificate) finding {
	if c.Clean() {
		return finding{level: fine, title: tr("Surface"), value: tr("closed, no faults")}
	}
	return finding{wrong, tr("Surface"), tr("not a solid"), tr("Found: %s. A slicer would guess what is inside.", told(c.Faults())), tr("Mend it"), pipeline.Changes{Solid: true, Place: true}}
}

func wallFinding(c mesh.Certificate, u unit) finding {
	f := finding{level: fine, title: tr("Thinnest wall"), value: u.wall(c.Walls.Thinnest)}
	nozzle := u.wall(c.Printer.NozzleMM)
	switch {
	case c.Walls.ThinShare > thinShare:
		f.level = wrong
		f.advice = tr("%.0f %% of the surface is thinner than the nozzle of %s and will be missing. Make it larger, or convert it again thicker.", 100*c.Walls.ThinShare, nozzle)
	case c.Walls.Thinnest < c.Printer.NozzleMM:
		f.level = care
		f.advice = tr("Tips and edges end thinner than the nozzle of %s. The slicer rounds them off.", nozzle)
	}
	return f
}

func overhangFinding(c mesh.Certificate) finding {
	f := finding{level: fine, title: tr("Overhang"), value: tr("none")}
	if c.Overhang < 1 {
		return f
	}
	f.value = fmt.Sprintf("%.1f cm²", c.Overhang/100)
	if c.Overhang > 0.002*c.Area {
		f.level, f.advice = care, tr("It leans out more than %.0f° there and needs support. Another way up may need less.", c.Printer.OverhangDeg)
		f.remedy, f.change = tr("Lay it best"), pipeline.Changes{Orient: true}
	}
	return f
}

func standFinding(c mesh.Certificate, u unit) finding {
	f := finding{level: fine, title: tr("On the bed"), value: fmt.Sprintf("%.1f cm²", c.Contact/100)}
	size := c.Size()
	if wide := float64(max(size[0], size[1])); c.Contact < min(littleStand, 0.05*wide*wide) {
		cut := math.Max(0.4, math.Round(float64(size[2])*0.3)/10) // about three hundredths of the height
		f.level, f.advice = care, tr("It stands on little and may come loose. Cut a flat base, or print it with a brim.")
		f.remedy, f.change = tr("Cut off %s", u.length(cut)), pipeline.Changes{CutMM: cut}
	}
	return f
}

func sizeFinding(c mesh.Certificate, u unit) finding {
	size := c.Size()
	f := finding{level: fine, title: tr("Size"), value: u.size(size)}
	if long := max(size[0], size[1], size[2]); long > bedSide {
		f.level, f.advice = care, tr("Larger than a usual bed of %s.", u.length(bedSide))
		f.remedy, f.change = tr("Make it %s", u.length(bedSide-20)), pipeline.Changes{SizeMM: bedSide - 20}
	}
	return f
}

// wall says a small length with three digits.
func (u unit) wall(mm float64) string { return fmt.Sprintf("%.3g %s", mm/u.millimetres, u.name) }

// verdict sums a certificate up.
func verdict(c mesh.Certificate) (string, level) {
	switch {
	case !c.Clean():
		return tr("Needs mending"), wrong
	case c.Walls.ThinShare > thinShare:
		return tr("Closed, but walls are too thin"), wrong
	case c.Components > 1:
		return tr("Closed, %d parts", c.Components), care
	}
	return tr("Ready to print"), fine
}
