package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheLicencesCoverTheRequirements: every module that go.mod asks for directly is in the file that is built in, at the
// version that is asked for. "make licences" renews the file.
func TestTheLicencesCoverTheRequirements(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../assets/licences.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		lines[strings.TrimSpace(line)] = true
	}
	n := 0
	for _, m := range regexp.MustCompile(`(?m)^(?:require )?\t?([a-z][^ \t]+\.[^ \t]+) (v[^ \n]+)( // indirect)?$`).FindAllStringSubmatch(string(mod), -1) {
		if m[3] != "" {
			continue
		}
		n++
		if !lines["== "+m[1]+" "+m[2]] {
			t.Errorf("%s %s has no licence in it", m[1], m[2])
		}
	}
	if n < 10 {
		t.Errorf("only %d requirements were found in go.mod", n)
	}
	if !strings.Contains(string(text), "libheif") || !strings.HasPrefix(string(text), "== Go ") {
		t.Error("what modules carry, or Go itself, is missing")
	}
}
