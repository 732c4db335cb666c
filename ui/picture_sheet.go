//go:build !headless

package ui

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
	"golang.org/x/image/draw"

	"orfeas/pipeline/picture"
)

// tool is what the pointer does on the sheet.
type tool int

const (
	keepTool tool = iota
	removeTool
	cropTool
	moveTool
)

// sheet shows a picture under the mouse, as it is turned and flipped, with what is left out of it dimmed: brushes mark, the crop
// has handles, the wheel zooms to the pointer, the middle button or Shift moves. It knows nothing of jobs: what was drawn goes to
// the funcs.
type sheet struct {
	widget.BaseWidget
	raster *canvas.Raster
	cursor *canvas.Circle // the brush
	ring   *canvas.Rectangle

	tool    tool
	radius  int // of the brush, in the units of an edit
	edit    picture.Edit
	stroked func(picture.Stroke)
	cropped func(picture.Box)
	undo    func()
	redo    func()
	chose   func(tool)
	widen   func(factor float64) // the brush

	whole    *image.NRGBA // the whole picture, turned and flipped; nil for none
	matte    *image.Gray  // of the crop, of any size; nil for all of it
	dimmed   bool         // what is left out shines through
	composed *image.RGBA  // of the size of whole
	pending  []picture.Stroke

	zoom   float64       // 1 fits the sheet
	middle fyne.Position // of the picture, off the sheet's middle, in pixels of the canvas

	button  desktop.MouseButton
	shift   bool
	last    fyne.Position
	drawing *picture.Stroke
	grip    grip
	crop    picture.Box // while it is dragged, as turned
}

var (
	_ fyne.Draggable     = (*sheet)(nil)
	_ fyne.Scrollable    = (*sheet)(nil)
	_ fyne.Focusable     = (*sheet)(nil)
	_ fyne.Shortcutable  = (*sheet)(nil)
	_ desktop.Mouseable  = (*sheet)(nil)
	_ desktop.Hoverable  = (*sheet)(nil)
	_ desktop.Cursorable = (*sheet)(nil)
)

func newSheet() *sheet {
	s := &sheet{zoom: 1, radius: 150, dimmed: true, cursor: canvas.NewCircle(color.Transparent), ring: canvas.NewRectangle(color.Transparent)}
	s.cursor.StrokeWidth = 1.5
	s.cursor.Hide()
	s.ring.StrokeColor, s.ring.StrokeWidth, s.ring.CornerRadius = accent, 2, 6
	s.ring.Hide()
	s.raster = canvas.NewRaster(s.pixels)
	s.raster.ScaleMode = canvas.ImageScaleFastest
	s.ExtendBaseWidget(s)
	return s
}

func (s *sheet) CreateRenderer() fyne.WidgetRenderer { return &sheetRenderer{s} }
func (s *sheet) MinSize() fyne.Size                  { return fyne.NewSize(320, 200) }

type sheetRenderer struct{ s *sheet }

func (r *sheetRenderer) Layout(size fyne.Size) {
	r.s.raster.Resize(size)
	r.s.ring.Resize(size)
}
func (r *sheetRenderer) MinSize() fyne.Size { return r.s.MinSize() }
func (r *sheetRenderer) Refresh()           { r.s.raster.Refresh() }
func (r *sheetRenderer) Destroy()           {}
func (r *sheetRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.s.raster, r.s.cursor, r.s.ring}
}

// show shows a picture with its edit; fit brings all of it into view.
func (s *sheet) show(whole *image.NRGBA, e picture.Edit, fit bool) {
	s.whole, s.edit, s.matte, s.pending, s.drawing = whole, e, nil, nil, nil
	if fit {
		s.fit()
	}
	s.compose()
}

// cutOut shows which part is the subject. What was pending is in it.
func (s *sheet) cutOut(matte *image.Gray) {
	s.matte, s.pending = matte, nil
	s.compose()
}

func (s *sheet) fit() {
	s.zoom, s.middle = 1, fyne.Position{}
	s.Refresh()
}

// scale is canvas pixels per pixel of the whole picture; origin is where its corner is.
func (s *sheet) frame() (scale float64, origin fyne.Position) {
	size := s.Size()
	if s.whole == nil || size.Width < 1 || size.Height < 1 {
		return 1, fyne.Position{}
	}
	const margin = 16
	w, h := float64(s.whole.Rect.Dx()), float64(s.whole.Rect.Dy())
	scale = s.zoom * max(min((float64(size.Width)-margin)/w, (float64(size.Height)-margin)/h), 1e-3)
	return scale, fyne.NewPos(
		size.Width/2+s.middle.X-float32(w*scale/2), size.Height/2+s.middle.Y-float32(h*scale/2))
}

// at is a place on the sheet as shares of the whole picture, turned and flipped.
func (s *sheet) at(p fyne.Position) (x, y float64) {
	scale, o := s.frame()
	if s.whole == nil {
		return 0, 0
	}
	return float64(p.X-o.X) / scale / float64(s.whole.Rect.Dx()), float64(p.Y-o.Y) / scale / float64(s.whole.Rect.Dy())
}

// mark is a place on the sheet in the units of an edit, on the picture.
func (s *sheet) mark(p fyne.Position) image.Point {
	x, y := s.edit.Back(s.at(p))
	return image.Pt(tenThousandths(x), tenThousandths(y))
}

// tenThousandths turns a share into the ten-thousandths of an edit.
func tenThousandths(share float64) int {
	return int(math.Round(min(max(share, 0), 1) * picture.Whole))
}

// zoomTo zooms and keeps the place under the pointer where it is.
func (s *sheet) zoomTo(p fyne.Position, factor float64) {
	before, size := s.zoom, s.Size()
	s.zoom = min(max(s.zoom*factor, 0.5), 40)
	f := float32(s.zoom / before)
	x, y := p.X-size.Width/2, p.Y-size.Height/2
	s.middle = fyne.NewPos(x-(x-s.middle.X)*f, y-(y-s.middle.Y)*f)
	s.moveCursor(p)
	s.Refresh()
}

// pixels scales what was composed to the sheet and draws over it what is being done.
func (s *sheet) pixels(w, h int) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
	if s.composed == nil {
		return out
	}
	k := float64(w) / max(float64(s.Size().Width), 1) // pixels of the screen per pixel of the canvas
	scale, o := s.frame()
	x, y := float64(o.X)*k, float64(o.Y)*k
	scale *= k
	to := image.Rect(int(math.Round(x)), int(math.Round(y)),
		int(math.Round(x+scale*float64(s.whole.Rect.Dx()))), int(math.Round(y+scale*float64(s.whole.Rect.Dy()))))
	draw.ApproxBiLinear.Scale(out, to, s.composed, s.composed.Rect, draw.Src, nil)
	p := pen{out, to, s.edit, k}
	for _, stroke := range s.pending {
		p.stroke(stroke)
	}
	if s.drawing != nil {
		p.stroke(*s.drawing)
	}
	p.crop(s.cropShown(), s.tool == cropTool)
	return out
}
