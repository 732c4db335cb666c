package onnx

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What can go wrong with a network that is right, for callers that step down to a smaller or slower way.
var (
	ErrOutOfMemory = errors.New("out of memory")
	ErrProvider    = errors.New("the device cannot run it")
)

// signs are words in the runtime's messages, in small letters, by which to know what happened: the binding drops its codes.
var signs = []struct {
	err   error
	words []string
}{
	{ErrOutOfMemory, []string{"failed to allocate memory", "out of memory", "bad_alloc", "bad allocation", "available memory of", "cuda failure 2:", "status_alloc_failed", "cudaerrormemoryallocation", "e_outofmemory", "device_hung"}},
	{ErrProvider, []string{"cuda failure", "cudnn failure", "cublas failure", "cuda error", "execution provider", "executionprovider", "webgpu", "dawn", "directml", "coreml", "not_implemented"}},
}

// named wraps the sentinel that tells what kind of failure it is. Of the runtime's assertions, which begin with the place
// in its source, only the sentence is left.
func named(err error, p Provider) error {
	if _, sentence, ok := strings.Cut(err.Error(), " was false. "); ok {
		err = errors.New(sentence)
	}
	text := strings.ToLower(err.Error())
	for _, s := range signs {
		if slices.ContainsFunc(s.words, func(w string) bool { return strings.Contains(text, w) }) {
			return fmt.Errorf("%w: %w", s.err, err)
		}
	}
	if p != "" && p != CPU {
		return fmt.Errorf("%s: %w: %w", p, ErrProvider, err)
	}
	return err
}
