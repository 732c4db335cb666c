package picture

import (
	"context"
	"image"
)

// segment finds the subject of a picture without alpha: directly when the background is plain, by graph cuts otherwise
// and whenever a person has scribbled. The result is soft at the edge.
func segment(ctx context.Context, img *image.NRGBA, scribble *image.Gray, step func(string, float64)) (*image.Gray, string, error) {
	if scribble == nil {
		step("looking for a plain background", 0.05)
		if m, err := plainMatte(ctx, img); m != nil || err != nil {
			return m, "classical segmentation: a plain background, told by its colour", err
		}
	}
	m, err := grabCut(ctx, img, scribble, step)
	return m, "classical segmentation: saliency, colour models and graph cuts", err
}
