package pipeline

import (
	"context"
	"errors"
	"fmt"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/texture"
)

// colour is the texture stage: it gives the vertices colours, unless the engine did. A network that paints from several
// views would be another way to get them here.
func colour(ctx context.Context, w *Work) error {
	if w.Settings.Texture == NoTexture {
		m := *w.Mesh
		m.Colors = nil
		w.Mesh = &m
		return ctx.Err()
	}
	if w.Mesh.Colors != nil {
		return ctx.Err()
	}
	w.Step("laying the picture over the mesh", 0)
	camera, overlap, ok, err := w.facing(ctx)
	if err != nil || !ok {
		return err
	}
	if overlap < 0.8 {
		w.Notes = append(w.Notes, fmt.Sprintf("the outlines of mesh and picture agree to %.0f %% only: its colours may be out of place", 100*overlap))
	}
	if err := w.register(ctx, camera); err != nil {
		return err
	}
	w.Step("projecting the picture", 0.2)
	p, err := texture.New(ctx, w.Mesh, w.Subject, camera, w.views...)
	if err != nil {
		return err
	}
	if err := p.Fill(ctx, w.Settings.Unseen, func(text string, f float64) { w.Step(text, 0.4+0.6*f) }); err != nil {
		return err
	}
	m := *w.Mesh
	m.Colors = p.Colors()
	w.Mesh, w.camera = &m, &camera
	w.Notes = append(w.Notes, p.Notes...)
	return nil
}

// facing is the camera of the picture, and how much of the outlines agree under it. The straight one is that of a mesh that fills
// the box of the subject with more than the subject.
func (w *Work) facing(ctx context.Context) (c texture.Camera, overlap float64, ok bool, err error) {
	if e, o, err := w.Settings.engine(); err == nil && e.Framed != nil && e.Framed(o) {
		c, ok = texture.Straight(w.Mesh, picture.Covered(w.Subject.Matte))
		return c, 1, ok, ctx.Err()
	}
	return texture.Register(ctx, w.Mesh, w.Subject)
}

// register finds the cameras of the pictures of other sides, and says which of them are of no use.
func (w *Work) register(ctx context.Context, front texture.Camera) error {
	for _, v := range w.Views {
		w.Step(fmt.Sprintf("laying the picture of the %s over the mesh", v.Side), 0.1)
		camera, overlap, ok, err := texture.RegisterSide(ctx, w.Mesh, v, front)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		switch share := 100 * overlap; {
		case overlap < 0.6:
			w.note("the picture of the %s gave no colours: its outline and that of the mesh agree to %.0f %% only", v.Side, share)
		case overlap < 0.8:
			w.note("the outlines of the mesh and of the picture of the %s agree to %.0f %% only: its colours may be out of place", v.Side, share)
		default:
			w.note("the picture of the %s gave its colours: the outlines agree to %.0f %%", v.Side, share)
		}
		if overlap >= 0.6 {
			w.views = append(w.views, texture.View{View: v, Camera: camera, Overlap: overlap})
		}
		if overlap < 0.8 {
			if err := w.swapped(ctx, v, front, overlap); err != nil {
				return err
			}
		}
	}
	return nil
}

// swapped says so when a picture of the left looks like one of the right, or the other way round.
func (w *Work) swapped(ctx context.Context, v picture.View, front texture.Camera, overlap float64) error {
	across := map[picture.Side]picture.Side{picture.Left: picture.Right, picture.Right: picture.Left}
	side, ok := across[v.Side]
	if !ok {
		return nil
	}
	_, there, _, err := texture.RegisterSide(ctx, w.Mesh, picture.View{Side: side, Subject: v.Subject}, front)
	if err == nil && there > overlap+0.1 {
		w.note("the picture of the %s fits the %s better, to %.0f %%: left and right are the object's own", v.Side, side, 100*there)
	}
	return err
}

func (w *Work) note(format string, args ...any) {
	w.Notes = append(w.Notes, fmt.Sprintf(format, args...))
}

// regionMM is how wide a region of one filament must be at least to be printed well: two lines of a common nozzle.
const regionMM = 0.9

// finish makes of the colours of the finished mesh what was asked for, a texture or filaments. A texture is painted anew
// on the mesh as it is now, so that decimation costs it nothing.
func finish(ctx context.Context, w *Work, at placing) error {
	side := w.Settings.Texture.side()
	switch {
	case w.Mesh.Colors == nil:
		return nil
	case w.Settings.Palette > 0:
		w.Step("choosing filaments", 0.96)
		m, err := texture.Reduce(ctx, w.Mesh, w.Settings.Palette, regionMM*regionMM)
		if err != nil {
			return err
		}
		w.Mesh = m
		return nil
	case side == 0:
		return nil
	}
	w.Step("unwrapping the surface", 0.96)
	atlas, err := texture.Unwrap(ctx, w.Mesh, side)
	if errors.Is(err, texture.ErrRagged) {
		w.Notes = append(w.Notes, err.Error()+": the colours stay with the vertices")
		return nil
	}
	if err != nil {
		return err
	}
	w.Step("painting the texture", 0.97)
	var painted *mesh.Mesh
	if w.camera == nil {
		painted, err = texture.BakeColors(ctx, w.Mesh, atlas)
	} else {
		var p *texture.Painting
		if p, err = texture.New(ctx, at.back(w.Mesh), w.Subject, *w.camera, w.views...); err != nil {
			return err
		}
		if err = p.Fill(ctx, w.Settings.Unseen, func(string, float64) {}); err != nil {
			return err
		}
		painted, err = p.Bake(ctx, atlas)
	}
	if err != nil {
		return err
	}
	m := *w.Mesh
	m.UVs, m.Texture = painted.UVs, painted.Texture
	w.Mesh = &m
	return nil
}

// placing is how points of the model frame came into the print frame: turned, scaled and shifted.
type placing struct {
	lies  bool // on its back
	scale float64
	shift [3]float64
}

// placed compares a mesh in the model frame with the same in the print frame.
func placed(model, print *mesh.Mesh, lies bool) placing {
	p := placing{lies: lies, scale: 1}
	lo, hi := model.Bounds()
	a, b := p.of(lo), p.of(hi)
	to, _ := print.Bounds()
	if long := model.Extent(mesh.Longest); long > 0 {
		p.scale = print.Extent(mesh.Longest) / long
	}
	for k := range p.shift {
		p.shift[k] = float64(to[k]) - p.scale*min(a[k], b[k])
	}
	return p
}

// of turns a point of the model frame, scales and shifts it.
func (p placing) of(v [3]float32) (out [3]float64) {
	out = [3]float64{float64(v[0]), -float64(v[2]), float64(v[1])}
	if p.lies {
		out = [3]float64{float64(v[0]), float64(v[1]), float64(v[2])}
	}
	for k := range out {
		out[k] = p.scale*out[k] + p.shift[k]
	}
	return out
}

// resized is the placing after a mesh in the print frame was scaled and shifted.
func (p placing) resized(before, after *mesh.Mesh) placing {
	f := 1.0
	if long := before.Extent(mesh.Longest); long > 0 {
		f = after.Extent(mesh.Longest) / long
	}
	from, _ := before.Bounds()
	to, _ := after.Bounds()
	p.scale *= f
	for k := range p.shift {
		p.shift[k] = f*p.shift[k] + float64(to[k]) - f*float64(from[k])
	}
	return p
}

// back returns a mesh of the print frame in the model frame.
func (p placing) back(m *mesh.Mesh) *mesh.Mesh {
	out := &mesh.Mesh{Vertices: make([][3]float32, len(m.Vertices)), Triangles: m.Triangles}
	for i, v := range m.Vertices {
		var q [3]float32
		for k := range q {
			q[k] = float32((float64(v[k]) - p.shift[k]) / p.scale)
		}
		if out.Vertices[i] = [3]float32{q[0], q[2], -q[1]}; p.lies {
			out.Vertices[i] = q
		}
	}
	return out
}
