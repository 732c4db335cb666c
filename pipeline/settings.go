package pipeline

import (
	"errors"
	"fmt"

	"orfeas/pipeline/engine"
	"orfeas/pipeline/mesh"
)

// Limits of the settings, used alike by sliders, flags and [Settings.Check].
const (
	MinSizeMM, MaxSizeMM = 1.0, 2000.0
	MinFaces, MaxFaces   = 1000, 4_000_000
)

// ErrSettings is wrapped by every complaint of [Settings.Check].
var ErrSettings = errors.New("settings")

// Settings is everything a user decides about one conversion.
type Settings struct {
	Engine         string         `json:"engine"`
	SizeMM         float64        `json:"size_mm"`           // of the result, along one of its sides
	Along          mesh.Side      `json:"along"`             // that side, the longest if empty
	Faces          int            `json:"faces"`             // triangles aimed at
	KeepBackground bool           `json:"keep_background"`   // take the whole picture as the subject
	Cutout         string         `json:"cutout,omitempty"`  // the network that cuts the subject out, [ByColours], or empty for the best there is
	Options        engine.Options `json:"options,omitempty"` // of the engine; those missing have their defaults
}

// Defaults returns the settings a newcomer gets.
func Defaults() Settings {
	return Settings{Engine: engine.Default, SizeMM: 80, Along: mesh.Longest, Faces: 200_000}
}

// Check returns an error wrapping [ErrSettings] that names the first setting out of its range.
func (s Settings) Check() error {
	if _, _, err := s.engine(); err != nil {
		return err
	}
	// The comparisons are written so that NaN fails them.
	if !(s.SizeMM >= MinSizeMM && s.SizeMM <= MaxSizeMM) {
		return fmt.Errorf("%w: the size must lie between %g and %g mm, not %g", ErrSettings, MinSizeMM, MaxSizeMM, s.SizeMM)
	}
	if !s.Along.Known() {
		return fmt.Errorf("%w: the size is that of the longest side, the width, the depth or the height, not %q", ErrSettings, s.Along)
	}
	if _, err := s.cutter(); errors.Is(err, ErrSettings) {
		return err
	}
	if s.Faces < MinFaces || s.Faces > MaxFaces {
		return fmt.Errorf("%w: the number of faces must lie between %d and %d, not %d", ErrSettings, MinFaces, MaxFaces, s.Faces)
	}
	return nil
}

// engine finds the engine and completes its options. The error wraps [ErrSettings].
func (s Settings) engine() (engine.Engine, engine.Options, error) {
	e, err := engine.ByName(s.Engine)
	if err != nil {
		return e, nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	o, err := e.Complete(s.Options)
	if err != nil {
		return e, nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	return e, o, nil
}
