package onnx

import (
	"path/filepath"
	"slices"
	"strconv"

	"orfeas/pipeline/weights"
)

// Weight is the tensor of the checkpoint with this name, in the type the network computes in.
func (g *Graph) Weight(name string, shape ...int) Value {
	return g.Cast(g.stored(name, shape), g.compute)
}

// exact is that tensor in F32, for norms.
func (g *Graph) exact(name string, shape ...int) Value { return g.Cast(g.stored(name, shape), F32) }

// stored is the tensor of the checkpoint as it lies there. What is missing or of another shape is remembered, and the
// network goes on as if it were there, so that [Graph.Model] can name all of them.
func (g *Graph) stored(name string, shape []int) Value {
	v := Value{name, g.compute, shape}
	if _, known := g.loaded[name]; known {
		v = g.loaded[name]
		g.expect(v, shape)
		return Value{name, v.DType, shape}
	}
	var t weights.Tensor
	found := false
	if g.checkpoint != nil {
		t, found = g.checkpoint.Tensors[name]
	}
	if !found {
		g.missing = append(g.missing, name)
		g.loaded[name] = v
		return v
	}
	kind, known := stored[t.DType]
	if !known {
		return g.fail("tensor %s: %s are no numbers a network computes with", name, t.DType)
	}
	has := Value{name, kind, make([]int, len(t.Shape))}
	for i, n := range t.Shape {
		has.Shape[i] = int(n)
	}
	g.expect(has, shape)
	g.point(has, t)
	g.loaded[name] = has
	return Value{name, kind, shape}
}

func (g *Graph) expect(v Value, shape []int) {
	if !slices.Equal(v.Shape, shape) {
		g.wrong = append(g.wrong, v.String()+", not "+shapeText(shape))
	}
}

// WeightRows is a part of a weight: the rows from up to before to of its first axis.
func (g *Graph) WeightRows(name string, from, to int, shape ...int) Value {
	whole := g.stored(name, shape)
	if whole.name == "" || from < 0 || to > shape[0] || from >= to {
		return g.fail("rows %d to %d of %s", from, to, name)
	}
	v := Value{name + "[" + strconv.Itoa(from) + ":" + strconv.Itoa(to) + "]", whole.DType, append([]int{to - from}, shape[1:]...)}
	if _, known := g.loaded[v.name]; !known && len(g.missing)+len(g.wrong) == 0 {
		t := g.checkpoint.Tensors[name]
		if !t.Contiguous() {
			return g.fail("rows of %s, which does not lie row by row in its file", name)
		}
		row := t.Length / int64(shape[0])
		t.Offset, t.Length = t.Offset+int64(from)*row, int64(to-from)*row
		g.point(v, t)
		g.loaded[v.name] = v
	}
	return g.Cast(v, g.compute)
}

// point adds an initializer that is the bytes of a file. A tensor that does not lie there row-major and aligned is copied
// into the graph.
func (g *Graph) point(v Value, t weights.Tensor) {
	m := tensorHeader(v.name, v.DType, v.Shape)
	if n, ok := count(v.Shape); ok && g.compute == F16 {
		g.bytes += 2 * uint64(n)
	} else if ok {
		g.bytes += 4 * uint64(n)
	}
	if !t.Contiguous() || t.Offset%t.DType.Size() != 0 {
		raw, err := t.Read(maxCopied)
		if err != nil {
			g.fail("%w", err)
			return
		}
		m.bytes(9, raw)
		g.initializers = append(g.initializers, m)
		return
	}
	// The runtime refuses files outside the folder it is told, links out of it included.
	file, err := filepath.EvalSymlinks(t.File)
	if err != nil {
		g.fail("tensor %s: %w", t.Name, err)
		return
	}
	if g.folder == "" {
		g.folder = filepath.Dir(file)
	}
	if filepath.Dir(file) != g.folder {
		g.fail("tensor %s lies in %s, others of the network in %s", t.Name, filepath.Dir(file), g.folder)
		return
	}
	name := filepath.Base(file)
	g.files[name] = max(g.files[name], t.Offset+t.Length)
	for _, entry := range [][2]string{
		{"location", name},
		{"offset", strconv.FormatInt(t.Offset, 10)},
		{"length", strconv.FormatInt(t.Length, 10)},
	} {
		var e message
		e.text(1, entry[0])
		e.text(2, entry[1])
		m.bytes(13, e)
	}
	m.int(14, 1) // external
	g.initializers = append(g.initializers, m)
}
