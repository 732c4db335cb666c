package cli

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"orfeas/assets"
	"orfeas/pipeline"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"orfeas": func() {
			os.Exit(Run(context.Background(), Terminal{Out: os.Stdout, Err: os.Stderr}, os.Args[1:]))
		},
	})
}

// TestAdviceNamesRealFlags: whatever a profile advises can be said on the command line.
func TestAdviceNamesRealFlags(t *testing.T) {
	stage := func(name string, steps ...string) pipeline.Timing {
		s := pipeline.Timing{Name: name, Seconds: float64(len(steps)), CPU: 0.1}
		for _, step := range steps {
			s.Steps = append(s.Steps, pipeline.Timing{Name: step, Seconds: 1})
		}
		return s
	}
	var records []pipeline.Record
	for _, first := range []string{"looking for what stands out", "reading the picture"} {
		records = append(records, pipeline.Record{Outcome: pipeline.Done, Engine: first, Faces: 200_000, Triangles: 200_000, Formats: []string{"3mf", "stl-ascii"}, Seconds: 9,
			Stages: []pipeline.Timing{stage("preprocess", first), stage("shape", "x"), stage("postprocess", "decimating to", "making it solid"), stage("export", "drawing the preview")}})
	}
	flags := map[string]bool{}
	for _, p := range pipeline.Profiles(records) {
		for _, s := range p.Stages {
			for _, advice := range s.Advice {
				for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(advice, -1) {
					if flags[flag] = true; !strings.Contains(convertHelp, "  "+flag) {
						t.Errorf("there is no %s: %s", flag, advice)
					}
				}
			}
		}
	}
	if len(flags) != 3 {
		t.Errorf("advice named only %v", flags)
	}
}

// TestScripts runs the terminal as a user does. The bundled samples lie in every script's folder.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("ORFEAS_DATA", filepath.Join(e.WorkDir, "data"))
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			_, port, _ := net.SplitHostPort(l.Addr().String())
			e.Setenv("FARM_PORT", port) // nobody listens there
			l.Close()
			for _, s := range assets.Samples() {
				if err := os.WriteFile(filepath.Join(e.WorkDir, s.Name), s.Data, 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	})
}
