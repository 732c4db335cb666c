package weights

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
)

// DType is the type of a tensor's numbers, named as .safetensors files do.
type DType string

// The types a network's weights come in. Others are read as bytes.
const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I64  DType = "I64"
	I32  DType = "I32"
	I16  DType = "I16"
	I8   DType = "I8"
	U8   DType = "U8"
	Bool DType = "BOOL"
)

// Size is the number of bytes of one number, 0 for a type that is not known.
func (d DType) Size() int64 {
	switch d {
	case F64, I64, "U64", "C64":
		return 8
	case F32, I32, "U32":
		return 4
	case F16, BF16, I16, "U16":
		return 2
	case I8, U8, Bool, "F8_E4M3", "F8_E5M2", "F8_E8M0":
		return 1
	}
	return 0
}

// sizeOf is the number of bytes a row-major tensor takes, -1 when that does not fit 63 bits or a dimension is negative.
func sizeOf(shape []int64, element int64) int64 {
	n, empty := element, false
	for _, d := range shape {
		switch {
		case d < 0:
			return -1
		case d == 0:
			empty = true
		case n > math.MaxInt64/d:
			return -1
		default:
			n *= d
		}
	}
	if empty {
		return 0
	}
	return n
}

// Read returns the tensor's bytes, row-major also when it is a view with strides. More than limit bytes are refused.
func (t Tensor) Read(limit int64) ([]byte, error) {
	size := sizeOf(t.Shape, t.DType.Size())
	if size < 0 || size > limit || t.Length > limit {
		return nil, fmt.Errorf("read tensor %s: its %d bytes are more than %d", t.Name, max(size, t.Length), limit)
	}
	f, err := os.Open(t.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, t.Length)
	if _, err := f.ReadAt(data, t.Offset); err != nil {
		if err == io.EOF {
			err = fmt.Errorf("%w: it became shorter", ErrCorrupt)
		}
		return nil, fmt.Errorf("read tensor %s: %w", t.Name, err)
	}
	if t.Contiguous() {
		return data, nil
	}
	return gather(data, t.Shape, t.Strides, t.DType.Size()), nil
}

// gather lays a strided view out row-major.
func gather(data []byte, shape, strides []int64, element int64) []byte {
	out := make([]byte, 0, sizeOf(shape, element))
	index := make([]int64, len(shape))
	at := int64(0)
	for len(out) < cap(out) {
		out = append(out, data[at*element:(at+1)*element]...)
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis]++
			at += strides[axis]
			if index[axis] < shape[axis] {
				break
			}
			at -= strides[axis] * shape[axis]
			index[axis] = 0
		}
	}
	return out
}

// Floats returns the numbers of an F32, F16 or BF16 tensor. A result of more than limit bytes is refused.
func (t Tensor) Floats(limit int64) ([]float32, error) {
	switch t.DType {
	case F32, F16, BF16:
	default:
		return nil, fmt.Errorf("read tensor %s: %w: numbers of type %s", t.Name, ErrUnsupported, t.DType)
	}
	if n := t.Count(); n > limit/4 {
		return nil, fmt.Errorf("read tensor %s: its %d numbers are more than %d bytes", t.Name, n, limit)
	}
	data, err := t.Read(limit)
	if err != nil {
		return nil, err
	}
	out := make([]float32, t.Count())
	for i := range out {
		switch t.DType {
		case F32:
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		case BF16:
			out[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(data[2*i:])) << 16)
		case F16:
			out[i] = half(binary.LittleEndian.Uint16(data[2*i:]))
		}
	}
	return out, nil
}

// half widens an IEEE 754 binary16 exactly.
func half(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exponent {
	case 0: // zero and the subnormal numbers, multiples of 2^-24
		v := float32(fraction) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
