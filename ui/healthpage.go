//go:build !headless

package ui

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/weights"
)

// healthPage shows what the GPUs say, or the machine where there are none, and what the optimizer makes of it.
type healthPage struct {
	studio  *Studio
	object  fyne.CanvasObject
	parts   *fyne.Container
	shown   string // the devices the parts were made for
	devices []*devicePart
	machine *devicePart
	visible bool
	runs    []gpu.Run // what networks took, of the history
}

func newHealthPage(s *Studio) *healthPage {
	p := &healthPage{studio: s, parts: container.NewVBox()}
	p.object = pageBody(tr("GPU"), nil, container.NewVScroll(p.parts))
	p.build()
	return p
}

// show is told when the page comes and goes. Coming, it reads what networks took in the past.
func (p *healthPage) show(on bool) {
	p.visible = on
	if !on {
		return
	}
	p.refresh()
	go func() {
		records, err := pastRecords()
		if err != nil {
			return // the profile page says why
		}
		runs := pipeline.Runs(records)
		p.studio.do(func() { p.runs = runs; p.refresh() })
	}()
}

// pastRecords is what is remembered of past jobs.
func pastRecords() ([]pipeline.Record, error) {
	dir, err := pipeline.DataDir()
	if err != nil {
		return nil, err
	}
	records, _, err := pipeline.HistoryIn(dir).Records()
	return records, err
}

// devicePart is one device on the page, or the machine.
type devicePart struct {
	uuid    string
	title   *canvas.Text
	about   *widget.Label
	state   *widget.Label // what slows it
	charts  []*chart
	holders *widget.Label // processes
	advice  *widget.Label
	object  fyne.CanvasObject
}

func newDevicePart(uuid string, charts ...string) *devicePart {
	d := &devicePart{uuid: uuid, title: text("", ink, 15), about: prose("", widget.LowImportance), state: prose("", widget.MediumImportance),
		holders: prose("", widget.MediumImportance), advice: prose("", widget.MediumImportance)}
	d.title.TextStyle.Bold = true
	d.holders.TextStyle.Monospace = true
	row := container.NewGridWithColumns(min(len(charts), 3))
	for _, name := range charts {
		c := newChart(name)
		d.charts = append(d.charts, c)
		row.Add(c.object)
	}
	rows := container.NewVBox(card("", inset(tight(container.New(insetLayout{8, 4}, d.title), d.about, d.state))), row)
	if uuid != "" {
		rows.Add(card("", inset(container.NewVBox(heading(tr("Who holds its memory")), d.holders))))
	}
	rows.Add(card("", inset(container.NewVBox(heading(tr("What to make of it")), d.advice))))
	d.object = rows
	return d
}

// build makes the parts anew when there are other devices.
func (p *healthPage) build() {
	var ids []string
	for _, d := range p.studio.health.last.Devices {
		ids = append(ids, d.UUID)
	}
	if key := strings.Join(ids, "\n"); key != p.shown || p.machine == nil {
		p.shown, p.devices = key, nil
		p.parts.RemoveAll()
		for _, id := range ids {
			d := newDevicePart(id, tr("Memory"), tr("Load"), tr("Temperature"), tr("Power"), tr("Clock"))
			p.devices = append(p.devices, d)
			p.parts.Add(d.object)
		}
		p.machine = newDevicePart("", tr("Memory"), tr("Load"))
		p.parts.Add(p.machine.object)
	}
}

// refresh shows the newest reading.
func (p *healthPage) refresh() {
	p.build()
	h := p.studio.health
	status := gpu.StatusOf(h.last, nil, p.runs, gpu.MaxBatch, pipeline.BatchToday())
	for i, d := range h.last.Devices {
		p.devices[i].show(d, h.track(d.UUID), status)
	}
	p.machine.showMachine(h.last, h.track(""), status)
}

const giga = 1 << 30

// fill is the colour of a memory or a load that is full to a share.
func fill(share float64) shade {
	switch {
	case share > 0.9:
		return bad
	case share > 0.75:
		return busy
	}
	return accent
}

// say sets a label's text when it is another one, so that nothing is laid out for nothing.
func say(l *widget.Label, s string) {
	if l.Text != s {
		l.SetText(s)
	}
	if l.Hidden != (s == "") { // an empty one takes no room
		l.Hidden = s == ""
		l.Refresh()
	}
}

func last(s []float64) float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	return s[len(s)-1]
}

// greatest is the highest value of a series, NaN for none.
func greatest(s []float64) float64 {
	top := math.NaN()
	for _, v := range s {
		if !math.IsNaN(v) && !(v <= top) {
			top = v
		}
	}
	return top
}

// orElse is v, or what is said when it is not known.
func orElse(v float64, format string) string {
	if math.IsNaN(v) {
		return tr("not said")
	}
	return fmt.Sprintf(format, v)
}

// phrase is a sentence about v, nothing when that is not known.
func phrase(sentence string, v float64, format string) string {
	if math.IsNaN(v) {
		return ""
	}
	return tr(sentence, fmt.Sprintf(format, v))
}

func ago(d time.Duration) string {
	if d < 2*time.Minute {
		return tr("%d s ago", int(d.Seconds()))
	}
	return tr("%d min ago", int(d.Minutes()))
}

func memoryChart(used []float64, total float64, span string) chartData {
	peak := greatest(used)
	return chartData{values: used, ceiling: total, mark: peak, color: fill(last(used) / total), span: span,
		value: tr("%.1f of %.1f GB", last(used)/giga, total/giga), top: tr("peak %.1f GB", peak/giga)}
}

// show brings the part of a GPU up to date.
func (p *devicePart) show(d gpu.Device, t *track, status gpu.Status) {
	p.title.Text = d.Place() + "  ·  " + d.Name
	p.title.Refresh()
	about := tr("driver %s", cmp.Or(d.Driver, tr("not said")))
	if d.CUDA != "" {
		about += "  ·  CUDA " + d.CUDA
	}
	if d.MemoryClock > 0 {
		about += "  ·  " + tr("memory at %d MHz", d.MemoryClock)
	}
	say(p.about, about)
	words, importance := tr("Nothing slows it down."), widget.SuccessImportance
	if d.Clock < 0 {
		words = "" // a device that does not say its clock does not say what slows it either
	}
	if len(d.Slowed) > 0 {
		words, importance = tr("It is slowed down: %s.", strings.Join(d.Slowed, ", ")), widget.WarningImportance
	}
	p.state.Importance = importance
	say(p.state, words)
	span := ago(t.span())
	p.charts[0].show(memoryChart(t.used, float64(d.Total), span))
	p.charts[1].show(chartData{values: t.load, ceiling: 100, mark: math.NaN(), color: accent, span: span, value: orElse(last(t.load), "%.0f %%"), top: "100 %"})
	p.charts[2].show(chartData{values: t.temperature, ceiling: 100, mark: greatest(t.temperature), color: fill(last(t.temperature) / 95), span: span,
		value: orElse(last(t.temperature), "%.0f °C"), top: phrase("peak %s", greatest(t.temperature), "%.0f °C")})
	limit := cmp.Or(max(d.PowerLimit, 0), math.Ceil(max(greatest(t.power), 1)))
	p.charts[3].show(chartData{values: t.power, ceiling: limit, mark: greatest(t.power), color: accent, span: span,
		value: orElse(last(t.power), "%.0f W"), top: phrase("limit %s", known(d.PowerLimit), "%.0f W")})
	top := cmp.Or(float64(max(d.ClockMax, 0)), max(greatest(t.clock), 1))
	p.charts[4].show(chartData{values: t.clock, ceiling: top, mark: math.NaN(), color: accent, span: span,
		value: orElse(last(t.clock), "%.0f MHz"), top: phrase("at most %s", known(d.ClockMax), "%.0f MHz")})
	var holders []string
	for _, h := range d.Processes {
		holders = append(holders, h.String())
	}
	if len(holders) == 0 {
		holders = []string{tr("Nobody, or the driver does not say.")}
	}
	say(p.holders, strings.Join(holders, "\n"))
	advice := memoryWords(t.memory.Report(2 * time.Minute))
	for _, b := range status.Batches {
		if b.Device == d.UUID {
			advice = append(advice, fmt.Sprintf("%s, %d, %s: %s.", b.Need.Engine, b.Need.Resolution, b.Need.Precision, told(b.Words)))
		}
	}
	for _, a := range status.Accuracy {
		if a.Device == d.Key() {
			advice = append(advice, capital(told(a.Words))+".")
		}
	}
	if !slices.ContainsFunc(status.Batches, func(b gpu.Batches) bool { return b.Device == d.UUID }) {
		advice = append(advice, tr("No network has run on it yet: what a batch takes is learnt from the first run."))
	}
	say(p.advice, strings.Join(advice, "\n"))
}

// showMachine brings the part of the machine up to date.
func (p *devicePart) showMachine(r gpu.Reading, t *track, status gpu.Status) {
	p.title.Text = tr("This machine")
	p.title.Refresh()
	say(p.about, tr("%d cores", r.Cores))
	note := ""
	if len(r.Devices) == 0 {
		note = capital(told(r.Note)) + ". " + tr("The processor does the work, and what counts is the machine's memory.")
	}
	say(p.state, note)
	span := ago(t.span())
	p.charts[0].show(memoryChart(t.used, float64(r.RAMTotal), span))
	ceiling := max(float64(r.Cores), greatest(t.load))
	if math.IsNaN(ceiling) {
		ceiling = float64(r.Cores)
	}
	p.charts[1].show(chartData{values: t.load, ceiling: ceiling, mark: float64(r.Cores), color: fill(last(t.load) / float64(max(r.Cores, 1)) * 0.7), span: span,
		value: orElse(last(t.load), "%.1f"), top: tr("%d cores", r.Cores)})
	report := t.memory.Report(2 * time.Minute)
	advice := memoryWords(report)
	for _, a := range status.Accuracy {
		if a.Device == gpu.Processor {
			advice = append(advice, capital(told(a.Words))+".")
		}
	}
	if share := float64(r.RAMAvailable) / float64(max(r.RAMTotal, 1)); r.RAMTotal > 0 && share < 0.1 {
		advice = append(advice, tr("Less than a tenth of the memory is left. Close other programs, or ask for fewer triangles."))
	}
	say(p.advice, strings.Join(advice, "\n"))
}

// worthSaying is how much memory a stage has to take to be mentioned; less is what others do meanwhile.
const worthSaying = 64 << 20

// trendNeeds is how long a memory is watched before it is said which way it goes.
const trendNeeds = time.Minute

// memoryWords says how a memory has developed and what the stages of jobs took of it.
func memoryWords(m gpu.MemoryReport) (out []string) {
	way := m.Trend.Direction
	if n := len(m.Samples); n == 0 || m.Samples[n-1].At.Sub(m.Samples[0].At) < trendNeeds {
		way = gpu.Unknown // of a few seconds a minute is not told
	}
	switch per := 60 * m.Trend.Slope / (1 << 20); way {
	case gpu.Increasing:
		out = append(out, tr("What is used grows by %.0f MB a minute.", per))
	case gpu.Decreasing:
		out = append(out, tr("What is used shrinks by %.0f MB a minute.", -per))
	case gpu.Stable:
		out = append(out, tr("What is used stays the same."))
	default:
		out = append(out, tr("It is too early to say how what is used develops."))
	}
	if m.Leak != "" {
		out = append(out, capital(told(m.Leak))+".")
	}
	for _, s := range m.Stages {
		if s.Samples > 0 && s.Rise() >= worthSaying {
			out = append(out, tr("At its peak, the stage %s took %s more than was in use before.", told(s.Stage), weights.Size(int64(s.Rise()))))
		}
	}
	return out
}
