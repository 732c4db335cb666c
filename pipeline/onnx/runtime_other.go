//go:build !cgo

package onnx

import "context"

// linked says that this program can load the library. Without cgo it cannot.
const linked = false

// start always fails: [Library] says why.
func start() error {
	_, err := Library()
	return err
}

// Version is that of the library.
func Version() (string, error) { return "", start() }

// Session is a network ready to run. Here there is none.
type Session struct {
	inputs, outputs []Value
	member          *Member
	failed          bool
}

// Open fails with an error that wraps [ErrNoLibrary].
func Open(*Model, Options) (*Session, error) { return nil, start() }

func (*Model) load(Options) (*Session, error) { return nil, start() }

// Close does nothing.
func (s *Session) Close() error { return nil }

func (s *Session) destroy() error { return nil }

// Inputs and Outputs are what the network takes and gives.
func (s *Session) Inputs() []Value  { return s.inputs }
func (s *Session) Outputs() []Value { return s.outputs }

// Run fails as [Open] does.
func (s *Session) Run(context.Context, ...Tensor) ([]Tensor, error) { return nil, start() }
