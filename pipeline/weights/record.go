package weights

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"time"
)

// proof remembers that a file was checked. It holds while size and time of the file stay the same, so that gigabytes
// need not be read at every start.
type proof struct {
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	SHA256   string    `json:"sha256"` // of the file, whether the table has one or not
}

// proofs are those of one network, by the path in the table.
type proofs map[string]proof

func (p proofs) holds(f File, info os.FileInfo) bool {
	v, ok := p[f.Path]
	return ok && v.Size == info.Size() && v.Modified.Equal(info.ModTime()) && (f.SHA256 == "" || f.SHA256 == v.SHA256)
}

func (l *Library) proofsPath(n Network) string { return filepath.Join(l.Where(n), "verified.json") }

func (l *Library) proofs(n Network) proofs {
	var p proofs
	readJSON(l.proofsPath(n), &p)
	return p
}

// proved remembers the file as checked, or forgets it with an empty sum.
func (l *Library) proved(n Network, f File, sum string) error {
	p := l.proofs(n)
	if p == nil {
		p = proofs{}
	}
	delete(p, f.Path)
	if sum != "" {
		info, err := os.Stat(l.at(n, f))
		if err != nil {
			return err
		}
		p[f.Path] = proof{info.Size(), info.ModTime(), sum}
	}
	return writeJSON(l.proofsPath(n), p)
}

// accepted is a licence someone agreed to, with what it said then: changed terms have to be accepted anew.
type accepted struct {
	Licence Licence   `json:"licence"`
	When    time.Time `json:"when"`
}

func (l *Library) licencesPath() string { return filepath.Join(l.Dir, "licences.json") }

// Accepted reports whether the network may be fetched as far as its licence goes.
func (l *Library) Accepted(n Network) bool {
	if !n.Licence.Asks() {
		return true
	}
	var all map[string]accepted
	readJSON(l.licencesPath(), &all)
	was, ok := all[n.Name]
	return ok && reflect.DeepEqual(was.Licence, n.Licence)
}

// Accept remembers that the user accepts the licence of a network.
func (l *Library) Accept(n Network) error {
	var all map[string]accepted
	readJSON(l.licencesPath(), &all)
	if all == nil {
		all = map[string]accepted{}
	}
	all[n.Name] = accepted{n.Licence, time.Now().UTC().Truncate(time.Second)}
	if err := writeJSON(l.licencesPath(), all); err != nil {
		return fmt.Errorf("remember the licence of %s: %w", n.Name, err)
	}
	return nil
}

// readJSON reads a file of ours into v. One that is not there or damaged is as good as none: the files are checked
// again, the licence is asked for again.
func readJSON(path string, v any) {
	if info, err := os.Stat(path); err != nil || info.Size() > 1<<20 {
		return
	}
	if data, err := os.ReadFile(path); err == nil && json.Valid(data) {
		_ = json.Unmarshal(data, v) // a file of other fields leaves v as it is
	}
}

// writeJSON writes a file as a whole.
func writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	_, err = f.Write(append(data, '\n'))
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
