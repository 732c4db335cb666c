package gpu

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
)

// Memory returns the machine's memory in bytes, and how much of it a program may still take without swapping; in a container,
// or another control group with a limit, those of the group.
func Memory() (total, available uint64, err error) {
	data, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, 0, err
	}
	if total, available, err = parseMeminfo(data); err != nil {
		return 0, 0, err
	}
	if groups, err := os.ReadFile("/proc/self/cgroup"); err == nil {
		total, available = confined(groups, "/sys/fs/cgroup", total, available)
	}
	return total, available, nil
}

func parseMeminfo(data []byte) (total, available uint64, err error) {
	for line := range bytes.Lines(data) {
		f := bytes.Fields(line)
		if len(f) < 2 {
			continue
		}
		kb, err := strconv.ParseUint(string(f[1]), 10, 64)
		if err != nil {
			continue
		}
		switch string(f[0]) {
		case "MemTotal:":
			total = kb << 10
		case "MemAvailable:":
			available = kb << 10
		}
	}
	if total == 0 {
		return 0, 0, errors.New("read memory: no total")
	}
	return total, available, nil
}

// Load returns how many processes wanted a core, averaged over the last minute.
func Load() (float64, error) {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, err
	}
	return parseLoad(data)
}

func parseLoad(data []byte) (float64, error) {
	f := bytes.Fields(data)
	if len(f) == 0 {
		return 0, errors.New("read load: nothing there")
	}
	load, err := strconv.ParseFloat(string(f[0]), 64)
	if err != nil || !(load >= 0) {
		return 0, fmt.Errorf("read load: %q is none", f[0])
	}
	return load, nil
}
