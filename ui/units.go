//go:build !headless

package ui

import (
	"fmt"
	"strconv"

	"orfeas/pipeline"
)

// unit is what lengths are shown in.
type unit struct {
	name        string
	millimetres float64
	decimals    int
}

var units = []unit{{"mm", 1, 1}, {"cm", 10, 2}, {"in", 25.4, 3}}

func (u unit) number(mm float64) string {
	return strconv.FormatFloat(mm/u.millimetres, 'f', u.decimals, 64)
}

// length says one length, with as many decimals as it needs.
func (u unit) length(mm float64) string {
	v, _ := strconv.ParseFloat(u.number(mm), 64)
	return strconv.FormatFloat(v, 'f', -1, 64) + " " + u.name
}

// size says the three sides of a box.
func (u unit) size(mm [3]float32) string {
	return fmt.Sprintf("%s × %s × %s %s", u.number(float64(mm[0])), u.number(float64(mm[1])), u.number(float64(mm[2])), u.name)
}

// parse reads a length as people write it; a bare number is in this unit.
func (u unit) parse(words string) (mm float64, err error) {
	if v, err := readNumber(words, ""); err == nil {
		return v * u.millimetres, nil
	}
	return pipeline.ParseLength(words)
}

// unit is the one the user has chosen.
func (s *Studio) unit() unit { return unitNamed(s.prefs.unit()) }

// unitNamed is a unit, millimetres for a name that is none.
func unitNamed(name string) unit {
	for _, u := range units {
		if u.name == name {
			return u
		}
	}
	return units[0]
}
