package picture

import (
	"context"
	"image"
)

// cutout is a matte of a picture's own size, how it was found, and how doubtful that is, see [Subject].
type cutout struct {
	matte *image.Gray
	how   string
	doubt float64
}

// segment finds the subject of a picture without alpha: directly when the background is plain, by graph cuts otherwise
// and whenever a person has scribbled. The result is soft at the edge.
func segment(ctx context.Context, img *image.NRGBA, scribble *image.Gray, step func(string, float64)) (cutout, error) {
	if scribble == nil {
		step("looking for a plain background", 0.05)
		if m, err := plainMatte(ctx, img); m != nil || err != nil {
			return cutout{m, "classical segmentation: a plain background, told by its colour", 0}, err
		}
	}
	m, doubt, err := grabCut(ctx, img, scribble, step)
	if scribble != nil {
		doubt = 0 // a person has said what it is
	}
	return cutout{m, "classical segmentation: saliency, colour models and graph cuts", doubt}, err
}
