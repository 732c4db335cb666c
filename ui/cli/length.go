package cli

import (
	"fmt"
	"math"
	"strconv"

	"orfeas/pipeline"
)

// length is a flag in millimetres that takes other units too.
type length float64

func (l *length) String() string { return strconv.FormatFloat(float64(*l), 'f', -1, 64) }

func (l *length) Set(text string) error {
	v, err := pipeline.ParseLength(text)
	*l = length(v)
	return err
}

// size is a length that goes by two names.
type size struct {
	*length
	text string // as it was given
}

// addSize adds --size, and --size-mm, which is the same. They may not say different things.
func addSize(f *flags, mm *float64) {
	s := &size{length: (*length)(mm)}
	f.Var(s, "size", "")
	f.Var(s, "size-mm", "")
}

func (s *size) Set(text string) error {
	before := *s.length
	if err := s.length.Set(text); err != nil {
		return err
	}
	if s.text != "" && math.Abs(float64(*s.length-before)) > 1e-6*math.Abs(float64(before)) { // 3in is 76.2 but for rounding
		return fmt.Errorf("--size and --size-mm are the same, and %q was given before", s.text)
	}
	s.text = text
	return nil
}
