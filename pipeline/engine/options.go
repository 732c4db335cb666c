package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Options are the values of an engine's settings by name: float64, string or bool by the setting's kind. A value that
// is handed on is not changed any more.
type Options map[string]any

// Setting is one thing a user can decide about an engine. It has one of three kinds: a choice when there are Choices, a
// switch when Default is a bool, else a number.
type Setting struct {
	Name     string // the flag, the JSON key
	Title    string // the label
	About    string // half a sentence of help
	Default  any    // float64, string or bool
	Min, Max float64
	Step     float64 // of a slider; 1 for whole numbers
	Unit     string  // such as "mm"; "%" for a number of which 1 is the whole; empty for a bare number
	Choices  []Choice
}

// Choice is one value of a setting with Choices.
type Choice struct{ Name, Title string }

// Preset is a named choice of settings; those it does not say have their defaults.
type Preset struct {
	Name, Title string
	Options     Options
}

func number(name, title, about, unit string, value, lo, hi, step float64) Setting {
	return Setting{Name: name, Title: title, About: about, Unit: unit, Default: value, Min: lo, Max: hi, Step: step}
}

// choice has the first of its choices as default.
func choice(name, title, about string, choices ...Choice) Setting {
	return Setting{Name: name, Title: title, About: about, Default: choices[0].Name, Choices: choices}
}

// Switch reports whether the setting is on or off.
func (s Setting) Switch() bool { _, ok := s.Default.(bool); return ok }

// Parse reads a value as a user writes it. The error wraps [ErrOptions].
func (s Setting) Parse(text string) (any, error) {
	var v any = text
	if s.Switch() {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("%w: %s is on or off: true or false, not %q", ErrOptions, s.Name, text)
		}
		v = on
	} else if s.Choices == nil {
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%w: %s is a number, not %q", ErrOptions, s.Name, text)
		}
		v = x
	}
	return v, s.check(v)
}

func (s Setting) check(v any) error {
	switch s.Default.(type) {
	case bool:
		if _, ok := v.(bool); ok {
			return nil
		}
	case float64:
		if x, ok := v.(float64); ok && x >= s.Min && x <= s.Max { // false for NaN
			return nil
		}
		return fmt.Errorf("%w: %s must lie between %g and %g, not %v", ErrOptions, s.Name, s.Min, s.Max, v)
	case string:
		var names []string
		for _, c := range s.Choices {
			if c.Name == v {
				return nil
			}
			names = append(names, c.Name)
		}
		return fmt.Errorf("%w: %s is one of %s, not %v", ErrOptions, s.Name, strings.Join(names, ", "), v)
	}
	return fmt.Errorf("%w: %s is on or off, not %v", ErrOptions, s.Name, v)
}

// Setting finds a setting by its name. The error wraps [ErrOptions].
func (e Engine) Setting(name string) (Setting, error) {
	var names []string
	for _, s := range e.Settings {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Setting{}, fmt.Errorf("%w: %s has no setting %q; it has %s", ErrOptions, e.Name, name, strings.Join(names, ", "))
}

// Preset finds a preset by its name. The error wraps [ErrOptions].
func (e Engine) Preset(name string) (Preset, error) {
	var names []string
	for _, p := range e.Presets {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Preset{}, fmt.Errorf("%w: %s has no preset %q; it has %s", ErrOptions, e.Name, name, strings.Join(names, ", "))
}

// Complete returns the options with the defaults of those that are missing. The error wraps [ErrOptions] and names the
// first, in the order of their names, that the engine does not have or that is out of its range.
func (e Engine) Complete(o Options) (Options, error) {
	out := Options{}
	for _, s := range e.Settings {
		out[s.Name] = s.Default
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		s, err := e.Setting(name)
		if err == nil {
			err = s.check(o[name])
		}
		if err != nil {
			return nil, err
		}
		out[name] = o[name]
	}
	return out, nil
}

func (in Input) number(name string) float64 { return in.Options[name].(float64) }
func (in Input) choice(name string) string  { return in.Options[name].(string) }
func (in Input) on(name string) bool        { return in.Options[name].(bool) }
