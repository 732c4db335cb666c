package cli

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGetFromMirror: a server that gives something else is found out, the exit code says so and nothing is left.
func TestGetFromMirror(t *testing.T) {
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		w.Write(make([]byte, 4574861))
	}))
	defer s.Close()
	dir := t.TempDir()
	t.Setenv("ORFEAS_MODELS", dir)
	var out, err bytes.Buffer
	code := Run(t.Context(), Terminal{Out: &out, Err: &err}, []string{"models", "get", "u2netp", "--mirror", s.URL})
	if code != ExitFailed || !strings.Contains(err.String(), "its SHA-256 is") || !strings.Contains(err.String(), "It is damaged, or") {
		t.Errorf("exit %d, %s", code, err.String())
	}
	if len(asked) != 1 || asked[0] != "/danielgatis/rembg/releases/download/v0.0.0/u2netp.onnx" {
		t.Errorf("asked for %v", asked)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "u2netp")); len(left) != 0 {
		t.Errorf("there are %v", left)
	}
}
