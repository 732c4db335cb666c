package pipeline

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// LimitVariable is the environment variable that says how much memory, of a GPU or of the machine, a network may take, such
// as 6GB or 800MB, in powers of 1024. It is asked before a network starts; CUDA is held to it meanwhile, too.
const LimitVariable = "ORFEAS_MEMORY"

// MemoryLimit is what the environment says, in bytes; 0 for no limit. The error wraps [ErrSettings].
func MemoryLimit() (uint64, error) { return ParseBytes(os.Getenv(LimitVariable)) }

// ParseBytes reads an amount of memory; of nothing it is 0.
func ParseBytes(s string) (uint64, error) {
	s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	if s == "" {
		return 0, nil
	}
	unit := 0.0
	for _, u := range []struct {
		name  string
		bytes float64
	}{{"GIB", 1 << 30}, {"GB", 1 << 30}, {"MIB", 1 << 20}, {"MB", 1 << 20}} {
		if n, ok := strings.CutSuffix(s, u.name); ok && unit == 0 {
			s, unit = n, u.bytes
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || unit == 0 || !(v > 0 && v*unit < 1<<50) {
		return 0, fmt.Errorf("%w: a limit of the memory is an amount such as 6GB or 800MB", ErrSettings)
	}
	return uint64(v * unit), nil
}
