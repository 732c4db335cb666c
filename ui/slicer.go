//go:build !headless

package ui

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// slicer is a program that prepares a mesh for printing, and the command that opens a file in it: "%" stands for the file.
type slicer struct {
	name    string
	command []string
}

// knownSlicers says where each is found: the names of its binary in a folder of PATH, of its AppImage, of its Flatpaks, of its
// bundle on macOS, and its places under the programs' folder of Windows, all as patterns of [path.Match].
var knownSlicers = []struct {
	name                       string
	binaries, images, flatpaks []string
	bundle                     string
	windows                    []string
}{
	{"PrusaSlicer", []string{"prusa-slicer", "PrusaSlicer"}, []string{"PrusaSlicer*.AppImage"}, []string{"com.prusa3d.PrusaSlicer"},
		"*PrusaSlicer.app", []string{"Prusa3D/PrusaSlicer/prusa-slicer.exe"}},
	{"OrcaSlicer", []string{"orca-slicer", "OrcaSlicer"}, []string{"OrcaSlicer*.AppImage"}, []string{"com.orcaslicer.OrcaSlicer", "io.github.softfever.OrcaSlicer"},
		"OrcaSlicer.app", []string{"OrcaSlicer/orca-slicer.exe"}},
	{"Bambu Studio", []string{"bambu-studio", "BambuStudio"}, []string{"Bambu*Studio*.AppImage"}, []string{"com.bambulab.BambuStudio"},
		"BambuStudio.app", []string{"Bambu Studio/bambu-studio.exe"}},
	{"Cura", []string{"cura", "UltiMaker-Cura", "Ultimaker-Cura"}, []string{"*Cura*.AppImage"}, []string{"com.ultimaker.cura"},
		"*Cura.app", []string{"*Cura*/*Cura.exe"}},
	{"SuperSlicer", []string{"superslicer", "SuperSlicer", "super-slicer"}, []string{"SuperSlicer*.AppImage"}, []string{"com.github.supermerill.SuperSlicer"},
		"SuperSlicer.app", []string{"SuperSlicer*/superslicer.exe"}},
}

// machine is what of a computer says which programs it has. Its paths begin with a slash, on Windows with that of the drive
// whose files are seen.
type machine struct {
	files fs.FS // of the root
	goos  string
	path  []string // folders of PATH
	home  string
}

// slicers returns the slicers a machine has, each once, installed ones before AppImages and Flatpaks.
func slicers(m machine) (out []slicer) {
	for _, k := range knownSlicers {
		var s *slicer
		switch m.goos {
		case "darwin":
			if app := m.find([]string{"/Applications", "/Applications/*", path.Join(m.home, "Applications")}, k.bundle); app != "" {
				s = &slicer{k.name, []string{"open", "-a", app, "%"}}
			}
		case "windows":
			if exe := m.find([]string{"/Program Files", "/Program Files (x86)"}, k.windows...); exe != "" {
				s = &slicer{k.name, []string{exe, "%"}}
			}
		default:
			if exe := m.find(m.path, k.binaries...); exe != "" {
				s = &slicer{k.name, []string{exe, "%"}}
			} else if exe := m.find([]string{path.Join(m.home, "Applications"), path.Join(m.home, ".local/bin"), path.Join(m.home, "bin"), path.Join(m.home, "Downloads"), "/opt"}, k.images...); exe != "" {
				s = &slicer{k.name, []string{exe, "%"}}
			} else if id := m.find([]string{"/var/lib/flatpak/app", path.Join(m.home, ".local/share/flatpak/app")}, k.flatpaks...); id != "" {
				// It sees no files but those forwarded to it.
				s = &slicer{k.name, []string{"flatpak", "run", "--file-forwarding", path.Base(id), "@@", "%", "@@"}}
			}
		}
		if s != nil {
			out = append(out, *s)
		}
	}
	return out
}

// find returns the first thing in the folders that one of the patterns fits, of several the last by name: the newest
// version of an AppImage.
func (m machine) find(folders []string, patterns ...string) string {
	for _, folder := range folders {
		if !strings.HasPrefix(folder, "/") {
			continue // a folder of PATH that depends on where one is
		}
		for _, p := range patterns {
			found, err := fs.Glob(m.files, strings.TrimPrefix(path.Join(folder, p), "/"))
			if err == nil && len(found) > 0 {
				slices.Sort(found)
				return "/" + found[len(found)-1]
			}
		}
	}
	return ""
}

// with is the command for a file.
func (s slicer) with(file string) []string {
	out := slices.Clone(s.command)
	for i, word := range out {
		if word == "%" {
			out[i] = file
		}
	}
	return out
}

// revealing returns the commands that show a file in its folder, to be tried in this order.
func revealing(goos, file, folder string) [][]string {
	switch goos {
	case "darwin":
		return [][]string{{"open", "-R", file}}
	case "windows":
		return [][]string{{"explorer", "/select,", file}}
	}
	return [][]string{
		// The file managers' own interface marks the file; not every desktop has one.
		{"gdbus", "call", "--session", "--dest", "org.freedesktop.FileManager1", "--object-path", "/org/freedesktop/FileManager1",
			"--method", "org.freedesktop.FileManager1.ShowItems", "['" + fileURI(file) + "']", ""},
		{"xdg-open", folder},
	}
}
