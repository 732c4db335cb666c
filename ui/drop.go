//go:build !headless

package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	native "github.com/sqweek/dialog"

	"orfeas/pipeline"
)

// pictureExts are the endings the file dialog and a dropped folder look for; what a file is, its content decides.
var pictureExts = []string{"png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif"}

// askPicture has the system's dialog ask for a picture. That of Linux minds the case of endings, and a camera's may be in capitals.
func askPicture(title string) (string, error) {
	exts := slices.Clone(pictureExts)
	for _, e := range pictureExts {
		exts = append(exts, strings.ToUpper(e))
	}
	return native.File().Title(title).Filter(tr("Pictures"), exts...).Filter(tr("All files"), "*").Load()
}

// How much of a dropped folder is taken: so many pictures, from folders so deep in it.
const (
	dropMost = 1000
	dropDeep = 8
)

func (s *Studio) dropCard() fyne.CanvasObject {
	back := canvas.NewRectangle(panel)
	back.CornerRadius = 10
	back.StrokeColor, back.StrokeWidth = accent, 1.5
	title := text(tr("Drop pictures or folders"), ink, 14)
	title.Alignment, title.TextStyle.Bold = fyne.TextAlignCenter, true
	browse := widget.NewButtonWithIcon(tr("Choose…"), theme.FolderOpenIcon(), s.browse)
	paste := widget.NewButtonWithIcon("", theme.ContentPasteIcon(), s.paste)
	var last *widget.Button
	last = widget.NewButtonWithIcon("", theme.HistoryIcon(), func() { s.showLast(last) })
	paste.Importance, last.Importance = widget.LowImportance, widget.LowImportance
	buttons := container.NewCenter(container.NewHBox(browse, paste, last))
	return container.NewStack(back, container.NewPadded(container.NewPadded(container.NewVBox(title, buttons))))
}

// dropped takes files and folders, and says what it could not take: a picture dragged from a web page arrives as a path
// that is not there.
func (s *Studio) dropped(uris []fyne.URI) {
	var paths []string
	for _, u := range uris {
		paths = append(paths, u.Path())
	}
	s.take(paths)
}

// take adds what is at the paths, in the background: a folder may be on a slow disk.
func (s *Studio) take(paths []string) {
	go func() {
		found, problems := expand(paths)
		s.do(func() {
			s.Add(found...)
			if len(problems) > 0 {
				s.complain(tr("Not everything could be added"), errors.Join(problems...))
			}
		})
	}()
}

// expand makes of files and folders the files, and says of what there are none.
func expand(paths []string) (found []string, problems []error) {
	for _, p := range paths {
		more, err := picturesAt(p, dropMost-len(found))
		if err != nil {
			problems = append(problems, err)
		}
		found = append(found, more...)
	}
	return found, problems
}

// picturesAt returns a file, or the pictures in a folder and those in it, by name. When there are more than most it
// returns so many and an error.
func picturesAt(path string, most int) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), fs.ErrNotExist)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var out []string
	enough := fmt.Errorf("no more than %d pictures are taken at once, and %s has more", dropMost, filepath.Base(path))
	err = filepath.WalkDir(path, func(at string, e fs.DirEntry, err error) error {
		hidden := at != path && strings.HasPrefix(e.Name(), ".")
		deep, _ := filepath.Rel(path, at)
		switch {
		case err != nil && at == path:
			return err
		case e.IsDir() && (err != nil || hidden || strings.Count(deep, string(filepath.Separator)) >= dropDeep):
			return fs.SkipDir // one that cannot be read does not keep the others out
		case err != nil || hidden || e.IsDir():
			return nil
		}
		ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(at), "."))
		if !slices.Contains(pictureExts, ext) {
			return nil
		}
		if len(out) >= most {
			return enough
		}
		out = append(out, at)
		return nil
	})
	if err != nil {
		return out, err
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there are no pictures in %s", filepath.Base(path))
	}
	return out, nil
}

// lastMost is how many of the last pictures are offered again.
const lastMost = 12

// lastPictures are the pictures that were added last and are still where they came from, the newest first: history is
// the queue.
func lastPictures(jobs []pipeline.Job) (paths []string) {
	jobs = slices.Clone(jobs)
	slices.SortStableFunc(jobs, func(a, b pipeline.Job) int { return b.Added.Compare(a.Added) })
	for _, j := range jobs {
		if len(paths) == lastMost {
			break
		}
		if !filepath.IsAbs(j.Picture) || slices.Contains(paths, j.Picture) {
			continue // one that came over the wire has a name only
		}
		if info, err := os.Stat(j.Picture); err == nil && info.Mode().IsRegular() {
			paths = append(paths, j.Picture)
		}
	}
	return paths
}

// showLast opens a menu of the last pictures below a button.
func (s *Studio) showLast(below *widget.Button) {
	var items []*fyne.MenuItem
	for _, p := range lastPictures(s.jobs) {
		items = append(items, fyne.NewMenuItem(ellipsis(filepath.Base(p), 40), func() { s.Add(p) }))
	}
	if len(items) == 0 {
		none := fyne.NewMenuItem(tr("No pictures yet"), nil)
		none.Disabled = true
		items = append(items, none)
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(below)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), s.window.Canvas(), at.AddXY(0, below.Size().Height))
}
