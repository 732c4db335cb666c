// Command licences writes the licences of everything that is linked into the program, from the module cache:
//
//	go run ./tools/licences assets/licences.txt
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("licences: name the file to write")
	}
	text, err := licences()
	if err == nil {
		err = os.WriteFile(os.Args[1], text, 0o644)
	}
	if err != nil {
		log.Fatal("licences: ", err)
	}
}

// goItself stands for the standard library and the runtime.
const goItself = "Go"

// module is what is linked of one module.
type module struct {
	Path, Version, Dir string
	Main               bool
}

// licences writes each text once, under the names of the modules that have it, in their order.
func licences() ([]byte, error) {
	modules, err := linked()
	if err != nil {
		return nil, err
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	modules = append([]module{{Path: goItself, Version: strings.TrimPrefix(runtime.Version(), "go"), Dir: strings.TrimSpace(string(goroot))}}, modules...)
	var order []string
	names := map[string][]string{}
	for _, m := range modules {
		text, err := licenceOf(m)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Path, err)
		}
		if names[text] == nil {
			order = append(order, text)
		}
		names[text] = append(names[text], strings.TrimSpace(m.Path+" "+m.Version))
	}
	var b bytes.Buffer
	for i, text := range order {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "== %s\n\n%s\n", strings.Join(names[text], "\n== "), text)
	}
	return b.Bytes(), nil
}

// linked lists the modules of the program and of its direct requirements, by path.
func linked() ([]module, error) {
	seen := map[string]module{}
	for _, run := range []struct {
		system string
		args   []string
	}{
		{"linux", []string{"list", "-e", "-deps", "-json=Module", "."}},
		{"windows", []string{"list", "-e", "-deps", "-json=Module", "."}},
		{"darwin", []string{"list", "-e", "-deps", "-json=Module", "."}},
		{"linux", []string{"list", "-m", "-json", "all"}},
	} {
		cmd := exec.Command("go", run.args...)
		cmd.Env = append(os.Environ(), "GOOS="+run.system, "CGO_ENABLED=1")
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go %s: %w", strings.Join(run.args, " "), err)
		}
		d := json.NewDecoder(bytes.NewReader(out))
		for {
			var p struct {
				module
				Module   *module
				Indirect bool
			}
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			m := p.module
			if p.Module != nil {
				m = *p.Module
			} else if p.Indirect {
				continue // only those that are linked or required by us
			}
			if m.Path != "" && !m.Main && m.Dir != "" {
				seen[m.Path] = m
			}
		}
	}
	var all []module
	for _, m := range seen {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b module) int { return cmp.Compare(a.Path, b.Path) })
	return all, nil
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)([._-].*)?$`)

// aside are folders of a module that are not linked.
var aside = []string{"testdata", "vendor", "third_party", "examples", "_examples", "cmd", "tools", "audio"}

// licenceOf joins the licence texts of a module: its own, and those of what it carries, such as fonts and C libraries.
func licenceOf(m module) (string, error) {
	var texts []string
	err := filepath.WalkDir(m.Dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != m.Dir && (m.Path == goItself || slices.Contains(aside, e.Name())):
			return fs.SkipDir
		case e.IsDir() || !licenceName.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go"):
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(string(data), "\r\n", "\n"), "?"))
		inside, err := filepath.Rel(m.Dir, path)
		if err == nil && filepath.Dir(inside) != "." {
			text = "-- " + filepath.ToSlash(inside) + "\n\n" + text
		}
		texts = append(texts, text)
		return err
	})
	if err == nil && len(texts) == 0 {
		err = errors.New("it has no licence file")
	}
	return strings.Join(texts, "\n\n"), err
}
