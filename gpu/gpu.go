// Package gpu says which devices there are and how much room they have. Reading is impure and small, and is behind a
// [Probe]; nothing here fails when there is no GPU: that is a plan, not an error.
package gpu

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrNoNVIDIA is wrapped by a probe that finds no NVIDIA driver.
var ErrNoNVIDIA = errors.New("no NVIDIA GPU")

// Device is one GPU at one moment. Total is 0 when the device does not say, as with memory shared with the processor.
type Device struct {
	Index       int     `json:"index"`
	Name        string  `json:"name"`
	UUID        string  `json:"uuid"`
	Driver      string  `json:"driver"`
	Total       uint64  `json:"total_bytes"`
	Used        uint64  `json:"used_bytes"`
	Free        uint64  `json:"free_bytes"`
	Utilisation int     `json:"utilisation_percent"` // -1 when the device does not say
	Temperature int     `json:"temperature_celsius"` // -1 when the device does not say
	PowerWatts  float64 `json:"power_watts"`         // -1 when the device does not say
}

// Probe lists the devices.
type Probe func() ([]Device, error)

// Reading is what there is to compute with at one moment.
type Reading struct {
	Devices      []Device  `json:"devices"`
	Note         string    `json:"note,omitempty"` // why there are no devices
	RAMTotal     uint64    `json:"ram_total_bytes"`
	RAMAvailable uint64    `json:"ram_available_bytes"`
	At           time.Time `json:"at"`
}

// Read never fails: where there is no NVIDIA GPU the note says so, and the machine's memory is all there is.
func Read(p Probe) Reading {
	r := Reading{At: time.Now()}
	var err error
	if r.Devices, err = p(); err != nil {
		r.Note = err.Error()
	}
	if total, available, err := Memory(); err == nil {
		r.RAMTotal, r.RAMAvailable = total, available
	}
	return r
}

// String says it for people, a line per device.
func (r Reading) String() string {
	var lines []string
	for _, d := range r.Devices {
		lines = append(lines, fmt.Sprintf("GPU %d  %s", d.Index, d))
	}
	if len(r.Devices) == 0 {
		lines = append(lines, "GPU    "+r.Note+"; the CPU does the work")
	}
	return strings.Join(append(lines, fmt.Sprintf("Memory %.1f of %.1f GB available", gb(r.RAMAvailable), gb(r.RAMTotal))), "\n")
}

// String says only what the device says of itself.
func (d Device) String() string {
	said := []string{"memory unknown"}
	if d.Total > 0 {
		said[0] = fmt.Sprintf("%.1f of %.1f GB used", gb(d.Used), gb(d.Total))
	}
	if d.Utilisation >= 0 {
		said = append(said, fmt.Sprintf("%d %%", d.Utilisation))
	}
	if d.Temperature >= 0 {
		said = append(said, fmt.Sprintf("%d °C", d.Temperature))
	}
	if d.PowerWatts >= 0 {
		said = append(said, fmt.Sprintf("%.0f W", d.PowerWatts))
	}
	return d.Name + ": " + strings.Join(append(said, "driver "+d.Driver), ", ")
}

func gb(b uint64) float64 { return float64(b) / (1 << 30) }
