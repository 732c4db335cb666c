package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"orfeas/pipeline/export"
	"orfeas/pipeline/picture"
)

// ErrPreset is wrapped when a user's preset cannot be read, has no usable name, or is not there.
var ErrPreset = errors.New("preset")

// Preset is settings a user has named, of one engine; the edit of a picture is not among them.
type Preset struct {
	Title    string   `json:"title"`
	Settings Settings `json:"settings"`
}

// Presets is a folder of a user's presets, each a file.
type Presets struct{ Dir string }

// Limits of presets: how many are read, the bytes of a file, the letters of a title.
const (
	MaxPresets     = 500
	maxPresetBytes = 64 << 10
	MaxPresetTitle = 60
)

// UserPresets is the folder in [DataDir].
func UserPresets() (Presets, error) {
	dir, err := DataDir()
	return Presets{filepath.Join(dir, "presets")}, err
}

// List returns the presets by title. Files that cannot be used are left out and named in the error.
func (p Presets) List() ([]Preset, error) {
	entries, err := os.ReadDir(p.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the presets: %w", err)
	}
	var all []Preset
	var errs []error
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || filepath.Ext(e.Name()) != ".json" {
			continue
		}
		if len(all) == MaxPresets {
			errs = append(errs, fmt.Errorf("%w: there are more than %d in %s", ErrPreset, MaxPresets, p.Dir))
			break
		}
		x, err := readPreset(filepath.Join(p.Dir, e.Name()))
		if err != nil {
			errs = append(errs, fmt.Errorf("%w file %s: %w", ErrPreset, e.Name(), err))
			continue
		}
		all = append(all, x)
	}
	slices.SortStableFunc(all, func(a, b Preset) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)), strings.Compare(a.Settings.Engine, b.Settings.Engine))
	})
	return all, errors.Join(errs...)
}

func readPreset(path string) (x Preset, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return x, err
	}
	if !info.Mode().IsRegular() {
		return x, errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return x, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPresetBytes+1))
	if err != nil {
		return x, err
	}
	if len(data) > maxPresetBytes {
		return x, fmt.Errorf("it is larger than %d KiB", maxPresetBytes>>10)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	x.Settings = Defaults()
	if err := d.Decode(&x); err != nil {
		return x, fmt.Errorf("it is not JSON as it should be: %w", err)
	}
	if d.More() {
		return x, errors.New("something follows the JSON")
	}
	return x, x.check()
}

func (x Preset) check() error {
	if t := strings.TrimSpace(x.Title); t == "" || t != x.Title || len([]rune(t)) > MaxPresetTitle || strings.ContainsFunc(t, unicode.IsControl) {
		return fmt.Errorf("%w: a name has 1 to %d letters", ErrPreset, MaxPresetTitle)
	}
	if !x.Settings.Edit.IsZero() {
		return fmt.Errorf("%w: it has edits of a picture", ErrPreset)
	}
	return x.Settings.Check()
}

// Save writes a preset, over one of the same engine and title.
func (p Presets) Save(x Preset) error {
	x.Title = strings.TrimSpace(x.Title)
	x.Settings.Edit = picture.Edit{}
	if err := x.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return fmt.Errorf("save the preset: %w", err)
	}
	data, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return fmt.Errorf("save the preset: %w", err)
	}
	return export.WriteFile(context.Background(), p.path(x.Settings.Engine, x.Title), func(w io.Writer) error {
		_, err := w.Write(append(data, '\n'))
		return err
	})
}

// Rename gives a preset another title; one that has it already stays as it is, and that is the error.
func (p Presets) Rename(engine, from, to string) error {
	to = strings.TrimSpace(to)
	x, file, err := p.find(engine, from)
	if err != nil || to == from {
		return err
	}
	if _, other, err := p.find(engine, to); err == nil && other != file {
		return fmt.Errorf("%w: there is one named %q already", ErrPreset, to)
	}
	x.Title = to
	if err := p.Save(x); err != nil {
		return err
	}
	if file == p.path(engine, to) {
		return nil
	}
	if err := os.Remove(file); err != nil {
		return fmt.Errorf("rename the preset: %w", err)
	}
	return nil
}

// Delete removes a preset.
func (p Presets) Delete(engine, title string) error {
	_, file, err := p.find(engine, title)
	if err != nil {
		return err
	}
	if err := os.Remove(file); err != nil {
		return fmt.Errorf("delete the preset: %w", err)
	}
	return nil
}

// find looks in the files, whose names a user may have changed.
func (p Presets) find(engine, title string) (Preset, string, error) {
	files, _ := filepath.Glob(filepath.Join(p.Dir, "*.json"))
	for _, file := range files {
		if x, err := readPreset(file); err == nil && x.Settings.Engine == engine && x.Title == title {
			return x, file, nil
		}
	}
	return Preset{}, "", fmt.Errorf("%w: there is none named %q", ErrPreset, title)
}

// path is a readable file name, different for every engine and title.
func (p Presets) path(engine, title string) string {
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return '-'
	}, title)
	sum := sha256.Sum256([]byte(engine + "\n" + title))
	return filepath.Join(p.Dir, fmt.Sprintf("%s-%.40s-%x.json", engine, name, sum[:4]))
}
