package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// DataDir is the folder for what the program remembers: ORFEAS_DATA if that is set, else the system's folder for a user's
// data, by the XDG base directory specification on Linux.
func DataDir() (string, error) {
	if dir := os.Getenv("ORFEAS_DATA"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("LocalAppData"); runtime.GOOS == "windows" && dir != "" {
		return filepath.Join(dir, "orfeas"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) && runtime.GOOS != "windows" {
		return filepath.Join(dir, "orfeas"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for the program's data: %w", err)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "orfeas"), nil
	}
	return filepath.Join(home, ".local", "share", "orfeas"), nil
}
