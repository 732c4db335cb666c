//go:build !headless

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orfeas/pipeline/export"
)

// screen is a virtual display with a window manager and the real window of the Studio on it, in English and dark, with a queue
// and preferences of its own.
type screen struct {
	t       *testing.T
	display string
	dir     string
	window  string
	program *exec.Cmd    // the Studio
	said    bytes.Buffer // on its standard error; to be read when it has ended
}

const screenWide, screenHigh = 1280, 800

// onScreen starts the Studio; what it lacks makes the test skip.
func onScreen(t *testing.T, pictures ...string) *screen {
	t.Helper()
	return onScreenWith(t, nil, pictures...)
}

// onScreenWith starts it with variables of the environment.
func onScreenWith(t *testing.T, environment []string, pictures ...string) *screen {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts a window")
	}
	for _, tool := range []string{"Xvfb", "openbox", "xdotool", "import"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool, " is not installed")
		}
	}
	s := &screen{t: t, dir: t.TempDir()}
	binary := filepath.Join(s.dir, "orfeas")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	s.startDisplay()
	s.start("openbox")
	folder := filepath.Join(s.dir, "fyne", "studio.orfeas.app")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	preferences := fmt.Sprintf(`{"language":"en","theme":"dark","window_width":%d,"window_height":%d}`, screenWide, screenHigh)
	if err := os.WriteFile(filepath.Join(folder, "preferences.json"), []byte(preferences), 0o644); err != nil {
		t.Fatal(err)
	}
	s.program = s.command(binary, pictures...)
	s.program.Env = append(s.program.Env, environment...)
	s.program.Stderr = &s.said
	s.begin(s.program)
	s.window = s.find("^ORFEAS Studio$")
	s.do("windowmove", s.window, "0", "0")
	s.do("windowsize", "--sync", s.window, fmt.Sprint(screenWide), fmt.Sprint(screenHigh))
	return s
}

// startDisplay lets the X server choose a display that is free.
func (s *screen) startDisplay() {
	s.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", screenWide, screenHigh))
	cmd.ExtraFiles = []*os.File{w}
	s.begin(cmd)
	w.Close()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		s.t.Skip("the X server did not start: ", err)
	}
	s.display = ":" + strings.TrimSpace(line)
}

func (s *screen) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.display, "XDG_CONFIG_HOME="+s.dir, "XDG_DATA_HOME="+s.dir, "HOME="+s.dir, "FYNE_SCALE=1",
		"ORFEAS_DATA="+filepath.Join(s.dir, "data"), "ORFEAS_MODELS="+filepath.Join(s.dir, "models"))
	return cmd
}

func (s *screen) start(name string, args ...string) { s.begin(s.command(name, args...)) }

// begin starts a program that ends with the test.
func (s *screen) begin(cmd *exec.Cmd) {
	s.t.Helper()
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		over := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		over.Stop()
	})
}

// do runs xdotool.
func (s *screen) do(args ...string) {
	s.t.Helper()
	if out, err := s.command("xdotool", args...).CombinedOutput(); err != nil {
		s.t.Fatalf("xdotool %v: %v\n%s", args, err, out)
	}
}

// find waits for a window with a title.
func (s *screen) find(title string) string {
	s.t.Helper()
	id := ""
	s.until("a window named "+title, func() bool {
		out, _ := s.command("xdotool", "search", "--onlyvisible", "--name", title).Output()
		lines := strings.Fields(string(out))
		if len(lines) > 0 {
			id = lines[len(lines)-1]
		}
		return id != ""
	})
	return id
}

func (s *screen) gone(title string) {
	s.t.Helper()
	s.until("that "+title+" is gone", func() bool {
		out, _ := s.command("xdotool", "search", "--onlyvisible", "--name", title).Output()
		return len(bytes.TrimSpace(out)) == 0
	})
}

func (s *screen) until(what string, check func() bool) {
	s.t.Helper()
	for end := time.Now().Add(90 * time.Second); !check(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("it never happened: %s", what)
		}
	}
}

// jobs are how many jobs are in a state.
func (s *screen) jobs(state string) int {
	files, _ := filepath.Glob(filepath.Join(s.dir, "data", "jobs", "*", "job.json"))
	n := 0
	for _, f := range files {
		if data, err := os.ReadFile(f); err == nil && bytes.Contains(bytes.ReplaceAll(data, []byte(" "), nil), []byte(`"state":"`+state+`"`)) {
			n++
		}
	}
	return n
}

// shot is what the window shows.
func (s *screen) shot() image.Image {
	s.t.Helper()
	out, err := s.command("import", "-window", s.window, "png:-").Output()
	if err != nil {
		s.t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		s.t.Fatal(err)
	}
	return img
}

// port is about where the viewport is, without its tools and the cube.
var port = image.Rect(400, 200, 860, 620)

// differ is how many pixels of a place are clearly not the same.
func differ(a, b image.Image, in image.Rectangle) (n int) {
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			r, g, bl, _ := a.At(x, y).RGBA()
			r2, g2, bl2, _ := b.At(x, y).RGBA()
			if max(r, r2)-min(r, r2)+max(g, g2)-min(g, g2)+max(bl, bl2)-min(bl, bl2) > 0x3000 {
				n++
			}
		}
	}
	return n
}

// still waits until the viewport shows a mesh and does not change any more.
func (s *screen) still() image.Image {
	s.t.Helper()
	last := s.shot()
	s.until("the viewport rests", func() bool {
		time.Sleep(time.Second)
		next := s.shot()
		same := differ(last, next, port) == 0
		last = next
		return same
	})
	return last
}

// TestMouseTurnsTheMesh: a real pointer that is dragged over the viewport turns the mesh, the wheel makes it larger, and what
// is not touched stays as it is.
func TestMouseTurnsTheMesh(t *testing.T) {
	s := onScreen(t, filepath.Join("assets", "samples", "duck.png"))
	s.until("the duck is done", func() bool { return s.jobs("done") == 1 })
	time.Sleep(2 * time.Second)
	before := s.still()
	drag := func(dx, dy int) {
		s.do("mousemove", "560", "420", "mousedown", "1")
		for i := 1; i <= 10; i++ {
			s.do("mousemove", fmt.Sprint(560+dx*i/10), fmt.Sprint(420+dy*i/10))
			time.Sleep(40 * time.Millisecond)
		}
		s.do("mouseup", "1")
	}
	drag(220, 40)
	turned := s.still()
	area := port.Dx() * port.Dy()
	if n := differ(before, turned, port); n < area/20 {
		t.Errorf("only %d of %d pixels changed when it was turned", n, area)
	}
	if n := differ(turned, s.still(), port); n > 0 {
		t.Errorf("%d pixels change by themselves", n)
	}
	for range 5 {
		s.do("click", "4")
		time.Sleep(50 * time.Millisecond)
	}
	if n := differ(turned, s.still(), port); n < area/20 {
		t.Errorf("only %d of %d pixels changed with the wheel", n, area)
	}
}

// TestKeyboardFromPictureToFile: without the mouse, a picture is chosen in the system's own dialog, which can be cancelled
// too, becomes a mesh and is exported through the other dialog, to a file that is a closed solid.
func TestKeyboardFromPictureToFile(t *testing.T) {
	s := onScreen(t)
	const opening, saving = "^Open File$", "^Save File$"
	duck, err := filepath.Abs(filepath.Join("assets", "samples", "duck.png"))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	press := func(keys ...string) {
		for _, k := range keys {
			s.do("key", k)
			time.Sleep(300 * time.Millisecond)
		}
	}
	press("ctrl+o")
	s.find(opening)
	press("Escape")
	s.gone(opening)
	press("ctrl+o")
	dialog := s.find(opening)
	s.do("windowfocus", "--sync", dialog)
	time.Sleep(time.Second)
	s.do("type", "--delay", "30", duck)
	time.Sleep(time.Second)
	press("Return")
	s.until("the duck is done", func() bool { return s.jobs("done") == 1 })
	if n := s.jobs("queued") + s.jobs("running") + s.jobs("failed"); n != 0 {
		t.Errorf("%d more jobs: the cancelled dialog made one", n)
	}
	time.Sleep(3 * time.Second)

	path := filepath.Join(s.dir, "out.stl")
	s.do("windowfocus", "--sync", s.window)
	press("ctrl+s")
	dialog = s.find(saving)
	s.do("windowfocus", "--sync", dialog)
	time.Sleep(time.Second)
	press("ctrl+a")
	s.do("type", "--delay", "30", path)
	press("Return")
	s.until("the file is there", func() bool { _, err := os.Stat(path); return err == nil })
	m, err := export.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if r := m.Check(); !r.Clean() {
		t.Errorf("%+v", r)
	}
}

// TestClose: the window that is closed ends the program without a word, wherever the viewport draws: the hidden window's context, too,
// is gone before the window library is.
func TestClose(t *testing.T) {
	none := t.TempDir() // where the loader finds a library that is none, and looks no further
	if err := os.WriteFile(filepath.Join(none, "libEGL.so.1"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, environment := range map[string][]string{"EGL": nil, "hidden window": {"LD_LIBRARY_PATH=" + none}} {
		t.Run(name, func(t *testing.T) {
			s := onScreenWith(t, environment)
			s.still()
			s.do("windowfocus", "--sync", s.window)
			s.do("key", "alt+F4") // of the window manager
			hung := time.AfterFunc(time.Minute, func() { _ = s.program.Process.Kill() })
			defer hung.Stop()
			if err := s.program.Wait(); err != nil {
				t.Errorf("%v\n%s", err, s.said.String())
			}
		})
	}
}
