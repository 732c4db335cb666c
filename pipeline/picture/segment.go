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

// segment finds the subject of a picture without alpha: directly when the background is plain, by a network where there is
// one, by graph cuts otherwise. The result is soft at the edge.
func segment(ctx context.Context, img *image.NRGBA, network *CutNetwork, step func(string, float64)) (cutout, error) {
	if network == nil || !network.Asked {
		step("looking for a plain background", 0.05)
		if m, err := plainMatte(ctx, img); m != nil || err != nil {
			return cutout{m, "classical segmentation: a plain background, told by its colour", 0}, err
		}
	}
	if network != nil {
		step("cutting out with "+network.Title, 0.1)
		m, err := network.Matte(ctx, network.Path, img)
		return cutout{m, "the network " + network.Title, 0}, err
	}
	m, doubt, err := grabCut(ctx, img, nil, step)
	return cutout{m, "classical segmentation: saliency, colour models and graph cuts", doubt}, err
}
