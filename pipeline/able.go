package pipeline

import (
	"slices"

	"orfeas/pipeline/engine"
	"orfeas/pipeline/picture"
)

// NoNetworks in [Settings.Networks] means that none is to be used.
const NoNetworks = "none"

// may reports whether a network may be used where the settings leave open whether one is.
func (s Settings) may(network string) bool {
	return len(s.Networks) == 0 || slices.Contains(s.Networks, network)
}

// Pinned are the settings with all that depends on what is installed here decided, so that they give the same mesh on
// another machine; needs names the networks besides the engine's own that have to be there for that.
func (s Settings) Pinned() (pinned Settings, needs []string) {
	e, o, err := s.engine()
	if err != nil {
		return s, nil
	}
	if s.Cutout != "" && s.Cutout != ByColours {
		needs = append(needs, s.Cutout)
	}
	var may []string
	if !s.KeepBackground && !e.Wholly(o) && s.Cutout == "" {
		if c, err := s.cutter(); err == nil && c != nil {
			may = append(may, c.Name)
		}
	}
	d := picture.DepthAnything
	if _, err := kept(d.Name, d.File); err == nil && s.may(d.Name) && (e.Name == engine.Auto || e.Deep(o)) {
		may = append(may, d.Name)
	}
	needs = append(needs, may...)
	if len(may) == 0 {
		may = []string{NoNetworks}
	}
	s.Networks = may
	return s, needs
}

// Ability is what a machine has to do jobs with.
type Ability struct {
	Engines  []string `json:"engines"`            // that lack nothing
	Networks []string `json:"networks,omitempty"` // that cut out or estimate depth
}

// Able looks at what is installed here.
func Able() (a Ability) {
	for _, e := range engine.All {
		if e.Missing() == nil {
			a.Engines = append(a.Engines, e.Name)
		}
	}
	for _, c := range picture.Cutters {
		if _, err := kept(c.Name, c.File); err == nil {
			a.Networks = append(a.Networks, c.Name)
		}
	}
	if _, err := kept(picture.DepthAnything.Name, picture.DepthAnything.File); err == nil {
		a.Networks = append(a.Networks, picture.DepthAnything.Name)
	}
	return a
}
