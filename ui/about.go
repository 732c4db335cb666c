//go:build !headless

package ui

import (
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"orfeas/assets"
	"orfeas/pipeline"
)

// aboutPage says what the program is, whose work is in it, and what it has said lately.
func (s *Studio) aboutPage() fyne.CanvasObject {
	s.logs = newLogPage(s)
	tabs := container.NewAppTabs(
		container.NewTabItem(tr("About"), s.aboutProgram()),
		container.NewTabItem(tr("Shortcuts"), container.NewVScroll(shortcutSheet())),
		container.NewTabItem(tr("Licences"), licencePage()),
		container.NewTabItem(tr("Log"), s.logs.object))
	s.logs.tabs = tabs
	tabs.OnSelected = func(*container.TabItem) { s.logs.refresh() }
	s.logs.refresh()
	return pageBody(tr("About"), nil, tabs)
}

func (s *Studio) aboutProgram() fyne.CanvasObject {
	icon := canvas.NewImageFromResource(fyne.NewStaticResource("icon.png", assets.Icon))
	icon.FillMode = canvas.ImageFillContain
	name := text(pipeline.Application, ink, 24)
	name.TextStyle.Bold = true
	rows := container.NewVBox(
		container.NewHBox(fixed(88, 88, icon), container.NewCenter(container.NewVBox(name, text(build(), faint, 12)))),
		prose(tr("Turns pictures into solid, correctly sized, printable 3D meshes, on your own machine: no account, no upload."), widget.MediumImportance),
		prose(tr("It is free under the MIT licence. Networks are not part of it and have licences of their own: see Models."), widget.MediumImportance),
		heading(tr("Built on")))
	for _, l := range links {
		u, err := url.Parse(l.address)
		if err != nil {
			continue // the tests rule it out
		}
		rows.Add(container.New(tableLayout{[]float32{160, 0}}, widget.NewHyperlink(l.name, u), widget.NewLabel(tr(l.what))))
	}
	return container.NewVScroll(narrow(860, card("", inset(rows))))
}

// build says which build it is.
func build() string {
	said := runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				said += ", " + s.Value[:12]
			}
		}
	}
	return said
}

// links are the greater works the program stands on.
var links = []struct{ name, what, address string }{
	{"Fyne", "the window", "https://fyne.io"},
	{"g3n", "draws the meshes", "https://github.com/g3n/engine"},
	{"ONNX Runtime", "runs the networks", "https://onnxruntime.ai"},
	{"TripoSR", "a network, by Tripo AI and Stability AI", "https://github.com/VAST-AI-Research/TripoSR"},
	{"TripoSG", "a network, by VAST AI Research", "https://github.com/VAST-AI-Research/TripoSG"},
	{"Go", "the language and its library", "https://go.dev"},
}

// licence is the text of one module.
type licence struct{ module, text string }

// licences splits the texts that are built in.
func licences(all string) (out []licence) {
	var names []string
	var text strings.Builder
	flush := func() {
		for _, n := range names {
			out = append(out, licence{n, strings.TrimSpace(text.String())})
		}
		names = nil
		text.Reset()
	}
	heading := false
	for line := range strings.Lines(all) {
		name, is := strings.CutPrefix(line, "== ")
		if is && !heading {
			flush()
		}
		if heading = is; is {
			names = append(names, strings.TrimSpace(name))
		} else {
			text.WriteString(line)
		}
	}
	flush()
	return out
}

// licencePage lists what is linked in, with the text of each.
func licencePage() fyne.CanvasObject {
	all := licences(assets.Licences)
	text := prose("", widget.MediumImportance)
	scroll := container.NewVScroll(text)
	list := widget.NewList(func() int { return len(all) }, func() fyne.CanvasObject {
		l := widget.NewLabel("")
		l.Truncation = fyne.TextTruncateEllipsis
		return l
	}, func(i widget.ListItemID, o fyne.CanvasObject) { o.(*widget.Label).SetText(all[i].module) })
	list.OnSelected = func(i widget.ListItemID) {
		text.SetText(all[i].text)
		scroll.ScrollToTop()
	}
	if len(all) > 0 {
		list.Select(0)
	}
	split := container.NewHSplit(card("", list), card("", scroll))
	split.SetOffset(0.32)
	return split
}

// shortcut is a key and what it does.
type shortcut struct{ keys, does string }

// shortcutKeys lists every key of the window, by page.
func shortcutKeys() []struct {
	title string
	keys  []shortcut
} {
	return []struct {
		title string
		keys  []shortcut
	}{
		{tr("Everywhere"), []shortcut{
			{"Ctrl+1 … Ctrl+7", tr("go to a page")}, {"F1, Ctrl+/", tr("these shortcuts")}, {"F11", tr("whole screen")},
			{"Ctrl+,", tr("settings")}, {"Ctrl+Tab", tr("the next tab")}, {"Ctrl+L", tr("the log")}, {"Tab, Shift+Tab", tr("go to the next or the last control")}, {"Space", tr("press the control")},
		}},
		{tr("Studio"), []shortcut{
			{"Ctrl+O, Ctrl+V", tr("choose pictures, or paste one")}, {"Up, Down", tr("choose a job; with Shift more")}, {"Ctrl+A", tr("choose all jobs")},
			{"Ctrl+Up, Ctrl+Down", tr("move waiting jobs")}, {"Ctrl+R", tr("try again")}, {"Delete", tr("stop or remove the job")}, {"Ctrl+S", tr("export the mesh")}, {"Ctrl+E", tr("check or change the mesh")},
		}},
		{tr("Picture"), []shortcut{{"K, R, C, M", tr("keep, remove, crop, move")}, {"[, ]", tr("the width of the brush")}, {"Ctrl+Z, Ctrl+Y", tr("undo, do again")}, {"Delete", tr("take away the picture of a side")}, {"0", tr("all of the picture")}, {"Ctrl+Enter", tr("convert it")}}},
		{tr("The mesh"), []shortcut{
			{"Ctrl+Z, Ctrl+Y", tr("undo a change of the mesh, do it again")},
			{"F, Home", tr("show all of it")}, {"1 … 6, 0", tr("top, bottom, front, back, your left, your right, three-quarter")}, {tr("Arrows"), tr("turn it, after a click on it")},
			{"+, -", tr("nearer, farther")}, {"P", tr("perspective or parallel")}, {"N", tr("the next shading")}, {"E", tr("edges")}, {"B", tr("bed")}, {"D", tr("dimensions")},
			{"X", tr("cut open")}, {"C", tr("compare with the picture")}, {"T", tr("turntable")}}},
		{tr("Library"), []shortcut{{"Ctrl+F", tr("search")}, {"Enter", tr("open the job, or compare two")}, {"Delete", tr("delete the chosen jobs")}, {"Ctrl+Z", tr("undo the deletion")}, {"Esc", tr("choose nothing")}}},
	}
}

func shortcutSheet() fyne.CanvasObject {
	rows := container.NewVBox()
	for _, part := range shortcutKeys() {
		box := container.NewVBox(heading(part.title))
		for _, k := range part.keys {
			keys := text(k.keys, ink, 13)
			keys.TextStyle.Monospace = true
			box.Add(container.New(insetLayout{8, 1}, container.New(tableLayout{[]float32{200, 0}}, keys, text(k.does, ink, 13))))
		}
		rows.Add(card("", inset(box)))
	}
	return narrow(640, rows)
}
