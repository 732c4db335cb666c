package export

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

// plyKind is a type of number; 0 is none.
type plyKind uint8

const (
	plyInt8 plyKind = iota + 1
	plyUint8
	plyInt16
	plyUint16
	plyInt32
	plyUint32
	plyFloat32
	plyFloat64
)

var plyKinds = map[string]plyKind{
	"char": plyInt8, "int8": plyInt8, "uchar": plyUint8, "uint8": plyUint8, "short": plyInt16, "int16": plyInt16,
	"ushort": plyUint16, "uint16": plyUint16, "int": plyInt32, "int32": plyInt32, "uint": plyUint32, "uint32": plyUint32,
	"float": plyFloat32, "float32": plyFloat32, "double": plyFloat64, "float64": plyFloat64,
}

func (k plyKind) real() bool { return k >= plyFloat32 }

// channel brings a colour channel of this kind to 8 bits: real ones go from 0 to 1, whole ones over their range.
func (k plyKind) channel(f float64) uint8 {
	switch k {
	case plyFloat32, plyFloat64:
		f *= 255
	case plyUint16:
		f /= 257
	}
	if !(f > 0) { // or not a number
		return 0
	}
	return uint8(math.Round(min(f, 255)))
}

// plyReader reads the values of a PLY body.
type plyReader struct {
	data  []byte
	text  bool
	order binary.ByteOrder
}

func newPLYReader(body []byte, format string) *plyReader {
	r := &plyReader{data: body, text: format == "ascii", order: binary.LittleEndian}
	if format == "binary_big_endian" {
		r.order = binary.BigEndian
	}
	return r
}

// size is the fewest bytes a value of a kind takes; for a text with the space after it.
func (r *plyReader) size(k plyKind) int64 {
	if r.text {
		return 2
	}
	return [...]int64{plyInt8: 1, plyUint8: 1, plyInt16: 2, plyUint16: 2, plyInt32: 4, plyUint32: 4, plyFloat32: 4, plyFloat64: 8}[k]
}

var errPLYShort = fmt.Errorf("%w: it ends too early", ErrMalformed)

func (r *plyReader) value(k plyKind) (float64, error) {
	if r.text {
		word, rest := nextWord(r.data)
		f, err := strconv.ParseFloat(string(word), 64)
		if len(word) == 0 {
			return 0, errPLYShort
		}
		if err != nil {
			return 0, fmt.Errorf("%w: %q is not a number", ErrMalformed, short(word))
		}
		r.data = rest
		return f, nil
	}
	n := int(r.size(k))
	if len(r.data) < n {
		return 0, errPLYShort
	}
	b := r.data[:n]
	r.data = r.data[n:]
	switch k {
	case plyInt8:
		return float64(int8(b[0])), nil
	case plyUint8:
		return float64(b[0]), nil
	case plyInt16:
		return float64(int16(r.order.Uint16(b))), nil
	case plyUint16:
		return float64(r.order.Uint16(b)), nil
	case plyInt32:
		return float64(int32(r.order.Uint32(b))), nil
	case plyUint32:
		return float64(r.order.Uint32(b)), nil
	case plyFloat32:
		return float64(math.Float32frombits(r.order.Uint32(b))), nil
	}
	return math.Float64frombits(r.order.Uint64(b)), nil
}

// length reads how many values a list has, and holds it against what is left.
func (r *plyReader) length(p plyProperty) (int64, error) {
	f, err := r.value(p.count)
	if err != nil {
		return 0, err
	}
	if !(f >= 0 && f <= float64((int64(len(r.data))+1)/r.size(p.kind))) {
		return 0, fmt.Errorf("%w: a list of %g values does not fit", ErrMalformed, f)
	}
	return int64(f), nil
}

// skip reads over n values of a list.
func (r *plyReader) skip(k plyKind, n int64) error {
	for range n {
		if _, err := r.value(k); err != nil {
			return err
		}
	}
	return nil
}
