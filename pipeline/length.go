package pipeline

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseLength reads a length as people write it, such as 80, 80 mm, 8cm, 3in or 3", and returns millimetres. The error
// wraps [ErrSettings].
func ParseLength(text string) (float64, error) {
	number, scale := strings.TrimSpace(strings.ToLower(text)), 1.0
	for _, u := range []struct {
		name string
		mm   float64
	}{{"mm", 1}, {"cm", 10}, {"in", 25.4}, {`"`, 25.4}} {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, scale = strings.TrimSpace(rest), u.mm
			break
		}
	}
	v, err := strconv.ParseFloat(strings.Replace(number, ",", ".", 1), 64)
	if err != nil || v-v != 0 {
		return 0, fmt.Errorf("%w: a length is a number of mm, or one with cm or in after it, not %q", ErrSettings, text)
	}
	return v * scale, nil
}
