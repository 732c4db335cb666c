package web

import (
	_ "embed"
	"net/http"
	"path"

	"orfeas/assets"
)

// openapi describes every route.
//
//go:embed openapi.json
var openapi []byte

func (s *Server) getOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(openapi) // the client may be gone
	return nil
}

var staticTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".png": "image/png",
}

func (s *Server) getPage(w http.ResponseWriter, r *http.Request) error {
	return serveStatic(w, "index.html")
}

func (s *Server) getStatic(w http.ResponseWriter, r *http.Request) error {
	return serveStatic(w, r.PathValue("file"))
}

// serveStatic answers with one of the files built into the program.
func serveStatic(w http.ResponseWriter, name string) error {
	data, err := assets.Page(name)
	if err != nil {
		return refusal{status: http.StatusNotFound, problem: "the page has no such file"}
	}
	w.Header().Set("Content-Type", staticTypes[path.Ext(name)])
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(data) // the client may be gone
	return nil
}
