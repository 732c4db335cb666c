package main

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// allowed says which of our packages each may import. Imports only point downward.
var allowed = map[string][]string{
	"orfeas":                         {"ui", "ui/cli", "ui/web", "render", "pipeline", "pipeline/onnx", "gpu", "assets"},
	"orfeas/ui":                      {"pipeline", "pipeline/*", "render", "gpu", "assets"},
	"orfeas/ui/cli":                  {"pipeline", "pipeline/*", "render", "gpu"},
	"orfeas/ui/web":                  {"pipeline", "pipeline/*", "render", "gpu", "assets"},
	"orfeas/render":                  {"pipeline/mesh"},
	"orfeas/pipeline":                {"pipeline/*", "gpu", "assets"},
	"orfeas/pipeline/picture":        {"pipeline/onnx"},
	"orfeas/pipeline/engine":         {"pipeline/mesh", "pipeline/picture", "pipeline/onnx", "pipeline/weights", "pipeline/engine/*", "gpu"},
	"orfeas/pipeline/engine/dino":    {"pipeline/onnx", "pipeline/weights"},
	"orfeas/pipeline/engine/golden":  {"pipeline/onnx", "pipeline/weights"},
	"orfeas/pipeline/engine/hunyuan": {"pipeline/engine/dino", "pipeline/engine/latent", "pipeline/onnx", "pipeline/weights"},
	"orfeas/pipeline/engine/latent":  {"pipeline/engine/dino", "pipeline/mesh", "pipeline/onnx", "pipeline/weights"},
	"orfeas/pipeline/engine/sculpt":  {"pipeline/onnx", "pipeline/weights"},
	"orfeas/pipeline/engine/triposg": {"pipeline/engine/dino", "pipeline/engine/latent", "pipeline/mesh", "pipeline/onnx", "pipeline/weights"},
	"orfeas/pipeline/engine/triposr": {"pipeline/engine/dino", "pipeline/engine/latent", "pipeline/mesh", "pipeline/onnx", "pipeline/weights"},
	"orfeas/pipeline/export":         {"pipeline/mesh"},
	"orfeas/pipeline/farm":           {"pipeline", "pipeline/export", "pipeline/picture", "gpu"},
	"orfeas/pipeline/mesh":           {},
	"orfeas/pipeline/onnx":           {"pipeline/weights", "gpu"},
	"orfeas/pipeline/weights":        {"assets"},
	"orfeas/gpu":                     {},
	"orfeas/assets":                  {},
	"orfeas/tools/demo":              {"pipeline/*", "render"},
	"orfeas/tools/icons":             {},
	"orfeas/tools/licences":          {},
	"orfeas/tools/load":              {},
	"orfeas/tools/samples":           {},
	"orfeas/tools/train/views":       {"pipeline/*"},
	"orfeas/tools/randomweights":     {},
	"orfeas/pipeline/texture":        {"pipeline/mesh", "pipeline/picture"},
	"orfeas/tools/compare/texture":   {"pipeline/*"},
}

// keepers are the only packages that may import what begins with these.
var keepers = map[string][]string{
	"fyne.io/":                        {"orfeas", "orfeas/ui"},
	"github.com/g3n/":                 {"orfeas/render"},
	"github.com/go-gl/":               {"orfeas/render"},
	"github.com/NVIDIA/":              {"orfeas/gpu"},
	"github.com/yalue/onnxruntime_go": {"orfeas/pipeline/onnx"},
	"github.com/dweymouth/":           {"orfeas/ui"},
	"github.com/sqweek/dialog":        {"orfeas/ui"},
	"github.com/prometheus/":          {"orfeas/ui/web"},
	"github.com/coder/websocket":      {"orfeas/ui/web", "orfeas/tools/load"},
	"github.com/nats-io/":             {"orfeas/pipeline/farm"},
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func TestImportDirections(t *testing.T) {
	for _, line := range goList(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...") {
		words := strings.Fields(line)
		pkg, imports := words[0], words[1:]
		may, known := allowed[pkg]
		if !known {
			t.Errorf("%s is not in the table of who may import what", pkg)
		}
		for _, i := range imports {
			if own, ok := strings.CutPrefix(i, "orfeas/"); ok && !slices.ContainsFunc(may, func(p string) bool { m, _ := path.Match(p, own); return m }) {
				t.Errorf("%s imports %s", pkg, i)
			}
			for prefix, who := range keepers {
				if strings.HasPrefix(i, prefix) && !slices.Contains(who, pkg) {
					t.Errorf("%s imports %s, which only %v may", pkg, i, who)
				}
			}
		}
	}
}

// TestHeadlessIsHeadless: the build for servers must not need GTK, X11 or OpenGL to start.
func TestHeadlessIsHeadless(t *testing.T) {
	for _, dep := range goList(t, "-deps", "-tags", "headless", ".") {
		for _, prefix := range []string{"fyne.io/", "github.com/g3n/", "github.com/go-gl/", "github.com/sqweek/dialog"} {
			if strings.HasPrefix(dep, prefix) {
				t.Errorf("the headless build links %s", dep)
			}
		}
	}
}
