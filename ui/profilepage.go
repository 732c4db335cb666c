//go:build !headless

package ui

import (
	"fmt"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// profilePage shows what jobs have cost, stage by stage: what holds up the line and what would help.
type profilePage struct {
	studio  *Studio
	object  fyne.CanvasObject
	engine  *widget.Select
	body    *fyne.Container
	trend   *chart
	records []pipeline.Record
	damaged int
	all     []pipeline.Profile // of the records: all engines together, then each
}

func newProfilePage(s *Studio) *profilePage {
	p := &profilePage{studio: s, body: container.NewVBox(), trend: newChart(tr("Seconds a job took, the newest on the right"))}
	p.engine = widget.NewSelect(nil, func(string) { p.refresh() })
	p.object = pageBody(tr("Profile"), container.New(sideLayout{200}, p.engine), container.NewVScroll(p.body))
	p.refresh()
	return p
}

// show reads the history when the page comes.
func (p *profilePage) show(on bool) {
	if !on {
		return
	}
	go func() {
		dir, err := pipeline.DataDir()
		var records []pipeline.Record
		damaged := 0
		if err == nil {
			records, damaged, err = pipeline.HistoryIn(dir).Records()
		}
		p.studio.do(func() {
			if err != nil {
				problem, hint := explained(err)
				p.body.Objects = []fyne.CanvasObject{prose(capital(problem)+"\n"+hint, widget.DangerImportance)}
				p.body.Refresh()
				return
			}
			p.take(records, damaged)
		})
	}()
}

// take shows records.
func (p *profilePage) take(records []pipeline.Record, damaged int) {
	p.records, p.damaged, p.all = records, damaged, nil
	if len(records) > 0 {
		p.all = pipeline.Profiles(records)
	}
	names := []string{tr("All engines")}
	for _, one := range p.all[min(1, len(p.all)):] {
		names = append(names, engineTitle(one.Engine))
	}
	was := max(p.engine.SelectedIndex(), 0)
	p.engine.Options = names
	p.engine.SetSelectedIndex(min(was, len(names)-1))
	p.refresh()
}

// refresh shows the chosen engine's profile.
func (p *profilePage) refresh() {
	p.body.RemoveAll()
	defer p.body.Refresh()
	at := max(p.engine.SelectedIndex(), 0)
	if at >= len(p.all) || p.all[at].Jobs == 0 {
		p.body.Add(prose(tr("Nothing has been converted yet, so there is nothing to say. Every conversion is timed and remembered, without names of files and without pictures."), widget.LowImportance))
		return
	}
	one := p.all[at]
	p.body.Add(container.NewGridWithColumns(4,
		figure(tr("Jobs done"), fmt.Sprint(one.Jobs), tr("%d failed or stopped", one.Failed)),
		figure(tr("Half of them take up to"), seconds(one.Seconds.P50), tr("on average %s", seconds(one.Seconds.Mean))),
		figure(tr("95 % take up to"), seconds(one.Seconds.P95), tr("the longest %s", seconds(one.Seconds.Max))),
		figure(tr("Trend"), trendWord(one.Trend), trendWords(one.Trend))))
	p.body.Add(p.stages(one))
	if advice := p.advice(one); advice != nil {
		p.body.Add(advice)
	}
	p.showTrend(one)
	p.body.Add(p.trend.object)
	p.body.Add(card("", inset(container.NewVBox(heading(tr("How well time and memory are predicted")), prose(p.forecast(), widget.MediumImportance)))))
}

// figure is a number with what it is over it and a remark under it.
func figure(name, value, remark string) fyne.CanvasObject {
	v := text(value, ink, 20)
	v.TextStyle.Bold = true
	return card("", inset(container.NewVBox(text(name, faint, 12), v, text(remark, faint, 11))))
}

func seconds(v float64) string {
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f s", v)
	case v < 100:
		return fmt.Sprintf("%.1f s", v)
	}
	return fmt.Sprintf("%d min %02d s", int(v)/60, int(v)%60)
}

func trendWord(t gpu.Trend) string {
	switch t.Direction {
	case gpu.Increasing:
		return tr("slower")
	case gpu.Decreasing:
		return tr("faster")
	case gpu.Stable:
		return tr("steady")
	}
	return "–"
}

func trendWords(t gpu.Trend) string {
	switch t.Direction {
	case gpu.Increasing:
		return tr("%.2f s more than %d jobs ago", t.Rise, t.Points)
	case gpu.Decreasing:
		return tr("%.2f s less than %d jobs ago", -t.Rise, t.Points)
	case gpu.Stable:
		return tr("over %d jobs", t.Points)
	}
	return tr("too few jobs to tell")
}

// leastStep is the share of a step that is worth a row.
const leastStep = 0.02

// stages is the table of the stages and their greater steps.
func (p *profilePage) stages(one pipeline.Profile) fyne.CanvasObject {
	rows := container.NewVBox(heading(tr("Where the time goes")))
	cell := func(s string, c shade, size float32) fyne.CanvasObject {
		t := text(s, c, size)
		t.Alignment = fyne.TextAlignTrailing
		return t
	}
	add := func(name, levelBadge, share fyne.CanvasObject, c shade, size float32, words ...string) {
		cells := []fyne.CanvasObject{name, levelBadge, share}
		for _, w := range words {
			cells = append(cells, cell(w, c, size))
		}
		rows.Add(container.New(insetLayout{8, 0}, container.New(tableLayout{profileColumns}, cells...)))
	}
	add(text("", faint, 11), text("", faint, 11), text("", faint, 11), faint, 11, tr("share"), tr("median"), "95 %", tr("average"), tr("cores"), tr("VRAM"))
	for _, s := range one.Stages {
		name := text(told(s.Name), ink, 13)
		name.TextStyle.Bold = true
		b := newBadge()
		b.say(levelWord(s.Level), levelShade(s.Level))
		b.object.(*fyne.Container).Hidden = s.Level == pipeline.Low
		bar := newBar(8)
		bar.set(s.Share, levelShade(s.Level))
		add(name, b.object, bar.object, ink, 12, costs(s)...)
		for _, step := range s.Steps {
			if step.Share >= leastStep {
				bar := newBar(4)
				bar.set(step.Share, faint)
				add(text("    "+beginning(told(step.Name), 30), faint, 12), text("", faint, 11), bar.object, faint, 12, costs(step)...)
			}
		}
	}
	return card("", inset(rows))
}

// profileColumns are the widths of the table's columns; 0 takes what is left.
var profileColumns = []float32{210, 80, 0, 64, 84, 84, 84, 64, 84}

func costs(s pipeline.StageProfile) []string {
	vram := "–"
	if s.VRAM > 0 {
		vram = fmt.Sprintf("%.1f GB", float64(s.VRAM)/giga)
	}
	return []string{fmt.Sprintf("%.0f %%", 100*s.Share), seconds(s.Seconds.P50), seconds(s.Seconds.P95), seconds(s.Seconds.Mean), fmt.Sprintf("%.1f", s.Busy), vram}
}

func levelWord(l pipeline.Level) string {
	switch l {
	case pipeline.Medium:
		return tr("medium")
	case pipeline.High:
		return tr("high")
	case pipeline.Critical:
		return tr("critical")
	}
	return ""
}

func levelShade(l pipeline.Level) shade {
	switch l {
	case pipeline.Medium:
		return accent
	case pipeline.High:
		return busy
	case pipeline.Critical:
		return bad
	}
	return good
}

// advice lists the bottlenecks and what would help; nil when nothing holds up the line.
func (p *profilePage) advice(one pipeline.Profile) fyne.CanvasObject {
	rows := container.NewVBox(heading(tr("What holds up the line")))
	for _, s := range one.Bottlenecks() {
		rows.Add(prose(tr("%s takes %.0f %% of the time.", capital(told(s.Name)), 100*s.Share), widget.MediumImportance))
		for _, a := range s.Advice {
			rows.Add(container.New(insetLayout{14, 0}, prose("→  "+capital(told(a))+".", widget.MediumImportance)))
		}
	}
	if len(rows.Objects) == 1 {
		return nil
	}
	return card("", inset(tight(rows.Objects...)))
}

// trendJobs is how many jobs the chart shows.
const trendJobs = 200

func (p *profilePage) showTrend(one pipeline.Profile) {
	var took []float64
	for _, r := range p.records {
		if r.Outcome == pipeline.Done && (one.Engine == "" || r.Engine == one.Engine) {
			took = append(took, r.Seconds)
		}
	}
	took = took[max(len(took)-trendJobs, 0):]
	top := max(greatest(took), 0.001)
	if math.IsNaN(top) {
		top = 1
	}
	p.trend.show(chartData{values: took, ceiling: top, mark: one.Seconds.P50, color: accent, value: tr("the last one %s", orElse(last(took), "%.2f s")),
		top: seconds(top), span: tr("%d jobs; the dashed line is the median", len(took))})
}

// forecast says how far forecasts of time and memory are off.
func (p *profilePage) forecast() string {
	said := told(pipeline.HeldOut(p.records).String())
	if said == "" {
		said = tr("Too few jobs yet to tell how far forecasts of the time are off.")
	} else {
		said = capital(said)
	}
	for _, a := range gpu.Accuracies(pipeline.Runs(p.records)) {
		said += "\n" + capital(told(a.Words)) + "."
	}
	if p.damaged > 0 {
		said += "\n" + tr("%d lines of the history are damaged and were left out.", p.damaged)
	}
	return said
}
