package picture

import (
	"errors"
	"fmt"
	"image"
	"math"
	"strconv"
	"strings"
)

// ErrEdit is wrapped by every complaint of [Edit.Check].
var ErrEdit = errors.New("edits of the picture")

// Whole is the width, and the height, of a picture in the units of an [Edit]: ten-thousandths.
const Whole = 10000

// Limits of an edit.
const (
	MinCrop              = Whole / 100
	MinBrush, MaxBrush   = Whole / 500, Whole / 5 // radius, of the longer side
	MaxStrokes, MaxMarks = 200, 4000              // strokes, and corners of all their lines together
)

// Edit is what a person does to an upright picture before the subject is cut out: it is cropped, turned and flipped, in this
// order, and strokes say what is subject and what is not. Places are in ten-thousandths of the whole picture's width and
// height as it was at first, so that no edit changes the meaning of another. The zero value leaves the picture as it is.
type Edit struct {
	Crop    Box      `json:"crop,omitzero"`   // the whole picture if zero
	Turns   int      `json:"turns,omitempty"` // quarter turns clockwise, 0 to 3
	Flip    bool     `json:"flip,omitempty"`  // left for right, after it was turned
	Strokes []Stroke `json:"strokes,omitempty"`
}

// Box is a part of a picture.
type Box struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// Stroke is a line drawn with a round brush.
type Stroke struct {
	Keep   bool     `json:"keep"`   // it is subject; else it is not
	Radius int      `json:"radius"` // of the brush, in ten-thousandths of the picture's longer side
	Line   Polyline `json:"line"`
}

// Polyline is a line by its corners; a single one is a dot. In JSON it is a string as in SVG: "x,y x,y".
type Polyline []image.Point

// MarshalText writes "x,y x,y".
func (l Polyline) MarshalText() ([]byte, error) {
	var b []byte
	for i, p := range l {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(p.X), 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, int64(p.Y), 10)
	}
	return b, nil
}

// UnmarshalText reads at most [MaxMarks] corners.
func (l *Polyline) UnmarshalText(text []byte) error {
	*l = nil
	for word := range strings.FieldsSeq(string(text)) {
		x, y, ok := strings.Cut(word, ",")
		u, err := strconv.Atoi(x)
		v, err2 := strconv.Atoi(y)
		if !ok || err != nil || err2 != nil {
			return fmt.Errorf("%w: a line is \"x,y x,y\" in whole numbers, not %.40q", ErrEdit, word)
		}
		if len(*l) == MaxMarks {
			return fmt.Errorf("%w: a line has more than %d corners", ErrEdit, MaxMarks)
		}
		*l = append(*l, image.Pt(u, v))
	}
	return nil
}

// IsZero reports whether the edit changes nothing.
func (e Edit) IsZero() bool { return e.plain() && len(e.Strokes) == 0 }

// plain reports whether the picture itself stays as it is.
func (e Edit) plain() bool { return e.Crop == (Box{}) && e.Turns == 0 && !e.Flip }

// Check returns an error wrapping [ErrEdit] that names the first thing out of its range.
func (e Edit) Check() error {
	if c := e.Crop; c != (Box{}) {
		if c.X < 0 || c.Y < 0 || c.W < MinCrop || c.H < MinCrop || c.W > Whole || c.H > Whole || c.X > Whole-c.W || c.Y > Whole-c.H {
			return fmt.Errorf("%w: what is cropped must be at least 1 %% wide and high and lie in the picture", ErrEdit)
		}
	}
	if e.Turns < 0 || e.Turns > 3 {
		return fmt.Errorf("%w: a picture is turned by 0 to 3 quarters, not %d", ErrEdit, e.Turns)
	}
	if len(e.Strokes) > MaxStrokes {
		return fmt.Errorf("%w: there are %d strokes, and %d at most are taken", ErrEdit, len(e.Strokes), MaxStrokes)
	}
	marks := 0
	for i, s := range e.Strokes {
		if s.Radius < MinBrush || s.Radius > MaxBrush {
			return fmt.Errorf("%w: stroke %d: the brush is between %.1f and %.0f %% of the picture", ErrEdit, i+1, MinBrush*100.0/Whole, MaxBrush*100.0/Whole)
		}
		if len(s.Line) == 0 {
			return fmt.Errorf("%w: stroke %d has no place", ErrEdit, i+1)
		}
		if marks += len(s.Line); marks > MaxMarks {
			return fmt.Errorf("%w: the strokes have more than %d corners", ErrEdit, MaxMarks)
		}
		for _, p := range s.Line {
			if !p.In(image.Rect(0, 0, Whole+1, Whole+1)) {
				return fmt.Errorf("%w: stroke %d leaves the picture", ErrEdit, i+1)
			}
		}
	}
	return nil
}

// Apply returns the picture cropped, turned and flipped. The edit must be one that [Edit.Check] lets pass.
func (e Edit) Apply(p *Picture) *Picture {
	if e.plain() {
		return p
	}
	turn := [2][4]int{{1, 6, 3, 8}, {2, 5, 4, 7}}[btoi(e.Flip)][e.Turns] // as in EXIF
	out := &Picture{}
	r := e.Crop.of(p.Image.Rect)
	out.Image = upright(croppedNRGBA(p.Image, r), turn)
	if p.Gray16 != nil {
		out.Gray16 = uprightGray(croppedGray(p.Gray16, r), turn)
	}
	out.Alpha = p.Alpha && hasCutout(out.Image)
	return out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// of is the box in pixels of a picture, at least one.
func (b Box) of(r image.Rectangle) image.Rectangle {
	if b == (Box{}) {
		return r
	}
	at := func(v, n int) int { return int(math.Round(float64(v) * float64(n) / Whole)) }
	x, y := min(at(b.X, r.Dx()), r.Dx()-1), min(at(b.Y, r.Dy()), r.Dy()-1)
	return image.Rect(x, y, max(at(b.X+b.W, r.Dx()), x+1), max(at(b.Y+b.H, r.Dy()), y+1))
}

func croppedNRGBA(img *image.NRGBA, r image.Rectangle) *image.NRGBA {
	if r == img.Rect {
		return img
	}
	out := image.NewNRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	for y := range r.Dy() {
		copy(out.Pix[y*out.Stride:][:4*r.Dx()], img.Pix[img.PixOffset(r.Min.X, r.Min.Y+y):])
	}
	return out
}

func croppedGray(img *image.Gray16, r image.Rectangle) *image.Gray16 {
	if r == img.Rect {
		return img
	}
	out := image.NewGray16(image.Rect(0, 0, r.Dx(), r.Dy()))
	for y := range r.Dy() {
		copy(out.Pix[y*out.Stride:][:2*r.Dx()], img.Pix[img.PixOffset(r.Min.X, r.Min.Y+y):])
	}
	return out
}

// Turned maps a place on the upright picture, as shares of its sides, to the same place when it is turned and flipped, but
// not cropped.
func (e Edit) Turned(x, y float64) (float64, float64) {
	for range e.Turns {
		x, y = 1-y, x
	}
	if e.Flip {
		x = 1 - x
	}
	return x, y
}

// Back is the inverse of [Edit.Turned].
func (e Edit) Back(x, y float64) (float64, float64) {
	if e.Flip {
		x = 1 - x
	}
	for range e.Turns {
		x, y = y, 1-x
	}
	return x, y
}
