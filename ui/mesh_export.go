//go:build !headless

package ui

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	native "github.com/sqweek/dialog"

	"orfeas/pipeline"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/render"
)

// ways are the ways out of the program.
func (p *meshPanel) ways() fyne.CanvasObject {
	var titles []string
	for _, x := range export.Formats {
		titles = append(titles, told(x.Title))
	}
	p.format = widget.NewSelect(titles, nil)
	p.format.SetSelectedIndex(0)
	p.export = widget.NewButtonWithIcon(tr("Export…"), theme.DocumentSaveIcon(), p.save)
	p.export.Importance = widget.HighImportance
	p.slice = widget.NewButton(tr("Open in slicer"), p.openInSlicer)
	p.reveal = widget.NewButtonWithIcon(tr("Show in folder"), theme.FolderOpenIcon(), p.showInFolder)
	return container.NewVBox(container.NewGridWithColumns(2, p.format, p.export), container.NewGridWithColumns(2, p.slice, p.reveal))
}

// save asks where the mesh goes and writes it there, as the user has left it.
func (p *meshPanel) save() {
	e, ok := p.present()
	if !ok || e.mesh == nil || p.making != nil {
		return
	}
	f, j := export.Formats[max(p.format.SelectedIndex(), 0)], p.job
	dir := p.studio.prefs.exportFolder()
	p.studio.native(func() (string, error) {
		return native.File().Title(tr("Export as %s", f.Title)).Filter(f.Title, f.Ext).SetStartDir(dir).SetStartFile(j.Title + "." + f.Ext).Save()
	}, func(path string) {
		p.studio.withEnding(path, f.Ext, func(path string) {
			p.deliver(path, f, e, j, func(mesh.Certificate) { p.say(tr("Saved as %s, read back and certified.", path)) })
		})
	})
}

// deliver writes an edit of a job's mesh in the background.
func (p *meshPanel) deliver(path string, f export.Format, e edit, j pipeline.Job, then func(mesh.Certificate)) {
	s := p.studio
	p.say(tr("Writing %s…", filepath.Base(path)))
	s.writing.Go(func() {
		meta := export.Meta{Title: j.Title, Application: pipeline.Application, Thumbnail: thumbnail(e.mesh)}
		found, err := pipeline.Deliver(s.ctx, path, f, e.mesh, e.cert, meta)
		s.do(func() {
			if err != nil {
				p.say("")
				s.complain(tr("The mesh was not exported"), err)
				return
			}
			p.saved[j.ID] = path
			then(found)
		})
	})
}

// thumbnail is a picture of a mesh for the formats that carry one, nil when it cannot be drawn: a file without it is
// whole.
func thumbnail(m *mesh.Mesh) []byte {
	img, err := render.Preview(m, 256, 256)
	if err != nil {
		return nil
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil
	}
	return b.Bytes()
}

// here is this machine.
func here() machine {
	root := "/"
	if runtime.GOOS == "windows" {
		root = filepath.VolumeName(os.Getenv("SystemRoot")) + `\`
	}
	home, _ := os.UserHomeDir() // without one its folders are not looked at
	return machine{os.DirFS(root), runtime.GOOS, filepath.SplitList(os.Getenv("PATH")), filepath.ToSlash(home)}
}

// openInSlicer hands the mesh to a slicer as a 3MF file; of several the user picks one.
func (p *meshPanel) openInSlicer() {
	found := slicers(here())
	switch len(found) {
	case 0:
		p.say(tr("No slicer was found. PrusaSlicer, OrcaSlicer, Bambu Studio, Cura and SuperSlicer are looked for; export the mesh and open it there."))
	case 1:
		p.sliceWith(found[0])
	default:
		var items []*fyne.MenuItem
		for _, s := range found {
			items = append(items, fyne.NewMenuItem(s.name, func() { p.sliceWith(s) }))
		}
		pop := widget.NewPopUpMenu(fyne.NewMenu("", items...), p.studio.window.Canvas())
		at := p.studio.app.Driver().AbsolutePositionForObject(p.slice)
		pop.ShowAtPosition(at.SubtractXY(0, pop.MinSize().Height))
	}
}

func (p *meshPanel) sliceWith(s slicer) {
	e, ok := p.present()
	f, err := export.ByName("3mf")
	dir, err2 := pipeline.DataDir()
	if err = errors.Join(err, err2); err == nil {
		dir = filepath.Join(dir, "slicer")
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		p.studio.complain(tr("The slicer was not started"), err)
		return
	}
	if !ok || e.mesh == nil {
		return
	}
	j := p.job
	path := filepath.Join(dir, plainName(j.Title)+"."+f.Ext)
	last := p.saved[j.ID]
	p.deliver(path, f, e, j, func(mesh.Certificate) {
		if p.saved[j.ID] = last; last == "" {
			delete(p.saved, j.ID)
		}
		failed := func(err error) {
			p.say("")
			p.studio.complain(tr("The slicer was not started"), err)
		}
		if err := launch(s.with(filepath.FromSlash(path)), func(err error) { p.studio.do(func() { failed(err) }) }); err != nil {
			failed(err)
			return
		}
		p.say(tr("Opened in %s.", s.name))
	})
}

// plainName makes a file's name of a title.
func plainName(title string) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|%`, r) {
			return '_'
		}
		return r
	}, title)
	if name = strings.Trim(name, ". "); name == "" {
		return "mesh"
	}
	return name
}

// launch starts a program that goes on without this one. One that ends with an error in its first seconds is told to
// failed: until then it may only have shown that it cannot start.
func launch(command []string, failed func(error)) error {
	c := exec.Command(command[0], command[1:]...)
	name := filepath.Base(command[0])
	if err := c.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	began := time.Now()
	go func() {
		if err := c.Wait(); err != nil && time.Since(began) < 10*time.Second {
			failed(fmt.Errorf("%s ended at once: %w", name, err))
		}
	}()
	return nil
}

// showInFolder shows where the mesh was exported to last, else where the job's own files are.
func (p *meshPanel) showInFolder() {
	file := p.saved[p.job.ID]
	if file == "" {
		file = p.job.File(pipeline.MeshFile)
	}
	s := p.studio
	go func() {
		var err error
		for _, command := range revealing(runtime.GOOS, file, filepath.Dir(file)) {
			// Explorer's exit code says nothing.
			if err = exec.CommandContext(s.ctx, command[0], command[1:]...).Run(); err == nil || runtime.GOOS == "windows" {
				return
			}
		}
		s.do(func() { p.say(tr("No file manager could be opened; it is %s.", file)) })
	}()
}

func fileURI(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}
