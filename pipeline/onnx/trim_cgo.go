//go:build cgo

package onnx

// #include <stdlib.h>
// #ifdef __GLIBC__
// #include <malloc.h>
// static void trim(void) { malloc_trim(0); }
// #else
// static void trim(void) {}
// #endif
import "C"

// trim gives memory that was freed back to the system. glibc keeps what lies between pieces still in use, which after a
// network is about as much as its weights.
func trim() { C.trim() }
