package farm

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"orfeas/pipeline"
	"orfeas/pipeline/picture"
)

// errTask says that a message is not a job.
var errTask = errors.New("it is not a job")

// task is a job on its way to a worker.
type task struct {
	ID       string            `json:"id"`    // of this asking for it; a retry has another one
	Name     string            `json:"name"`  // of the picture, without its folder
	Input    string            `json:"input"` // the name it has in the job's folder
	Bytes    int64             `json:"bytes"` // of the picture
	Views    []shot            `json:"views,omitempty"`
	Settings pipeline.Settings `json:"settings"`
	class    class
}

// shot is a picture of another side of the object.
type shot struct {
	Side  picture.Side `json:"side"`
	Name  string       `json:"name"`
	Input string       `json:"input"`
	Bytes int64        `json:"bytes"`
}

// class says what it takes to do a job. Its parts are words of a subject.
type class struct {
	Version, Engine string
	Networks        []string // sorted
}

var (
	idForm   = regexp.MustCompile(`^[0-9a-f]{32}$`)
	extForm  = regexp.MustCompile(`^(\.[a-z0-9]{1,5})?$`)
	wordForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// taskOf describes a job. The id is of the picture's bytes, the settings and when it was asked for: a program that starts
// anew asks for the same, one that retries for another.
func taskOf(j pipeline.Job) (task, error) {
	info, err := os.Stat(j.File(j.Input))
	if err != nil {
		return task{}, err
	}
	t := task{Name: filepath.Base(j.Picture), Input: j.Input, Bytes: info.Size()}
	for _, s := range j.Shots {
		info, err := os.Stat(j.File(s.Input))
		if err != nil {
			return task{}, err
		}
		t.Views = append(t.Views, shot{s.Side, filepath.Base(s.Picture), s.Input, info.Size()})
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d", j.Key, j.ID, j.Added.UnixNano()))
	t.ID = hex.EncodeToString(h[:16])
	s, needs := j.Settings.Pinned()
	slices.Sort(needs)
	t.Settings, t.class = s, class{pipeline.Version, s.Engine, slices.Compact(needs)}
	return t, t.check()
}

func (t task) check() error {
	switch {
	case !idForm.MatchString(t.ID), !inputOf("picture", t.Input), t.Name != filepath.Base(t.Name):
		return fmt.Errorf("%w: its names make no sense", errTask)
	case t.Bytes < 0 || t.Bytes > picture.DefaultLimits.Bytes:
		return fmt.Errorf("%w: the picture has %d bytes", picture.ErrTooLarge, t.Bytes)
	}
	for i, s := range t.Views {
		before := func(o shot) bool { return o.Side == s.Side }
		switch {
		case !slices.Contains(picture.OtherSides, s.Side), slices.ContainsFunc(t.Views[:i], before), s.Name != filepath.Base(s.Name), !inputOf(string(s.Side), s.Input):
			return fmt.Errorf("%w: its names make no sense", errTask)
		case s.Bytes < 0 || s.Bytes > picture.DefaultLimits.Bytes:
			return fmt.Errorf("the %s: %w: the picture has %d bytes", s.Side, picture.ErrTooLarge, s.Bytes)
		}
	}
	return t.Settings.Check()
}

// inputOf reports whether a name is that of a picture with an ordinary extension or none.
func inputOf(picture, name string) bool {
	ext, ok := strings.CutPrefix(name, picture)
	return ok && extForm.MatchString(ext)
}

// object is a picture in the store.
type object struct {
	name, input string // there, and in a job's folder
	bytes       int64
}

// objects are the pictures of a job.
func (t task) objects() []object {
	all := []object{{t.ID, t.Input, t.Bytes}}
	for _, s := range t.Views {
		all = append(all, object{t.ID + "-" + string(s.Side), s.Input, s.Bytes})
	}
	return all
}

// read takes a message apart. What can be told of it is returned with an error too.
func read(subject string, data []byte) (t task, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return t, fmt.Errorf("%w: %w", errTask, err)
	}
	at := strings.LastIndexByte(subject, '.')
	if t.class, err = parseClass(strings.TrimPrefix(subject[:at], jobSubject)); err != nil {
		return t, err
	}
	if t.ID != subject[at+1:] || t.class.Engine != t.Settings.Engine {
		return t, fmt.Errorf("%w: it lies under another's subject", errTask)
	}
	return t, t.check()
}

// String is the class as part of a subject.
func (c class) String() string {
	networks := "-"
	if len(c.Networks) > 0 {
		networks = strings.Join(c.Networks, "+")
	}
	return strings.ReplaceAll(c.Version, ".", "_") + "." + c.Engine + "." + networks
}

// consumer is the name of the one that hands out the class.
func (c class) consumer() string { return strings.ReplaceAll(c.String(), ".", "=") }

func parseClass(s string) (c class, err error) {
	words := strings.Split(s, ".")
	if len(words) != 3 {
		return c, fmt.Errorf("%w: class %q", errTask, s)
	}
	c = class{Version: strings.ReplaceAll(words[0], "_", "."), Engine: words[1]}
	if words[2] != "-" {
		c.Networks = strings.Split(words[2], "+")
	}
	for _, w := range append([]string{words[0], c.Engine}, c.Networks...) {
		if !wordForm.MatchString(w) {
			return c, fmt.Errorf("%w: class %q", errTask, s)
		}
	}
	return c, nil
}

// among reports whether a program of that version can do the class with what it has.
func (c class) among(version string, a pipeline.Ability) bool {
	for _, n := range c.Networks {
		if !slices.Contains(a.Networks, n) {
			return false
		}
	}
	return c.Version == version && slices.Contains(a.Engines, c.Engine)
}

// Report is how far a job is, as its worker says it.
type Report struct {
	Attempt  uint64               `json:"attempt"`
	Worker   string               `json:"worker"`
	Stage    string               `json:"stage,omitempty"`
	Step     string               `json:"step,omitempty"`
	Progress float64              `json:"progress"`
	Stages   []pipeline.StageInfo `json:"stages,omitempty"`
	Over     bool                 `json:"over,omitempty"` // the end lies among the results
}

// result is the end of a job.
type result struct {
	Worker  string       `json:"worker"`
	Attempt uint64       `json:"attempt"`
	Job     pipeline.Job `json:"job"`              // as it ended; ids and paths mean nothing
	Object  string       `json:"object,omitempty"` // with the files, when it is done
	Bytes   int64        `json:"bytes,omitempty"`  // of them
}

// Letter is a job that was given up.
type Letter struct {
	ID      string          `json:"id"`
	Subject string          `json:"subject"`
	Reason  string          `json:"reason"`
	Said    []string        `json:"said,omitempty"` // the last lines of what died
	Worker  string          `json:"worker"`         // that gave it up
	Attempt uint64          `json:"attempt"`
	Task    json.RawMessage `json:"task,omitempty"`
}
