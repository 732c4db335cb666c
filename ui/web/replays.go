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
	sum string // of the upload
	ids []string
	at  time.Time
	on  bool // the first one is still under way
}

func newReplays() *replays { return &replays{byKey: map[string]*replay{}, now: time.Now} }

// begin returns the jobs of an earlier upload with the same key, nil when this is the first, which must end. Without a
// key every upload is the first.
func (r *replays) begin(key, sum string) (ids []string, err error) {
	if key == "" {
		return nil, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
	was := r.byKey[key]
	switch {
	case was == nil:
		r.byKey[key] = &replay{sum: sum, at: r.now(), on: true}
		r.keys = append(r.keys, key)
		return nil, nil
	case was.sum != sum:
		return nil, refusal{status: http.StatusUnprocessableEntity, problem: "the Idempotency-Key was used for another upload", hint: "Use a new one for each upload, and the same for its repetitions."}
	case was.on:
		return nil, refusal{status: http.StatusConflict, problem: "the same upload is under way", hint: "Ask again in a moment.", again: time.Second}
	}
	return was.ids, nil
}

// end notes what came of the upload; one that failed may be tried again with its key.
func (r *replays) end(key string, jobs []pipeline.Job, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.byKey[key]
	if was == nil {
		return
	}
	if err != nil {
		delete(r.byKey, key)
		r.keys = slices.DeleteFunc(r.keys, func(k string) bool { return k == key })
		return
	}
	was.on, was.ids = false, []string{}
	for _, j := range jobs {
		was.ids = append(was.ids, j.ID)
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
