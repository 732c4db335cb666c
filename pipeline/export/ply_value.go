package export

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
)

// plyReader reads the values of a PLY body, text or binary.
type plyReader struct {
	data   []byte
	format string
}

var plySizes = map[string]int64{
	"char": 1, "int8": 1, "uchar": 1, "uint8": 1, "short": 2, "int16": 2, "ushort": 2, "uint16": 2,
	"int": 4, "int32": 4, "uint": 4, "uint32": 4, "float": 4, "float32": 4, "double": 8, "float64": 8,
}

// size is the fewest bytes a value of a kind takes.
func (r *plyReader) size(kind string) int64 {
	if r.format == "ascii" {
		return 2
	}
	return plySizes[kind]
}

func (r *plyReader) value(kind string) (float64, error) {
	if r.format == "ascii" {
		return r.text()
	}
	n := int(plySizes[kind])
	var order binary.ByteOrder = binary.LittleEndian
	if r.format == "binary_big_endian" {
		order = binary.BigEndian
	} else if r.format != "binary_little_endian" {
		return 0, ErrMalformed
	}
	if n == 0 || len(r.data) < n {
		return 0, ErrMalformed
	}
	b := r.data[:n]
	r.data = r.data[n:]
	switch kind {
	case "char", "int8":
		return float64(int8(b[0])), nil
	case "uchar", "uint8":
		return float64(b[0]), nil
	case "short", "int16":
		return float64(int16(order.Uint16(b))), nil
	case "ushort", "uint16":
		return float64(order.Uint16(b)), nil
	case "int", "int32":
		return float64(int32(order.Uint32(b))), nil
	case "uint", "uint32":
		return float64(order.Uint32(b)), nil
	case "float", "float32":
		return float64(math.Float32frombits(order.Uint32(b))), nil
	}
	return math.Float64frombits(order.Uint64(b)), nil
}

func (r *plyReader) text() (float64, error) {
	r.data = bytes.TrimLeft(r.data, " \t\r\n")
	end := bytes.IndexAny(r.data, " \t\r\n")
	if end < 0 {
		end = len(r.data)
	}
	f, err := strconv.ParseFloat(string(r.data[:end]), 64)
	r.data = r.data[end:]
	if err != nil {
		return 0, ErrMalformed
	}
	return f, nil
}
