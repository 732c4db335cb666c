package weights

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// What keeps a network from being used or fetched.
var (
	ErrAbsent  = errors.New("the network is not on this machine")
	ErrLicence = errors.New("its licence has not been accepted")
	ErrBusy    = errors.New("it is being fetched already")
)

// Library is the folder networks are kept in, each in a folder of its name, as its authors laid them out. Nothing that
// was fetched lies under its final name before it was checked.
type Library struct {
	Dir    string
	Mirror string // a server to fetch from instead, with the same paths; empty for the authors' own

	web *web // nil for the real one
}

// DefaultDir is where networks are kept unless the environment variable ORFEAS_MODELS says otherwise: the folder for a
// user's data of the system, by the XDG base directory specification on Linux.
func DefaultDir() (string, error) {
	if dir := os.Getenv("ORFEAS_MODELS"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) && runtime.GOOS != "windows" {
		return filepath.Join(dir, "orfeas", "models"), nil
	}
	if dir := os.Getenv("LocalAppData"); runtime.GOOS == "windows" && dir != "" {
		return filepath.Join(dir, "orfeas", "models"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "orfeas", "models"), nil
	}
	return filepath.Join(home, ".local", "share", "orfeas", "models"), nil
}

// State is how far a network or a file of it is there.
type State string

// The states.
const (
	Absent     State = "absent"
	Partial    State = "partial"    // a download has begun, or some of its files are there
	Unverified State = "unverified" // all files are there, but it was not checked that they are right
	Ready      State = "ready"
)

// Status is the state of a network and of each of its files, in the table's order.
type Status struct {
	State   State
	Files   []FileStatus
	Have    int64 // bytes that are there
	Checked bool  // ready, and every file by its SHA-256 rather than by size and structure
}

// FileStatus is the state of one file.
type FileStatus struct {
	File
	State State
	At    string // where it is, or will be
	Have  int64
}

// Where is the folder of a network, whether it is there or not.
func (l *Library) Where(n Network) string { return filepath.Join(l.Dir, n.Name) }

func (l *Library) at(n Network, f File) string {
	return filepath.Join(l.Where(n), filepath.FromSlash(f.Path))
}

// Status looks at the disk, without reading files. A file is as it was checked while its size and time are the same.
func (l *Library) Status(n Network) Status {
	s := Status{State: Ready, Checked: true}
	proofs := l.proofs(n)
	begun, all := false, true
	for _, f := range n.Files {
		fs := FileStatus{File: f, State: Absent, At: l.at(n, f)}
		if info, err := os.Stat(fs.At); err == nil && info.Mode().IsRegular() {
			fs.Have = info.Size()
			switch {
			case proofs.holds(f, info):
				fs.State = Ready
			case f.Size > 0 && info.Size() != f.Size:
				fs.State = Partial
			default:
				fs.State = Unverified
			}
		} else if info, err := os.Stat(fs.At + ".part"); err == nil {
			fs.State, fs.Have = Partial, info.Size()
		}
		s.Have += fs.Have
		s.Files = append(s.Files, fs)
		begun = begun || fs.State != Absent
		if f.Optional && fs.State == Absent {
			continue
		}
		all = all && (fs.State == Ready || fs.State == Unverified)
		if fs.State != Ready {
			s.State = Unverified
		}
		s.Checked = s.Checked && f.SHA256 != ""
	}
	switch {
	case !begun:
		s.State = Absent
	case !all:
		s.State = Partial
	}
	s.Checked = s.Checked && s.State == Ready
	return s
}

// Ready returns the folder of a network that is there and was checked; else ErrAbsent, saying what to do.
func (l *Library) Ready(n Network) (dir string, err error) {
	s := l.Status(n)
	total, _ := n.Bytes()
	switch s.State {
	case Ready:
		return l.Where(n), nil
	case Unverified:
		return "", fmt.Errorf("%w: %s is there but was not checked; run 'orfeas models verify %s'", ErrAbsent, n.Title, n.Name)
	case Partial:
		return "", fmt.Errorf("%w: %s of %s of %s are there; get the rest with 'orfeas models get %s'", ErrAbsent, Size(s.Have), Size(total), n.Title, n.Name)
	}
	return "", fmt.Errorf("%w: get %s (%s) with 'orfeas models get %s'", ErrAbsent, n.Title, Size(total), n.Name)
}

// Remove deletes the files of a network, finished or not, and the folders that are empty then. Other files stay.
func (l *Library) Remove(n Network) error {
	unlock, err := l.lock(n)
	if err != nil {
		return fmt.Errorf("remove %s: %w", n.Name, err)
	}
	defer unlock()
	var errs []error
	gone := func(path string) {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	gone(l.proofsPath(n))
	for _, f := range n.Files {
		at := l.at(n, f)
		gone(at)
		gone(at + ".part")
		gone(at + ".from")
		for dir := filepath.Dir(at); strings.HasPrefix(dir, l.Where(n)); dir = filepath.Dir(dir) {
			if os.Remove(dir) != nil {
				break // not empty, or not there
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove %s: %w", n.Name, err)
	}
	return nil
}

// lock keeps others, in this process and in other ones, from writing the files of a network until unlock.
func (l *Library) lock(n Network) (unlock func(), err error) {
	if err := os.MkdirAll(l.Dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(l.Dir, n.Name+".lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		if errors.Is(err, errLocked) {
			err = fmt.Errorf("%w: %s is in use by another download or import", ErrBusy, n.Title)
		}
		return nil, err
	}
	return func() { f.Close() }, nil
}

// Size writes a number of bytes as people read it, in powers of 1000 as disks are sold.
func Size(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1_000_000:
		return fmt.Sprintf("%.0f kB", float64(bytes)/1e3)
	case bytes < 1_000_000_000:
		return fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}
