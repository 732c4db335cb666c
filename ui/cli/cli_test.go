package cli

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"orfeas/assets"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"orfeas": func() {
			os.Exit(Run(context.Background(), Terminal{Out: os.Stdout, Err: os.Stderr}, os.Args[1:]))
		},
	})
}

// TestScripts runs the terminal as a user does. The bundled samples lie in every script's folder.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			for _, s := range assets.Samples() {
				if err := os.WriteFile(filepath.Join(e.WorkDir, s.Name), s.Data, 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	})
}
