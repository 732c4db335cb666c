//go:build !headless

package ui

import (
	"context"
	"image"
	"image/png"
	"io"
	"os"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/picture"
)

// tile is a job in the library's grid.
type tile struct {
	widget.BaseWidget
	page         *libraryPage
	job          pipeline.Job
	back         *canvas.Rectangle
	image        *canvas.Image
	title, below *canvas.Text
	state        *badge
	content      fyne.CanvasObject
	more         bool // Ctrl was held when the button went down
}

var (
	_ desktop.Mouseable      = (*tile)(nil)
	_ fyne.DoubleTappable    = (*tile)(nil)
	_ fyne.SecondaryTappable = (*tile)(nil)
)

func newTile(p *libraryPage) *tile {
	t := &tile{page: p, back: canvas.NewRectangle(panel), image: &canvas.Image{FillMode: canvas.ImageFillContain}, title: text("", ink, 13), below: text("", faint, 11), state: newBadge()}
	t.back.CornerRadius, t.back.StrokeWidth = 8, 1
	t.title.TextStyle.Bold = true
	words := container.NewVBox(t.title, t.below)
	picture := container.NewStack(fixed(168, 132, t.image), container.NewVBox(container.NewHBox(t.state.object)))
	t.content = container.NewStack(t.back, inset(container.NewBorder(nil, words, nil, nil, picture)))
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer is part of fyne.Widget.
func (t *tile) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.content) }

func (t *tile) show(j pipeline.Job) {
	t.job = j
	t.title.Text = ellipsis(j.Title, 20)
	t.below.Text = ellipsis(engineTitle(j.Engine())+"  ·  "+when(j).Local().Format("2006-01-02 15:04"), 32)
	t.state.object.Hide()
	if j.State != pipeline.Done {
		c := faint
		if j.State == pipeline.Failed {
			c = bad
		}
		t.state.say(stateWord(j), c)
		t.state.object.Show()
	}
	t.image.Image = t.page.stores.image(j).Image
	t.back.FillColor, t.back.StrokeColor, t.back.StrokeWidth = panel, panelEdge, 1
	if slices.Contains(t.page.picked, j.ID) {
		t.back.FillColor, t.back.StrokeColor, t.back.StrokeWidth = shade(theme.ColorNameButton), accent, 2
	}
	t.Refresh()
	placeholder(t.image)
	for _, o := range []fyne.CanvasObject{t.back, t.title, t.below} {
		o.Refresh()
	}
}

// MouseDown remembers whether more are to be chosen: the tap does not say it.
func (t *tile) MouseDown(e *desktop.MouseEvent) {
	t.page.studio.leaveEntry(t.page.grid)
	t.more = e.Modifier&(fyne.KeyModifierShortcutDefault|fyne.KeyModifierShift) != 0
}

// MouseUp is part of desktop.Mouseable.
func (t *tile) MouseUp(*desktop.MouseEvent) {}

// Tapped chooses the job.
func (t *tile) Tapped(*fyne.PointEvent) { t.page.pick(t.job.ID, t.more) }

// DoubleTapped opens it.
func (t *tile) DoubleTapped(*fyne.PointEvent) { t.page.open(t.job) }

// TappedSecondary offers what can be done with it.
func (t *tile) TappedSecondary(e *fyne.PointEvent) {
	j, p := t.job, t.page
	if !slices.Contains(p.picked, j.ID) {
		p.pick(j.ID, false)
	}
	menu := fyne.NewMenu("",
		fyne.NewMenuItem(tr("Open in the Studio"), func() { p.open(j) }),
		fyne.NewMenuItem(tr("Use its settings"), func() { p.restore(j) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(tr("Delete"), func() { p.undo.remove(slices.Clone(p.picked)) }))
	widget.ShowPopUpMenuAtPosition(menu, p.studio.window.Canvas(), e.AbsolutePosition)
}

// previews reads the pictures of jobs in the background, two at a time, and keeps the last of them.
type previews struct {
	ctx   context.Context
	do    func(func())
	came  func() // one has come
	turn  chan struct{}
	kept  map[string]image.Image // nil for one that is being read or cannot be
	order []string               // of kept, the oldest first
	await map[string][]*canvas.Image
}

const (
	previewsKept = 400
	previewSide  = 256
	previewBytes = 32 << 20
)

func newPreviews(ctx context.Context, do func(func()), came func()) *previews {
	return &previews{ctx: ctx, do: do, came: came, turn: make(chan struct{}, 2), kept: map[string]image.Image{}, await: map[string][]*canvas.Image{}}
}

// image is a job's picture, empty until it has been read.
func (p *previews) image(j pipeline.Job) *canvas.Image {
	img := &canvas.Image{FillMode: canvas.ImageFillContain}
	key := j.ID + string(j.State) + j.Ended.String()
	var known bool
	if img.Image, known = p.kept[key]; known {
		if len(p.await[key]) > 0 {
			p.await[key] = append(p.await[key], img)
		}
		return img
	}
	if len(p.order) >= previewsKept {
		delete(p.kept, p.order[0])
		p.order = p.order[1:]
	}
	p.kept[key], p.order = nil, append(p.order, key)
	p.await[key] = append(p.await[key], img)
	go func() {
		select {
		case p.turn <- struct{}{}:
		case <-p.ctx.Done():
			return
		}
		small := readPreview(p.ctx, j)
		<-p.turn
		p.do(func() {
			wait := p.await[key]
			delete(p.await, key)
			if _, wanted := p.kept[key]; !wanted || small == nil {
				return
			}
			p.kept[key] = small
			for _, img := range wait {
				img.Image = small
				img.Refresh()
			}
			p.came()
		})
	}()
	return img
}

// readPreview reads what a job looks like: its mesh, or the picture it was to be made of; nil for neither.
func readPreview(ctx context.Context, j pipeline.Job) image.Image {
	if j.State == pipeline.Done {
		if f, err := os.Open(j.File(pipeline.PreviewFile)); err == nil {
			defer f.Close()
			if img, err := png.Decode(io.LimitReader(f, previewBytes)); err == nil {
				return img
			}
		}
	}
	if j.Input == "" {
		return nil
	}
	p, err := picture.Load(ctx, j.File(j.Input))
	if err != nil {
		return nil
	}
	return picture.Thumbnail(p.Image, previewSide)
}
