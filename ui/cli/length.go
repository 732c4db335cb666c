package cli

import (
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
