// Package render turns a mesh into pixels, off screen. [View] draws with OpenGL through g3n, for the window; [Preview]
// draws a single picture in software, so that the terminal and the server need neither a GPU nor a display. Both light
// the surface alike (light.go). Builds tagged headless have only the second: their [New] returns [ErrNoGL].
//
// Meshes are in the print frame: millimetres, z up, the front looking to -y.
package render

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"

	"orfeas/pipeline/mesh"
)

// ErrNoGL is wrapped when no OpenGL context can be had. The caller goes on without a viewport.
var ErrNoGL = errors.New("no OpenGL")

var errClosed = errors.New("the view is closed")

const (
	maxSide      = 8192       // of a frame, in pixels
	samples      = 4          // per pixel of a frame that is not a draft
	maxTriangles = 40_000_000 // of a mesh; about 2 GB on the graphics card
)

// Mode says what a surface looks like.
type Mode int

// The modes.
const (
	Colors    Mode = iota // the mesh's texture, filaments or colours, clay where it has none
	Solid                 // one colour, as satin plastic
	Clay                  // one matt colour, darker in hollows (ambient occlusion), which shows the shape best
	Normals               // the direction of the surface in the print frame as a colour, xyz from -1..1 to rgb
	Overhang              // how far it leans out over nothing, see [Shading.Limit]
	Thickness             // what [View.SetThickness] was given, else as Solid
)

// Section is a plane at right angles to an axis of the print frame. What lies beyond it is cut away; where the plane goes
// through a closed mesh it is closed with a hatched face, and where it goes through an open one, the insides of the
// faces show in the hatch's colour.
type Section struct {
	On   bool
	Axis int     // 0, 1, 2 for x, y, z
	At   float32 // in mm along the axis
	Flip bool    // cut away what lies below, not above
}

// Shading says how a frame is drawn. The zero value is the bare mesh before a dark ground.
type Shading struct {
	Mode        Mode
	Limit       float32 // degrees from the vertical up to which nothing needs support; 0 for 45
	Section     Section
	Dimensions  bool           // the bounding box with its sides
	Unit        Unit           // of the dimensions
	Legend      bool           // of a heat map, in the lower left corner
	Scale       float32        // pixels per point, for lines and letters; 0 for 1
	Compare     *Overlay       // a picture over the left part of the frame; nil for none
	Wireframe   bool           // the edges over the surface
	Bed         bool           // a grid on z = 0: a line every 10 mm, a stronger one every 50 mm, x red, y green
	Draft       bool           // no antialiasing and a coarse mesh without edges, while the camera moves
	Transparent bool           // no ground
	Background  [2]color.NRGBA // top and bottom of the ground's gradient; both zero for the dark one
	BedSize     float32        // side of the bed in mm, centred on the origin; 0 for 220, more for a larger mesh
}

// Unit is what lengths are written in; the zero value is millimetres with one decimal.
type Unit struct {
	Name     string
	MM       float32 // of one
	Decimals int
}

func (u Unit) length(mm float32) string {
	if u.MM <= 0 {
		u = Unit{"mm", 1, 1}
	}
	return fmt.Sprintf("%.*f %s", u.Decimals, mm/u.MM, u.Name)
}

// limit is the overhang's limit in degrees.
func (s Shading) limit() float32 {
	if s.Limit > 0 && s.Limit < 90 {
		return s.Limit
	}
	return defaultLimit
}

// scale is the pixels of a point.
func (s Shading) scale() float32 {
	if s.Scale > 0.25 && s.Scale < 16 {
		return s.Scale
	}
	return 1
}

// plane is the section's normal, toward what is cut away, and its offset from the origin.
func (s Section) plane() (normal [3]float32, at float32) {
	axis := min(max(s.Axis, 0), 2)
	if s.Flip {
		normal[axis] = -1
		return normal, -s.At
	}
	normal[axis] = 1
	return normal, s.At
}

var darkGround = [2]color.NRGBA{{R: 0x1b, G: 0x1e, B: 0x25, A: 255}, {R: 0x0f, G: 0x11, B: 0x15, A: 255}}

// frame checks a size and makes an image of it.
func frame(w, h int) (*image.NRGBA, error) {
	if w < 1 || h < 1 || w > maxSide || h > maxSide {
		return nil, fmt.Errorf("a frame of %d x %d is out of range (1 to %d)", w, h, maxSide)
	}
	return image.NewNRGBA(image.Rect(0, 0, w, h)), nil
}

// check refuses what would make a driver read outside its buffers, or the camera mathematics meaningless.
func check(m *mesh.Mesh) error {
	if len(m.Triangles) > maxTriangles || len(m.Vertices) > maxTriangles {
		return fmt.Errorf("the mesh has more than %d triangles or vertices", maxTriangles)
	}
	if m.Colors != nil && len(m.Colors) != len(m.Vertices) {
		return fmt.Errorf("the mesh has %d colours for %d vertices", len(m.Colors), len(m.Vertices))
	}
	if (m.Texture == nil) != (m.UVs == nil) || m.UVs != nil && len(m.UVs) != len(m.Triangles) || m.Texture != nil && m.Texture.Rect.Empty() {
		return fmt.Errorf("the mesh has a texture for %d of %d triangles", len(m.UVs), len(m.Triangles))
	}
	for i, uv := range m.UVs {
		for _, c := range uv {
			if !(abs(c[0]) <= 1e6 && abs(c[1]) <= 1e6) {
				return fmt.Errorf("triangle %d lies nowhere on the texture", i)
			}
		}
	}
	for i, v := range m.Vertices {
		for _, x := range v {
			if !(math.Abs(float64(x)) <= 1e6) { // a kilometre; NaN fails too
				return fmt.Errorf("vertex %d is not within a kilometre of the origin", i)
			}
		}
	}
	for i, t := range m.Triangles {
		if n := uint32(len(m.Vertices)); t[0] >= n || t[1] >= n || t[2] >= n {
			return fmt.Errorf("triangle %d names a vertex that does not exist", i)
		}
	}
	return nil
}
