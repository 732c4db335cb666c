package export

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// nextWord splits off the first word of b, empty when there is none. Words are divided by white space.
func nextWord(b []byte) (word, rest []byte) {
	i := 0
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	from := i
	for i < len(b) && !isSpace(b[i]) {
		i++
	}
	return b[from:i], b[i:]
}

func isSpace(c byte) bool { return c == ' ' || c-'\t' < 5 }

// parseFloat reads a finite number.
func parseFloat(word []byte) (float32, error) {
	x, err := strconv.ParseFloat(string(word), 32)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, fmt.Errorf("%w: %q is not a coordinate", ErrMalformed, short(word))
	}
	return float32(x), nil
}

// nextVector reads three numbers off the front of b.
func nextVector(b []byte) (v [3]float32, rest []byte, err error) {
	for k := range v {
		var word []byte
		word, b = nextWord(b)
		if v[k], err = parseFloat(word); err != nil {
			return v, nil, err
		}
	}
	return v, b, nil
}

// short cuts what a message quotes from a file.
func short(b []byte) []byte { return b[:min(len(b), 40)] }

// appendFloats appends numbers, a space before each, in the fewest digits that read back to the same float32.
func appendFloats(b []byte, v [3]float32) []byte {
	for _, x := range v {
		b = strconv.AppendFloat(append(b, ' '), float64(x), 'g', -1, 32)
	}
	return b
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
