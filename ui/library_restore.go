//go:build !headless

package ui

import (
	"math"
	"slices"
	"strconv"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
)

// restore puts settings on the panel, those of their engine with its defaults.
func (p *settingsPanel) restore(s pipeline.Settings) {
	at := slices.IndexFunc(engine.All, func(e engine.Engine) bool { return e.Name == s.Engine })
	if at < 0 {
		return
	}
	e := engine.All[at]
	if all, err := e.Complete(s.Options); err == nil {
		for name, v := range all {
			p.remember(e.Name+"/"+name, v)
		}
	}
	p.size.SetText(strconv.FormatFloat(s.SizeMM, 'f', -1, 64))
	p.along.SetSelectedIndex(max(slices.Index(sides, s.Along), 0))
	p.faces.SetValue(math.Log10(float64(s.Faces)))
	p.whole.SetChecked(s.KeepBackground)
	p.engine.SetSelectedIndex(at)
	p.choose()
}
