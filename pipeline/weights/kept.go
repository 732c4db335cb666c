package weights

import "path/filepath"

// Kept is where a file of a network of the table lies in the user's library. The error wraps [ErrAbsent] when the
// network is not there.
func Kept(network, file string) (string, error) {
	n, err := Find(network)
	if err != nil {
		return "", err
	}
	dir, err := DefaultDir()
	if err != nil {
		return "", err
	}
	folder, err := (&Library{Dir: dir}).Ready(n)
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, filepath.FromSlash(file)), nil
}
