//go:build !headless

package ui

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// Log keeps the last lines of what the program says, in memory and in a file of bounded size. It is an io.Writer for the
// standard logger; all methods may be called from anywhere.
type Log struct {
	mu    sync.Mutex
	path  string // empty for memory only
	size  int64
	lines []string
	part  []byte // of a line that has not ended
	said  func() // a line has come; may be nil
}

const (
	logLines = 2000
	logBytes = 1 << 20 // of the file; the one before it is kept beside it
)

// OpenLog opens the log in a folder. Where the file cannot be written the lines are kept in memory.
func OpenLog(dir string) *Log {
	l := &Log{path: filepath.Join(dir, "log.txt")}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		l.path = ""
	}
	if info, err := os.Stat(l.path); err == nil {
		l.size = info.Size()
	}
	return l
}

// Write takes lines in.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	l.part = append(l.part, p...)
	for {
		line, rest, ended := bytes.Cut(l.part, []byte("\n"))
		if !ended {
			break
		}
		l.add(strings.ToValidUTF8(string(line), "?"))
		l.part = append(l.part[:0], rest...)
	}
	said := l.said
	l.mu.Unlock()
	if said != nil {
		said()
	}
	return len(p), nil
}

// Say adds a line with the time before it.
func (l *Log) Say(format string, v ...any) {
	fmt.Fprintf(l, "%s %s\n", time.Now().Format("2006/01/02 15:04:05"), fmt.Sprintf(format, v...))
}

// add keeps a line; l.mu is held. The file is no place for trouble: what it does not take is in memory.
func (l *Log) add(line string) {
	if l.lines = append(l.lines, line); len(l.lines) > logLines {
		l.lines = slices.Delete(l.lines, 0, len(l.lines)-logLines)
	}
	if l.path == "" {
		return
	}
	if l.size > logBytes {
		_ = os.Rename(l.path, l.path+".old")
		l.size = 0
	}
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	n, _ := f.WriteString(line + "\n")
	l.size += int64(n)
}

// Text is all that is kept.
func (l *Log) Text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// note logs what became of a job, by its number: no name of a picture gets into the log.
func (l *Log) note(j pipeline.Job) {
	about := fmt.Sprintf("job %s: %s", j.ID, j.State)
	if j.State == pipeline.Done {
		about += fmt.Sprintf(" in %.1f s, engine %s, %d triangles", j.Ended.Sub(j.Started).Seconds(), j.Engine(), j.Result.Certificate.Triangles)
	}
	if j.Problem != "" {
		about += ": " + withoutNames(j.Problem, []pipeline.Job{j})
	}
	l.Say("%s", about)
	for _, line := range j.Said {
		l.Say("job %s: the worker said: %s", j.ID, withoutNames(line, []pipeline.Job{j}))
	}
}

// withoutNames takes the names of the jobs' pictures, and that of the user's folder, out of a text.
func withoutNames(text string, jobs []pipeline.Job) string {
	for _, j := range jobs {
		names := []string{j.Picture, filepath.Base(j.Picture), j.Title}
		for _, s := range j.Shots {
			names = append(names, s.Picture, filepath.Base(s.Picture))
		}
		for _, name := range names {
			if len(name) > 2 {
				text = strings.ReplaceAll(text, name, "[picture]")
			}
		}
	}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		text = strings.ReplaceAll(text, home, "~")
	}
	return text
}

// report is the log for somebody who is to help: the program, the machine, the jobs by number, then the lines. The names of
// pictures are in it only when the user wants that.
func report(lines string, jobs []pipeline.Job, machine gpu.Reading, names bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s on %s/%s\n%s\n\n", pipeline.Application, runtime.Version(), runtime.GOOS, runtime.GOARCH, machine)
	for _, j := range jobs {
		fmt.Fprintf(&b, "job %s: %s, engine %s, %s", j.ID, j.State, j.Settings.Engine, j.Stage)
		if names {
			fmt.Fprintf(&b, ", %s", j.Title)
		}
		if j.Problem != "" {
			fmt.Fprintf(&b, ": %s", j.Problem)
		}
		b.WriteByte('\n')
	}
	b.WriteString("\n" + lines + "\n")
	if names {
		return b.String()
	}
	return withoutNames(b.String(), jobs)
}
