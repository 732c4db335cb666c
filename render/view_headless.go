//go:build headless

package render

import (
	"context"
	"fmt"
	"image"

	"orfeas/pipeline/mesh"
)

// View is not in this build, which is not to need OpenGL; [Preview] and [Draw] are.
type View struct{}

// New returns an error wrapping [ErrNoGL].
func New() (*View, error) {
	return nil, fmt.Errorf("open a view: %w: this build has none", ErrNoGL)
}

// SetMesh returns an error wrapping [ErrNoGL].
func (*View) SetMesh(context.Context, *mesh.Mesh) error { return ErrNoGL }

// SetThickness returns an error wrapping [ErrNoGL].
func (*View) SetThickness(context.Context, *Heat) error { return ErrNoGL }

// Frame returns an error wrapping [ErrNoGL].
func (*View) Frame(context.Context, Camera, Shading, int, int) (*image.NRGBA, error) {
	return nil, ErrNoGL
}

// Renderer returns nothing.
func (*View) Renderer() string { return "" }

// Close does nothing.
func (*View) Close() {}
