package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"orfeas/pipeline/export"
	"orfeas/pipeline/picture"
)

// store is a queue's folder. Every job is a folder in it, named by its number; what else lies there is a job that is
// being added or removed (its name begins with a dot), the locks, and the mark that the queue is paused.
type store struct{ dir string }

const (
	jobFile    = "job.json"
	pauseFile  = "paused"
	queueLock  = "lock"
	workerLock = "worker.lock"
	maxJobFile = 4 << 20
)

var jobName = regexp.MustCompile(`^[0-9]{6,18}$`)

// ids lists the jobs, the oldest first.
func (s store) ids() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() && jobName.MatchString(e.Name()) {
			ids = append(ids, e.Name())
		}
	}
	slices.SortFunc(ids, byNumber)
	return ids, nil
}

func byNumber(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

func (s store) folder(id string) string { return filepath.Join(s.dir, id) }

// load reads a job. One whose job.json cannot be read is a failed one that says so; nothing is taken from the disk.
func (s store) load(id string) Job {
	j, err := readJob(s.folder(id))
	if err != nil {
		j = Job{State: Failed, Stages: NewStages(), Title: id, Problem: fmt.Sprintf("its folder is damaged: %v", err), Hint: "Remove it, and add the picture again."}
	}
	j.ID, j.Folder = id, s.folder(id)
	return j
}

// readJob reads job.json in a folder and holds it to what the rest of the program relies on.
func readJob(folder string) (j Job, err error) {
	f, err := os.Open(filepath.Join(folder, jobFile))
	if err != nil {
		return j, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxJobFile))
	if err != nil {
		return j, err
	}
	if err := json.Unmarshal(data, &j); err != nil {
		return Job{}, fmt.Errorf("read %s: %w", jobFile, err)
	}
	known := []State{Queued, Running, Done, Failed, Cancelled, Removed}
	if !slices.Contains(known, j.State) || j.State == Done && j.Result == nil || j.Input != filepath.Base(j.Input) && j.Input != "" || !j.soundShots() {
		return Job{}, fmt.Errorf("read %s: it makes no sense", jobFile)
	}
	if len(j.Stages) != len(Line) {
		j.Stages = NewStages()
	}
	j.ID, j.Folder = filepath.Base(folder), folder
	return j, nil
}

// save writes job.json: the old one or the new one is there, whatever happens meanwhile.
func (s store) save(j Job) error {
	data, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return fmt.Errorf("write job %s: %w", j.ID, err)
	}
	return export.WriteFile(context.Background(), j.File(jobFile), func(w io.Writer) error {
		_, err := w.Write(append(data, '\n'))
		return err
	})
}

// stage makes a folder for a new job, not yet in the line.
func (s store) stage() (string, error) { return os.MkdirTemp(s.dir, ".new-*") }

// enter gives a staged job a number not smaller than least and puts it in the line. The folder is there with all that is
// in it, or it is not.
func (s store) enter(j Job, least int) (Job, error) {
	staged := j.Folder
	for n := least; ; n++ {
		j.ID = fmt.Sprintf("%06d", n)
		if _, err := os.Lstat(s.folder(j.ID)); err == nil {
			continue // another process added one meanwhile
		}
		j.Folder = staged
		if err := s.save(j); err != nil {
			return j, err
		}
		j.Folder = s.folder(j.ID)
		err := os.Rename(staged, j.Folder)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return j, err
		}
		if err = syncDir(s.dir); err != nil {
			gone, e := s.drop(j.ID) // it may not be there after a power cut: it was not added
			err = errors.Join(err, e, os.RemoveAll(gone))
		}
		return j, err
	}
}

// drop takes a job's folder out of the line. What it is in then is to be deleted; the next sweep does that else.
func (s store) drop(id string) (gone string, err error) {
	gone, err = os.MkdirTemp(s.dir, ".gone-*")
	if err != nil {
		// A disk that is full to the brim must not keep anyone from making room.
		return "", os.RemoveAll(s.folder(id))
	}
	err = os.Rename(s.folder(id), filepath.Join(gone, id))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return gone, err
}

// move renames all files of a staged folder into that of a job.
func (s store) move(staged, folder string) error {
	entries, err := os.ReadDir(staged)
	for _, e := range entries {
		err = errors.Join(err, os.Rename(filepath.Join(staged, e.Name()), filepath.Join(folder, e.Name())))
	}
	return err
}

// sweep tidies up after a process that was killed and returns what is to be deleted. Only the one with the lock may. What is being
// added is left for an hour: another process may be at it.
func (s store) sweep(now time.Time) (gone []string) {
	entries, _ := os.ReadDir(s.dir)
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil:
		case jobName.MatchString(e.Name()):
			s.tidy(s.folder(e.Name()))
		case strings.HasPrefix(e.Name(), ".gone-"), strings.HasPrefix(e.Name(), ".new-") && now.Sub(info.ModTime()) > time.Hour:
			gone = append(gone, filepath.Join(s.dir, e.Name()))
		}
	}
	return gone
}

// tidy deletes what a process that was killed had half written in a job's folder.
func (s store) tidy(folder string) {
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && strings.HasSuffix(e.Name(), ".part") {
			os.Remove(filepath.Join(folder, e.Name()))
		}
	}
}

// take copies the picture at path into a job's folder and returns the copy's name, that given with an extension, and the
// SHA-256 of its bytes. unread says why the picture could not be read; err is trouble with the folder.
func take(path, folder, as string) (name, sum string, unread, err error) {
	in, unread := picture.Open(path)
	if unread != nil {
		return "", "", fmt.Errorf("read picture %s: %w", path, unread), nil
	}
	defer in.Close()
	name = as + plainExt(path)
	source := &Source{R: io.LimitReader(in, picture.DefaultLimits.Bytes+1)}
	hash := sha256.New()
	err = export.WriteFile(context.Background(), filepath.Join(folder, name), func(w io.Writer) error {
		_, err := io.Copy(io.MultiWriter(w, hash), source)
		return err
	})
	if source.Err != nil {
		return "", "", fmt.Errorf("read picture %s: %w", path, source.Err), nil
	}
	return name, hex.EncodeToString(hash.Sum(nil)), nil, err
}

// plainExt is a path's extension if it is an ordinary one, so that the copy opens by a double click.
func plainExt(path string) string {
	ext := strings.ToLower(filepath.Ext(path))
	if len(ext) > 6 || strings.Trim(ext, ".abcdefghijklmnopqrstuvwxyz0123456789") != "" || len(ext) < 2 {
		return ""
	}
	return ext
}

// Source is a reader that keeps its own error, so that of a copy that failed it is known which end it was.
type Source struct {
	R   io.Reader
	Err error // nil at the end of the file
}

func (s *Source) Read(p []byte) (int, error) {
	n, err := s.R.Read(p)
	if err != nil && err != io.EOF {
		s.Err = err
	}
	return n, err
}

// key tells conversions apart that can give different meshes: by the sums of the pictures, the settings with all that is
// left to defaults, and the version of the program.
func key(sum string, s Settings) string {
	if _, all, err := s.engine(); err == nil {
		s.Options = all
	}
	data, err := json.Marshal(s) // sorts the options by name
	if err != nil {
		return ""
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", sum, data, Version))
	return hex.EncodeToString(h[:])
}
