package web

import (
	"net/http"
	"time"
)

// route is a path, who answers it, and how. The error an answer returns becomes a problem document.
type route struct {
	pattern string
	answer  func(w http.ResponseWriter, r *http.Request) error
	open    bool          // needs no token
	time    time.Duration // to read the request and write the answer; 0 for a stream
}

func (s *Server) routes() []route {
	short := func(p string, f func(http.ResponseWriter, *http.Request) error) route {
		return route{pattern: p, answer: f, time: requestTime}
	}
	long := func(p string, f func(http.ResponseWriter, *http.Request) error) route {
		return route{pattern: p, answer: f, time: transferTime}
	}
	open := func(p string, f func(http.ResponseWriter, *http.Request) error) route {
		return route{pattern: p, answer: f, time: requestTime, open: true}
	}
	return []route{
		long("POST /api/jobs", s.addJobs),
		short("GET /api/jobs", s.listJobs),
		short("GET /api/jobs/{id}", s.getJob),
		short("DELETE /api/jobs/{id}", s.removeJob),
		short("POST /api/jobs/{id}/cancel", s.cancelJob),
		short("POST /api/jobs/{id}/retry", s.retryJob),
		long("GET /api/jobs/{id}/picture", s.getPicture),
		long("GET /api/jobs/{id}/cutout", s.getCutout),
		long("GET /api/jobs/{id}/preview", s.getPreview),
		long("GET /api/jobs/{id}/mesh/{format}", s.getMesh),
		long("GET /api/jobs/{id}/mesh/{format}/zip", s.getPacked),
		short("GET /api/jobs/{id}/certificate", s.getCertificate),
		short("GET /api/queue", s.getQueue),
		short("POST /api/queue/pause", s.pauseQueue),
		short("POST /api/queue/resume", s.resumeQueue),
		short("GET /api/engines", s.getEngines),
		short("GET /api/formats", s.getFormats),
		short("GET /api/models", s.getModels),
		short("GET /api/gpu", s.getGPU),
		short("GET /api/performance/summary", s.getSummary),
		short("GET /api/performance/recommendations", s.getRecommendations),
		{pattern: "GET /api/events", answer: s.events},
		{pattern: "GET /ws", answer: s.socket},
		short("GET /metrics", s.getMetrics),
		open("GET /api/openapi.json", s.getOpenAPI),
		open("POST /api/session", s.openSession),
		open("DELETE /api/session", s.closeSession),
		open("GET /healthz", s.getHealth),
		open("GET /readyz", s.getReady),
		open("GET /{$}", s.getPage),
		open("GET /static/{file}", s.getStatic),
	}
}

// mux sends a request to its route, or says in a problem document that there is none.
func (s *Server) mux() http.Handler {
	m := http.NewServeMux()
	for _, rt := range s.routes() {
		m.HandleFunc(rt.pattern, func(w http.ResponseWriter, r *http.Request) {
			if !rt.open && !s.admits(r) {
				w.Header().Set("WWW-Authenticate", `Bearer realm="orfeas"`)
				s.fail(w, r, refusal{status: http.StatusUnauthorized, problem: "this server asks for its token", hint: "Send it as 'Authorization: Bearer TOKEN', or open a session on the page."})
				return
			}
			deadline(w, rt.time)
			if err := rt.answer(w, r); err != nil {
				s.fail(w, r, err)
			}
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := m.Handler(r); pattern != "" {
			m.ServeHTTP(w, r)
			return
		}
		said := &statusOnly{header: http.Header{}}
		m.ServeHTTP(said, r)
		if said.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", said.header.Get("Allow"))
			s.fail(w, r, refusal{status: said.status, problem: r.Method + " is not answered here", hint: "Allowed are " + said.header.Get("Allow") + "."})
			return
		}
		s.fail(w, r, refusal{status: http.StatusNotFound, problem: "there is nothing here", hint: "The paths are in /api/openapi.json."})
	})
}

// deadline gives a request so long from now; 0 is no end.
func deadline(w http.ResponseWriter, d time.Duration) {
	var at time.Time
	if d > 0 {
		at = time.Now().Add(d)
	}
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(at) // a recorder in a test has none
	_ = c.SetWriteDeadline(at)
}

// statusOnly keeps what the standard multiplexer would have said of a request without a route.
type statusOnly struct {
	header http.Header
	status int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }
func (s *statusOnly) WriteHeader(code int)        { s.status = code }
