//go:build !headless

package ui

import (
	"embed"
	"fmt"
	"os"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
)

// tables hold every sentence of the window in each language, under its English text. What the pipeline says (errors, advice,
// notes of a job) is English everywhere.
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
	for _, as := range []string{languageEnglish, language, system} {
		if len(as) != 2 {
			continue
		}
		if err := lang.AddTranslationsForLocale(table, fyne.Locale(as)); err != nil {
			return fmt.Errorf("choose the language: %w", err)
		}
	}
	return nil
}

// tr says a sentence in the chosen language, with what belongs into it.
func tr(english string, v ...any) string {
	s := lang.L(english)
	if len(v) > 0 {
		s = fmt.Sprintf(s, v...)
	}
	return s
}
