//go:build !headless

package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	native "github.com/sqweek/dialog"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/onnx"
)

// preferencesPage is where the program itself is set up. Every choice is true at once, or says that it takes a new start.
type preferencesPage struct {
	studio *Studio
	prefs  *Preferences
	object fyne.CanvasObject
	anew   fyne.CanvasObject // offers a new start, when something waits for it
	found  *widget.Label     // what there is to run networks
	server *serverSwitch
}

func newPreferencesPage(s *Studio) *preferencesPage {
	p := &preferencesPage{studio: s, prefs: s.prefs, found: prose("", widget.LowImportance), server: s.server}
	p.found.Hide()
	p.anew = p.newStart()
	rows := container.NewVBox(p.anew)
	if len(s.prefs.odd) > 0 {
		rows.Add(card("", inset(prose(strings.Join(s.prefs.odd, "\n"), widget.WarningImportance))))
	}
	rows.Add(section(tr("Window"), p.themeRow(), p.languageRow(), p.unitRow(), p.scaleRow(), p.calmRow()))
	rows.Add(section(tr("Folders"), p.dataRow(), p.exportRow()))
	rows.Add(section(tr("Networks"), p.providerRow(), p.deviceRow(), p.memoryRow(), p.idleRow()))
	rows.Add(section(tr("Server"), p.server.rows()...))
	p.object = pageBody(tr("Settings"), nil, container.NewVScroll(narrow(860, rows)))
	return p
}

// section is a card of rows under a heading.
func section(title string, rows ...fyne.CanvasObject) fyne.CanvasObject {
	box := container.NewVBox(heading(title))
	for _, r := range rows {
		box.Add(r)
	}
	return card("", inset(box))
}

// setting is a row: what it is, in a sentence what it does, and what changes it.
func setting(title, about string, control fyne.CanvasObject) fyne.CanvasObject {
	words := tight(widget.NewLabel(title), prose(about, widget.LowImportance))
	return container.New(tableLayout{[]float32{0, 300}}, words, control)
}

// choice is a list that remembers one of several values and then does something.
func (p *preferencesPage) choice(now string, values, titles []string, then func(value string)) *widget.Select {
	list := widget.NewSelect(titles, nil)
	list.SetSelectedIndex(max(slices.Index(values, now), 0))
	list.OnChanged = func(string) {
		if i := list.SelectedIndex(); i >= 0 {
			then(values[i])
		}
	}
	return list
}

// newStart is the bar that offers to start the program anew.
func (p *preferencesPage) newStart() fyne.CanvasObject {
	again := widget.NewButtonWithIcon(tr("Start again now"), theme.ViewRefreshIcon(), func() { p.studio.program.Restart() })
	again.Importance = widget.HighImportance
	again.Hidden = p.studio.program.Restart == nil
	bar := card("", container.NewBorder(nil, nil, nil, again, prose(tr("What you have changed holds from the next start on. Jobs go on where they were."), widget.MediumImportance)))
	bar.Hide()
	return bar
}

// apply lets the pipeline see what has changed: its worker is started anew when it has nothing to do.
func (p *preferencesPage) apply() {
	if err := p.prefs.carry(); err != nil {
		p.studio.complain(tr("That could not be set"), err)
		return
	}
	p.studio.queue.Renew(p.prefs.idle())
}

func (p *preferencesPage) themeRow() fyne.CanvasObject {
	list := p.choice(p.prefs.theme(), []string{themeSystem, themeDark, themeLight}, []string{tr("As the system"), tr("Dark"), tr("Light")}, func(v string) {
		p.prefs.store.SetString("theme", v)
		p.studio.app.Settings().SetTheme(newLook(v))
	})
	return setting(tr("Theme"), tr("Dark, light, or as the system has it."), list)
}

func (p *preferencesPage) languageRow() fyne.CanvasObject {
	list := p.choice(p.prefs.language(), []string{languageSystem, languageEnglish, languageGerman}, []string{tr("As the system"), "English", "Deutsch"}, func(v string) {
		p.prefs.store.SetString("language", v)
		p.anew.Show()
	})
	return setting(tr("Language"), tr("Of the window. The terminal, the server and the log are English."), list)
}

func (p *preferencesPage) unitRow() fyne.CanvasObject {
	list := p.choice(p.prefs.unit(), []string{"mm", "cm", "in"}, []string{tr("Millimetres"), tr("Centimetres"), tr("Inches")}, func(v string) {
		p.prefs.store.SetString("unit", v)
		p.studio.refresh()
		p.studio.settings.unitChanged()
		p.studio.mesh.controls.unitChanged()
		p.studio.viewport.tools.measureIn(p.studio.unit())
		if p.studio.past != nil {
			p.studio.past.showDetail()
		}
	})
	return setting(tr("Lengths"), tr("How sizes are shown. Files are always in millimetres, as slicers expect."), list)
}

func (p *preferencesPage) scaleRow() fyne.CanvasObject {
	if own := p.prefs.own[scaleVariable]; own != "" {
		return setting(tr("Size of text"), variableWins(scaleVariable, own), widget.NewLabel(""))
	}
	steps := []int{80, 90, 100, 110, 125, 150, 175, 200}
	now := p.prefs.textScale()
	if !slices.Contains(steps, now) {
		steps = append(steps, now)
		slices.Sort(steps)
	}
	var values, titles []string
	for _, v := range steps {
		values, titles = append(values, fmt.Sprint(v)), append(titles, fmt.Sprintf("%d %%", v))
	}
	list := p.choice(fmt.Sprint(now), values, titles, func(v string) {
		p.prefs.store.SetInt("text_scale", steps[slices.Index(values, v)])
		p.apply()
		p.studio.app.Settings().SetTheme(newLook(p.prefs.theme())) // makes Fyne look at the scale again
	})
	return setting(tr("Size of text"), tr("Text, and everything that goes with it."), list)
}

func (p *preferencesPage) calmRow() fyne.CanvasObject {
	check := widget.NewCheck(tr("Reduced motion"), func(on bool) { p.prefs.store.SetBool("reduced_motion", on) })
	check.SetChecked(p.prefs.calm())
	return setting(tr("Motion"), tr("Without animations of buttons and menus."), check)
}

// variableWins says that a choice is the environment's.
func variableWins(name, value string) string {
	return tr("The environment decides: %s is “%s”.", name, value)
}

// folderRow chooses a folder; none is the usual one.
func (p *preferencesPage) folderRow(title, about, now, key string, then func()) fyne.CanvasObject {
	path := prose("", widget.MediumImportance)
	path.Wrapping = fyne.TextWrapBreak
	path.Hide()
	say(path, now)
	put := func(v string) {
		p.prefs.store.SetString(key, v)
		say(path, v)
		then()
	}
	choose := widget.NewButtonWithIcon(tr("Choose…"), theme.FolderOpenIcon(), func() {
		p.studio.native(func() (string, error) { return native.Directory().Title(title).Browse() }, put)
	})
	usual := widget.NewButton(tr("The usual one"), func() { put("") })
	return container.NewVBox(setting(title, about, container.NewHBox(choose, usual)), path)
}

func (p *preferencesPage) dataRow() fyne.CanvasObject {
	about := tr("Where jobs, their meshes and timings are kept. The terminal goes by ORFEAS_DATA.")
	now, err := pipeline.DataDir()
	if err != nil {
		now = told(err.Error())
	}
	if own := p.prefs.own[dataVariable]; own != "" {
		return setting(tr("Data"), variableWins(dataVariable, own), widget.NewLabel(""))
	}
	return p.folderRow(tr("Data"), about, now, "data_folder", func() { p.anew.Show() })
}

func (p *preferencesPage) exportRow() fyne.CanvasObject {
	return p.folderRow(tr("Export"), tr("Where the dialog for saving meshes begins. Usually it is where you saved last."), p.prefs.exportFolder(), "export_folder", func() {})
}

func (p *preferencesPage) providerRow() fyne.CanvasObject {
	if own := p.prefs.own[onnx.ProviderVariable]; own != "" {
		return setting(tr("What runs networks"), variableWins(onnx.ProviderVariable, own), widget.NewLabel(""))
	}
	values, names := []string{""}, []string{tr("The best there is")}
	for _, v := range onnx.Providers() {
		values, names = append(values, string(v)), append(names, providerTitle(v))
	}
	list := p.choice(p.prefs.provider(), values, names, func(v string) {
		p.prefs.store.SetString("provider", v)
		p.apply()
	})
	look := widget.NewButtonWithIcon(tr("See what there is"), theme.SearchIcon(), nil)
	look.OnTapped = func() {
		look.Disable()
		say(p.found, tr("Each is tried; that takes some seconds."))
		go func() {
			found, err := onnx.Probe(p.studio.ctx)
			p.studio.do(func() {
				look.Enable()
				say(p.found, saidOfProviders(found, err))
			})
		}()
	}
	return container.NewVBox(setting(tr("What runs networks"), tr("The next job uses it. One that the machine does not have is passed over for the processor."), container.NewVBox(list, look)), p.found)
}

func providerTitle(v onnx.Provider) string {
	switch v {
	case onnx.CUDA:
		return "CUDA (NVIDIA)"
	case onnx.WebGPU:
		return "WebGPU"
	case onnx.DirectML:
		return "DirectML"
	case onnx.CoreML:
		return "CoreML"
	}
	return tr("The processor")
}

func saidOfProviders(found []onnx.Finding, err error) string {
	if err != nil {
		problem, hint := explained(err)
		return strings.TrimSpace(capital(problem) + ". " + hint)
	}
	var lines []string
	for _, f := range found {
		line := providerTitle(f.Provider) + ": " + told(f.Why)
		if f.Usable {
			line = providerTitle(f.Provider) + ": " + tr("works, %.0f billion operations a second", f.Speed)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (p *preferencesPage) deviceRow() fyne.CanvasObject {
	title, about := tr("GPU"), tr("For CUDA, where there are several.")
	if own := p.prefs.own[gpu.VisibleVariable]; own != "" {
		return setting(title, variableWins(gpu.VisibleVariable, own), widget.NewLabel(""))
	}
	now := p.prefs.device()
	values, names := []string{""}, []string{tr("The first one")}
	for _, d := range p.studio.health.last.Devices {
		values, names = append(values, d.UUID), append(names, d.Place()+", "+d.Name)
	}
	if !slices.Contains(values, now) {
		values, names = append(values, now), append(names, tr("%s, not here", ellipsis(now, 20)))
	}
	list := p.choice(now, values, names, func(v string) {
		p.prefs.store.SetString("device", v)
		p.apply()
	})
	if len(values) == 1 {
		about = tr("There is no NVIDIA GPU here.")
		list.Disable()
	}
	return setting(title, about, list)
}

func (p *preferencesPage) memoryRow() fyne.CanvasObject {
	title := tr("Memory for networks")
	if own := p.prefs.own[pipeline.LimitVariable]; own != "" {
		return setting(title, variableWins(pipeline.LimitVariable, own), widget.NewLabel(""))
	}
	entry := newField()
	entry.SetPlaceHolder(tr("no limit, or 6GB, 800MB"))
	if v := p.prefs.memory(); v > 0 {
		entry.SetText(fmt.Sprintf("%d MB", v))
	}
	entry.Validator = func(s string) error {
		_, err := limitMB(s)
		return err
	}
	entry.OnChanged = func(s string) {
		if v, err := limitMB(s); err == nil {
			p.prefs.store.SetInt("memory_mb", v)
			p.apply()
		}
	}
	return setting(title, tr("The most a network may take, of the GPU or of the machine. One that needs more is run smaller, or not at all; the job says so."), entry)
}

// limitMB reads a limit of the memory.
func limitMB(s string) (int, error) {
	v, err := pipeline.ParseBytes(s)
	mb := int(v >> 20)
	if err == nil && mb != 0 && (mb < 256 || mb > 1<<20) {
		err = fmt.Errorf("%w: %s", pipeline.ErrSettings, tr("a limit of the memory is from 256 MB to 1024 GB"))
	}
	return mb, err
}

func (p *preferencesPage) idleRow() fyne.CanvasObject {
	seconds := []int{10, 60, 300, 1800, 24 * 60 * 60}
	names := []string{tr("10 seconds"), tr("1 minute"), tr("5 minutes"), tr("30 minutes"), tr("Until the window closes")}
	now := int(p.prefs.idle() / time.Second)
	if !slices.Contains(seconds, now) {
		seconds, names = append(seconds, now), append(names, (time.Duration(now)*time.Second).String())
	}
	var values []string
	for _, v := range seconds {
		values = append(values, fmt.Sprint(v))
	}
	list := p.choice(fmt.Sprint(now), values, names, func(v string) {
		p.prefs.store.SetInt("idle_seconds", seconds[slices.Index(values, v)])
		p.apply()
	})
	return setting(tr("Worker"), tr("How long the process that does the jobs stays without one. Then all its memory is free."), list)
}
