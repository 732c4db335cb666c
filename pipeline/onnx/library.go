package onnx

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// LibraryVariable is the environment variable that names the ONNX Runtime library.
const LibraryVariable = "ORFEAS_ONNXRUNTIME"

// ErrNoLibrary says that ONNX Runtime is not there or cannot be loaded.
var ErrNoLibrary = errors.New("ONNX Runtime is not installed")

// libraryNames are those the library goes by, the best first.
func libraryNames() []string {
	switch runtime.GOOS {
	case "windows":
		return []string{"onnxruntime.dll"}
	case "darwin":
		return []string{"libonnxruntime.dylib", "libonnxruntime.1.dylib"}
	}
	return []string{"libonnxruntime.so.1", "libonnxruntime.so"}
}

// Library finds the ONNX Runtime library: the file that the environment says, or else one beside the program, in lib
// beside it, or in the user's cache, the newest version first. The error wraps [ErrNoLibrary] and says where it was looked for.
func Library() (string, error) {
	if !linked {
		return "", fmt.Errorf("%w: this program was built without cgo, and cannot load it", ErrNoLibrary)
	}
	if path := os.Getenv(LibraryVariable); path != "" {
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return "", fmt.Errorf("%w: %s says %s, and there is no such file", ErrNoLibrary, LibraryVariable, path)
		}
		return path, nil
	}
	folders := libraryFolders()
	for _, folder := range folders {
		for _, name := range libraryNames() {
			path := filepath.Join(folder, name)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%w: looked for %s in %s", ErrNoLibrary, libraryNames()[0], strings.Join(folders, ", "))
}

func libraryFolders() []string {
	var folders []string
	if program, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(program); err == nil {
			program = real
		}
		folders = append(folders, filepath.Dir(program), filepath.Join(filepath.Dir(program), "lib"))
	}
	if cache, err := os.UserCacheDir(); err == nil {
		root := filepath.Join(cache, "orfeas", "onnxruntime")
		versions, _ := filepath.Glob(filepath.Join(root, "*.*"))
		slices.SortFunc(versions, func(a, b string) int { return older(filepath.Base(b), filepath.Base(a)) })
		folders = append(append(folders, versions...), root)
	}
	return folders
}

// older compares versions number by number, and what are no numbers as text, before all numbers.
func older(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(a, b string) int {
		number := func(s string) int {
			n, err := strconv.Atoi(s)
			if err != nil {
				return -1
			}
			return n
		}
		return cmp.Or(cmp.Compare(number(a), number(b)), strings.Compare(a, b))
	})
}
