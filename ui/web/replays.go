package web

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"orfeas/pipeline"
)

// How long and how many uploads with an Idempotency-Key are remembered, while the server runs. What is forgotten is still
// not done twice, since the queue knows equal pictures with equal settings.
const (
	replayTime = 24 * time.Hour
	replayMost = 10_000
)

// replays remembers what came of uploads with a key, so that a client that did not hear the answer can ask again.
type replays struct {
	mu    sync.Mutex
	byKey map[string]*replay
	keys  []string // the oldest first
	now   func() time.Time
}

type replay struct {
	sum  string // of the upload
	ids  []string
	at   time.Time
	on   bool // one is still under way
	part bool // only the first pictures have become jobs
}

func newReplays() *replays { return &replays{byKey: map[string]*replay{}, now: time.Now} }

// begin returns the jobs of an earlier upload with the same key, and whether these are all there will be. If not, this one goes on
// with the pictures after them, and must end. Without a key every upload is the first.
func (r *replays) begin(key, sum string) (ids []string, all bool, err error) {
	if key == "" {
		return nil, false, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
	was := r.byKey[key]
	switch {
	case was == nil:
		r.byKey[key] = &replay{sum: sum, at: r.now(), on: true}
		r.keys = append(r.keys, key)
		return nil, false, nil
	case was.sum != sum:
		return nil, false, refusal{status: http.StatusUnprocessableEntity, problem: "the Idempotency-Key was used for another upload", hint: "Use a new one for each upload, and the same for its repetitions."}
	case was.on:
		return nil, false, refusal{status: http.StatusConflict, problem: "the same upload is under way", hint: "Ask again in a moment.", again: time.Second}
	}
	was.on = was.part
	return slices.Clone(was.ids), !was.part, nil
}

// end notes which jobs the upload added; one that failed may be tried again with its key, and adds the others then.
func (r *replays) end(key string, jobs []pipeline.Job, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.byKey[key]
	if was == nil {
		return
	}
	was.on, was.part = false, err != nil
	for _, j := range jobs {
		was.ids = append(was.ids, j.ID)
	}
	if was.part && len(was.ids) == 0 {
		delete(r.byKey, key)
		r.keys = slices.DeleteFunc(r.keys, func(k string) bool { return k == key })
	}
}

// forget drops what is too old or too much, but never one that is under way. r.mu is held.
func (r *replays) forget() {
	for len(r.keys) > 0 {
		was := r.byKey[r.keys[0]]
		if was.on || len(r.keys) < replayMost && r.now().Sub(was.at) < replayTime {
			return
		}
		delete(r.byKey, r.keys[0])
		r.keys = r.keys[1:]
	}
}
