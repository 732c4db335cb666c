//go:build !headless

package ui

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/onnx"
)

// Preferences are what the program remembers of the user's choices about itself. What is stored is checked when it is read:
// a value that cannot be counts as the default, and a sentence says so. Choices for the pipeline go the way the terminal's do,
// by environment variables, which its worker inherits; a variable that the user has set wins.
type Preferences struct {
	store fyne.Preferences
	own   map[string]string // the variables the user has set
	scale float32           // of Fyne's own settings
	odd   []string          // what was stored and cannot be, in sentences
}

// dataVariable names the folder for what the program remembers; see [pipeline.DataDir].
const dataVariable = "ORFEAS_DATA"

// scaleVariable scales everything in the window.
const scaleVariable = "FYNE_SCALE"

// carried are the variables that choices become.
var carried = []string{dataVariable, scaleVariable, languageVariable, onnx.ProviderVariable, gpu.VisibleVariable, pipeline.LimitVariable}

// ReadPreferences reads what the app remembers.
func ReadPreferences(a fyne.App) *Preferences {
	p := &Preferences{store: a.Preferences(), own: map[string]string{}, scale: cmp.Or(a.Settings().Scale(), 1)}
	for _, v := range carried {
		value, set := os.LookupEnv(v)
		if v == gpu.VisibleVariable && set && value == "" {
			value = "-1" // no device, too
		}
		if value != "" {
			p.own[v] = value
		}
	}
	return p
}

// Apply makes the choices true at the start of the program, before anything is made.
func (p *Preferences) Apply() error {
	if err := p.carry(); err != nil {
		return err
	}
	return speak(p.language())
}

// carry sets the variables for what is chosen now.
func (p *Preferences) carry() error {
	scale := ""
	if v := p.textScale(); v != 100 || p.scale != 1 {
		scale = strconv.FormatFloat(float64(p.scale)*float64(v)/100, 'f', -1, 32)
	}
	memory := ""
	if v := p.memory(); v > 0 {
		memory = fmt.Sprintf("%dMB", v)
	}
	for _, v := range []struct{ name, value string }{
		{dataVariable, p.dataFolder()}, {scaleVariable, scale}, {onnx.ProviderVariable, p.provider()}, {gpu.VisibleVariable, p.device()}, {pipeline.LimitVariable, memory},
	} {
		if p.own[v.name] != "" {
			continue
		}
		var err error
		if v.value == "" {
			err = os.Unsetenv(v.name)
		} else {
			err = os.Setenv(v.name, v.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Environment is what the program was started with, for its next start.
func (p *Preferences) Environment() (out []string) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !slices.Contains(carried, name) {
			out = append(out, v)
		}
	}
	for _, name := range carried {
		if v := p.own[name]; v != "" {
			out = append(out, name+"="+v)
		}
	}
	return out
}

// strange notes a value that cannot be.
func (p *Preferences) strange(key, value, instead string) {
	said := tr("What was remembered as “%s” was “%s”, which it cannot be. It counts as “%s”.", key, ellipsis(value, 40), instead)
	if !slices.Contains(p.odd, said) {
		p.odd = append(p.odd, said)
	}
}

func (p *Preferences) oneOf(key, fallback string, choices ...string) string {
	v := p.store.StringWithFallback(key, fallback)
	if slices.Contains(choices, v) {
		return v
	}
	p.strange(key, v, fallback)
	return fallback
}

// between is a whole number in a range, or the fallback.
func (p *Preferences) between(key string, fallback, lo, hi int) int {
	v := p.store.IntWithFallback(key, fallback)
	if v == fallback || v >= lo && v <= hi {
		return v
	}
	p.strange(key, strconv.Itoa(v), strconv.Itoa(fallback))
	return fallback
}

// folder is a folder that is there, or empty.
func (p *Preferences) folder(key string) string {
	v := p.store.String(key)
	if v == "" {
		return ""
	}
	if info, err := os.Stat(v); err == nil && info.IsDir() {
		return v
	}
	p.strange(key, v, tr("the usual folder"))
	return ""
}

func (p *Preferences) theme() string {
	return p.oneOf("theme", themeDark, themeSystem, themeDark, themeLight)
}

func (p *Preferences) language() string {
	return p.oneOf("language", languageSystem, languageSystem, languageEnglish, languageGerman)
}

func (p *Preferences) unit() string { return p.oneOf("unit", "mm", "mm", "cm", "in") }

func (p *Preferences) dataFolder() string   { return p.folder("data_folder") }
func (p *Preferences) exportFolder() string { return p.folder("export_folder") }

// textScale is in percent.
func (p *Preferences) textScale() int { return p.between("text_scale", 100, 70, 250) }

func (p *Preferences) calm() bool { return p.store.Bool("reduced_motion") }

// provider is what runs networks; empty for the best there is.
func (p *Preferences) provider() string {
	choices := []string{""}
	for _, v := range onnx.Providers() {
		choices = append(choices, string(v))
	}
	return p.oneOf("provider", "", choices...)
}

var deviceName = regexp.MustCompile(`^((GPU|MIG)-[0-9A-Za-z/-]{1,80})?$`)

// device is the UUID of the GPU to take first; empty for the first there is.
func (p *Preferences) device() string {
	v := p.store.String("device")
	if deviceName.MatchString(v) {
		return v
	}
	p.strange("device", v, tr("the first one"))
	return ""
}

// memory is how much a network may take, in MB; 0 for no limit.
func (p *Preferences) memory() int { return p.between("memory_mb", 0, 256, 1<<20) }

// idle is how long the worker stays without a job.
func (p *Preferences) idle() time.Duration {
	return time.Duration(p.between("idle_seconds", 60, 1, 24*60*60)) * time.Second
}

func (p *Preferences) serving() bool { return p.store.Bool("server") }
func (p *Preferences) shared() bool  { return p.store.Bool("server_shared") }
func (p *Preferences) port() int     { return p.between("server_port", 7860, 1024, 65535) }

// token is what clients of the server have to send; it is made when it is needed for the first time.
func (p *Preferences) token() string {
	v := p.store.String("server_token")
	if len(v) < 16 {
		v = rand.Text()
		p.store.SetString("server_token", v)
	}
	return v
}

// check reads everything once, so that what cannot be is said.
func (p *Preferences) check() {
	p.theme()
	p.language()
	p.unit()
	p.dataFolder()
	p.exportFolder()
	p.textScale()
	p.provider()
	p.device()
	p.memory()
	p.idle()
	p.port()
}
