//go:build !headless

package ui

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
	native "github.com/sqweek/dialog"

	"orfeas/assets"
	"orfeas/pipeline/picture"
)

// welcome fills the viewport until there is a mesh: the bundled samples, one click each.
func (s *Studio) welcome() fyne.CanvasObject {
	title := text(tr("Turn a picture into a printable solid"), ink, 22)
	title.Alignment, title.TextStyle.Bold = fyne.TextAlignCenter, true
	hint := text(tr("Drop one anywhere, or try one of these"), faint, 13)
	hint.Alignment = fyne.TextAlignCenter
	row := container.NewHBox()
	for _, sample := range assets.Samples() {
		img := &canvas.Image{FillMode: canvas.ImageFillContain, CornerRadius: 6}
		go s.unpack(img, sample.Data)
		name := text(sample.Title, ink, 13)
		name.Alignment, name.TextStyle.Bold = fyne.TextAlignCenter, true
		under := widget.NewButton("", func() { s.addSample(sample) })
		row.Add(container.NewStack(under, container.New(insetLayout{2, 4}, container.NewVBox(fixed(104, 104, img), name))))
	}
	return container.NewCenter(container.NewVBox(title, hint, container.NewPadded(row)))
}

// unpack shows a picture that is built in once it is decoded: the window does not wait for that when it opens.
func (s *Studio) unpack(into *canvas.Image, data []byte) {
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return // cannot be: the samples are part of the program
	}
	small := picture.Thumbnail(img, 208)
	s.do(func() {
		into.Image = small
		into.Refresh()
	})
}

// addSample writes a bundled picture to a temporary folder: jobs take their pictures from files.
func (s *Studio) addSample(sample assets.Sample) {
	path, err := s.toFile(sample.Name, sample.Data)
	if err != nil {
		s.complain(tr("The sample could not be opened"), err)
		return
	}
	s.Add(path)
}

// toFile writes a picture to the window's temporary folder.
func (s *Studio) toFile(name string, data []byte) (path string, err error) {
	if s.sampleDir == "" {
		s.sampleDir, err = os.MkdirTemp("", "orfeas-samples-")
	}
	path = filepath.Join(s.sampleDir, name)
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	return path, err
}

func (s *Studio) browse() {
	s.native(func() (string, error) { return askPicture(tr("Choose a picture")) }, func(path string) { s.Add(path) })
}

// savePicture writes what the viewport shows, in twice as many pixels.
func (s *Studio) savePicture() {
	title := "view"
	if j, ok := s.job(s.selected); ok {
		title = j.Title
	}
	dir := s.prefs.exportFolder()
	s.native(func() (string, error) {
		return native.File().Title(tr("Save a picture of this view")).Filter("PNG", "png").SetStartDir(dir).SetStartFile(title + ".png").Save()
	}, func(path string) { s.withEnding(path, "png", s.saveView) })
}

func (s *Studio) saveView(path string) {
	s.writing.Go(func() {
		err := s.viewport.save(s.ctx, path)
		s.do(func() {
			if err != nil {
				s.complain(tr("The picture was not saved"), err)
				return
			}
			s.viewport.tools.say(tr("Saved as %s", path))
		})
	})
}

// withEnding writes to the path that a dialog for saving gave, with the ending that belongs to it: a dot in a name does not begin one.
// Of a file that is there the dialog has asked, but for one with the ending it did not know of.
func (s *Studio) withEnding(path, ext string, write func(path string)) {
	if strings.EqualFold(filepath.Ext(path), "."+ext) {
		write(path)
		return
	}
	path += "." + ext
	if _, err := os.Lstat(path); err != nil {
		write(path)
		return
	}
	dialog.ShowConfirm(tr("Replace the file?"), tr("There is one named %s already.", filepath.Base(path)), func(yes bool) {
		if yes {
			write(path)
		}
	}, s.window)
}

// native runs one of the system's own dialogs on a thread of its own (on Fyne's it would freeze the window) and brings
// the chosen path back. Without a display the library panics; that is said like any error. One is open at a time: two at once
// abort the process, for GTK belongs to one thread.
func (s *Studio) native(ask func() (string, error), then func(path string)) {
	if s.asking {
		return
	}
	s.asking = true
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		path, err := guard(ask)
		s.do(func() {
			s.asking = false
			switch {
			case errors.Is(err, native.ErrCancelled):
			case err != nil:
				s.complain(tr("The file dialog did not open"), err)
			default:
				then(path)
			}
		})
	}()
}

func guard(ask func() (string, error)) (path string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("file dialog: %v", r)
		}
	}()
	return ask()
}

// onKey sets a shortcut of the Studio's, with Ctrl. Where another page is shown it does nothing.
func (s *Studio) onKey(key fyne.KeyName, do func()) {
	s.onShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, do)
}

func (s *Studio) onShortcut(shortcut fyne.Shortcut, do func()) {
	s.window.Canvas().AddShortcut(shortcut, func(fyne.Shortcut) {
		if s.pages.current.name == "studio" {
			do()
		}
	})
}

// keys sets the shortcuts.
func (s *Studio) keys() {
	s.onKey(fyne.KeyO, s.browse)
	s.onKey(fyne.KeyS, s.mesh.save)
	s.list.keys()
	c := s.window.Canvas()
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch {
		case s.list.typed(e.Name):
		case s.tabs.SelectedIndex() == pictureTabIndex:
			s.picture.sheet.TypedKey(e)
		default:
			s.viewport.typed(e.Name)
		}
	})
	c.SetOnTypedRune(func(r rune) { // which the viewport takes as keys
		if s.pages.current.name == "studio" && s.tabs.SelectedIndex() == pictureTabIndex && c.Overlays().Top() == nil {
			s.picture.sheet.TypedRune(r)
		}
	})
}
