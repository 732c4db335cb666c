//go:build !headless

package ui

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"orfeas/render"
)

// said are the sentences that tr is called with in this package, and those of the lists it is called over.
func said(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			if f, ok := call.Fun.(*ast.Ident); ok && (f.Name == "tr" || f.Name == "phrase" || f.Name == "toggle") {
				at := 0
				if f.Name == "toggle" { // of the viewport, which says its second argument
					at = 1
				}
				if literal, ok := call.Args[at].(*ast.BasicLit); ok {
					s, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					out[s] = true
				}
			}
			return true
		})
	}
	for _, l := range links {
		out[l.what] = true
	}
	for _, l := range shadings {
		out[l.title] = true
	}
	for _, v := range render.StandardViews {
		out[v.Name] = true
	}
	for _, s := range []string{"Yes", "No", "OK", "Cut", "Copy", "Paste", "Undo", "Redo", "Select all"} { // of Fyne's own dialogs and menus
		out[s] = true
	}
	return out
}

// TestTables: the languages have the same sentences, none is empty or left over, and each takes the same words as the
// English one, in the same order.
func TestTables(t *testing.T) {
	all := map[string]map[string]string{}
	for _, language := range []string{languageEnglish, languageGerman} {
		data, err := tables.ReadFile("lang/" + language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		table := map[string]string{}
		if err := json.Unmarshal(data, &table); err != nil {
			t.Fatal(err)
		}
		all[language] = table
	}
	want := said(t)
	verbs := regexp.MustCompile(`%[-+.\d]*[a-z%]`)
	for language, table := range all {
		for s := range want {
			if strings.TrimSpace(table[s]) == "" {
				t.Errorf("%s has nothing for %q", language, s)
			}
		}
		for s, v := range table {
			if !want[s] {
				t.Errorf("%s has %q, which nothing says", language, s)
			}
			if strings.Contains(s, "%s") || strings.Contains(s, "%d") {
				if !slices.Equal(verbs.FindAllString(s, -1), verbs.FindAllString(v, -1)) {
					t.Errorf("%s: %q becomes %q", language, s, v)
				}
			}
		}
	}
	if !slices.Equal(slices.Sorted(maps.Keys(all[languageEnglish])), slices.Sorted(maps.Keys(all[languageGerman]))) {
		t.Error("the tables have not the same sentences")
	}
}

// TestSpeak: what is made afterwards is in the language, Fyne's own words too, whatever the system's language is.
func TestSpeak(t *testing.T) {
	t.Setenv(languageVariable, "")
	for _, system := range []string{"", "C.UTF-8", "fr_FR.UTF-8", "de_AT.UTF-8", "en_US.UTF-8"} {
		for language, want := range map[string]string{languageGerman: "Einstellungen", languageEnglish: "Settings"} {
			t.Setenv("LC_ALL", system)
			t.Setenv(languageVariable, "")
			if err := speak(language); err != nil {
				t.Fatal(err)
			}
			if got := tr("Settings"); got != want {
				t.Errorf("on a system in %q, %s says %q", system, language, got)
			}
		}
	}
	if err := speak(languageGerman); err != nil || tr("%d of %d", 2, 3) != "2 von 3" {
		t.Errorf("%v: %q", err, tr("%d of %d", 2, 3))
	}
	if err := speak(languageEnglish); err != nil || tr("Yes") != "Yes" {
		t.Errorf("%v: %q", err, tr("Yes"))
	}
}
