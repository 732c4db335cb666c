package main

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// generator makes the numbers of tensors.
type generator struct {
	dtype        string
	seed         uint64
	std          float64
	gains, fills rules
}

// rules are numbers for names that begin with a text; the last that fits counts.
type rules []rule

type rule struct {
	prefix string
	value  float64
}

func (r *rules) String() string { return "" }

func (r *rules) Set(s string) error {
	prefix, number, ok := strings.Cut(s, "=")
	v, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil {
		return fmt.Errorf("%q is not PREFIX=NUMBER", s)
	}
	*r = append(*r, rule{prefix, v})
	return nil
}

func (r rules) of(name string) (v float64, ok bool) {
	for _, rule := range r {
		if strings.HasPrefix(name, rule.prefix) {
			v, ok = rule.value, true
		}
	}
	return v, ok
}

// spread is the mean and standard deviation of a tensor's numbers, such that activations stay about as large from layer
// to layer: scales of norms and layers are 1, biases nearly 0, a matrix has 1/sqrt of the inputs it takes.
func (g generator) spread(t tensor) (mean, std float64) {
	if v, ok := g.fills.of(t.name); ok {
		return v, 0
	}
	gain, ok := g.gains.of(t.name)
	if !ok {
		gain = 1
	}
	words := strings.Split(t.name, ".")
	last := words[len(words)-1]
	switch {
	case last == "bias":
		return 0, 0.02 * gain
	case len(t.shape) <= 1:
		return 1, 0.02 * gain
	case last != "weight": // tokens, positions
		return 0, 0.02 * gain
	case g.std > 0:
		return 0, g.std * gain
	}
	inputs := 1.0
	for _, d := range t.shape[1:] {
		inputs *= float64(d)
	}
	return 0, gain / math.Sqrt(max(inputs, 1))
}

// write writes a tensor's numbers. They depend on its name and the seed alone.
func (g generator) write(w io.Writer, t tensor) error {
	h := fnv.New64a()
	io.WriteString(h, t.name)
	random := rand.New(rand.NewPCG(g.seed, h.Sum64()))
	mean, std := g.spread(t)
	element := int(elementSize(g.dtype))
	piece := make([]byte, 0, 1<<16)
	for left := t.count(); left > 0; left-- {
		v := math.Float32bits(float32(mean + std*random.NormFloat64()))
		switch g.dtype {
		case "F32":
			piece = binary.LittleEndian.AppendUint32(piece, v)
		case "BF16":
			piece = binary.LittleEndian.AppendUint16(piece, uint16((v+0x8000)>>16))
		default:
			piece = binary.LittleEndian.AppendUint16(piece, narrow(v))
		}
		if len(piece)+element > cap(piece) || left == 1 {
			if _, err := w.Write(piece); err != nil {
				return err
			}
			piece = piece[:0]
		}
	}
	return nil
}

// narrow rounds the bits of a float32 to those of an IEEE 754 half, halves away from zero. Too small is 0, too large is
// the largest; random weights are neither.
func narrow(v uint32) uint16 {
	sign := uint16(v >> 16 & 0x8000)
	v = v&0x7fffffff + 0x1000
	exponent := int(v>>23) - 127 + 15
	switch {
	case exponent <= 0:
		return sign
	case exponent >= 31:
		return sign | 0x7bff
	}
	return sign | uint16(exponent)<<10 | uint16(v>>13&0x3ff)
}

func elementSize(dtype string) int64 {
	switch dtype {
	case "F32":
		return 4
	case "F16", "BF16":
		return 2
	}
	return 0
}

func little(width int, v uint64) []byte {
	return binary.LittleEndian.AppendUint64(nil, v)[:width]
}
