// Package onnx builds neural networks as ONNX graphs and runs them in ONNX Runtime. It is the only user of that library,
// which is loaded when the first network is, from where [Library] finds it.
//
// A [Graph] is written in Go, operator by operator, with the shapes checked as it grows; its weights stay where they
// are, in the official checkpoint files, and are pointed to as ONNX external data. [Open] makes a [Session] of it on a
// [Provider]; [Probe] says which of those this machine has. Tensors go in and out as float32, whatever the network
// computes in.
//
// Formats: onnx.proto3 of ONNX 1.16 (IR version 10, operator set 20) and the contrib operators of ONNX Runtime.
package onnx
