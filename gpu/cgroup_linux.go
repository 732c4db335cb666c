package gpu

import (
	"bytes"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// controller is what the files of a memory controller are called.
type controller struct{ dir, limit, usage, cache string }

var (
	cgroup1 = controller{"memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}
	cgroup2 = controller{"", "memory.max", "memory.current", "inactive_file"}
)

// confined narrows the machine's memory to what the control groups of a process leave it: each of its groups, given as in
// /proc/self/cgroup, and all above them that can be seen under root. Pages of files that nobody has used lately are taken from
// the cache before a group is full, and count as available. See https://docs.kernel.org/admin-guide/cgroup-v2.html and
// https://docs.kernel.org/admin-guide/cgroup-v1/memory.html.
func confined(groups []byte, root string, total, available uint64) (uint64, uint64) {
	for line := range bytes.Lines(groups) {
		f := strings.SplitN(strings.TrimSpace(string(line)), ":", 3) // number, controllers, path
		if len(f) != 3 {
			continue
		}
		c := cgroup2
		if f[1] != "" {
			c = cgroup1
			if !slices.Contains(strings.Split(f[1], ","), "memory") {
				continue
			}
		}
		for at := path.Clean("/" + f[2]); ; at = path.Dir(at) {
			limit, left := c.room(filepath.Join(root, c.dir, at))
			total, available = min(total, limit), min(available, left)
			if at == "/" {
				break
			}
		}
	}
	return total, available
}

// room is the limit of one group and what is left of it, in bytes; the largest number where there is none.
func (c controller) room(dir string) (limit, left uint64) {
	limit, ok := number(filepath.Join(dir, c.limit))
	if !ok {
		return math.MaxUint64, math.MaxUint64
	}
	used, _ := number(filepath.Join(dir, c.usage))
	stat, _ := os.ReadFile(filepath.Join(dir, "memory.stat"))
	for line := range bytes.Lines(stat) {
		if f := strings.Fields(string(line)); len(f) == 2 && f[0] == c.cache {
			cache, _ := strconv.ParseUint(f[1], 10, 64)
			used -= min(used, cache)
		}
	}
	return limit, limit - min(limit, used)
}

// number reads a file that is one; "max" is none.
func number(file string) (uint64, bool) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64)
	return n, err == nil
}
