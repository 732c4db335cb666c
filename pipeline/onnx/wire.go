package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is a protocol buffer message being written. The field numbers are those of onnx.proto3.
type message []byte

func (m *message) text(field protowire.Number, s string) {
	*m = protowire.AppendString(protowire.AppendTag(*m, field, protowire.BytesType), s)
}

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), b)
}

func (m *message) int(field protowire.Number, v int64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), uint64(v))
}

func (m *message) float(field protowire.Number, v float32) {
	*m = protowire.AppendFixed32(protowire.AppendTag(*m, field, protowire.Fixed32Type), math.Float32bits(v))
}

// The numbers of AttributeProto.AttributeType.
const (
	attributeFloat = 1
	attributeInt   = 2
	attributeText  = 3
	attributeInts  = 7
)

// attribute is an AttributeProto: a named constant of a node.
type attribute message

func newAttribute(name string, kind int64) message {
	var m message
	m.text(1, name)
	m.int(20, kind)
	return m
}

func floatAttribute(name string, v float64) attribute {
	m := newAttribute(name, attributeFloat)
	m.float(2, float32(v))
	return attribute(m)
}

func intAttribute(name string, v int) attribute {
	m := newAttribute(name, attributeInt)
	m.int(3, int64(v))
	return attribute(m)
}

func textAttribute(name, v string) attribute {
	m := newAttribute(name, attributeText)
	m.text(4, v)
	return attribute(m)
}

func intsAttribute(name string, v ...int) attribute {
	m := newAttribute(name, attributeInts)
	for _, x := range v {
		m.int(8, int64(x))
	}
	return attribute(m)
}

// valueInfo is a ValueInfoProto: the name, type and shape of an input or output. A dimension of [Any] gets a name of its
// own and can be anything at each run.
func valueInfo(v Value) message {
	var shape message
	for i, n := range v.Shape {
		var d message
		if n == Any {
			d.text(2, v.name+"_"+string(rune('a'+i)))
		} else {
			d.int(1, int64(n))
		}
		shape.bytes(1, d)
	}
	var tensor, kind, m message
	tensor.int(1, int64(v.DType))
	tensor.bytes(2, shape)
	kind.bytes(1, tensor)
	m.text(1, v.name)
	m.bytes(2, kind)
	return m
}

// tensorHeader begins a TensorProto.
func tensorHeader(name string, t DType, shape []int) message {
	var m message
	for _, n := range shape {
		m.int(1, int64(n))
	}
	m.int(2, int64(t))
	m.text(8, name)
	return m
}
