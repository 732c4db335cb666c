//go:build !headless

package ui

import (
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
)

// tables hold every sentence of the window in each language, under its English text; what the pipeline says is in a table of its
// own (see [told]), for the pipeline speaks English everywhere else.
//
//go:embed lang/*.json
var tables embed.FS

// languageVariable tells the system's own dialogs the language.
const languageVariable = "LANGUAGE"

// The choices of the language.
const (
	languageSystem  = "system"
	languageEnglish = "en"
	languageGerman  = "de"
)

// speak chooses the language of everything made from now on. Fyne takes it from the system, so the chosen table stands for
// the system's language too; LANGUAGE tells the system's own dialogs.
func speak(language string) error {
	system := strings.SplitN(string(lang.SystemLocale()), "-", 2)[0]
	if language == languageSystem {
		language = languageEnglish
		if system == languageGerman {
			language = languageGerman
		}
	}
	if err := os.Setenv(languageVariable, language); err != nil {
		return fmt.Errorf("choose the language: %w", err)
	}
	table, err := tables.ReadFile("lang/" + language + ".json")
	if err != nil {
		return fmt.Errorf("choose the language: %w", err)
	}
	said, err := json.Marshal(phrasesIn(language))
	if err != nil {
		return fmt.Errorf("choose the language: %w", err)
	}
	for _, as := range []string{languageEnglish, language, system} {
		if len(as) != 2 {
			continue
		}
		for _, t := range [][]byte{said, table} { // a sentence of the window goes before one of the pipeline
			if err := lang.AddTranslationsForLocale(t, fyne.Locale(as)); err != nil {
				return fmt.Errorf("choose the language: %w", err)
			}
		}
	}
	return nil
}

// phrasesIn is what the pipeline says in a language.
func phrasesIn(language string) map[string]string {
	german := phrases().german
	if language == languageGerman {
		return german
	}
	english := map[string]string{}
	for s := range german {
		english[s] = s
	}
	return english
}

// tr says a sentence in the chosen language, with what belongs into it.
func tr(english string, v ...any) string {
	s := lang.L(english)
	if len(v) > 0 {
		s = fmt.Sprintf(s, v...)
	}
	return s
}
