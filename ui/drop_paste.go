//go:build !headless

package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"fyne.io/fyne/v2"
)

// errNoPicture says that nothing on the clipboard is a picture.
var errNoPicture = errors.New("there is no picture on the clipboard, nor the name of a file")

// maxPaste bounds what is taken from the clipboard.
const maxPaste = 256 << 20

// paste adds what is on the clipboard: files that were copied, or a picture.
func (s *Studio) paste() {
	written := fyne.CurrentApp().Clipboard().Content()
	go func() {
		if paths := pathsIn(written); len(paths) > 0 {
			s.take(paths)
			return
		}
		data, err := pastedPicture(s.ctx)
		s.do(func() {
			path := ""
			if err == nil {
				path, err = s.toFile(time.Now().Format("pasted 2006-01-02 15.04.05.png"), data)
			}
			if err != nil {
				s.complain(tr("Nothing was pasted"), err)
				return
			}
			s.Add(path)
		})
	}()
}

// pathsIn finds files that are there in what a file manager or a terminal copies: a path or a file: URL in each line.
func pathsIn(written string) (paths []string) {
	for line := range strings.Lines(written) {
		line = strings.Trim(strings.TrimSpace(line), `"'`)
		if u, err := url.Parse(line); err == nil && u.Scheme == "file" {
			line = filepath.FromSlash(u.Path)
			if runtime.GOOS == "windows" {
				line = strings.TrimPrefix(line, `\`)
			}
		}
		if !filepath.IsAbs(line) {
			continue
		}
		if _, err := os.Stat(line); err == nil {
			paths = append(paths, line)
		}
	}
	return paths
}

// clipboardReaders are the programs that hand out the clipboard's picture as PNG, since Fyne's clipboard holds only text:
// by system, the first that is there is asked.
func clipboardReaders() [][]string {
	switch runtime.GOOS {
	case "windows":
		return [][]string{{"powershell", "-NoProfile", "-STA", "-Command", `Add-Type -AssemblyName System.Windows.Forms,System.Drawing; $i=[Windows.Forms.Clipboard]::GetImage(); ` +
			`if($i){$m=New-Object IO.MemoryStream; $i.Save($m,[Drawing.Imaging.ImageFormat]::Png); $o=[Console]::OpenStandardOutput(); $o.Write($m.ToArray(),0,$m.Length)}`}}
	case "darwin":
		return [][]string{{"pngpaste", "-"}}
	}
	x := [][]string{{"xclip", "-selection", "clipboard", "-target", "image/png", "-out"}}
	wayland := [][]string{{"wl-paste", "--type", "image/png"}}
	if os.Getenv("WAYLAND_DISPLAY") != "" {
		return append(wayland, x...)
	}
	return append(x, wayland...)
}

// pastedPicture is the clipboard's picture as PNG.
func pastedPicture(ctx context.Context) ([]byte, error) {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	var names []string
	for _, r := range clipboardReaders() {
		program, err := exec.LookPath(r[0])
		if err != nil {
			names = append(names, r[0])
			continue
		}
		out := &limited{most: maxPaste}
		cmd := exec.CommandContext(ctx, program, r[1:]...)
		cmd.Stdout = out
		if err := cmd.Run(); err != nil || out.Len() == 0 {
			return nil, errNoPicture // it has a non-zero status when there is none
		}
		return out.Bytes(), nil
	}
	return nil, fmt.Errorf("%w; to take pictures from it, install %s", errNoPicture, strings.Join(names, " or "))
}

// limited holds no more than most bytes.
type limited struct {
	bytes.Buffer
	most int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > l.most {
		return 0, errors.New("the picture on the clipboard is too large")
	}
	return l.Buffer.Write(p)
}
