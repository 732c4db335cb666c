//go:build !headless

package ui

import (
	"fmt"
	"reflect"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	tip "github.com/dweymouth/fyne-tooltip/widget"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
)

// presetRow chooses among the presets of the engine: its own, and those a user has saved, which hold all of the panel.
type presetRow struct {
	panel  *settingsPanel
	object fyne.CanvasObject
	list   *tip.Select
	more   *tip.Button
	note   *widget.Label // which files of presets could not be read
	engine engine.Engine
	user   []pipeline.Preset // of the engine
}

func newPresetRow(p *settingsPanel) *presetRow {
	r := &presetRow{panel: p, note: prose("", widget.WarningImportance)}
	r.list = tip.NewSelect(nil, nil)
	r.list.PlaceHolder = tr("Settings of your own")
	r.list.SetToolTip(wrap(tr("Settings that go well together. Yours are kept with size, colours and all."), 60))
	r.more = tip.NewButtonWithIcon("", theme.MoreVerticalIcon(), r.menu)
	r.more.SetToolTip(wrap(tr("Save, rename or delete a preset"), 60))
	r.more.Importance = widget.LowImportance
	r.object = container.NewVBox(named(tr("Preset"), container.NewBorder(nil, nil, nil, r.more, r.list)), r.note)
	return r
}

// defaults comes first in the list.
func defaultsTitle() string { return tr("Defaults") }

// show offers the presets of an engine.
func (r *presetRow) show(e engine.Engine) {
	r.engine, r.user = e, nil
	all, err := userPresets().List()
	for _, x := range all {
		if x.Settings.Engine == e.Name {
			r.user = append(r.user, x)
		}
	}
	r.note.Hidden = err == nil
	if err != nil {
		problem, hint := explained(err)
		r.note.SetText(capital(problem) + ". " + hint)
	}
	titles := []string{defaultsTitle()}
	for _, x := range e.Presets {
		titles = append(titles, told(x.Title))
	}
	for _, x := range r.user {
		titles = append(titles, x.Title)
	}
	r.list.OnChanged = nil
	r.list.SetOptions(titles)
	r.list.OnChanged = func(string) { r.take(r.list.SelectedIndex()) }
	r.mark()
}

// userPresets is the folder of the user's presets; where there cannot be one, reading it says so.
func userPresets() pipeline.Presets {
	p, _ := pipeline.UserPresets()
	return p
}

// take puts a preset on the panel.
func (r *presetRow) take(i int) {
	p := r.panel
	if i < 0 {
		return
	}
	if n := i - 1 - len(r.engine.Presets); n >= 0 {
		p.restore(r.user[n].Settings)
		return
	}
	all, err := r.engine.Complete(r.builtIn(i))
	if err != nil {
		return // the tests of the engines rule it out
	}
	for name, v := range all {
		p.remember(r.engine.Name+"/"+name, v)
	}
	p.choose()
}

// builtIn are the options of one of the engine's own.
func (r *presetRow) builtIn(i int) engine.Options {
	if i == 0 {
		return nil
	}
	return r.engine.Presets[i-1].Options
}

// mark shows which preset the panel agrees with, one of the user's first; the placeholder for none.
func (r *presetRow) mark() {
	now, err := r.panel.of(r.engine)
	at := -1
	for i, x := range r.user {
		if full, e := completed(x.Settings); err == nil && e == nil && reflect.DeepEqual(full, now) {
			at = 1 + len(r.engine.Presets) + i
		}
	}
	for i := 0; at < 0 && i <= len(r.engine.Presets); i++ {
		if full, e := r.engine.Complete(r.builtIn(i)); e == nil && reflect.DeepEqual(full, now.Options) {
			at = i
		}
	}
	changed := r.list.OnChanged
	r.list.OnChanged = nil
	if at < 0 {
		r.list.ClearSelected()
	} else {
		r.list.SetSelectedIndex(at)
	}
	r.list.OnChanged = changed
}

// completed has the defaults of the engine's options that are missing.
func completed(s pipeline.Settings) (pipeline.Settings, error) {
	e, err := engine.ByName(s.Engine)
	if err == nil {
		s.Options, err = e.Complete(s.Options)
	}
	return s, err
}

// chosen is the user's preset the panel agrees with.
func (r *presetRow) chosen() (pipeline.Preset, bool) {
	if n := r.list.SelectedIndex() - 1 - len(r.engine.Presets); n >= 0 {
		return r.user[n], true
	}
	return pipeline.Preset{}, false
}

func (r *presetRow) menu() {
	x, own := r.chosen()
	save := fyne.NewMenuItem(tr("Save as…"), func() { r.ask(tr("Save these settings as"), "", r.save) })
	rename := fyne.NewMenuItem(tr("Rename…"), func() {
		r.ask(tr("Rename the preset"), x.Title, func(to string) { r.try(userPresets().Rename(r.engine.Name, x.Title, to)) })
	})
	remove := fyne.NewMenuItem(tr("Delete…"), func() {
		dialog.ShowConfirm(tr("Delete the preset?"), tr("%s will be gone.", x.Title), func(yes bool) {
			if yes {
				r.try(userPresets().Delete(r.engine.Name, x.Title))
			}
		}, r.panel.window)
	})
	rename.Disabled, remove.Disabled = !own, !own
	c := fyne.CurrentApp().Driver().CanvasForObject(r.more)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r.more)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", save, rename, remove), c, at.AddXY(0, r.more.Size().Height))
}

// save keeps the panel under a name; one that is there is replaced when the user says so.
func (r *presetRow) save(title string) {
	s, err := r.panel.of(r.engine)
	if err != nil {
		r.try(err)
		return
	}
	keep := func() { r.try(userPresets().Save(pipeline.Preset{Title: title, Settings: s})) }
	if !slices.ContainsFunc(r.user, func(x pipeline.Preset) bool { return x.Title == title }) {
		keep()
		return
	}
	dialog.ShowConfirm(tr("Replace the preset?"), tr("There is one named %s already.", title), func(yes bool) {
		if yes {
			keep()
		}
	}, r.panel.window)
}

// ask asks for a name.
func (r *presetRow) ask(title, name string, then func(string)) {
	entry := newField()
	entry.SetText(name)
	entry.Validator = func(s string) error {
		if n := len([]rune(s)); n < 1 || n > pipeline.MaxPresetTitle {
			return fmt.Errorf("a name has 1 to %d letters", pipeline.MaxPresetTitle)
		}
		return nil
	}
	d := dialog.NewForm(title, tr("Save"), tr("Cancel"), []*widget.FormItem{widget.NewFormItem(tr("Name"), entry)}, func(yes bool) {
		if yes {
			then(entry.Text)
		}
	}, r.panel.window)
	entry.OnSubmitted = func(string) { d.Submit() }
	d.Resize(fyne.NewSize(420, 160))
	d.Show()
	r.panel.window.Canvas().Focus(entry)
}

// try says what went wrong, if anything did, and shows the presets as they are now.
func (r *presetRow) try(err error) {
	if err != nil {
		problem, hint := explained(err)
		dialog.ShowInformation(tr("That did not work"), wrap(problem+"\n\n"+hint, 80), r.panel.window)
	}
	r.show(r.engine)
}
