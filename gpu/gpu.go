// Package gpu says which devices there are, how much room they have, and what to do with it: how big a batch may be,
// whether a job fits, what to change when it does not, which models to keep. Reading is impure and small, and is behind a
// [Probe]; choosing is done by pure functions on plain values. Nothing here fails when there is no GPU: that is a plan, not
// an error.
package gpu

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// ErrNoNVIDIA is wrapped by a probe that finds no NVIDIA driver. ErrOutOfMemory is to be wrapped by whoever finds a device
// too full in the middle of its work.
var (
	ErrNoNVIDIA    = errors.New("no NVIDIA GPU")
	ErrOutOfMemory = errors.New("the GPU's memory is full")
)

// Device is one GPU, or one part of a GPU in MIG mode, at one moment. Total is 0 when the device does not say, as with
// memory shared with the processor. Whole numbers and watts are -1 when the device does not say; a part of a board has the
// board's temperature, power and clocks.
type Device struct {
	Index       int       `json:"index"`          // of the board
	Part        int       `json:"part,omitempty"` // 1 and up for a part of a board in MIG mode, 0 for a whole board
	Name        string    `json:"name"`
	UUID        string    `json:"uuid"`
	Driver      string    `json:"driver"`
	CUDA        string    `json:"cuda,omitempty"` // the newest version the driver can run
	Total       uint64    `json:"total_bytes"`
	Used        uint64    `json:"used_bytes"`
	Free        uint64    `json:"free_bytes"`
	Utilisation int       `json:"utilisation_percent"`
	Temperature int       `json:"temperature_celsius"`
	PowerWatts  float64   `json:"power_watts"`
	PowerLimit  float64   `json:"power_limit_watts"`
	Clock       int       `json:"clock_mhz"`
	ClockMax    int       `json:"clock_max_mhz"`
	MemoryClock int       `json:"memory_clock_mhz"`
	Slowed      []string  `json:"slowed_by,omitempty"` // why it runs below its clock, in words
	Processes   []Process `json:"processes,omitempty"` // the fullest first
}

// Process is what one process holds of a device's memory.
type Process struct {
	PID   int    `json:"pid"` // as the driver counts: inside a container it may be another than the process sees
	Name  string `json:"name,omitempty"`
	Bytes uint64 `json:"bytes"` // 0 when the driver does not say
}

// String says it for people.
func (p Process) String() string {
	held, name := "unknown", "process"
	if p.Bytes > 0 {
		held = fmt.Sprintf("%.1f GB", gb(p.Bytes))
	}
	if p.Name != "" {
		name = p.Name
	}
	return fmt.Sprintf("%-8s %s %d", held, name, p.PID)
}

// unknown is a device that has said nothing yet.
func unknown(index int, driver, cuda string) Device {
	return Device{Index: index, Driver: driver, CUDA: cuda, Utilisation: -1, Temperature: -1,
		PowerWatts: -1, PowerLimit: -1, Clock: -1, ClockMax: -1, MemoryClock: -1}
}

// Key names the kind of device, such as "NVIDIA L4, 22.5 GB": what was measured on one holds for its like.
func (d Device) Key() string { return fmt.Sprintf("%s, %.1f GB", d.Name, gb(d.Total)) }

// Place names where the device is, such as "GPU 0", or "GPU 0.2" for a part of a board.
func (d Device) Place() string {
	if d.Part > 0 {
		return fmt.Sprintf("GPU %d.%d", d.Index, d.Part)
	}
	return fmt.Sprintf("GPU %d", d.Index)
}

// Room is how much of the device's memory there is and is free.
func (d Device) Room() Room { return Room{Total: d.Total, Free: d.Free} }

// Probe lists the devices.
type Probe func() ([]Device, error)

// Reading is what there is to compute with at one moment.
type Reading struct {
	Devices      []Device  `json:"devices"`
	Note         string    `json:"note,omitempty"` // why there are no devices
	RAMTotal     uint64    `json:"ram_total_bytes"`
	RAMAvailable uint64    `json:"ram_available_bytes"`
	Own          uint64    `json:"own_bytes"` // of the machine's memory, held by this process
	Cores        int       `json:"cores"`
	Load         float64   `json:"load"` // processes that want a core, over the last minute; -1 when the system does not say
	At           time.Time `json:"at"`
}

// Read never fails: where there is no NVIDIA GPU the note says so, and the machine's memory is all there is.
func Read(p Probe) Reading {
	r := Reading{At: time.Now(), Cores: runtime.NumCPU(), Load: -1}
	var err error
	if r.Devices, err = p(); err != nil {
		r.Note, r.Devices = err.Error(), []Device{}
	}
	if total, available, err := Memory(); err == nil {
		r.RAMTotal, r.RAMAvailable = total, available
	}
	if own, err := Own(); err == nil {
		r.Own = own
	}
	if load, err := Load(); err == nil {
		r.Load = load
	}
	return r
}

// Room is how much of the machine's own memory there is and is free.
func (r Reading) Room() Room { return Room{Total: r.RAMTotal, Free: r.RAMAvailable} }

// String says it for people, a line or more per device.
func (r Reading) String() string {
	var lines []string
	for _, d := range r.Devices {
		lines = append(lines, fmt.Sprintf("%-6s %s", d.Place(), d))
		if len(d.Slowed) > 0 {
			lines = append(lines, "       slowed by "+strings.Join(d.Slowed, ", "))
		}
		for _, p := range d.Processes {
			lines = append(lines, "       "+p.String())
		}
	}
	if len(r.Devices) == 0 {
		lines = append(lines, "GPU    "+r.Note+"; the CPU does the work")
	}
	if r.RAMTotal > 0 {
		lines = append(lines, fmt.Sprintf("Memory %.1f of %.1f GB available", gb(r.RAMAvailable), gb(r.RAMTotal)))
	} else {
		lines = append(lines, "Memory is not read on this system")
	}
	cores := fmt.Sprintf("CPU    %d cores", r.Cores)
	if r.Load >= 0 {
		cores += fmt.Sprintf(", load %.1f", r.Load)
	}
	return strings.Join(append(lines, cores), "\n")
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
	switch {
	case d.PowerWatts >= 0 && d.PowerLimit > 0:
		said = append(said, fmt.Sprintf("%.0f of %.0f W", d.PowerWatts, d.PowerLimit))
	case d.PowerWatts >= 0:
		said = append(said, fmt.Sprintf("%.0f W", d.PowerWatts))
	}
	if d.Clock > 0 && d.ClockMax > 0 {
		said = append(said, fmt.Sprintf("%d of %d MHz", d.Clock, d.ClockMax))
	}
	said = append(said, "driver "+d.Driver)
	if d.CUDA != "" {
		said = append(said, "CUDA "+d.CUDA)
	}
	return d.Name + ": " + strings.Join(said, ", ")
}

func gb[T uint64 | float64](b T) float64 { return float64(b) / (1 << 30) }
