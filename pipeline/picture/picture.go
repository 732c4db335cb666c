// Package picture turns a file into a subject: it decodes, puts upright, cuts out and frames.
package picture

import (
	"errors"
	"fmt"
	"image"
)

// What can be wrong with a picture, for callers that give a hint.
var (
	ErrEmpty      = errors.New("the file is empty")
	ErrTooLarge   = errors.New("the picture is too large")
	ErrNotPicture = errors.New("not a picture of a known kind")
	ErrTruncated  = errors.New("the picture is cut short or damaged")
	ErrNoSubject  = errors.New("no subject found in the picture")
	ErrBlank      = fmt.Errorf("%w: there is nothing in it", ErrNoSubject) // nor as a whole is it one
)

// Picture is a decoded, upright picture. All images have their bounds at (0,0).
type Picture struct {
	Image  *image.NRGBA  // 8-bit sRGB, straight alpha
	Gray16 *image.Gray16 // the exact samples of a greyscale source; nil otherwise
	Alpha  bool          // its own alpha carries a cut-out
}

// Subject is what engines work on: a picture cropped to its subject, and which part of it the subject covers.
type Subject struct {
	Color *image.NRGBA    // opaque; beyond the subject the colour of its nearest pixel
	Matte *image.Gray     // coverage, 0 to 255, of the same bounds
	Crop  image.Rectangle // the frame on the upright picture; it may reach over the picture's edges
	How   string          // how the subject was found, in words
	Doubt float64         // how far opinions were divided about it: 0 not at all, over [Doubtful] it is a guess
}

// Doubtful is the doubt from which on a cut-out is a guess: among pictures of known masks none above it was right, and
// nearly all below it were.
const Doubtful = 0.25

// Covered returns the smallest rectangle with every pixel that is at least half covered.
func Covered(matte *image.Gray) image.Rectangle {
	var box image.Rectangle
	b := matte.Rect
	for y := b.Min.Y; y < b.Max.Y; y++ {
		row := matte.Pix[(y-b.Min.Y)*matte.Stride:][:b.Dx()]
		first, last := -1, -1
		for x, v := range row {
			if v >= 128 {
				if first < 0 {
					first = x
				}
				last = x
			}
		}
		if first >= 0 {
			box = box.Union(image.Rect(b.Min.X+first, y, b.Min.X+last+1, y+1))
		}
	}
	return box
}
