package cli

import (
	"bytes"
	"os"
	"slices"
	"testing"
)

// TestWords: flags and other words come in any order, and after "--" there are only words.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		args, words []string
		o           string
		again       bool
	}{
		{[]string{"a.png", "--again", "b.png", "-o", "out"}, []string{"a.png", "b.png"}, "out", true},
		{[]string{"-o", "out", "--", "-a.png", "--again", "--"}, []string{"-a.png", "--again", "--"}, "out", false},
		{[]string{"a.png", "--", "-b.png", "-c.png"}, []string{"a.png", "-b.png", "-c.png"}, "", false},
		{[]string{"-o", "--", "a.png", "--again", "--", "-o"}, []string{"a.png", "-o"}, "--", true},
		{[]string{"--o=out", "--again", "--", "-a.png"}, []string{"-a.png"}, "out", true},
		{[]string{"--", "--", "-a.png"}, []string{"--", "-a.png"}, "", false},
	} {
		f := newFlags("x")
		o, again := f.String("o", "", ""), f.Bool("again", false, "")
		var out bytes.Buffer
		_, ok := f.parse(Terminal{Out: &out, Err: &out}, "", c.args)
		if !ok || !slices.Equal(f.words, c.words) || *o != c.o || *again != c.again {
			t.Errorf("%q are the words %q, -o %q, --again %v: %s", c.args, f.words, *o, *again, out.String())
		}
	}
}

// TestExpand: on Windows patterns are files, where there are any; elsewhere that was for the shell to do.
func TestExpand(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"a.jpg", "b.jpg", "c.png"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	words := []string{"*.jpg", "?.png", "*.gif", "c.png", "[*"}
	if got := expand("windows", words); !slices.Equal(got, []string{"a.jpg", "b.jpg", "c.png", "*.gif", "c.png", "[*"}) {
		t.Errorf("on Windows they are %q", got)
	}
	if got := expand("linux", words); !slices.Equal(got, words) {
		t.Errorf("on Linux they are %q", got)
	}
}
