//go:build !headless

package ui

import (
	"image"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	tip "github.com/dweymouth/fyne-tooltip/widget"

	"orfeas/assets"
	"orfeas/pipeline"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/render"
)

// done is a window with one finished job of few triangles on screen.
func done(t *testing.T, sample string) *Studio {
	t.Helper()
	s := studio(t)
	for _, a := range assets.Samples() {
		if a.Title != sample {
			continue
		}
		path := filepath.Join(t.TempDir(), a.Name)
		if err := os.WriteFile(path, a.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		settings := pipeline.Defaults()
		settings.Faces, settings.Engine = 6000, "inflate"
		if _, err := s.queue.Add(path, settings); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the mesh is shown", func() bool { return len(s.jobs) == 1 && s.shown == s.jobs[0].ID && s.mesh.current() != nil })
	return s
}

// after waits for a change to be over.
func after(t *testing.T, s *Studio, do func()) edit {
	t.Helper()
	onThread(do)
	until(t, "the change is made", func() bool { return s.mesh.making == nil })
	var e edit
	onThread(func() { e, _ = s.mesh.present() })
	return e
}

// pressIn taps the button with a text somewhere in an object.
func pressIn(t *testing.T, o fyne.CanvasObject, name string) {
	t.Helper()
	for _, b := range buttonsIn(o) {
		if b.Text == name && !b.Disabled() {
			test.Tap(b)
			return
		}
	}
	t.Errorf("there is no button %q to press", name)
}

func buttonsIn(o fyne.CanvasObject) (out []*widget.Button) {
	switch o := o.(type) {
	case *widget.Button:
		out = append(out, o)
	case *tip.Button:
		out = append(out, &o.Button)
	case *fyne.Container:
		for _, c := range o.Objects {
			out = append(out, buttonsIn(c)...)
		}
	}
	return out
}

// TestChangeUndoExport operates the panel as a user does, and reads what it exports.
func TestChangeUndoExport(t *testing.T) {
	s := done(t, "Duck")
	p, c := s.mesh, s.mesh.controls
	var first edit
	onThread(func() {
		first, _ = p.present()
		if p.verdict.Text != "Ready to print" || !p.back.Disabled() || p.export.Disabled() || c.size.Text != "80 mm" {
			t.Errorf("%q, undo %v, export %v, size %s", p.verdict.Text, !p.back.Disabled(), !p.export.Disabled(), c.size.Text)
		}
	})
	// Every change is certified, and the controls say what there is now.
	e := after(t, s, func() { c.size.SetText("4 cm"); pressIn(t, c.object, "Resize") })
	if size := e.cert.Size(); size[0] < 39.9 || size[0] > 40.1 || e.cert.Volume > first.cert.Volume/7 {
		t.Errorf("%v, %g of %g mm³", size, e.cert.Volume, first.cert.Volume)
	}
	e = after(t, s, func() { pressIn(t, c.object, "Y 90°") })
	if size := e.cert.Size(); size[2] < 39.9 || size[2] > 40.1 {
		t.Errorf("it was not turned upright: %v", size)
	}
	before := e.cert
	e = after(t, s, func() { pressIn(t, p.lines, "Cut off 1.2 mm") })
	if lost := before.Size()[2] - e.cert.Size()[2]; lost < 1.15 || lost > 1.25 || e.cert.Contact <= before.Contact || !e.cert.Clean() {
		t.Errorf("%g mm went, a base of %g mm² instead of %g; %s", lost, e.cert.Contact, before.Contact, e.cert)
	}
	e = after(t, s, func() { c.wall.SetText("1.5"); c.drain.SetText("0"); pressIn(t, c.object, "Hollow") })
	if !e.cert.Clean() || !strings.Contains(p.note.Text, "cavities 1") {
		t.Errorf("%s; %q", e.cert, p.note.Text)
	}
	e = after(t, s, func() { c.faces.OnChanged(3.3); c.faces.OnChangeEnded(3.3) })
	if n := len(e.mesh.Triangles); n < 1900 || n > 2000 {
		t.Errorf("%d triangles", n)
	}
	// The slider goes on from what there was before it, not from what it left.
	e = after(t, s, func() { c.faces.OnChangeEnded(3.6) })
	if n := len(e.mesh.Triangles); n < 3800 || n > 4000 {
		t.Errorf("%d triangles, the slider was moved up again", n)
	}
	onThread(func() {
		if h := p.current(); len(h.edits) != 6 {
			t.Errorf("%d edits, want the first and five", len(h.edits))
		}
		for range 9 {
			p.undo()
		}
		if got, _ := p.present(); got.mesh != first.mesh || s.viewport.mesh != first.mesh || !p.back.Disabled() || p.forth.Disabled() {
			t.Error("what was there first is not back")
		}
		for range 9 {
			p.redo()
		}
		if got, _ := p.present(); got.mesh != e.mesh || s.viewport.mesh != e.mesh {
			t.Error("what was undone is not back")
		}
	})
	path := filepath.Join(t.TempDir(), "edited.stl")
	onThread(func() {
		f, err := export.ByName("stl")
		if err != nil {
			t.Fatal(err)
		}
		p.deliver(path, f, e, p.job, func(mesh.Certificate) {})
	})
	until(t, "it is exported", func() bool { return p.saved[p.job.ID] == path })
	got, err := export.Open(path)
	if err != nil || len(got.Triangles) != len(e.mesh.Triangles) {
		t.Errorf("%v, %v", got, err)
	}
	if lo, hi := got.Bounds(); hi[2]-lo[2] > 39.5 {
		t.Errorf("what was exported is not what was edited: %v %v", lo, hi)
	}
	// Another job's panel and back: the edits are still there.
	onThread(func() {
		j := p.job
		p.show(pipeline.Job{}, false)
		if p.verdict.Text != "No mesh yet" || !p.export.Disabled() {
			t.Error(p.verdict.Text)
		}
		p.show(j, true)
		if now, _ := p.present(); now.mesh != e.mesh {
			t.Error("the edits are gone")
		}
	})
}

// TestChangeOfAJobThatIsNotShown: while a change is made another job may be chosen; it is made to the one it was meant for, and
// nothing is said of it beside the other.
func TestChangeOfAJobThatIsNotShown(t *testing.T) {
	s := done(t, "Duck")
	p := s.mesh
	var id string
	onThread(func() {
		first, _ := p.present()
		id, s.follow = p.job.ID, true
		pressIn(t, p.controls.object, "Z 90°")
		if s.follow {
			t.Error("another job that is done would be shown instead")
		}
		other := p.job
		other.ID = "another"
		p.show(other, true)
		p.take(other, first.mesh)
		if !p.controls.faces.Disabled() {
			t.Error("the other's triangles can be changed meanwhile")
		}
	})
	until(t, "the change is made", func() bool { return p.making == nil })
	onThread(func() {
		if h := p.histories.of[id]; h == nil || len(h.edits) != 2 || h.at != 1 {
			t.Errorf("it is lost: %+v", h)
		}
		if h := p.histories.of["another"]; len(h.edits) != 1 || p.note.Text != "" {
			t.Errorf("beside the other job: %q, %d edits", p.note.Text, len(h.edits))
		}
	})
	big := &mesh.Mesh{Vertices: make([][3]float32, 1000)}
	a := histories{of: map[string]*history{}}
	h := a.open("a", time.Time{}, func() edit { return edit{mesh: big} })
	h.add(edit{mesh: big, what: "changed"})
	a.open("b", time.Time{}, func() edit { return edit{mesh: big} })
	if a.bound(1, h); len(h.edits) != 2 {
		t.Error("the edit that is being changed was dropped")
	}
	if a.bound(1, nil); len(h.edits) != 1 {
		t.Error("old edits stay")
	}
}

// TestSizeStaysWhileItIsTyped: other jobs go on meanwhile, and each of their steps refreshes the panel.
func TestSizeStaysWhileItIsTyped(t *testing.T) {
	s := done(t, "Duck")
	onThread(func() {
		c := s.mesh.controls
		c.size.SetText("12")
		s.see(pipeline.Job{ID: "another", State: pipeline.Running, Stages: pipeline.NewStages()})
		if c.size.Text != "12" {
			t.Errorf("what was typed became %q", c.size.Text)
		}
		c.along.SetSelectedIndex(3)
		height := c.size.Text
		if c.along.SetSelectedIndex(0); height == "12" || c.size.Text != "80 mm" {
			t.Errorf("another side is %q long, the longest %q", height, c.size.Text)
		}
	})
}

func TestChangeIsCancelledAndWrongOnesAreSaid(t *testing.T) {
	s := done(t, "Mushroom")
	p, c := s.mesh, s.mesh.controls
	var first edit
	onThread(func() { first, _ = p.present() })
	e := after(t, s, func() {
		pressIn(t, c.object, "Least support")
		if !p.work.Visible() || !c.carve.Disabled() || !p.export.Disabled() {
			t.Error("it does not show that it works")
		}
		p.cancel()
	})
	if e.mesh != first.mesh {
		t.Error("a change that was cancelled was made")
	}
	for _, wrong := range []string{"", "wide", "0", "99999"} {
		e = after(t, s, func() { c.size.SetText(wrong); pressIn(t, c.object, "Resize") })
		if e.mesh != first.mesh || p.note.Text == "" {
			t.Errorf("size %q: %q", wrong, p.note.Text)
		}
	}
	after(t, s, func() { c.base.SetText("500"); pressIn(t, c.object, "Cut off") })
	onThread(func() {
		if s.window.Canvas().Overlays().Top() == nil {
			t.Error("a cut above the mesh was not refused in words")
		}
		if p.work.Visible() || p.export.Disabled() {
			t.Error("it still shows that it works")
		}
	})
}

func TestFindings(t *testing.T) {
	ball := mesh.Certificate{Report: mesh.Report{Closed: true, Manifold: true, Oriented: true, Outward: true, Components: 1, Triangles: 5000, Volume: 1e5, Area: 1e4, Max: [3]float32{60, 60, 60}},
		Printer: mesh.DefaultPrinter, Walls: mesh.Walls{Thinnest: 5}, Contact: 300}
	change := func(f func(*mesh.Certificate)) mesh.Certificate { c := ball; f(&c); return c }
	for _, x := range []struct {
		name    string
		cert    mesh.Certificate
		verdict level
		title   string // of the finding that is not fine; empty for none
		level   level
		change  pipeline.Changes
	}{
		{"a ball on its foot", ball, fine, "", fine, pipeline.Changes{}},
		{"open", change(func(c *mesh.Certificate) { c.Closed, c.OpenEdges = false, 3 }), wrong, "Surface", wrong, pipeline.Changes{Solid: true, Place: true}},
		{"in parts", change(func(c *mesh.Certificate) { c.Components = 3 }), care, "Parts", care, pipeline.Changes{Keep: 1, Place: true}},
		{"thin tips", change(func(c *mesh.Certificate) { c.Walls = mesh.Walls{Thinnest: 0.3, ThinShare: 0.01} }), fine, "Thinnest wall", care, pipeline.Changes{}},
		{"thin", change(func(c *mesh.Certificate) { c.Walls = mesh.Walls{Thinnest: 0.3, ThinShare: 0.2} }), wrong, "Thinnest wall", wrong, pipeline.Changes{}},
		{"leaning", change(func(c *mesh.Certificate) { c.Overhang = 900 }), fine, "Overhang", care, pipeline.Changes{Orient: true}},
		{"on a point", change(func(c *mesh.Certificate) { c.Contact = 4 }), fine, "On the bed", care, pipeline.Changes{CutMM: 1.8}},
		{"huge", change(func(c *mesh.Certificate) { c.Max = [3]float32{60, 60, 400} }), fine, "Size", care, pipeline.Changes{SizeMM: 200}},
		{"fine", change(func(c *mesh.Certificate) { c.Triangles = 3e6 }), fine, "Triangles", care, pipeline.Changes{Faces: 500_000}},
	} {
		if _, l := verdict(x.cert); l != x.verdict {
			t.Errorf("%s: verdict %d, want %d", x.name, l, x.verdict)
		}
		for _, f := range findings(x.cert, units[0]) {
			want := fine
			if f.title == x.title {
				want = x.level
				if f.change != x.change || f.advice == "" || (f.remedy == "") != (f.change == pipeline.Changes{}) {
					t.Errorf("%s: %+v", x.name, f)
				}
			}
			if f.level != want {
				t.Errorf("%s: %s is %d, want %d", x.name, f.title, f.level, want)
			}
			if err := f.change.Check(); err != nil {
				t.Errorf("%s: the remedy cannot be asked for: %v", x.name, err)
			}
		}
	}
	thin := findings(change(func(c *mesh.Certificate) { c.Walls = mesh.Walls{Thinnest: 0.3, ThinShare: 0.2} }), units[2])
	if thin[1].value != "0.0118 in" || !strings.Contains(thin[1].advice, "20 %") {
		t.Errorf("%+v", thin[1])
	}
}

// TestUndoIsBounded: whatever is done, what is only kept to go back to stays within the limit, the present edits stay.
func TestUndoIsBounded(t *testing.T) {
	big := func() *mesh.Mesh { return &mesh.Mesh{Vertices: make([][3]float32, 1000)} } // 12 kB
	a := histories{of: map[string]*history{}}
	now := map[string]*mesh.Mesh{}
	for round := range 20 {
		for _, id := range []string{"a", "b", "c"} {
			h := a.open(id, time.Time{}, func() edit { return edit{mesh: big()} })
			m := big()
			h.add(edit{mesh: m, what: "changed"})
			now[id] = m
			a.bound(60_000, nil)
			spare := 0
			for _, h := range a.of {
				spare += h.spare()
			}
			if spare > 60_000 {
				t.Fatalf("round %d: %d bytes are kept", round, spare)
			}
		}
	}
	for id, m := range now {
		if a.of[id].now().mesh != m {
			t.Errorf("%s lost its mesh", id)
		}
	}
	for range 7 {
		a.of["c"].add(edit{mesh: big(), what: "changed"})
		a.bound(60_000, nil)
	}
	if h := a.of["c"]; len(h.edits) != 6 || !h.canUndo() || a.of["a"].canUndo() || a.of["b"].canUndo() {
		t.Errorf("the job used last can go back %d times, want 5 and the others not", len(h.edits)-1)
	}
	// What was undone goes when something else is done, and a job done anew begins anew.
	h := a.of["c"]
	h.at = 0
	h.add(edit{mesh: big(), what: "another way"})
	if h.canRedo() || len(h.edits) != 2 {
		t.Errorf("%d edits", len(h.edits))
	}
	if h := a.open("c", time.Now(), func() edit { return edit{mesh: big()} }); len(h.edits) != 1 {
		t.Error("a job done anew has old edits")
	}
	textured := &mesh.Mesh{Texture: image.NewNRGBA(image.Rect(0, 0, 10, 10))}
	if meshBytes(textured) != 400 {
		t.Error(meshBytes(textured))
	}
}

func TestSlicers(t *testing.T) {
	file := func(names ...string) fstest.MapFS {
		m := fstest.MapFS{}
		for _, n := range names {
			m[n] = &fstest.MapFile{}
		}
		return m
	}
	for _, c := range []struct {
		name string
		on   machine
		want [][]string // the command for /m.3mf, after the slicer's name
	}{
		{"nothing", machine{file(), "linux", []string{"/usr/bin"}, "/home/u"}, nil},
		{"a package", machine{file("usr/bin/prusa-slicer", "usr/bin/superslicer"), "linux", []string{"/bin", "/usr/bin"}, "/home/u"},
			[][]string{{"PrusaSlicer", "/usr/bin/prusa-slicer", "/m.3mf"}, {"SuperSlicer", "/usr/bin/superslicer", "/m.3mf"}}},
		{"a folder of PATH that moves with the user", machine{file("prusa-slicer"), "linux", []string{".", ""}, "/home/u"}, nil},
		{"the newest of two AppImages", machine{file("home/u/Applications/OrcaSlicer_Linux_V2.1.AppImage", "home/u/Applications/OrcaSlicer_Linux_V2.2.AppImage"), "linux", nil, "/home/u"},
			[][]string{{"OrcaSlicer", "/home/u/Applications/OrcaSlicer_Linux_V2.2.AppImage", "/m.3mf"}}},
		{"Flatpaks of the system and of the user", machine{file("var/lib/flatpak/app/com.bambulab.BambuStudio/current/x", "home/u/.local/share/flatpak/app/com.ultimaker.cura/current/x"), "linux", []string{"/usr/bin"}, "/home/u"},
			[][]string{{"Bambu Studio", "flatpak", "run", "--file-forwarding", "com.bambulab.BambuStudio", "@@", "/m.3mf", "@@"}, {"Cura", "flatpak", "run", "--file-forwarding", "com.ultimaker.cura", "@@", "/m.3mf", "@@"}}},
		{"a package before its Flatpak", machine{file("var/lib/flatpak/app/com.prusa3d.PrusaSlicer/x", "usr/bin/prusa-slicer"), "linux", []string{"/usr/bin"}, "/home/u"},
			[][]string{{"PrusaSlicer", "/usr/bin/prusa-slicer", "/m.3mf"}}},
		{"macOS", machine{file("Applications/Original Prusa Drivers/PrusaSlicer.app/x", "Applications/UltiMaker Cura.app/x"), "darwin", nil, "/Users/u"},
			[][]string{{"PrusaSlicer", "open", "-a", "/Applications/Original Prusa Drivers/PrusaSlicer.app", "/m.3mf"}, {"Cura", "open", "-a", "/Applications/UltiMaker Cura.app", "/m.3mf"}}},
		{"Windows", machine{file("Program Files/Prusa3D/PrusaSlicer/prusa-slicer.exe", "Program Files/UltiMaker Cura 5.8/UltiMaker-Cura.exe"), "windows", nil, "C:/Users/u"},
			[][]string{{"PrusaSlicer", "/Program Files/Prusa3D/PrusaSlicer/prusa-slicer.exe", "/m.3mf"}, {"Cura", "/Program Files/UltiMaker Cura 5.8/UltiMaker-Cura.exe", "/m.3mf"}}},
	} {
		var got [][]string
		for _, s := range slicers(c.on) {
			got = append(got, append([]string{s.name}, s.with("/m.3mf")...))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := plainName("../a:b%"); strings.ContainsAny(got, `/:%`) || strings.HasPrefix(got, ".") || plainName("...") != "mesh" {
		t.Error(got)
	}
	if got := revealing("linux", "/tmp/it's.stl", "/tmp"); !strings.Contains(strings.Join(got[0], " "), "['file:///tmp/it%27s.stl']") || got[1][1] != "/tmp" {
		t.Error(got)
	}
}

// TestViewportTools: keys and tools change what is drawn.
func TestViewportTools(t *testing.T) {
	s := done(t, "Duck")
	v := s.viewport
	until(t, "the picture can be compared", func() bool { return !v.tools.compare.Disabled() })
	onThread(func() {
		for _, x := range []struct {
			key fyne.KeyName
			ok  func() bool
		}{
			{fyne.KeyE, func() bool { return v.shading.Wireframe && v.tools.edges.on }},
			{fyne.KeyD, func() bool { return v.shading.Dimensions }},
			{fyne.KeyB, func() bool { return !v.shading.Bed }},
			{fyne.KeyX, func() bool {
				return v.shading.Section.On && v.shading.Section.Axis == 1 && v.shading.Section.Flip && v.tools.section.Visible()
			}},
			{fyne.Key4, func() bool { return v.camera.Pitch == 0 && v.camera.Eye()[1] > 0 }},
			{fyne.KeyP, func() bool { return v.camera.Orthographic }},
			{fyne.KeyP, func() bool { return !v.camera.Orthographic }},
			{fyne.KeyC, func() bool { return v.shading.Compare != nil && v.camera.Orthographic && v.camera.Yaw == 0 }},
			{fyne.KeyLeft, func() bool { return v.shading.Compare == nil && !v.tools.compare.on && !v.camera.Orthographic }},
			{fyne.KeyN, func() bool { return v.shading.Mode == render.Solid }},
			{fyne.KeyN, func() bool { return v.shading.Mode == render.Clay }},
			{fyne.KeyN, func() bool { return v.shading.Mode == render.Overhang && v.tools.limit.Visible() }},
			{fyne.KeyX, func() bool { return !v.shading.Section.On && !v.tools.section.Visible() }},
		} {
			if !v.typed(x.key) || !x.ok() {
				t.Errorf("key %s: %+v, %+v", x.key, v.shading, v.camera)
			}
		}
		if v.typed(fyne.KeyDelete) {
			t.Error("it takes the key that deletes")
		}
		v.tools.axis.SetSelected("Z")
		v.tools.where.SetValue(0.25)
		lo, hi := s.mesh.current().now().mesh.Bounds()
		if got, want := v.shading.Section.At, lo[2]+0.25*(hi[2]-lo[2]); v.shading.Section.Axis != 2 || got < want-0.1 || got > want+0.1 {
			t.Errorf("the cut is at %g, want %g", got, want)
		}
	})
}
