//go:build !headless

package ui

import (
	"math"
	"slices"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// health remembers the readings of the last minutes, whether they are looked at or not, and which jobs ran meanwhile.
type health struct {
	last   gpu.Reading
	tracks map[string]*track // by the device's UUID; "" is the machine
	spans  map[string]*running
	page   *healthPage // nil until it is shown
}

// track is what one device, or the machine, has said. All series are equally long; NaN stands for what it did not say.
type track struct {
	at                                    []time.Time
	used, load, temperature, power, clock []float64
	memory                                *gpu.MemoryProfile
}

// running is a job at work, as the memory profiles see it.
type running struct {
	stage       string
	jobs, parts []*gpu.Span
}

// trackLength is how many readings a chart goes back: five minutes at two a second.
const trackLength = 600

func newHealth() *health {
	return &health{tracks: map[string]*track{}, spans: map[string]*running{}}
}

// see takes in a reading.
func (h *health) see(r gpu.Reading) {
	h.last = r
	load := math.NaN()
	if r.Load >= 0 {
		load = r.Load
	}
	h.track("").add(r, float64(r.RAMTotal-r.RAMAvailable), load, math.NaN(), math.NaN(), math.NaN())
	for _, d := range r.Devices {
		h.track(d.UUID).add(r, float64(d.Used), known(d.Utilisation), known(d.Temperature), known(d.PowerWatts), known(d.Clock))
	}
	if h.page != nil && h.page.visible {
		h.page.refresh()
	}
}

// first is a reading with the device of that UUID before the others.
func first(r gpu.Reading, uuid string) gpu.Reading {
	at := slices.IndexFunc(r.Devices, func(d gpu.Device) bool { return d.UUID == uuid })
	if at > 0 {
		r.Devices = append([]gpu.Device{r.Devices[at]}, slices.Delete(slices.Clone(r.Devices), at, at+1)...)
	}
	return r
}

func known[T int | float64](v T) float64 {
	if v < 0 {
		return math.NaN()
	}
	return float64(v)
}

func (h *health) track(uuid string) *track {
	t := h.tracks[uuid]
	if t == nil {
		t = &track{memory: gpu.NewMemoryProfile(uuid)}
		h.tracks[uuid] = t
	}
	return t
}

func (t *track) add(r gpu.Reading, used, load, temperature, power, clock float64) {
	t.memory.Add(r)
	t.at = lastOf(append(t.at, r.At))
	t.used, t.load = lastOf(append(t.used, used)), lastOf(append(t.load, load))
	t.temperature, t.power, t.clock = lastOf(append(t.temperature, temperature)), lastOf(append(t.power, power)), lastOf(append(t.clock, clock))
}

// lastOf keeps the newest of a series.
func lastOf[T any](s []T) []T {
	if len(s) > trackLength {
		s = append(s[:0], s[len(s)-trackLength:]...)
	}
	return s
}

// span is how far back the track goes.
func (t *track) span() time.Duration {
	if len(t.at) < 2 {
		return 0
	}
	return t.at[len(t.at)-1].Sub(t.at[0])
}

// note tells the memory profiles which job and stage run.
func (h *health) note(j pipeline.Job) {
	r := h.spans[j.ID]
	if r != nil && (j.State != pipeline.Running || j.Stage != r.stage) {
		end(r.parts)
		r.parts, r.stage = nil, ""
	}
	if j.State != pipeline.Running {
		if r != nil {
			end(r.jobs)
			delete(h.spans, j.ID)
		}
		return
	}
	if r == nil {
		r = &running{}
		h.spans[j.ID] = r
		for _, t := range h.tracks {
			r.jobs = append(r.jobs, t.memory.Begin(j.ID, ""))
		}
	}
	if j.Stage != "" && r.stage == "" {
		r.stage = j.Stage
		for _, t := range h.tracks {
			r.parts = append(r.parts, t.memory.Begin(j.ID, j.Stage))
		}
	}
}

func end(spans []*gpu.Span) {
	for _, s := range spans {
		s.End()
	}
}
