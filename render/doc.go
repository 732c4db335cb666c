// Package render turns a mesh into pixels, off screen. [View] draws with OpenGL through g3n, for the window; [Preview]
// draws a single picture in software, so that the terminal and the server need neither a GPU nor a display.
//
// Meshes are in the print frame: millimetres, z up, the front looking to -y.
package render

import (
	"errors"
	"image"
)

// ErrNoGL is wrapped when no OpenGL context can be had.
var ErrNoGL = errors.New("no OpenGL")

// maxSide bounds the frames that are drawn.
const maxSide = 8192

// Mode says what a surface looks like.
type Mode int

// The modes.
const (
	Colors  Mode = iota // the mesh's colours, clay where it has none
	Clay                // one matt colour, which shows the shape best
	Normals             // the direction of the surface as a colour
)

// Shading says how a frame is drawn.
type Shading struct {
	Mode      Mode
	Wireframe bool // the edges over the surface
	Bed       bool // the bed with its millimetre grid
	Draft     bool // no antialiasing and a coarse mesh, while the camera moves
}

// frame checks a size and makes an image of it.
func frame(w, h int) (*image.NRGBA, error) {
	if w < 1 || h < 1 || w > maxSide || h > maxSide {
		return nil, errors.New("draw: the frame's size is out of range")
	}
	return image.NewNRGBA(image.Rect(0, 0, w, h)), nil
}
