//go:build !headless

package ui

import (
	"image/color"
	"math"
	"strings"
	"testing"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// scripted is a GPU whose memory fills from a tenth to nine tenths over so many readings.
func scripted(n int) (out []gpu.Reading) {
	const total = 24 << 30
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for i := range n {
		share := 0.1 + 0.8*float64(i)/float64(n-1)
		d := gpu.Device{Name: "Test 4090", UUID: "GPU-1", Driver: "550.1", CUDA: "12.4", Total: total, Used: uint64(share * total), Utilisation: i % 101,
			Temperature: 40 + i/10, PowerWatts: 100 + float64(i), PowerLimit: 450, Clock: 1500, ClockMax: 2500, MemoryClock: -1}
		d.Free = d.Total - d.Used
		if i == n-1 {
			d.Slowed = []string{"it is too hot"}
			d.Processes = []gpu.Process{{PID: 42, Name: "blender", Bytes: 2 << 30}}
		}
		out = append(out, gpu.Reading{Devices: []gpu.Device{d}, RAMTotal: 32 << 30, RAMAvailable: 16 << 30, Cores: 8, Load: 3, At: at.Add(time.Duration(i) * time.Second / 2)})
	}
	return out
}

func TestHealth(t *testing.T) {
	s := studio(t)
	onThread(func() {
		s.health = newHealth()
		s.pages.show("gpu")
		p := s.health.page
		for _, r := range scripted(200) {
			s.health.see(r)
		}
		if len(p.devices) != 1 {
			t.Fatalf("%d devices are shown", len(p.devices))
		}
		d := p.devices[0]
		for _, c := range []struct{ what, got, want string }{
			{"name", d.title.Text, "GPU 0  ·  Test 4090"}, {"driver", d.about.Text, "driver 550.1  ·  CUDA 12.4"},
			{"slowed", d.state.Text, "It is slowed down: it is too hot."}, {"holders", d.holders.Text, "2.0 GB   blender 42"},
			{"memory", d.charts[0].value.Text, "21.6 of 24.0 GB"}, {"peak", d.charts[0].top.Text, "peak 21.6 GB"},
			{"load", d.charts[1].value.Text, "98 %"}, {"temperature", d.charts[2].value.Text, "59 °C"},
			{"power", d.charts[3].top.Text, "limit 450 W"}, {"clock", d.charts[4].value.Text, "1500 MHz"},
			{"far back", d.charts[0].span.Text, "99 s ago"}, {"machine", p.machine.charts[0].value.Text, "16.0 of 32.0 GB"},
		} {
			if c.got != c.want {
				t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
			}
		}
		if !strings.Contains(d.advice.Text, "grows by") || !strings.Contains(d.advice.Text, "No network has run on it yet") {
			t.Error(d.advice.Text)
		}
		if p.machine.state.Visible() {
			t.Error("it says there is no GPU beside one")
		}
		s.health.see(gpu.Reading{Note: "no NVIDIA GPU", RAMTotal: 8 << 30, RAMAvailable: 1 << 29, Cores: 2, Load: -1, At: time.Now()})
		if len(p.devices) != 0 || !p.machine.state.Visible() || !strings.Contains(p.machine.advice.Text, "Less than a tenth") || p.machine.charts[1].value.Text != "not said" {
			t.Errorf("%d devices, %q, %q", len(p.devices), p.machine.state.Text, p.machine.advice.Text)
		}
	})
}

// TestHealthHidden: readings are kept while the page is not seen, and nothing is drawn.
func TestHealthHidden(t *testing.T) {
	s := studio(t)
	onThread(func() {
		s.health = newHealth()
		s.pages.show("gpu")
		p := s.health.page
		s.pages.show("studio")
		before := p.machine.charts[0].value.Text
		for _, r := range scripted(trackLength + 50) {
			s.health.see(r)
		}
		if len(p.devices) != 0 || p.machine.charts[0].value.Text != before {
			t.Error("it was drawn")
		}
		if n := len(s.health.track("GPU-1").used); n != trackLength {
			t.Errorf("%d readings are kept", n)
		}
		s.pages.show("gpu")
		if len(p.devices) != 1 {
			t.Error("it is not brought up to date")
		}
	})
}

// TestHealthSpans: the memory profile knows which stage ran when it was fullest.
func TestHealthSpans(t *testing.T) {
	h := newHealth()
	r := scripted(30)
	h.see(r[0])
	j := pipeline.Job{ID: "1", State: pipeline.Running, Stage: "shape"}
	h.note(j)
	for _, x := range r[1:20] {
		h.see(x)
	}
	j.Stage = "texture"
	h.note(j)
	h.see(r[20])
	j.State = pipeline.Done
	h.note(j)
	h.see(r[29])
	m := h.track("GPU-1").memory.Report(time.Minute)
	if len(m.Jobs) != 1 || len(m.Stages) != 2 || m.Stages[0].Stage != "shape" || m.Stages[0].Peak != r[19].Devices[0].Used || m.Jobs[0].Peak != r[20].Devices[0].Used || len(h.spans) != 0 {
		t.Errorf("%+v, %+v", m.Jobs, m.Stages)
	}
}

// TestChart: the line is as high as the value over the ceiling, there is none where nothing is known, and of a chart without
// values only the grid is left.
func TestChart(t *testing.T) {
	studio(t) // for its theme
	c := newChart("")
	nan := math.NaN()
	c.show(chartData{values: []float64{25, 25, nan, nan, 75, 75}, ceiling: 100, mark: nan, color: good})
	const w, h = 101, 103
	img := c.draw(w, h)
	line := opaqueOf(good)
	lit := func(x int) (ys []int) {
		for y := range h {
			if color.RGBAModel.Convert(img.At(x, y)) == line {
				ys = append(ys, y)
			}
		}
		return ys
	}
	for _, c := range []struct{ x, y int }{{5, 76}, {95, 26}} {
		ys := lit(c.x)
		if len(ys) == 0 || ys[0] < c.y-1 || ys[len(ys)-1] > c.y+1 {
			t.Errorf("at %d the line is at %v, want %d", c.x, ys, c.y)
		}
	}
	if ys := lit(50); len(ys) > 0 {
		t.Errorf("a line at %v where nothing is known", ys)
	}
	c.show(chartData{mark: nan})
	c.draw(w, h)
	c.draw(1, 1)
}
