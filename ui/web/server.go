// Package web is the face for browsers and programs: an HTTP API over the queue, the newest state of every job by
// WebSocket or server-sent events, metrics, and a small page. It listens on loopback unless told otherwise.
//
// The paths are listed once, in [Server.routes]; openapi.json describes them, and a test holds the two together.
package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/farm"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
)

// Options are how a server behaves. What is zero has its default.
type Options struct {
	Token       string         // asked of every request but health and the page's own files; needed off loopback
	Hosts       []string       // names it is reached by, besides localhost and plain addresses
	Waiting     int            // jobs that may wait before more are refused; 1000
	UploadBytes int64          // of a whole upload; 512 MiB
	Pictures    int            // in one upload; 64
	Limits      picture.Limits // of one picture; [picture.DefaultLimits]
	CacheBytes  int64          // of meshes kept in other formats, on the disk; 1 GiB
	Connections int            // at once; 1024
	Streams     int            // WebSockets and event streams at once; 512
	Probe       gpu.Probe
	Library     *weights.Library
	History     *pipeline.History // of past jobs; nil for none
	Log         *log.Logger       // faults; nil for none
	Farm        *farm.Farm        // that does the jobs; nil for none
}

// Server answers requests about one queue.
type Server struct {
	queue   *pipeline.Queue
	options Options
	temp    string // uploads on their way, and the cache
	cache   *cache
	room    room
	replays *replays
	metrics *metrics
	sampler *sampler
	farm    *farmGauges   // nil where there is none
	uploads chan struct{} // a place for each upload on its way, so that all together have an end on the disk
	checks  chan struct{} // a place for each upload being looked at
	streams chan struct{} // a place for each stream
	closing chan struct{} // closed when streams have to end
	once    sync.Once
	handler http.Handler
}

// New makes a server for a queue. Close it when it is done with.
func New(q *pipeline.Queue, o Options) (*Server, error) {
	o.Waiting = cmp.Or(o.Waiting, 1000)
	o.UploadBytes = cmp.Or(o.UploadBytes, 512<<20)
	o.Pictures = cmp.Or(o.Pictures, 64)
	o.Limits = cmp.Or(o.Limits, picture.DefaultLimits)
	o.CacheBytes = cmp.Or(o.CacheBytes, 1<<30)
	o.Connections = cmp.Or(o.Connections, 1024)
	o.Streams = cmp.Or(o.Streams, 512)
	if o.Probe == nil {
		o.Probe = gpu.NVML()
	}
	temp, err := os.MkdirTemp("", "orfeas-serve-*")
	if err != nil {
		return nil, fmt.Errorf("make a folder for uploads: %w", err)
	}
	s := &Server{
		queue: q, options: o, temp: temp, cache: newCache(temp, o.CacheBytes), replays: newReplays(),
		uploads: make(chan struct{}, uploadsMost), checks: make(chan struct{}, 2), streams: make(chan struct{}, o.Streams), closing: make(chan struct{}),
	}
	s.sampler = &sampler{probe: o.Probe, history: o.History}
	s.metrics = newMetrics(q, s.sampler)
	if o.Farm != nil {
		s.farm = &farmGauges{farm: o.Farm}
		s.metrics.registry.MustRegister(s.farm)
	}
	s.handler = s.guard(s.mux())
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// How long a client may take. Uploads, downloads and streams set their own.
const (
	headerTime   = 10 * time.Second
	requestTime  = 30 * time.Second
	transferTime = 15 * time.Minute
	goodbyeTime  = 10 * time.Second
)

// Serve answers requests until ctx is done, then ends the streams, lets the other requests end and returns nil.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTime, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: log.New(complaints{s.options.Log}, "", 0),
	}
	watching, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { s.metrics.watch(watching, s.queue) })
	watch.Go(func() { gpu.Watch(watching, s.options.Probe, time.Second, s.sampler.see) })
	if s.farm != nil {
		watch.Go(func() { s.farm.watch(watching) })
	}
	defer watch.Wait()
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(netutil.LimitListener(l, s.options.Connections)) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.once.Do(func() { close(s.closing) })
	wait, done := context.WithTimeout(context.WithoutCancel(ctx), goodbyeTime)
	defer done()
	if err := h.Shutdown(wait); err != nil {
		err = errors.Join(err, h.Close())
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}

// Close ends the streams and deletes what uploads and the cache left behind.
func (s *Server) Close() error {
	s.once.Do(func() { close(s.closing) })
	return os.RemoveAll(s.temp)
}

// complaints passes the HTTP server's complaints on, if anybody wants them.
type complaints struct{ to *log.Logger }

func (d complaints) Write(p []byte) (int, error) {
	if d.to != nil {
		d.to.Print(string(p))
	}
	return len(p), nil
}
