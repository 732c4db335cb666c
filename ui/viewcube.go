//go:build !headless

package ui

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"orfeas/render"
)

// viewCube shows from where the mesh is seen; its sides, edges and corners are where it can be seen from.
type viewCube struct {
	widget.BaseWidget
	port   *viewport
	raster *canvas.Raster
	camera render.Camera // of the frame on the screen
	hot    [3]int
}

var (
	_ fyne.Tappable      = (*viewCube)(nil)
	_ desktop.Hoverable  = (*viewCube)(nil)
	_ desktop.Cursorable = (*viewCube)(nil)
)

const cubeSide = 92 // points

func newViewCube(v *viewport) *viewCube {
	c := &viewCube{port: v, camera: v.camera}
	c.raster = canvas.NewRaster(func(w, h int) image.Image { return render.Cube(c.camera, max(min(w, h), 1), c.hot, cubeLook()) })
	c.ExtendBaseWidget(c)
	return c
}

// cubeLook has the words of the language and goes by the theme.
func cubeLook() render.CubeLook {
	return render.CubeLook{Light: lightGround(), Words: [6]string{tr("FRONT"), tr("BACK"), tr("LEFT"), tr("RIGHT"), tr("TOP"), tr("BOTTOM")}}
}

// CreateRenderer is part of fyne.Widget.
func (c *viewCube) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.raster) }

// MinSize is part of fyne.Widget.
func (c *viewCube) MinSize() fyne.Size { return fyne.NewSize(cubeSide, cubeSide) }

// turn shows the camera of a frame.
func (c *viewCube) turn(camera render.Camera) {
	if camera.Yaw != c.camera.Yaw || camera.Pitch != c.camera.Pitch {
		c.camera = camera
		c.raster.Refresh()
	}
}

func (c *viewCube) point(p fyne.Position) {
	hot := [3]int{}
	if p.X >= 0 {
		hot = render.CubeAt(c.camera, cubeSide, p.X, p.Y)
	}
	if hot != c.hot {
		c.hot = hot
		c.raster.Refresh()
	}
}

// Tapped turns the camera.
func (c *viewCube) Tapped(e *fyne.PointEvent) {
	from := render.CubeAt(c.camera, cubeSide, e.Position.X, e.Position.Y)
	if from == [3]int{} {
		return
	}
	v := c.port
	v.tools.endComparison()
	v.change(func() {
		v.camera = v.camera.Toward(from)
		v.camera = v.camera.Fit(v.lo, v.hi, v.aspect())
	})
}

// MouseIn is part of desktop.Hoverable.
func (c *viewCube) MouseIn(e *desktop.MouseEvent) { c.point(e.Position) }

// MouseMoved marks what a click would choose.
func (c *viewCube) MouseMoved(e *desktop.MouseEvent) { c.point(e.Position) }

// MouseOut is part of desktop.Hoverable.
func (c *viewCube) MouseOut() { c.point(fyne.NewPos(-1, -1)) }

// Cursor is part of desktop.Cursorable.
func (c *viewCube) Cursor() desktop.Cursor { return desktop.PointerCursor }

// newCorner lays objects over each other, the last in the upper right corner.
func newCorner(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(cornerLayout{}, objects...)
}

type cornerLayout struct{}

func (cornerLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (cornerLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for i, x := range o {
		if i < len(o)-1 {
			x.Resize(size)
			continue
		}
		least := x.MinSize()
		x.Resize(least)
		x.Move(fyne.NewPos(size.Width-least.Width-6, 6))
	}
}
