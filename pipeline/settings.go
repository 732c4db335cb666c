package pipeline

import (
	"errors"
	"fmt"
	"slices"

	"orfeas/pipeline/engine"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/texture"
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
	Edit           picture.Edit   `json:"edit,omitzero"`     // of the picture before anything else

	// Networks that may be used where the settings leave it open, [NoNetworks] for none; all that are installed if empty.
	Networks []string `json:"networks,omitempty"`

	Texture Texture        `json:"texture,omitempty"` // what the colours become, vertex colours if empty
	Unseen  texture.Unseen `json:"unseen,omitempty"`  // how what the picture hides is filled, as suits it if empty
	Palette int            `json:"palette,omitempty"` // filaments the colours are brought down to; 0 for all colours
}

// Texture says what the colours of a mesh become.
type Texture string

// The choices: none, colours of the vertices, or a texture so many pixels wide and high.
const (
	NoTexture Texture = "none"
	Vertices  Texture = "vertices"
	Atlas1k   Texture = "1k"
	Atlas2k   Texture = "2k"
	Atlas4k   Texture = "4k"
)

// Textures lists the choices in the order they are shown.
var Textures = []Texture{Vertices, Atlas1k, Atlas2k, Atlas4k, NoTexture}

// side is the width of the texture in pixels, 0 for none.
func (t Texture) side() int {
	return map[Texture]int{Atlas1k: 1024, Atlas2k: 2048, Atlas4k: 4096}[t]
}

// Defaults returns the settings a newcomer gets.
func Defaults() Settings {
	return Settings{Engine: engine.Default, SizeMM: 80, Along: mesh.Longest, Faces: 200_000, Texture: Vertices, Unseen: texture.Auto}
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
	if err := s.Edit.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrSettings, err)
	}
	if s.Faces < MinFaces || s.Faces > MaxFaces {
		return fmt.Errorf("%w: the number of faces must lie between %d and %d, not %d", ErrSettings, MinFaces, MaxFaces, s.Faces)
	}
	if s.Texture != "" && !slices.Contains(Textures, s.Texture) {
		return fmt.Errorf("%w: the texture is one of vertices, 1k, 2k, 4k and none, not %q", ErrSettings, s.Texture)
	}
	if !s.Unseen.Known() {
		return fmt.Errorf("%w: what is unseen is filled by auto, mirror, continue or spread, not %q", ErrSettings, s.Unseen)
	}
	if s.Palette != 0 && s.Texture != "" && s.Texture != Vertices {
		return fmt.Errorf("%w: a palette of filaments goes with the texture %q, not %q", ErrSettings, Vertices, s.Texture)
	}
	if s.Palette != 0 && (s.Palette < texture.MinFilaments || s.Palette > texture.MaxFilaments) {
		return fmt.Errorf("%w: a palette has %d to %d filaments, or 0 for all colours, not %d", ErrSettings, texture.MinFilaments, texture.MaxFilaments, s.Palette)
	}
	return nil
}

// network is the engine when it has a network, else empty.
func (s Settings) network() string {
	if e, err := engine.ByName(s.Engine); err == nil && e.Networked() {
		return e.Name
	}
	return ""
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
