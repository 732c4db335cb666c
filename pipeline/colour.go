package pipeline

import (
	"context"
	"fmt"

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
	camera, overlap, ok, err := texture.Register(ctx, w.Mesh, w.Subject)
	if err != nil || !ok {
		return err
	}
	if overlap < 0.8 {
		w.Notes = append(w.Notes, fmt.Sprintf("the outlines of mesh and picture agree to %.0f %% only: its colours may be out of place", 100*overlap))
	}
	w.Step("projecting the picture", 0.2)
	p, err := texture.New(ctx, w.Mesh, w.Subject, camera)
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
