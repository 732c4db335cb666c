package web

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"orfeas/pipeline"
)

// metrics count what happens; what is there at the moment is read when somebody asks, see [gauges]. Names and units follow
// https://prometheus.io/docs/practices/naming/.
type metrics struct {
	registry *prometheus.Registry
	answer   http.Handler

	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	inFlight prometheus.Gauge
	received prometheus.Counter
	sent     prometheus.Counter
	streams  *prometheus.GaugeVec
	messages *prometheus.CounterVec

	finished *prometheus.CounterVec
	stages   *prometheus.HistogramVec
	jobs     *prometheus.HistogramVec
	waits    prometheus.Histogram
	deaths   prometheus.Counter
}

// How long answers and jobs take, in seconds.
var (
	answerBuckets = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}
	jobBuckets    = []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640}
)

func newMetrics(q *pipeline.Queue, s *sampler) *metrics {
	counter := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "orfeas", Name: name, Help: help}
	}
	histogram := func(name, help string, buckets []float64) prometheus.HistogramOpts {
		return prometheus.HistogramOpts{Namespace: "orfeas", Name: name, Help: help, Buckets: buckets}
	}
	gauge := func(name, help string) prometheus.GaugeOpts {
		return prometheus.GaugeOpts{Namespace: "orfeas", Name: name, Help: help}
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(counter("http_requests_total", "Requests answered."), []string{"method", "route", "code"}),
		latency:  prometheus.NewHistogramVec(histogram("http_request_duration_seconds", "Time to answer a request, without streams.", answerBuckets), []string{"route"}),
		inFlight: prometheus.NewGauge(gauge("http_requests_in_flight", "Requests being answered, streams too.")),
		received: prometheus.NewCounter(counter("http_received_bytes_total", "Bytes of the bodies of requests as announced.")),
		sent:     prometheus.NewCounter(counter("http_sent_bytes_total", "Bytes of the bodies of answers.")),
		streams:  prometheus.NewGaugeVec(gauge("streams", "Open WebSockets and event streams."), []string{"kind"}),
		messages: prometheus.NewCounterVec(counter("stream_messages_total", "Messages sent on streams."), []string{"kind"}),
		finished: prometheus.NewCounterVec(counter("jobs_finished_total", "Jobs that came to an end, by how."), []string{"state", "engine"}),
		stages:   prometheus.NewHistogramVec(histogram("stage_duration_seconds", "Time a stage of the line took, of jobs done.", jobBuckets), []string{"stage", "engine"}),
		jobs:     prometheus.NewHistogramVec(histogram("job_duration_seconds", "Time from start to end of a job done.", jobBuckets), []string{"engine"}),
		waits:    prometheus.NewHistogram(histogram("job_wait_seconds", "Time from added to started of a job done.", jobBuckets)),
		deaths:   prometheus.NewCounter(counter("worker_deaths_total", "How often the worker died while it did a job; it is started anew.")),
	}
	m.registry.MustRegister(m.requests, m.latency, m.inFlight, m.received, m.sent, m.streams, m.messages, m.finished, m.stages, m.jobs, m.waits, m.deaths,
		gauges{q, s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	info := prometheus.NewGaugeVec(gauge("build_info", "1, with the version as a label."), []string{"version", "goversion"})
	info.WithLabelValues(pipeline.Version, runtime.Version()).Set(1)
	m.registry.MustRegister(info)
	for _, kind := range []string{"websocket", "events"} {
		m.streams.WithLabelValues(kind)
	}
	for _, kind := range []string{"job", "queue"} {
		m.messages.WithLabelValues(kind)
	}
	for _, state := range []pipeline.State{pipeline.Done, pipeline.Failed, pipeline.Cancelled} {
		m.finished.WithLabelValues(string(state), pipeline.Defaults().Engine)
	}
	m.answer = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, MaxRequestsInFlight: 4})
	return m
}

func (s *Server) getMetrics(w http.ResponseWriter, r *http.Request) error {
	s.metrics.answer.ServeHTTP(w, r)
	return nil
}

// begin counts a request; what it returns is called when it has been answered.
func (m *metrics) begin(r *http.Request) func(*counted, *http.Request) {
	start := time.Now()
	m.inFlight.Inc()
	if r.ContentLength > 0 {
		m.received.Add(float64(r.ContentLength))
	}
	return func(w *counted, r *http.Request) {
		m.inFlight.Dec()
		m.sent.Add(float64(w.bytes))
		_, path, _ := strings.Cut(r.Pattern, " ") // set by the multiplexer
		if path == "" {
			path = "none"
		}
		code := w.status
		if code == 0 {
			code = 499 // the client was gone before there was an answer
		}
		m.requests.WithLabelValues(method(r.Method), path, strconv.Itoa(code)).Inc()
		if path != "/ws" && path != "/api/events" {
			m.latency.WithLabelValues(path).Observe(time.Since(start).Seconds())
		}
	}
}

// method keeps made-up methods from becoming labels.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete, http.MethodPut, http.MethodPatch, http.MethodOptions:
		return m
	}
	return "other"
}

// watch counts jobs as they end, until ctx is done. Those that were over before are not counted.
func (m *metrics) watch(ctx context.Context, q *pipeline.Queue) {
	q.Watch(ctx, m.since(time.Now()), nil)
}

// since counts what it is told of jobs and happened after a moment.
func (m *metrics) since(began time.Time) func(pipeline.Job) {
	counted, kills := map[string]time.Time{}, map[string]int{}
	return func(j pipeline.Job) {
		if j.State == pipeline.Removed {
			delete(counted, j.ID)
			delete(kills, j.ID)
			return
		}
		if was, known := kills[j.ID]; j.Kills > was && (known || !j.Added.Before(began)) {
			m.deaths.Add(float64(j.Kills - was))
		}
		kills[j.ID] = j.Kills
		if !j.State.Over() || j.Ended.Before(began) || counted[j.ID].Equal(j.Ended) {
			return
		}
		counted[j.ID] = j.Ended
		m.ended(j)
	}
}

func (m *metrics) ended(j pipeline.Job) {
	engine := j.Engine()
	m.finished.WithLabelValues(string(j.State), engine).Inc()
	if j.State != pipeline.Done {
		return
	}
	m.jobs.WithLabelValues(engine).Observe(j.Ended.Sub(j.Started).Seconds())
	m.waits.Observe(j.Started.Sub(j.Added).Seconds())
	for _, st := range j.Stages {
		m.stages.WithLabelValues(st.Name, engine).Observe(st.Seconds)
	}
}
