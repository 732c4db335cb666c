package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"orfeas/pipeline"
)

// reply answers with JSON. What a GET answers carries an ETag, so that asking again costs little.
func reply(w http.ResponseWriter, r *http.Request, status int, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if r.Method == http.MethodGet && status == http.StatusOK {
		tag := fmt.Sprintf(`"%x"`, sha256.Sum256(data))[:34] + `"`
		h.Set("ETag", tag)
		if strings.Contains(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) // the client may be gone
	return nil
}

// shown is a job as clients see it: nothing of where things lie on this machine.
func shown(j pipeline.Job) pipeline.Job {
	base := filepath.Base(j.Picture)
	if filepath.IsAbs(j.Picture) {
		j.Problem = strings.ReplaceAll(j.Problem, j.Picture, base)
	}
	j.Shots = slices.Clone(j.Shots)
	for i, s := range j.Shots {
		if filepath.IsAbs(s.Picture) {
			j.Shots[i].Picture = filepath.Base(s.Picture)
			j.Problem = strings.ReplaceAll(j.Problem, s.Picture, filepath.Base(s.Picture))
		}
	}
	if j.Folder != "" {
		j.Problem = strings.ReplaceAll(j.Problem, filepath.Dir(j.Folder)+string(filepath.Separator), "")
	}
	j.Picture, j.Said = base, nil
	if j.Result != nil {
		r := *j.Result
		r.Files, j.Result = nil, &r
	}
	return j
}

// job finds the job a path names.
func (s *Server) job(r *http.Request) (pipeline.Job, error) {
	id := r.PathValue("id")
	if j, ok := s.find(id); ok {
		return j, nil
	}
	return pipeline.Job{}, fmt.Errorf("job %.20q: %w", id, pipeline.ErrNoJob)
}

func (s *Server) find(id string) (pipeline.Job, bool) {
	for _, j := range s.queue.Jobs() {
		if j.ID == id {
			return j, true
		}
	}
	return pipeline.Job{}, false
}

func (s *Server) getJob(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err != nil {
		return err
	}
	return reply(w, r, http.StatusOK, shown(j))
}

// after does something to a job and answers with what became of it.
func (s *Server) after(w http.ResponseWriter, r *http.Request, do func(id string) error) error {
	j, err := s.job(r)
	if err == nil {
		err = do(j.ID)
	}
	if err == nil {
		j, err = s.job(r)
	}
	if err != nil {
		return err
	}
	return reply(w, r, http.StatusOK, shown(j))
}

func (s *Server) cancelJob(w http.ResponseWriter, r *http.Request) error {
	return s.after(w, r, s.queue.Cancel)
}

func (s *Server) retryJob(w http.ResponseWriter, r *http.Request) error {
	free, err := s.room.take(s, 1)
	if err != nil {
		return err
	}
	defer free()
	return s.after(w, r, s.queue.Retry)
}

func (s *Server) removeJob(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err == nil {
		err = s.queue.Remove(j.ID)
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// page is a part of the list of jobs.
type page struct {
	Jobs  []pipeline.Job `json:"jobs"`
	Total int            `json:"total"`          // that match, on all pages
	Next  string         `json:"next,omitempty"` // where the next page is
}

// listJobs goes through the jobs by number, which never changes: a job that is added or removed meanwhile neither repeats
// nor hides another.
func (s *Server) listJobs(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	limit, err := strconv.Atoi(cmp.Or(q.Get("limit"), "50"))
	if err != nil || limit < 1 || limit > 500 {
		return refusal{status: http.StatusBadRequest, problem: "limit is a number from 1 to 500"}
	}
	state, order := pipeline.State(q.Get("state")), cmp.Or(q.Get("order"), "oldest")
	if order != "oldest" && order != "newest" {
		return refusal{status: http.StatusBadRequest, problem: "order is oldest or newest"}
	}
	if known := []pipeline.State{"", pipeline.Queued, pipeline.Running, pipeline.Done, pipeline.Failed, pipeline.Cancelled}; !slices.Contains(known, state) {
		return refusal{status: http.StatusBadRequest, problem: "state is queued, running, done, failed or cancelled"}
	}
	after := q.Get("after")
	if _, err := strconv.ParseUint(after, 10, 63); err != nil && after != "" {
		return refusal{status: http.StatusBadRequest, problem: "after is the id of a job"}
	}
	jobs := slices.DeleteFunc(s.queue.Jobs(), func(j pipeline.Job) bool { return state != "" && j.State != state })
	slices.SortFunc(jobs, func(a, b pipeline.Job) int {
		if order == "newest" {
			a, b = b, a
		}
		return byNumber(a.ID, b.ID)
	})
	p := page{Jobs: []pipeline.Job{}, Total: len(jobs)}
	for _, j := range jobs {
		if c := byNumber(j.ID, after); after != "" && (order == "oldest" && c <= 0 || order == "newest" && c >= 0) {
			continue
		}
		if len(p.Jobs) == limit {
			next := url.Values{"after": {p.Jobs[limit-1].ID}, "limit": {strconv.Itoa(limit)}, "order": {order}}
			if state != "" {
				next.Set("state", string(state))
			}
			p.Next = "/api/jobs?" + next.Encode()
			w.Header().Set("Link", "<"+p.Next+`>; rel="next"`)
			break
		}
		p.Jobs = append(p.Jobs, shown(j))
	}
	return reply(w, r, http.StatusOK, p)
}

// byNumber orders the numbers jobs have as names, whose zeros in front are not the same in all.
func byNumber(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
