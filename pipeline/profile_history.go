package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode"

	"orfeas/gpu"
	"orfeas/pipeline/export"
)

// Record is what is remembered of a job when it is over: what it was and what it cost, no names of files and no pictures.
type Record struct {
	At        time.Time `json:"at"` // when it was over
	Version   string    `json:"version"`
	Outcome   State     `json:"outcome"`
	Engine    string    `json:"engine"`
	Cutout    string    `json:"cutout,omitempty"` // how the subject was found
	Pixels    int       `json:"pixels"`           // of the picture as it was read; 0 when it was not
	Views     int       `json:"views,omitempty"`  // pictures of other sides there were
	Faces     int       `json:"faces"`            // asked for
	Triangles int       `json:"triangles"`        // of the result
	Formats   []string  `json:"formats,omitempty"`
	Cores     int       `json:"cores"`
	Device    string    `json:"device,omitempty"` // by [gpu.Device.Key]; empty for the processor
	Seconds   float64   `json:"seconds"`
	Stages    []Timing  `json:"stages"`
	Joined    bool      `json:"joined,omitempty"` // another job loaded its networks
	GPU       []gpu.Run `json:"gpu,omitempty"`    // what networks took of the device
}

// Record sums up a work that [Run] has ended with err.
func (w *Work) Record(err error) Record {
	r := Record{
		At: time.Now().UTC(), Version: Version, Outcome: Done, Engine: w.Settings.Engine, Pixels: w.pixels, Views: len(w.Shots), Faces: w.Settings.Faces,
		Cores: runtime.GOMAXPROCS(0), Device: w.Device, Stages: w.Timings, GPU: w.GPU,
	}
	r.Joined = w.company != nil && !w.company.First
	switch {
	case errors.Is(err, context.Canceled):
		r.Outcome = Cancelled
	case err != nil:
		r.Outcome = Failed
	}
	if w.Subject != nil {
		r.Cutout = w.Subject.How
	}
	if w.Mesh != nil {
		r.Triangles = len(w.Mesh.Triangles)
	}
	for _, o := range w.Outputs {
		r.Formats = append(r.Formats, o.Format.Name)
	}
	for _, t := range r.Stages {
		r.Seconds += t.Seconds
	}
	return r
}

// sound reports whether a record read from the disk can be reckoned with and shown.
func (r Record) sound() bool {
	if r.Engine == "" || !plain(r.Engine+r.Cutout+r.Device) || !(r.Seconds >= 0 && r.Seconds < tooLong) {
		return false
	}
	for _, g := range r.GPU {
		if !plain(g.Device + g.Need.Engine + g.Need.Precision) {
			return false
		}
	}
	return len(r.Stages) <= tooMany && sound(r.Stages)
}

// tooLong is more seconds than any job takes, tooMany more stages than it has.
const (
	tooLong = 1e7
	tooMany = 16
)

func sound(timings []Timing) bool {
	for _, t := range timings {
		if t.Name == "" || !plain(t.Name) || !(t.Seconds >= 0 && t.Seconds < tooLong) || !(t.CPU >= 0 && t.CPU < tooLong) || !sound(t.Steps) {
			return false
		}
	}
	return true
}

// plain reports whether a name can be printed without moving the terminal's cursor.
func plain(s string) bool { return !strings.ContainsFunc(s, unicode.IsControl) }

// History is the file of all records, a line of JSON each, oldest first. Several processes may add to it.
type History struct{ path string }

// HistoryIn is the history in a folder, which need not exist yet.
func HistoryIn(dir string) History { return History{filepath.Join(dir, "timings.jsonl")} }

// How large the file may grow, and how much of it is kept when it has.
const (
	historyMost = 4 << 20
	historyKeep = 2 << 20
)

// Add appends a record. A line that a full disk or a crash has cut short costs that line, no other.
func (h History) Add(r Record) error {
	if err := h.add(r); err != nil {
		return fmt.Errorf("remember the timings: %w", err)
	}
	return nil
}

func (h History) add(r Record) (err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(h.path), 0o755); err != nil {
		return err
	}
	if info, err := os.Stat(h.path); err == nil && info.Size() > historyMost {
		if err := h.shorten(); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(h.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if size, err := f.Seek(0, io.SeekEnd); err == nil && size > 0 {
		var last [1]byte
		if _, err := f.ReadAt(last[:], size-1); err == nil && last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	_, err = f.Write(append(line, '\n')) // in one go, so that processes do not mix their lines
	return err
}

// shorten keeps the newest lines. What another process adds in the same instant may be lost: a timing, no more.
func (h History) shorten() error {
	data, err := h.tail(historyKeep)
	if err != nil {
		return err
	}
	return export.WriteFile(context.Background(), h.path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// tail returns the whole lines among the last bytes of the file.
func (h History) tail(most int64) ([]byte, error) {
	f, err := os.Open(h.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := max(info.Size()-most, 0)
	data, err := io.ReadAll(io.NewSectionReader(f, from, most))
	if _, rest, ok := bytes.Cut(data, []byte{'\n'}); ok && from > 0 {
		data = rest
	}
	return data, err
}

// Records reads the history, oldest first; none is no error. Lines that are damaged are left out and counted.
func (h History) Records() (all []Record, damaged int, err error) {
	data, err := h.tail(2 * historyMost)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read the timings: %w", err)
	}
	for line := range bytes.Lines(data) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var r Record
		if json.Unmarshal(line, &r) != nil || !r.sound() {
			damaged++
			continue
		}
		all = append(all, r)
	}
	return all, damaged, nil
}

// Runs are what networks took of devices, oldest first: what a [gpu.Optimizer] learns from.
func Runs(records []Record) (runs []gpu.Run) {
	for _, r := range records {
		runs = append(runs, r.GPU...)
	}
	return runs
}
