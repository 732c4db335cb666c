package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"orfeas/pipeline/export"
)

// apart returns an error when a file would be written twice, or over one that is read. Empty paths stand for no file.
func apart(read, written []string) error {
	type file struct {
		path, at string
		info     os.FileInfo // nil when there is none yet
	}
	var before []file
	for i, path := range append(read[:len(read):len(read)], written...) {
		if path == "" {
			continue
		}
		f := file{path: path, at: whereabouts(path)}
		f.info, _ = os.Stat(path)
		for _, b := range before {
			if i >= len(read) && (f.at == b.at || f.info != nil && b.info != nil && os.SameFile(f.info, b.info)) {
				return fmt.Errorf("%s would overwrite %s, which is read or written too; give it another name", f.path, b.path)
			}
		}
		before = append(before, f)
	}
	return nil
}

// whereabouts is the path of a file, which need not be there, from the root and without symbolic links to folders.
func whereabouts(path string) string {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return filepath.Clean(path)
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return filepath.Join(dir, filepath.Base(path))
}

// allOf are the files that a mesh is written to: the one at path and those that go with it.
func allOf(path string, f export.Format) []string {
	files := []string{path}
	for _, c := range f.Companions {
		files = append(files, strings.TrimSuffix(path, filepath.Ext(path))+c.Suffix)
	}
	return files
}
