package web

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/export"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

// problem is the body of every answer that is an error (RFC 9457), with the sentence and the hint of the other faces.
type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Hint   string         `json:"hint,omitempty"`
	Jobs   []pipeline.Job `json:"jobs,omitempty"` // of an upload that failed half way: those that were added
}

// refusal is an error of this package's own, with what to say and, where it pays to come again, when.
type refusal struct {
	status  int
	problem string
	hint    string
	again   time.Duration
}

func (r refusal) Error() string { return r.problem }

// partial is an upload of which some jobs were added before it failed.
type partial struct {
	error
	jobs []pipeline.Job
}

func (p partial) Unwrap() error { return p.error }

// statuses say what an error is in HTTP, the most particular first.
var statuses = []struct {
	err    error
	status int
}{
	{pipeline.ErrNoJob, http.StatusNotFound},
	{export.ErrUnknown, http.StatusNotFound},
	{weights.ErrUnknown, http.StatusNotFound},
	{pipeline.ErrBusy, http.StatusConflict},
	{pipeline.ErrElsewhere, http.StatusConflict},
	{picture.ErrTooLarge, http.StatusRequestEntityTooLarge},
	{picture.ErrNotPicture, http.StatusUnsupportedMediaType},
	{picture.ErrEmpty, http.StatusUnprocessableEntity},
	{picture.ErrTruncated, http.StatusUnprocessableEntity},
	{pipeline.ErrSettings, http.StatusUnprocessableEntity},
	{engine.ErrOptions, http.StatusUnprocessableEntity},
	{syscall.ENOSPC, http.StatusInsufficientStorage},
}

func problemOf(err error) (p problem, again time.Duration) {
	p = problem{Type: "about:blank", Status: http.StatusInternalServerError}
	p.Detail, p.Hint = pipeline.Explain(err)
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			p.Status = s.status
			break
		}
	}
	if some := (partial{}); errors.As(err, &some) {
		p.Jobs = some.jobs
	}
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		p.Status, p.Detail, p.Hint = http.StatusRequestEntityTooLarge, "the upload is larger than "+strconv.FormatInt(large.Limit>>20, 10)+" MiB", "Send fewer or smaller pictures at a time."
	}
	if own := (refusal{}); errors.As(err, &own) {
		p.Status, p.Detail, p.Hint, again = own.status, own.problem, own.hint, own.again
	}
	p.Title = http.StatusText(p.Status)
	return p, again
}

// fail answers with a problem document.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // nobody is there to read it
	}
	p, again := problemOf(err)
	if p.Status >= 500 && s.options.Log != nil {
		s.options.Log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	h := w.Header()
	h.Del("ETag")
	h.Del("Content-Disposition")
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if again > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(again.Seconds()))))
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}
