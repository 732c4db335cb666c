package cli

import (
	"errors"
	"strconv"
	"strings"
)

// length is a flag in millimetres; cm, in and " are understood after the number.
type length float64

func (l *length) String() string { return strconv.FormatFloat(float64(*l), 'f', -1, 64) }

func (l *length) Set(text string) error {
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
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || v-v != 0 {
		return errors.New("a length is a number of mm, or one with cm or in after it")
	}
	*l = length(v * scale)
	return nil
}
