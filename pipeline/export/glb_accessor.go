package export

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The component types of an accessor (glTF 2.0, section 3.6.2.2).
const (
	glbInt8 = 5120 + iota
	glbUint8
	glbInt16
	glbUint16
	_
	glbUint32
	glbFloat
)

var glbSizes = map[int]int64{glbInt8: 1, glbUint8: 1, glbInt16: 2, glbUint16: 2, glbUint32: 4, glbFloat: 4}

// glbRange is the largest value of the types that may be normalised.
var glbRange = map[int]float64{glbInt8: 127, glbUint8: 255, glbInt16: 32767, glbUint16: 65535}

var glbWidths = map[string]int{"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}

// numbers reads an accessor of count elements with so many numbers each. What it declares is held against the bytes that
// are there and against how much more the mesh may grow, before anything is allocated.
func (g *glbReader) numbers(accessor, width int) (values []float64, count int, err error) {
	a, err := entry[glbAccessor](g.file, g.file.Accessors, accessor, "accessor")
	if err != nil {
		return nil, 0, err
	}
	if glbWidths[a.Type] != width {
		return nil, 0, fmt.Errorf("accessor %d is of type %.10q", accessor, a.Type)
	}
	if a.Count < 0 || a.Count > int64(g.limit) || width == 3 && a.Count > int64(g.limit-len(g.mesh.Vertices)) {
		return nil, 0, fmt.Errorf("%w: accessor %d has %d elements", ErrTooLarge, accessor, a.Count)
	}
	count = int(a.Count)
	if a.BufferView != nil {
		values, err = g.elements(a, a.Count, width)
	} else {
		values = make([]float64, count*width) // zeros, as in section 3.6.2.3
	}
	if err == nil && a.Sparse != nil {
		err = g.sparse(a, values, width)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("accessor %d: %w", accessor, err)
	}
	return values, count, nil
}

// sparse replaces the elements that a sparse accessor lists.
func (g *glbReader) sparse(a glbAccessor, values []float64, width int) error {
	s := a.Sparse
	if s.Count < 0 || s.Count > a.Count {
		return fmt.Errorf("%d of its %d elements are replaced", s.Count, a.Count)
	}
	at, err := g.elements(s.Indices, s.Count, 1)
	if err != nil {
		return err
	}
	s.Values.ComponentType, s.Values.Normalized = a.ComponentType, a.Normalized
	with, err := g.elements(s.Values, s.Count, width)
	if err != nil {
		return err
	}
	for i, f := range at {
		if !(f >= 0 && f < float64(a.Count)) {
			return fmt.Errorf("element %g of %d is replaced", f, a.Count)
		}
		copy(values[int(f)*width:(int(f)+1)*width], with[i*width:])
	}
	return nil
}

// elements reads count elements from the buffer view of an accessor.
func (g *glbReader) elements(a glbAccessor, count int64, width int) ([]float64, error) {
	if a.BufferView == nil {
		return nil, errors.New("it has no buffer view")
	}
	v, err := entry[glbView](g.file, g.file.BufferViews, *a.BufferView, "buffer view")
	if err != nil {
		return nil, err
	}
	if v.Buffer < 0 || v.Buffer >= len(g.file.data) {
		return nil, fmt.Errorf("buffer %d is not there", v.Buffer)
	}
	data := g.file.data[v.Buffer]
	if v.ByteOffset < 0 || v.ByteLength < 0 || v.ByteOffset > int64(len(data)) || v.ByteLength > int64(len(data))-v.ByteOffset {
		return nil, fmt.Errorf("buffer view %d reaches beyond its buffer", *a.BufferView)
	}
	data = data[v.ByteOffset : v.ByteOffset+v.ByteLength]
	size, ok := glbSizes[a.ComponentType]
	if !ok {
		return nil, fmt.Errorf("numbers of type %d are not known", a.ComponentType)
	}
	element := size * int64(width)
	stride := v.ByteStride
	if stride == 0 {
		stride = element
	}
	if stride < element || stride > 252 || count == 0 {
		if count == 0 {
			return nil, nil
		}
		return nil, fmt.Errorf("a stride of %d bytes for elements of %d", stride, element)
	}
	left := int64(len(data)) - a.ByteOffset
	if a.ByteOffset < 0 || left < element || count-1 > (left-element)/stride {
		return nil, fmt.Errorf("its %d elements reach beyond the buffer view", count)
	}
	scale := 1.0
	if limit := glbRange[a.ComponentType]; a.Normalized && limit > 0 {
		scale = limit
	}
	out := make([]float64, 0, count*int64(width))
	for i := range count {
		b := data[a.ByteOffset+i*stride:]
		for k := range int64(width) {
			// Signed ones reach one further below zero than above (section 3.11).
			f := component(b[k*size:], a.ComponentType)
			if scale != 1 {
				f = max(f/scale, -1)
			}
			out = append(out, f)
		}
	}
	return out, nil
}

func component(b []byte, kind int) float64 {
	switch kind {
	case glbInt8:
		return float64(int8(b[0]))
	case glbUint8:
		return float64(b[0])
	case glbInt16:
		return float64(int16(binary.LittleEndian.Uint16(b)))
	case glbUint16:
		return float64(binary.LittleEndian.Uint16(b))
	case glbUint32:
		return float64(binary.LittleEndian.Uint32(b))
	}
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
}
