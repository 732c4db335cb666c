//go:build !headless

package ui

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/onnx"
)

// clean lets a test set the variables that choices become.
func clean(t *testing.T) {
	t.Helper()
	for _, v := range carried {
		t.Setenv(v, "")
		if err := os.Unsetenv(v); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNoDeviceStaysNone: the empty variable says that no device is to be used, which what was chosen in the window does not change.
func TestNoDeviceStaysNone(t *testing.T) {
	clean(t)
	t.Setenv(gpu.VisibleVariable, "")
	p := ReadPreferences(test.NewTempApp(t))
	p.store.SetString("device", "GPU-12ab")
	if err := p.carry(); err != nil {
		t.Fatal(err)
	}
	if value, set := os.LookupEnv(gpu.VisibleVariable); !set || value != "" {
		t.Errorf("it became %q, %v", value, set)
	}
}

func TestPreferencesThatCannotBe(t *testing.T) {
	clean(t)
	app := test.NewTempApp(t)
	p := ReadPreferences(app)
	p.check()
	if len(p.odd) > 0 {
		t.Errorf("without anything stored: %q", p.odd)
	}
	for key, v := range map[string]string{"theme": "pink", "language": "xx", "unit": "ell", "provider": "abacus", "device": "GPU-1; rm", "data_folder": "/nowhere/at/all", "export_folder": "/dev/null"} {
		p.store.SetString(key, v)
	}
	for key, v := range map[string]int{"text_scale": 5000, "memory_mb": -3, "idle_seconds": 1 << 40, "server_port": 80} {
		p.store.SetInt(key, v)
	}
	p.check()
	if len(p.odd) != 11 {
		t.Errorf("%d sentences: %s", len(p.odd), strings.Join(p.odd, "\n"))
	}
	if p.theme() != themeDark || p.language() != languageSystem || p.unit() != "mm" || p.provider() != "" || p.device() != "" || p.dataFolder() != "" ||
		p.exportFolder() != "" || p.textScale() != 100 || p.memory() != 0 || p.idle() != time.Minute || p.port() != 7860 {
		t.Error("a value that cannot be was taken")
	}
}

// TestPreferencesReachTheWorker: they become the variables its process inherits; those the user has set win, and the
// environment for a new start is the one of this start.
func TestPreferencesReachTheWorker(t *testing.T) {
	clean(t)
	t.Setenv(onnx.ProviderVariable, "cuda")
	app := test.NewTempApp(t)
	p := ReadPreferences(app)
	dir := t.TempDir()
	p.store.SetString("provider", "cpu")
	p.store.SetString("device", "GPU-12ab")
	p.store.SetString("data_folder", dir)
	p.store.SetString("language", languageGerman)
	p.store.SetInt("memory_mb", 2048)
	p.store.SetInt("text_scale", 150)
	if err := p.Apply(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = speak(languageEnglish) })
	for name, want := range map[string]string{onnx.ProviderVariable: "cuda", gpu.VisibleVariable: "GPU-12ab", dataVariable: dir, pipeline.LimitVariable: "2048MB", scaleVariable: "1.5", languageVariable: "de"} {
		if got := os.Getenv(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if limit, err := pipeline.MemoryLimit(); err != nil || limit != 2<<30 {
		t.Errorf("%d, %v", limit, err)
	}
	before := p.Environment()
	if !slices.Contains(before, onnx.ProviderVariable+"=cuda") || slices.ContainsFunc(before, func(v string) bool { return strings.HasPrefix(v, dataVariable+"=") }) {
		t.Error("the next start would inherit what this one was told")
	}
	p.store.SetInt("memory_mb", 0)
	p.store.SetInt("text_scale", 100)
	if err := p.carry(); err != nil || os.Getenv(pipeline.LimitVariable) != "" || os.Getenv(scaleVariable) != "" {
		t.Errorf("%v; %q, %q", err, os.Getenv(pipeline.LimitVariable), os.Getenv(scaleVariable))
	}
}

func TestPreferencesPage(t *testing.T) {
	clean(t)
	t.Setenv("ORFEAS_DATA", t.TempDir())
	s := studio(t)
	onThread(func() {
		s.program.Restart = func() {}
		s.pages.show("settings")
		p := newPreferencesPage(s)
		s.window.SetContent(p.object)
		if said := words(p.object); !strings.Contains(said, "The environment decides: ORFEAS_DATA") {
			t.Error(said)
		}
		selects := map[string]*widget.Select{}
		for _, o := range test.LaidOutObjects(p.object) {
			if l, ok := o.(*widget.Select); ok {
				selects[strings.Join(l.Options, "|")] = l
			}
		}
		choose := func(options, what string) {
			t.Helper()
			for key, l := range selects {
				if strings.HasPrefix(key, options) {
					l.SetSelected(what)
					return
				}
			}
			t.Errorf("there is no list %q", options)
		}
		dark := opaqueOf(ground)
		choose("As the system|Dark", "Light")
		if opaqueOf(ground) == dark || s.prefs.theme() != themeLight {
			t.Error("the window is as dark as before")
		}
		choose("Millimetres", "Inches")
		if s.unit().name != "in" {
			t.Error(s.unit())
		}
		if p.anew.Visible() {
			t.Error("a new start is offered for nothing")
		}
		choose("As the system|English", "Deutsch")
		if !p.anew.Visible() {
			t.Error("that it takes a new start is not said")
		}
		choose("The best there is", "The processor")
		if os.Getenv(onnx.ProviderVariable) != "cpu" {
			t.Error("the worker would not know of the provider")
		}
		choose("10 seconds", "5 minutes")
		if s.prefs.idle() != 5*time.Minute {
			t.Error(s.prefs.idle())
		}
	})
	for _, c := range []struct {
		in   string
		want int
	}{{"", 0}, {"6GB", 6144}, {"800 MB", 800}, {"6", -1}, {"1MB", -1}, {"lots", -1}} {
		if got, err := limitMB(c.in); (err != nil) != (c.want < 0) || err == nil && got != c.want {
			t.Errorf("%q: %d, %v", c.in, got, err)
		}
	}
	if s := saidOfProviders([]onnx.Finding{{Provider: onnx.CPU, Usable: true, Speed: 75}, {Provider: onnx.CUDA, Why: "not here"}}, nil); s != "The processor: works, 75 billion operations a second\nCUDA (NVIDIA): not here" {
		t.Error(s)
	}
}

// TestServerSwitch: on, moved to another port, off, and a port that is taken.
func TestServerSwitch(t *testing.T) {
	clean(t)
	s := studio(t)
	var asked []string
	s.program.Serve = func(ctx context.Context, addr, token string, ready func(net.Addr)) error {
		if strings.HasSuffix(addr, ":7863") {
			return errors.New("listen: the port is taken")
		}
		asked = append(asked, addr+" "+token)
		a, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			return err
		}
		ready(a)
		<-ctx.Done()
		return nil
	}
	onThread(func() {
		s.pages.show("settings")
		if s.server.state.Text != "It is off." || len(s.prefs.token()) < 16 || s.server.token.Text != s.prefs.token() {
			t.Errorf("%q, %q", s.server.state.Text, s.server.token.Text)
		}
		s.server.check.SetChecked(true)
	})
	link := func() string {
		if len(s.server.links.Objects) == 0 {
			return ""
		}
		return s.server.links.Objects[0].(*widget.Hyperlink).Text
	}
	until(t, "it is on", func() bool {
		return s.server.state.Text == "It is on." && link() == "http://127.0.0.1:7860/" && s.prefs.serving()
	})
	onThread(func() {
		s.server.port.SetText("80")
		s.server.port.OnSubmitted("80")
		if s.prefs.port() != 7860 {
			t.Error("a port below 1024 was taken")
		}
		s.server.port.SetText("7862")
		s.server.port.OnSubmitted("7862")
	})
	until(t, "it has moved", func() bool { return link() == "http://127.0.0.1:7862/" })
	onThread(func() { s.server.check.SetChecked(false) })
	until(t, "it is off", func() bool { return s.server.state.Text == "It is off." && s.server.stop == nil && !s.prefs.serving() })
	onThread(func() {
		if len(asked) != 2 || !strings.HasSuffix(asked[1], s.prefs.token()) {
			t.Error(asked)
		}
		s.server.port.SetText("7863")
		s.server.port.OnSubmitted("7863")
		s.server.check.SetChecked(true)
	})
	until(t, "it says why not", func() bool { return strings.HasPrefix(s.server.state.Text, "It is off: listen: the port is taken.") })
	onThread(func() {
		if a := reachable(&net.TCPAddr{Port: 99}, true); !slices.Equal(a, []string{"http://127.0.0.1:99/"}) {
			t.Error(a)
		}
	})
}

// TestServerSwitchWhileItStops: the server becomes what the switch says, also when that is changed before the last one has ended,
// and after a start that did not succeed.
func TestServerSwitchWhileItStops(t *testing.T) {
	clean(t)
	s := studio(t)
	end := make(chan struct{}) // lets a server that was stopped end
	var begun atomic.Int32
	s.program.Serve = func(ctx context.Context, addr, token string, ready func(net.Addr)) error {
		if strings.HasSuffix(addr, ":7863") {
			return errors.New("listen: the port is taken")
		}
		a, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			return err
		}
		ready(a)
		begun.Add(1)
		<-ctx.Done()
		<-end
		return nil
	}
	w := s.server
	on := func(n int32) func() bool {
		return func() bool { return begun.Load() == n && w.stop != nil && len(w.where) == 1 && w.err == nil }
	}
	port := func(n string) {
		w.port.SetText(n)
		w.port.OnSubmitted(n)
	}
	onThread(func() {
		s.pages.show("settings")
		port("7863")
		w.check.SetChecked(true)
	})
	until(t, "the port is taken", func() bool { return w.stop == nil && w.err != nil })
	onThread(func() { port("7864") })
	until(t, "it is on another one", on(1))

	onThread(func() {
		w.check.SetChecked(false)
		w.check.SetChecked(true)
	})
	end <- struct{}{}
	until(t, "off and on again it is on", on(2))

	onThread(func() {
		w.check.SetChecked(false)
		port("7865")
	})
	end <- struct{}{}
	until(t, "off, it stays off with another port", func() bool { return w.stop == nil && w.state.Text == "It is off." })
	onThread(func() { w.check.SetChecked(true) })
	until(t, "it is on that port", func() bool { return on(3)() && strings.Contains(w.where[0], ":7865") })
	close(end)
}

func TestCalm(t *testing.T) {
	app := test.NewTempApp(t)
	p := ReadPreferences(app)
	a := calmApp{app, p}
	was := a.Settings().ShowAnimations()
	p.store.SetBool("reduced_motion", true)
	if !was && app.Settings().ShowAnimations() || a.Settings().ShowAnimations() {
		t.Error("it moves")
	}
	var _ fyne.App = a
}
