package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
)

// settingFlags are the settings of a conversion as flags.
type settingFlags struct {
	settings *pipeline.Settings
	preset   string
	shots    []pipeline.Shot // of other sides
	options  *optionFlags
}

func addSettings(f *flags, s *pipeline.Settings) *settingFlags {
	all := &settingFlags{settings: s}
	f.StringVar(&s.Engine, "engine", s.Engine, "")
	addSize(f, &s.SizeMM)
	f.StringVar((*string)(&s.Along), "along", string(s.Along), "")
	f.IntVar(&s.Faces, "faces", s.Faces, "")
	f.StringVar(&all.preset, "preset", "", "")
	f.StringVar(&s.Cutout, "cutout", "", "")
	f.StringVar((*string)(&s.Texture), "texture", string(s.Texture), "")
	f.StringVar((*string)(&s.Unseen), "unseen", string(s.Unseen), "")
	f.IntVar(&s.Palette, "palette", 0, "")
	f.BoolVar(&s.KeepBackground, "keep-background", false, "")
	f.Var((*crop)(&s.Edit.Crop), "crop", "")
	f.Var((*quarters)(&s.Edit.Turns), "rotate", "")
	f.BoolVar(&s.Edit.Flip, "flip", false, "")
	f.Var((*shots)(&all.shots), "view", "")
	all.options = addOptions(f)
	return all
}

// settle finds the engine that is meant for so many pictures and completes and checks the settings.
func (f *settingFlags) settle(pictures int) (err error) {
	if len(f.shots) > 0 && pictures > 1 {
		return fmt.Errorf("--view goes with one picture of an object, not with %d", pictures)
	}
	s := f.settings
	if s.Engine == engine.Auto {
		s.Engine = f.options.engine(f.preset)
	}
	if s.Options, err = f.options.options(s.Engine, f.preset); err != nil {
		return err
	}
	return s.Check()
}

// optionFlags are the settings of all engines as flags. What was given is read only when the engine is known.
type optionFlags struct {
	names []string // in the order they were given
	texts map[string]string
}

// optionFlag is one of them. A switch needs no value.
type optionFlag struct {
	all     *optionFlags
	setting engine.Setting
}

func (f optionFlag) String() string   { return "" }
func (f optionFlag) IsBoolFlag() bool { return f.setting.Switch() }
func (f optionFlag) Set(text string) error {
	if _, given := f.all.texts[f.setting.Name]; !given {
		f.all.names = append(f.all.names, f.setting.Name)
	}
	f.all.texts[f.setting.Name] = text
	return nil
}

func addOptions(f *flags) *optionFlags {
	all := &optionFlags{texts: map[string]string{}}
	for _, e := range engine.All {
		for _, s := range e.Settings {
			if f.Lookup(s.Name) == nil {
				f.Var(optionFlag{all, s}, s.Name, "")
			}
		}
	}
	return all
}

// engine is the first that has the preset and the settings given; auto when nothing is, inflate when none has them all.
func (o *optionFlags) engine(preset string) string {
	if preset == "" && len(o.names) == 0 {
		return engine.Auto
	}
	for _, e := range engine.All {
		if _, err := e.Preset(preset); preset != "" && err != nil {
			continue
		}
		missing := slices.ContainsFunc(o.names, func(n string) bool { _, err := e.Setting(n); return err != nil })
		if !missing {
			return e.Name
		}
	}
	return "inflate"
}

// options returns the settings of the engine's preset, if one is named, changed by what was given.
func (o *optionFlags) options(name, preset string) (engine.Options, error) {
	e, err := engine.ByName(name)
	if err != nil {
		return nil, err
	}
	out := engine.Options{}
	if preset != "" {
		p, err := e.Preset(preset)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, p.Options)
	}
	for _, n := range o.names {
		s, err := e.Setting(n)
		if err != nil {
			return nil, err
		}
		if out[n], err = s.Parse(o.texts[n]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// engineHelp describes every engine and its settings.
func engineHelp() string {
	var b strings.Builder
	for _, e := range engine.All {
		fmt.Fprintf(&b, "\n--engine %s\n", e.Name)
		for _, line := range wrap(e.About, 76) {
			fmt.Fprintf(&b, "  %s\n", line)
		}
		for _, s := range e.Settings {
			left := "--" + s.Name
			about := s.About
			switch {
			case s.Switch():
				about += fmt.Sprintf(" (default %v)", s.Default)
			case s.Choices != nil:
				left += " NAME"
				var names []string
				for _, c := range s.Choices {
					names = append(names, c.Name)
				}
				about += ": " + strings.Join(names, ", ") + fmt.Sprintf(" (default %v)", s.Default)
			default:
				left += " N"
				unit := ""
				if s.Unit != "" && s.Unit != "%" {
					unit = " " + s.Unit
				}
				about += fmt.Sprintf(", %g to %g%s (default %g)", s.Min, s.Max, unit, s.Default)
			}
			for _, line := range wrap(about, 57) {
				fmt.Fprintf(&b, "  %-18s %s\n", left, line)
				left = ""
			}
		}
		for _, p := range e.Presets {
			fmt.Fprintf(&b, "  --preset %-9s %s\n", p.Name, p.Title)
		}
	}
	return b.String()
}

// wrap breaks a text into lines of at most width letters.
func wrap(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
