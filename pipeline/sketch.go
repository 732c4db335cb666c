package pipeline

import (
	"context"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// Enough for a picture of a mesh as large as a thumb: triangles, and pixels of the subject's longer side.
const (
	sketchFaces = 8000
	sketchSide  = 512
)

// Sketch is a rough mesh of what the settings would make of a picture, in the print frame and in colours: to be looked at, not
// to be printed. source is the edited picture; c is what was cut out of it and may be nil for an engine that takes the picture
// as it is. The engine must not be [engine.Auto], and not need what [engine.Engine.Missing] says.
func Sketch(ctx context.Context, source *picture.Picture, c *picture.Cutout, s Settings) (*mesh.Mesh, error) {
	e, options, err := s.engine()
	if err != nil {
		return nil, err
	}
	w := &Work{Settings: s, Source: source, Step: func(string, float64) {}}
	w.Settings.Faces = sketchFaces
	o, err := s.CutOptions(e.Wholly(options))
	if err != nil {
		return nil, err
	}
	o.MaxSide = sketchSide
	switch {
	case o.KeepBackground:
		w.Subject, err = picture.Cut(ctx, source, o, nil)
	case c == nil || c.Matte == nil:
		err = picture.ErrNoSubject
	default:
		w.Subject, err = c.Subject(o)
	}
	if err != nil {
		return nil, err
	}
	if err := shape(ctx, w); err != nil {
		return nil, err
	}
	if w.Mesh.Colors == nil && s.Texture != NoTexture {
		w.Mesh = projected(w.Mesh, w.Subject)
	}
	m := w.printed(s.SizeMM, w.Mesh)
	if len(m.Triangles) > 4*sketchFaces {
		return m.Decimate(ctx, mesh.DecimateOptions{Faces: 2 * sketchFaces}, func(float64) {})
	}
	return m, nil
}

// projected has the colours of the picture on both sides. The box of the mesh is that of the matte; see package engine.
func projected(m *mesh.Mesh, s *picture.Subject) *mesh.Mesh {
	lo, hi := m.Bounds()
	box := picture.Covered(s.Matte)
	out := *m
	out.Colors = make([][4]uint8, len(m.Vertices))
	share := func(v [3]float32, k int) float64 { return float64((v[k] - lo[k]) / max(hi[k]-lo[k], 1e-9)) }
	for i, v := range m.Vertices {
		out.Colors[i] = s.At(float64(box.Min.X)+share(v, 0)*float64(box.Dx()), float64(box.Max.Y)-share(v, 1)*float64(box.Dy()))
	}
	return &out
}
