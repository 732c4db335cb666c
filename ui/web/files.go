package web

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"

	"orfeas/pipeline"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
)

// pictureTypes are the kinds of pictures that are given back as what they are.
var pictureTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif",
	".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff", ".heic": "image/heic",
}

// meshTypes are the media types of the formats, by extension.
var meshTypes = map[string]string{
	"stl": "model/stl", "obj": "model/obj", "ply": "application/octet-stream", "glb": "model/gltf-binary", "3mf": "model/3mf",
}

// serveFile answers with one of a job's own files, whole or in ranges.
func serveFile(w http.ResponseWriter, r *http.Request, j pipeline.Job, name, kind string) error {
	f, err := os.Open(j.File(name))
	if err != nil {
		return refusal{status: http.StatusNotFound, problem: "job " + j.ID + " has no such file", hint: "It is there when the job is done."}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read a file of job %s: %w", j.ID, err)
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", fmt.Sprintf(`"%s-%x-%x"`, j.ID, info.ModTime().UnixNano(), info.Size()))
	http.ServeContent(w, r, "", info.ModTime(), f)
	return nil
}

func (s *Server) getPicture(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err != nil {
		return err
	}
	kind := pictureTypes[filepath.Ext(j.Input)]
	if kind == "" {
		kind = "application/octet-stream"
	}
	if j.Input == "" {
		return refusal{status: http.StatusNotFound, problem: "the picture of job " + j.ID + " could not be read"}
	}
	return serveFile(w, r, j, j.Input, kind)
}

func (s *Server) getCutout(w http.ResponseWriter, r *http.Request) error {
	j, err := s.finished(r)
	if err != nil {
		return err
	}
	return serveFile(w, r, j, pipeline.CutoutFile, "image/png")
}

func (s *Server) getPreview(w http.ResponseWriter, r *http.Request) error {
	j, err := s.finished(r)
	if err != nil {
		return err
	}
	return serveFile(w, r, j, pipeline.PreviewFile, "image/png")
}

func (s *Server) getCertificate(w http.ResponseWriter, r *http.Request) error {
	j, err := s.finished(r)
	if err != nil {
		return err
	}
	return reply(w, r, http.StatusOK, j.Result.Certificate)
}

// finished finds the job a path names, if it is done.
func (s *Server) finished(r *http.Request) (pipeline.Job, error) {
	j, err := s.job(r)
	if err == nil && (j.State != pipeline.Done || j.Result == nil) {
		err = fmt.Errorf("job %s: %w: %s", j.ID, pipeline.ErrBusy, j.State)
	}
	return j, err
}

// getMesh answers with the mesh in any format. It is written once and kept; its ETag is of its bytes.
func (s *Server) getMesh(w http.ResponseWriter, r *http.Request) error {
	return s.sendMesh(w, r, "", func(ctx context.Context, path string, j pipeline.Job, f export.Format) error {
		m, meta, err := s.mesh(j)
		if err != nil {
			return err
		}
		f.Companions = nil // one request, one file: an OBJ has its colours at the vertices, a GLB its texture within
		return export.Save(ctx, path, f, m, meta)
	})
}

// getPacked answers with the mesh and all files that go with it, as a zip archive.
func (s *Server) getPacked(w http.ResponseWriter, r *http.Request) error {
	return s.sendMesh(w, r, "zip", func(ctx context.Context, path string, j pipeline.Job, f export.Format) error {
		m, meta, err := s.mesh(j)
		if err != nil {
			return err
		}
		return export.WriteFile(ctx, path, func(w io.Writer) error { return f.Pack(w, shownName(j.Title), m, meta) })
	})
}

// sendMesh answers with a file made of the mesh of the job and in the format that the path names, packed or not.
func (s *Server) sendMesh(w http.ResponseWriter, r *http.Request, packed string, write func(context.Context, string, pipeline.Job, export.Format) error) error {
	j, err := s.finished(r)
	if err != nil {
		return err
	}
	format, err := export.ByName(r.PathValue("format"))
	if err != nil {
		return err
	}
	kind, ext := meshTypes[format.Ext], format.Ext
	if packed != "" {
		kind, ext = "application/zip", packed
	}
	name := fmt.Sprintf("%s-%x-%s%s", j.ID, j.Ended.UnixNano(), format.Name, packed)
	f, tag, err := s.cache.open(r.Context(), name, func(ctx context.Context, path string) error { return write(ctx, path, j, format) })
	if err != nil {
		return err
	}
	defer f.Close()
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", tag)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": shownName(j.Title) + "." + ext}))
	http.ServeContent(w, r, "", j.Ended, f)
	return nil
}

// mesh returns a job's mesh and what its file is to say of it, as the other faces have it: its certificate and its preview.
func (s *Server) mesh(j pipeline.Job) (*mesh.Mesh, export.Meta, error) {
	m, err := s.queue.Mesh(j.ID)
	if err != nil {
		return nil, export.Meta{}, err
	}
	meta := export.Meta{Title: j.Title, Application: pipeline.Application}
	meta.Thumbnail, _ = os.ReadFile(j.File(pipeline.PreviewFile)) // one without a preview is as good
	meta, err = pipeline.Certified(meta, j.Result.Certificate)
	return m, meta, err
}
