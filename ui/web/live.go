package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"orfeas/pipeline"
)

// message is what a stream says: the newest state of a job, or of the queue. The first ones are all there is, so a client
// that comes back needs nothing from before.
type message struct {
	Job   *pipeline.Job    `json:"job,omitempty"`
	Queue *pipeline.Status `json:"queue,omitempty"`
}

// How often a silent stream shows that it is alive, and how long a client may take for one message.
const (
	beatTime  = 20 * time.Second
	writeTime = 10 * time.Second
)

// stream watches the queue for a client until it is gone, too slow, or the server stops. send and beat are not called at
// once.
func (s *Server) stream(ctx context.Context, only string, send func(kind string, data []byte) error, beat func(context.Context) error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	var beats sync.WaitGroup
	defer beats.Wait()
	defer stop()
	beats.Go(func() {
		tick := time.NewTicker(beatTime)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.closing:
				stop()
				return
			case <-tick.C:
			}
			mu.Lock()
			err := beat(ctx)
			mu.Unlock()
			if err != nil {
				stop()
				return
			}
		}
	})
	say := func(kind string, m message) {
		data, err := json.Marshal(m)
		if err == nil {
			mu.Lock()
			err = send(kind, data)
			mu.Unlock()
		}
		if err != nil {
			stop()
			return
		}
		s.metrics.messages.WithLabelValues(kind).Inc()
	}
	s.queue.Watch(ctx, func(j pipeline.Job) {
		if only == "" || j.ID == only {
			j = shown(j)
			say("job", message{Job: &j})
		}
	}, func(q pipeline.Status) {
		if only == "" {
			say("queue", message{Queue: &q})
		}
	})
}

// place takes one of the places for streams, and the job that ?job= asks for, if any.
func (s *Server) place(r *http.Request, kind string) (only string, leave func(), err error) {
	if only = r.URL.Query().Get("job"); only != "" {
		if _, ok := s.find(only); !ok {
			return "", nil, fmt.Errorf("job %.20q: %w", only, pipeline.ErrNoJob)
		}
	}
	select {
	case <-s.closing:
		return "", nil, refusal{status: http.StatusServiceUnavailable, problem: "the server is about to stop", again: 5 * time.Second}
	default:
	}
	select {
	case s.streams <- struct{}{}:
	default:
		return "", nil, refusal{status: http.StatusTooManyRequests, problem: fmt.Sprintf("%d streams are open already", cap(s.streams)), again: 5 * time.Second}
	}
	open := s.metrics.streams.WithLabelValues(kind)
	open.Inc()
	return only, func() { open.Dec(); <-s.streams }, nil
}

// socket streams by WebSocket. Whatever the client says is not listened to; one that says too much is let go.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) error {
	if r.Header.Get("Upgrade") == "" {
		w.Header().Set("Upgrade", "websocket")
		return refusal{status: http.StatusUpgradeRequired, problem: "this is for WebSockets", hint: "The same comes as server-sent events from /api/events."}
	}
	only, leave, err := s.place(r, "websocket")
	if err != nil {
		return err
	}
	defer leave()
	c, err := websocket.Accept(w, r, nil) // which refuses pages of other sites
	if err != nil {
		return nil // it has answered
	}
	defer c.CloseNow()
	ctx := c.CloseRead(r.Context())
	s.stream(ctx, only, func(_ string, data []byte) error {
		ctx, done := context.WithTimeout(ctx, writeTime)
		defer done()
		return c.Write(ctx, websocket.MessageText, data)
	}, func(ctx context.Context) error {
		ctx, done := context.WithTimeout(ctx, writeTime)
		defer done()
		return c.Ping(ctx)
	})
	if ctx.Err() == nil {
		_ = c.Close(websocket.StatusGoingAway, "the server stops") // best effort: the client may be gone
	}
	return nil
}

// events streams as server-sent events: each is called job or queue and carries a message.
func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	only, leave, err := s.place(r, "events")
	if err != nil {
		return err
	}
	defer leave()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx is to pass it on at once
	c := http.NewResponseController(w)
	if err := c.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	write := func(format string, v ...any) error {
		_ = c.SetWriteDeadline(time.Now().Add(writeTime))
		if _, err := fmt.Fprintf(w, format, v...); err != nil {
			return err
		}
		return c.Flush()
	}
	if err := write("retry: 2000\n\n"); err != nil {
		return nil
	}
	s.stream(r.Context(), only, func(kind string, data []byte) error {
		return write("event: %s\ndata: %s\n\n", kind, data)
	}, func(context.Context) error { return write(": still here\n\n") })
	return nil
}
