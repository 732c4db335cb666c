//go:build !headless

package ui

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"orfeas/pipeline"
)

// phrasesFile holds what the pipeline says (engines, settings, stages, steps, notes, errors, advice) under its English text.
// Where a sentence has something in it there is %d for a number and %s for other words, whatever the pipeline writes.
const phrasesFile = "lang/pipeline.de.json"

// phrasebook is what the pipeline says: whole sentences, and patterns of those with something in them.
type phrasebook struct {
	german   map[string]string
	patterns []pattern // those with more words of their own first
}

type pattern struct {
	english string
	form    *regexp.Regexp
}

var phrases = sync.OnceValue(func() phrasebook {
	var b phrasebook
	data, err := tables.ReadFile(phrasesFile)
	if err == nil {
		err = json.Unmarshal(data, &b.german)
	}
	if err != nil {
		panic(err) // it is part of the program, and a test reads it
	}
	// Words for %s have no colon with a space in them: that is where an error begins what it wraps.
	form := strings.NewReplacer("%d", `(-?\d+(?:\.\d+)?)`, "%s", `((?:[^:]|:\S)+?)`, "%%", "%")
	for english := range b.german {
		if strings.Contains(english, "%d") || strings.Contains(english, "%s") {
			b.patterns = append(b.patterns, pattern{english, regexp.MustCompile("^" + form.Replace(regexp.QuoteMeta(english)) + "$")})
		}
	}
	own := func(p pattern) int { return len(p.english) - 4*strings.Count(p.english, "%s") }
	slices.SortFunc(b.patterns, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(own(b), own(a)), cmp.Compare(a.english, b.english))
	})
	return b
})

// told says in the window's language what the pipeline said in English; parts that the tables do not have stay as they are.
func told(s string) string {
	b := phrases()
	if _, known := b.german[s]; known {
		return tr(s)
	}
	for _, p := range b.patterns {
		if found := p.form.FindStringSubmatch(s); found != nil {
			parts := make([]any, len(found)-1)
			for i, part := range found[1:] {
				parts[i] = told(part)
			}
			return fmt.Sprintf(strings.ReplaceAll(tr(p.english), "%d", "%s"), parts...)
		}
	}
	for _, between := range []string{"; ", ": ", ", "} {
		if head, rest, ok := strings.Cut(s, between); ok {
			return told(head) + between + told(rest)
		}
	}
	return s
}

func toldAll(all []string) (out []string) {
	for _, s := range all {
		out = append(out, told(s))
	}
	return out
}

// explained is [pipeline.Explain] in the window's language.
func explained(err error) (problem, hint string) {
	problem, hint = pipeline.Explain(err)
	return told(problem), told(hint)
}
