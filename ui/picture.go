//go:build !headless

package ui

import (
	"image"
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	tip "github.com/dweymouth/fyne-tooltip/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/picture"
)

// pictureTab shows the picture before the work: what of it is the subject, and what a person changes about that. It shows the
// selected job's picture, or one that was dropped and waits to be converted.
type pictureTab struct {
	studio *Studio
	object fyne.CanvasObject
	sheet  *sheet
	cards  *cards
	sides  *otherSides
	cuts   *separator

	drafts  []string     // dropped pictures that wait; the first is shown
	job     pipeline.Job // shown when there are no drafts
	id      string       // of the picture shown, empty for none
	source  *picture.Picture
	small   *picture.Picture // it, for the sheet
	loading string
	edit    picture.Edit
	shots   []pipeline.Shot // of other sides
	past    []drawn         // for undo, the last one last
	future  []drawn
	home    string             // whose picture it is: a job's that was made of it here, or its own
	left    map[string]drawing // what was done to jobs' pictures and not converted, by their homes
	later   *time.Timer
	awaited string // the job that was started from here, to be shown when it is done
	orders  bool   // what was shown is being put into the queue

	tools      []*tip.Button
	undo, redo *tip.Button
	clear      *tip.Button
	changes    []fyne.Disableable // all that changes the picture
	brush      *tip.Slider
	note       *widget.Label
	doubt      *canvas.Text
	busy       *widget.Activity
	hint       *canvas.Text // in place of a picture
	convert    *widget.Button
	all        *widget.Button
	drop       *widget.Button
	atOnce     *widget.Check
}

// drawn is what a person did to a picture.
type drawn struct {
	edit  picture.Edit
	shots []pipeline.Shot
}

// drawing is that with what it was before, and would be again.
type drawing struct {
	drawn
	past, future []drawn
}

const (
	sheetSide = 1280 // of the picture on the sheet at most
	undoDepth = 200

	settingsRest = 300 * time.Millisecond // after the last change of a setting
)

func newPictureTab(s *Studio) *pictureTab {
	t := &pictureTab{studio: s, left: map[string]drawing{}, sheet: newSheet(), note: widget.NewLabel(""), doubt: text("", busy, 12), hint: text(tr("Drop a picture to see what will be cut out of it"), faint, 14)}
	t.cuts = newSeparator(s.ctx, func(r cutResult) { s.do(func() { t.cut(r) }) })
	t.cards = newCards(s)
	t.sheet.stroked, t.sheet.cropped = t.stroked, func(b picture.Box) { t.alter(func(e *picture.Edit) { e.Crop = b }) }
	t.sheet.undo, t.sheet.redo, t.sheet.chose = t.undoEdit, t.redoEdit, t.use
	t.sheet.widen = func(factor float64) { t.brush.SetValue(t.brush.Value + math.Log(factor)) }
	t.note.Truncation = fyne.TextTruncateEllipsis
	t.busy = widget.NewActivity()
	t.hint.Alignment = fyne.TextAlignCenter
	tools := t.toolbox()
	top := container.New(newToolLayout(t.tools, tools), tools, t.history())
	bottom := container.NewVBox(
		container.NewBorder(nil, nil, t.busy, t.doubt, t.note),
		t.cards.object,
		container.NewHScroll(container.NewBorder(nil, nil, t.atOnceCheck(), t.buttons())))
	t.sides = newSides(t)
	t.object = container.NewBorder(top, bottom, nil, t.sides.object, container.NewStack(t.sheet, container.NewCenter(t.hint)))
	t.use(keepTool)
	t.refresh()
	return t
}

// toolbox has what the pointer does, and how wide.
func (t *pictureTab) toolbox() fyne.CanvasObject {
	row := container.NewHBox()
	for i, b := range []struct {
		name, about string
		icon        fyne.Resource
	}{
		{tr("Keep"), tr("Paint over what belongs to the subject. The right button does the opposite. (K)"), theme.ContentAddIcon()},
		{tr("Remove"), tr("Paint over what does not belong to it. The right button does the opposite. (R)"), theme.ContentRemoveIcon()},
		{tr("Crop"), tr("Drag the corners and sides to what matters (C)"), theme.ContentCutIcon()},
		{tr("Move"), tr("Move the picture. The middle button and Shift do that with every tool. (M)"), handIcon},
	} {
		button := tip.NewButtonWithIcon(b.name, b.icon, func() { t.use(tool(i)) })
		button.SetToolTip(b.about)
		t.tools = append(t.tools, button)
		row.Add(button)
	}
	t.brush = tip.NewSlider(math.Log(picture.MinBrush), math.Log(picture.MaxBrush/2))
	t.brush.Step = 0.01
	t.brush.SetToolTip(wrap(tr("How wide the brush is. Keys: [ and ]"), 60))
	t.brush.OnChanged = func(v float64) { t.sheet.radius = int(math.Round(math.Exp(v))) }
	t.brush.SetValue(math.Log(200))
	row.Add(container.NewCenter(fixed(110, 30, t.brush)))
	return row
}

// toolLayout sets the tools on the left and the history on the right. Where both do not fit the tools go without their words:
// their icons and tooltips say what they are.
type toolLayout struct {
	tools         []*tip.Button
	words         []string
	with, without float32 // how wide the tools are
	short         bool    // they are without their words
}

func newToolLayout(tools []*tip.Button, row fyne.CanvasObject) *toolLayout {
	l := &toolLayout{tools: tools, with: row.MinSize().Width}
	for _, b := range tools {
		l.words = append(l.words, b.Text)
	}
	l.shorten(true)
	l.without = row.MinSize().Width
	l.shorten(false)
	return l
}

func (l *toolLayout) shorten(on bool) {
	l.short = on
	for i, b := range l.tools {
		if b.Text = l.words[i]; on {
			b.Text = ""
		}
		b.Refresh()
	}
}

func (l *toolLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.without+o[1].MinSize().Width, max(o[0].MinSize().Height, o[1].MinSize().Height))
}

func (l *toolLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	right := o[1].MinSize().Width
	if short := size.Width < l.with+right; short != l.short {
		l.shorten(short)
	}
	o[0].Resize(fyne.NewSize(size.Width-right, size.Height))
	o[1].Move(fyne.NewPos(size.Width-right, 0))
	o[1].Resize(fyne.NewSize(right, size.Height))
}

// history has what changes the picture as a whole, and what takes changes back.
func (t *pictureTab) history() fyne.CanvasObject {
	row := container.NewHBox()
	add := func(icon fyne.Resource, about string, do func()) *tip.Button {
		b := tip.NewButtonWithIcon("", icon, do)
		b.SetToolTip(about)
		b.Importance = widget.LowImportance
		row.Add(b)
		return b
	}
	turn := add(rotateIcon, tr("Turn by 90° clockwise"), func() { t.alter(func(e *picture.Edit) { e.Turns = turnedOn(*e) }) })
	flip := add(flipIcon, tr("Left for right"), func() { t.alter(func(e *picture.Edit) { e.Flip = !e.Flip }) })
	through := add(theme.VisibilityIcon(), tr("Let what is left out shine through, or hide it"), func() {
		t.sheet.dimmed = !t.sheet.dimmed
		t.sheet.compose()
	})
	fit := add(theme.ZoomFitIcon(), tr("All of the picture (0)"), func() { t.sheet.fit() })
	t.undo = add(theme.ContentUndoIcon(), tr("Undo (Ctrl+Z)"), t.undoEdit)
	t.redo = add(theme.ContentRedoIcon(), tr("Do again (Ctrl+Y)"), t.redoEdit)
	t.clear = add(theme.ContentClearIcon(), tr("The picture as it was: no strokes, no crop"), func() { t.alter(func(e *picture.Edit) { *e = picture.Edit{} }) })
	t.changes = []fyne.Disableable{turn, flip, through, fit}
	return row
}

func (t *pictureTab) atOnceCheck() fyne.CanvasObject {
	store := fyne.CurrentApp().Preferences()
	check := tip.NewCheck(tr("Convert at once when dropped"), func(on bool) { store.SetBool("at_once", on) })
	check.SetToolTip(wrap(tr("Off: a dropped picture opens here first"), 60))
	check.SetChecked(store.BoolWithFallback("at_once", true))
	t.atOnce = &check.Check
	return check
}

func (t *pictureTab) buttons() fyne.CanvasObject {
	t.convert = widget.NewButtonWithIcon(tr("Convert"), theme.MediaPlayIcon(), t.convertShown)
	t.convert.Importance = widget.HighImportance
	t.all = widget.NewButton("", t.convertAll)
	t.drop = widget.NewButton(tr("Not this one"), func() { t.next() })
	return container.NewHBox(t.drop, t.all, t.convert)
}

// use takes up a tool.
func (t *pictureTab) use(with tool) {
	t.sheet.tool = with
	for i, b := range t.tools {
		b.Importance = widget.MediumImportance
		if tool(i) == with {
			b.Importance = widget.HighImportance
		}
		b.Refresh()
	}
	t.sheet.cursor.Hide()
	t.sheet.Refresh()
}

// turned is the whole picture as it lies on the sheet.
func (t *pictureTab) turned() *image.NRGBA {
	if t.source == nil {
		return nil
	}
	return picture.Edit{Turns: t.edit.Turns, Flip: t.edit.Flip}.Apply(t.small).Image
}

// The tabs in the middle, in their order.
const (
	pictureTabIndex = iota
	meshTabIndex
)

// middleTabs are the picture before the work and the mesh after it.
func (s *Studio) middleTabs(mesh fyne.CanvasObject) *container.AppTabs {
	tabs := container.NewAppTabs(
		container.NewTabItemWithIcon(tr("Picture"), theme.MediaPhotoIcon(), s.picture.object),
		container.NewTabItemWithIcon(tr("Mesh"), theme.GridIcon(), mesh))
	tabs.SelectIndex(meshTabIndex)
	tabs.OnSelected = func(*container.TabItem) {
		s.makeRoom()
		s.picture.update()
	}
	return tabs
}

// makeRoom shows the mesh's panel beside a mesh only: before the work the settings have all the room.
func (s *Studio) makeRoom() {
	if beside := s.tabs.SelectedIndex() == meshTabIndex && len(s.jobs) > 0; beside != s.meshCard.Visible() {
		if beside {
			s.meshCard.Show()
		} else {
			s.meshCard.Hide()
		}
	}
}
