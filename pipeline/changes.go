package pipeline

import (
	"context"
	"fmt"

	"orfeas/pipeline/mesh"
)

// Changes are what can be done to a finished mesh of the print frame, in this order. Lengths are millimetres; what is zero is
// not asked for. Terminal and window do theirs with them.
type Changes struct {
	Weld    bool
	Solid   bool
	Grid    int     // steps of the longest side where a surface is rebuilt
	Keep    float64 // share of the largest part below which a part goes
	Smooth  int     // passes
	SizeMM  float64
	Along   mesh.Side
	Turns   [3]int // quarter turns about x, y, z, anticlockwise seen from the axis' end
	Orient  bool   // lay it the way that needs least support
	Place   bool   // on the bed, in its middle
	CutMM   float64
	WallMM  float64
	DrainMM float64
	Faces   int
	ErrorMM float64
}

// Check names the first change that cannot be asked for; the error wraps [ErrSettings].
func (c Changes) Check() error {
	wrong := func(format string, v ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrSettings}, v...)...)
	}
	switch {
	case c.Faces < 0 || c.Smooth < 0 || c.Smooth > 1000 || !(c.Keep >= 0 && c.Keep <= 1) || !(c.SizeMM >= 0 && c.SizeMM <= MaxSizeMM):
		return wrong("the number of triangles, the smoothing, the share to keep or the size is out of its range")
	case c.Grid != 0 && (c.Grid < mesh.MinGrid || c.Grid > mesh.MaxGrid):
		return wrong("the grid is a number from %d to %d", mesh.MinGrid, mesh.MaxGrid)
	case !(c.CutMM >= 0 && c.WallMM >= 0 && c.DrainMM >= 0 && c.ErrorMM >= 0):
		return wrong("a length is below zero")
	case c.DrainMM > 0 && c.WallMM == 0:
		return wrong("drains go with a hollow")
	case !c.Along.Known():
		return wrong("a side is longest, width, depth or height, not %q", c.Along)
	}
	return nil
}

// Do makes the changes and says in words what was done. m stays as it is. step is called with what is being done and the
// share of that, and may be nil.
func (c Changes) Do(ctx context.Context, m *mesh.Mesh, step func(text string, fraction float64)) (*mesh.Mesh, []fmt.Stringer, error) {
	if err := c.Check(); err != nil {
		return nil, nil, err
	}
	if step == nil {
		step = func(string, float64) {}
	}
	var said []fmt.Stringer
	for _, part := range []func(context.Context, *mesh.Mesh, func(string, float64)) (*mesh.Mesh, fmt.Stringer, error){c.mend, c.lay, c.carve, c.decimate} {
		next, what, err := part(ctx, m, step)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, nil, err
		}
		if m = next; what != nil {
			said = append(said, what)
		}
	}
	return m, said, nil
}

// mend makes it sound and smooth.
func (c Changes) mend(ctx context.Context, m *mesh.Mesh, step func(string, float64)) (_ *mesh.Mesh, said fmt.Stringer, err error) {
	if c.Weld {
		m = m.Weld()
	}
	if c.Solid {
		var did mesh.Repair
		if m, did, err = m.Solid(ctx, mesh.SolidOptions{Grid: c.Grid}, step); err != nil {
			return nil, nil, err
		}
		said = did
	}
	if c.Keep > 0 {
		m, _ = m.KeepLarge(c.Keep)
	}
	if c.Smooth > 0 {
		step("smoothing", 0)
		if m, err = m.Smooth(ctx, c.Smooth); err != nil {
			return nil, nil, err
		}
	}
	return m, said, nil
}

// lay sizes and turns it.
func (c Changes) lay(ctx context.Context, m *mesh.Mesh, step func(string, float64)) (_ *mesh.Mesh, said fmt.Stringer, err error) {
	if c.SizeMM > 0 {
		m = m.Sized(c.Along, c.SizeMM)
	}
	for axis, n := range c.Turns {
		if n %= 4; n != 0 {
			m = m.Turned(axis, n)
		}
	}
	if c.Orient {
		step("trying ways to lay it", 0)
		ways, err := m.Orientations(ctx, mesh.DefaultPrinter)
		if err != nil {
			return nil, nil, err
		}
		if len(ways) > 0 {
			m, said = m.Laid(ways[0].Down), ways[0]
		}
	}
	if c.Place {
		m = m.OnBed()
	}
	return m, said, nil
}

// carve cuts a base and hollows it out.
func (c Changes) carve(ctx context.Context, m *mesh.Mesh, step func(string, float64)) (_ *mesh.Mesh, said fmt.Stringer, err error) {
	if c.CutMM > 0 {
		step("cutting a flat base", 0)
		lo, _ := m.Bounds()
		if m, err = m.CutBelow(float64(lo[2]) + c.CutMM); err != nil {
			return nil, nil, err
		}
		m = m.OnBed()
	}
	if c.WallMM > 0 {
		var did mesh.Hollowing
		m, did, err = m.Hollow(ctx, mesh.HollowOptions{Wall: c.WallMM, Drain: c.DrainMM, Grid: c.Grid}, func(f float64) { step("hollowing out", f) })
		if err != nil {
			return nil, nil, err
		}
		said = did
	}
	return m, said, nil
}

func (c Changes) decimate(ctx context.Context, m *mesh.Mesh, step func(string, float64)) (*mesh.Mesh, fmt.Stringer, error) {
	o := mesh.DecimateOptions{Faces: c.Faces, MaxError: c.ErrorMM}
	if c.ErrorMM <= 0 && (c.Faces <= 0 || c.Faces >= len(m.Triangles)) {
		return m, nil, nil
	}
	m, err := m.Decimate(ctx, o, func(f float64) { step("decimating", f) })
	return m, nil, err
}
