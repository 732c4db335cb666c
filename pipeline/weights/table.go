package weights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"

	"orfeas/assets"
)

// ErrUnknown: there is no network of that name.
var ErrUnknown = errors.New("there is no such network")

// Network is one entry of the table: a network and the files its authors published.
type Network struct {
	Name    string  `json:"name"`  // as it is typed
	Title   string  `json:"title"` // as its authors call it
	About   string  `json:"about"`
	Licence Licence `json:"licence"`
	Needs   Needs   `json:"needs"`
	Files   []File  `json:"files"`
}

// Licence is what the authors allow, in short. It does not replace the text they published.
type Licence struct {
	Name     string   `json:"name"`
	By       string   `json:"by"`
	Excludes []string `json:"excludes,omitempty"` // regions it does not hold in
	Limits   []string `json:"limits,omitempty"`
	Note     string   `json:"note,omitempty"`
}

// Asks reports whether the licence has to be accepted before a download: when it leaves out regions or limits the use.
func (l Licence) Asks() bool { return len(l.Excludes)+len(l.Limits) > 0 }

// Needs is what a network takes to run, in bytes; 0 is not known.
type Needs struct {
	VRAM   int64 `json:"vram,omitempty"`   // as its authors say
	Memory int64 `json:"memory,omitempty"` // without a GPU: measured, or the fp32 weights of its largest part
}

// File is a file of a network.
type File struct {
	Path     string   `json:"path"` // within the network's folder, with slashes
	URL      string   `json:"url"`
	Size     int64    `json:"size,omitempty"`   // 0 is not known
	Around   int64    `json:"about,omitempty"`  // about how large it is, where Size is not known
	SHA256   string   `json:"sha256,omitempty"` // empty is not known: then only size and structure are checked
	Has      []string `json:"has,omitempty"`    // some of its tensors, by which the network is told
	Lacks    []string `json:"lacks,omitempty"`  // tensors only its siblings have
	Optional bool     `json:"optional,omitempty"`
}

// Bytes is how large the file is, or about that.
func (f File) Bytes() int64 { return max(f.Size, f.Around) }

// Bytes is how large the network is, and whether that is exact.
func (n Network) Bytes() (total int64, exact bool) {
	exact = true
	for _, f := range n.Files {
		total += f.Bytes()
		exact = exact && f.Size > 0
	}
	return total, exact
}

// most is how many bytes the file may have at most.
func (f File) most() int64 {
	switch {
	case f.Size > 0:
		return f.Size
	case f.Around > 0:
		return f.Around + f.Around/8
	}
	return 1 << 20 // the few lines of a configuration
}

// Networks returns the table.
func Networks() []Network { return table() }

var table = sync.OnceValue(func() []Network {
	d := json.NewDecoder(bytes.NewReader(assets.Weights))
	d.DisallowUnknownFields()
	var out []Network
	if err := d.Decode(&out); err != nil {
		panic(err) // cannot be: a test reads it
	}
	return out
})

// Find returns the network of that name.
func Find(name string) (Network, error) {
	var names []string
	for _, n := range table() {
		if n.Name == name {
			return n, nil
		}
		names = append(names, n.Name)
	}
	return Network{}, fmt.Errorf("%w as %q; there are %s", ErrUnknown, name, strings.Join(names, ", "))
}

// Recognise says which networks a checkpoint may be of, by the names of its tensors: "TripoSG, vae/...".
func Recognise(c *Checkpoint) []string {
	var out []string
	for _, n := range table() {
		for _, f := range n.Files {
			if len(f.Has) > 0 && f.fits(c) {
				out = append(out, n.Title+", "+path.Base(f.Path))
			}
		}
	}
	return out
}

// OfAnother adds to an error which network a checkpoint is of that lacks what it should have, where that is known.
func OfAnother(c *Checkpoint, err error) error {
	if known := Recognise(c); errors.Is(err, ErrMissing) && len(known) > 0 {
		return fmt.Errorf("this is a file of %s: %w", strings.Join(known, " or "), err)
	}
	return err
}

// fits reports whether a checkpoint has the tensors that tell the file from others.
func (f File) fits(c *Checkpoint) bool {
	for _, name := range f.Has {
		if _, ok := c.Tensors[name]; !ok {
			return false
		}
	}
	for _, name := range f.Lacks {
		if _, ok := c.Tensors[name]; ok {
			return false
		}
	}
	return true
}
