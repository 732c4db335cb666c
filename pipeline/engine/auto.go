package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"

	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// auto builds with the engine that [Suggest] finds for the subject.
var auto = Engine{
	Name:  Auto,
	Title: "Automatic",
	About: "Looks at the picture and takes the engine that suits it, and says why.",
	build: func(ctx context.Context, in Input) (*mesh.Mesh, error) {
		s, err := Suggest(in.Subject, nil)
		if err != nil {
			return nil, err
		}
		in.Options = s.Options
		return s.Engine.Build(ctx, in)
	},
}

// Auto is the name of the engine that is a choice among the others.
const Auto = "auto"

// Suggestion is an engine with settings that suit a picture.
type Suggestion struct {
	Engine  Engine
	Options Options
	Why     string // what was seen in the picture, to go after "because"
}

const (
	drawnSmooth = 0.25 // share of a subject without any shading from which on it is drawn: photographs have grain and light
	drawnColors = 8    // and so many colours
	drawnShare  = 0.9  // cover this share of it
	oneColor    = 0.95 // share of a drawing in one colour from which on it is a logo
	mirrored    = 0.98 // agreement of a photographed silhouette with its mirror image, beyond that of faces and figures
)

// Suggest finds the engine for a picture from what its subject looks like. cut is the error of cutting the subject out: where
// there is none to be found, or opinions about it are divided, the whole picture is the subject, unless it is blank.
func Suggest(s *picture.Subject, cut error) (Suggestion, error) {
	if errors.Is(cut, picture.ErrNoSubject) && !errors.Is(cut, picture.ErrBlank) {
		return Suggestion{relief, nil, "nothing in it stands out from the rest"}, nil
	}
	if cut != nil {
		return Suggestion{}, cut
	}
	if s.Doubt > picture.Doubtful {
		return Suggestion{relief, nil, "it is not clear what in it is the subject"}, nil
	}
	o := outline(s.Matte, latheSide/4)
	if o == nil {
		return Suggestion{}, picture.ErrNoSubject
	}
	if filled(s.Matte) {
		return Suggestion{relief, nil, "it fills its frame"}, nil
	}
	smooth, shares := look(s)
	drawn := smooth >= drawnSmooth && shares[drawnColors-1] >= drawnShare
	if drawn && shares[0] >= oneColor {
		return Suggestion{extrude, nil, "it is drawn in one colour, as logos and letters are"}, nil
	}
	if lathe(o) == 1 {
		if a := axisOf(o, false); drawn || a.symmetry >= mirrored {
			return Suggestion{revolve, nil, fmt.Sprintf("its outline is mirror-symmetric to %.0f %% and of one piece in every row, as of a vase", 100*a.symmetry)}, nil
		}
	}
	if drawn {
		return Suggestion{inflate, Options{"parts": 0.7}, "it is drawn in flat colours"}, nil
	}
	return Suggestion{inflate, Options{"lean": 1.0}, "it is a shaded picture of a thing"}, nil
}

// filled reports whether a matte is a rectangle.
func filled(m *image.Gray) bool {
	box := picture.Covered(m)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for _, v := range m.Pix[m.PixOffset(box.Min.X, y):m.PixOffset(box.Max.X-1, y)] {
			if v < 128 {
				return false
			}
		}
	}
	return true
}

// look measures the inside of a subject: the share of its pixels without any shading, and the shares that its most frequent
// colours cover together, with those hardly different.
func look(s *picture.Subject) (smooth float64, shares [drawnColors]float64) {
	const bits = 4 // of a channel that tell colours apart
	count := map[[3]int]int{}
	var inside, still int
	w, h := s.Matte.Rect.Dx(), s.Matte.Rect.Dy()
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			if s.Matte.Pix[y*s.Matte.Stride+x] < 250 {
				continue
			}
			inside++
			p := s.Color.PixOffset(x, y)
			count[[3]int{int(s.Color.Pix[p] >> bits), int(s.Color.Pix[p+1] >> bits), int(s.Color.Pix[p+2] >> bits)}]++
			if math.Hypot(luma(s, p+4)-luma(s, p-4), luma(s, p+s.Color.Stride)-luma(s, p-s.Color.Stride)) < 1 {
				still++
			}
		}
	}
	covered := 0
	for k := range shares {
		best, most := [3]int{}, 0
		for c, n := range count {
			if n > most || n == most && less(c, best) {
				best, most = c, n
			}
		}
		for c, n := range count {
			if max(abs(c[0]-best[0]), abs(c[1]-best[1]), abs(c[2]-best[2])) <= 1 {
				covered += n
				delete(count, c)
			}
		}
		shares[k] = float64(covered) / float64(max(inside, 1))
	}
	return float64(still) / float64(max(inside, 1)), shares
}

// luma is the brightness at an offset of the subject's colours, 0 to 255 (Rec. 709, gamma-encoded).
func luma(s *picture.Subject, p int) float64 {
	c := s.Color.Pix[p:]
	return 0.2126*float64(c[0]) + 0.7152*float64(c[1]) + 0.0722*float64(c[2])
}

func abs(i int) int { return max(i, -i) }

func less(a, b [3]int) bool {
	for k := range a {
		if a[k] != b[k] {
			return a[k] < b[k]
		}
	}
	return false
}
