package export

import "testing"

func noFiles(*testing.T, string) []string { return nil }
