//go:build linux && cgo

package gpu

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"sync"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// NVML returns a probe over the NVIDIA management library. The library is opened at the first reading and kept open.
func NVML() Probe { return probe(nvml.New()) }

// library reads from one library. A driver that is older than a symbol does not have it, and calling it would end the
// process: has says which are there.
type library struct {
	lib          nvml.Interface
	driver, cuda string
	has          map[string]bool
}

// newer are the symbols that came with later drivers than the first that this program can meet.
var newer = []string{
	"nvmlSystemGetCudaDriverVersion_v2", "nvmlDeviceGetMigMode", "nvmlDeviceGetMaxMigDeviceCount",
	"nvmlDeviceGetMigDeviceHandleByIndex", "nvmlDeviceGetCurrentClocksThrottleReasons", "nvmlSystemGetProcessName",
	"nvmlDeviceGetComputeRunningProcesses", "nvmlDeviceGetGraphicsRunningProcesses",
	"nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetClockInfo", "nvmlDeviceGetMaxClockInfo",
}

// probe reads through lib. Nothing but Init may be called before Init has succeeded: without a driver the other symbols
// are not there, and a call ends the process.
func probe(lib nvml.Interface) Probe {
	l := &library{lib: lib, has: map[string]bool{}}
	ready := sync.OnceValue(l.open)
	var mu sync.Mutex
	return func() ([]Device, error) {
		if err := ready(); err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		return l.devices()
	}
}

func (l *library) open() error {
	switch ret := l.lib.Init(); ret {
	case nvml.SUCCESS:
	case nvml.ERROR_LIBRARY_NOT_FOUND:
		return fmt.Errorf("%w: no driver found", ErrNoNVIDIA)
	case nvml.ERROR_DRIVER_NOT_LOADED:
		return fmt.Errorf("%w: the driver is not loaded", ErrNoNVIDIA)
	default:
		return fmt.Errorf("%w: NVML error %d", ErrNoNVIDIA, ret)
	}
	symbols := l.lib.Extensions()
	for _, name := range newer {
		for _, version := range []string{"", "_v2", "_v3"} { // the module takes the newest there is
			l.has[name] = l.has[name] || symbols.LookupSymbol(name+version) == nil
		}
	}
	l.driver, _ = l.lib.SystemGetDriverVersion()
	if l.has["nvmlSystemGetCudaDriverVersion_v2"] {
		if v, ret := l.lib.SystemGetCudaDriverVersion_v2(); ret == nvml.SUCCESS {
			l.cuda = fmt.Sprintf("%d.%d", v/1000, v%1000/10)
		}
	}
	return nil
}

// devices lists whole boards, and in place of a board in MIG mode its parts: that is what CUDA can use.
func (l *library) devices() ([]Device, error) {
	n, ret := l.lib.DeviceGetCount()
	if ret != nvml.SUCCESS {
		return nil, fmt.Errorf("count GPUs: %s", l.lib.ErrorString(ret))
	}
	var out []Device
	lost := fmt.Errorf("%w: the driver lists none", ErrNoNVIDIA)
	for i := range n {
		d, ret := l.lib.DeviceGetHandleByIndex(i)
		if ret != nvml.SUCCESS { // fallen off the bus, or not ours to read: the others still count
			lost = fmt.Errorf("open GPU %d: %s", i, l.lib.ErrorString(ret))
			continue
		}
		whole := unknown(i, l.driver, l.cuda)
		l.read(d, &whole)
		if !l.divided(d) {
			out = append(out, whole)
			continue
		}
		parts := l.parts(d, whole)
		if out = append(out, parts...); len(parts) == 0 {
			lost = fmt.Errorf("%w: GPU %d is in MIG mode and has no parts", ErrNoNVIDIA, i)
		}
	}
	if len(out) == 0 {
		return nil, lost
	}
	return out, nil
}

func (l *library) divided(d nvml.Device) bool {
	if !l.has["nvmlDeviceGetMigMode"] || !l.has["nvmlDeviceGetMaxMigDeviceCount"] || !l.has["nvmlDeviceGetMigDeviceHandleByIndex"] {
		return false
	}
	now, _, ret := d.GetMigMode()
	return ret == nvml.SUCCESS && now == nvml.DEVICE_MIG_ENABLE
}

// parts are the MIG devices of a board. What only the board as a whole can say of itself is true of each; its load is not.
func (l *library) parts(d nvml.Device, whole Device) (out []Device) {
	n, ret := d.GetMaxMigDeviceCount()
	if ret != nvml.SUCCESS {
		return nil
	}
	for i := range n {
		part, ret := d.GetMigDeviceHandleByIndex(i)
		if ret != nvml.SUCCESS { // the places that are not taken
			continue
		}
		p := whole
		p.Part, p.Utilisation, p.Total, p.Used, p.Free, p.Processes = i+1, -1, 0, 0, 0, nil
		l.read(part, &p)
		out = append(out, p)
	}
	return out
}

// read asks a device for what it says of itself; not every model says everything.
func (l *library) read(d nvml.Device, out *Device) {
	out.Name, _ = d.GetName()
	out.UUID, _ = d.GetUUID()
	if m, ret := d.GetMemoryInfo(); ret == nvml.SUCCESS {
		out.Total, out.Used, out.Free = m.Total, m.Used, m.Free
	}
	if u, ret := d.GetUtilizationRates(); ret == nvml.SUCCESS {
		out.Utilisation = int(u.Gpu)
	}
	if t, ret := d.GetTemperature(nvml.TEMPERATURE_GPU); ret == nvml.SUCCESS {
		out.Temperature = int(t)
	}
	if p, ret := d.GetPowerUsage(); ret == nvml.SUCCESS {
		out.PowerWatts = float64(p) / 1000
	}
	if l.has["nvmlDeviceGetEnforcedPowerLimit"] {
		if p, ret := d.GetEnforcedPowerLimit(); ret == nvml.SUCCESS {
			out.PowerLimit = float64(p) / 1000
		}
	}
	if l.has["nvmlDeviceGetClockInfo"] {
		clock(&out.Clock, d.GetClockInfo, nvml.CLOCK_SM)
		clock(&out.MemoryClock, d.GetClockInfo, nvml.CLOCK_MEM)
	}
	if l.has["nvmlDeviceGetMaxClockInfo"] {
		clock(&out.ClockMax, d.GetMaxClockInfo, nvml.CLOCK_SM)
	}
	if l.has["nvmlDeviceGetCurrentClocksThrottleReasons"] {
		if bits, ret := d.GetCurrentClocksThrottleReasons(); ret == nvml.SUCCESS {
			out.Slowed = slowed(bits)
		}
	}
	out.Processes = l.processes(d)
}

func clock(out *int, ask func(nvml.ClockType) (uint32, nvml.Return), which nvml.ClockType) {
	if mhz, ret := ask(which); ret == nvml.SUCCESS {
		*out = int(mhz)
	}
}

// reasons are those worth telling: idling is none, and settings are what somebody wanted.
var reasons = []struct {
	bit  uint64
	says string
}{
	{nvml.ClocksThrottleReasonSwPowerCap, "the power limit"},
	{nvml.ClocksThrottleReasonHwSlowdown, "the hardware (heat or power)"},
	{nvml.ClocksThrottleReasonSwThermalSlowdown, "heat"},
	{nvml.ClocksThrottleReasonHwThermalSlowdown, "heat, by the hardware"},
	{nvml.ClocksThrottleReasonHwPowerBrakeSlowdown, "the power supply"},
}

func slowed(bits uint64) (out []string) {
	for _, r := range reasons {
		if bits&r.bit != 0 {
			out = append(out, r.says)
		}
	}
	return out
}

// processes lists who holds memory, computing or drawing.
func (l *library) processes(d nvml.Device) []Process {
	var found []nvml.ProcessInfo
	if l.has["nvmlDeviceGetComputeRunningProcesses"] {
		p, _ := d.GetComputeRunningProcesses() // nil unless it succeeds
		found = append(found, p...)
	}
	if l.has["nvmlDeviceGetGraphicsRunningProcesses"] {
		p, _ := d.GetGraphicsRunningProcesses()
		found = append(found, p...)
	}
	var out []Process
	for _, f := range found {
		p := Process{PID: int(f.Pid), Bytes: f.UsedGpuMemory}
		if p.Bytes == ^uint64(0) { // NVML_VALUE_NOT_AVAILABLE
			p.Bytes = 0
		}
		if slices.ContainsFunc(out, func(o Process) bool { return o.PID == p.PID }) {
			continue // it computes and draws, and both lists give the whole
		}
		if l.has["nvmlSystemGetProcessName"] {
			if name, ret := l.lib.SystemGetProcessName(p.PID); ret == nvml.SUCCESS {
				p.Name = path.Base(name)
			}
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Process) int { return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.PID, b.PID)) })
	return out
}
