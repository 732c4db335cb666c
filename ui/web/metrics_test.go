package web

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"orfeas/pipeline"
)

// TestDeathsAreCounted once each: of jobs that are new, and of those that were there before the server, but none from before it.
func TestDeathsAreCounted(t *testing.T) {
	began := time.Now()
	before, after := began.Add(-time.Minute), began.Add(time.Second)
	for _, c := range []struct {
		name  string
		added time.Time
		kills []int
		want  float64
	}{
		{"new", after, []int{0, 1, 1, 2}, 2},
		{"new, first seen dead", after, []int{1, 1}, 1},
		{"waited before", before, []int{0, 1, 2}, 2},
		{"had died before", before, []int{2, 2, 3}, 1},
		{"done again", after, []int{1, 0, 1}, 2},
	} {
		m := newMetrics(nil, nil)
		see := m.since(began)
		for _, n := range c.kills {
			see(pipeline.Job{ID: "1", State: pipeline.Queued, Added: c.added, Kills: n})
		}
		r := prometheus.NewRegistry()
		r.MustRegister(m.deaths)
		got, err := r.Gather()
		if err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
		if n := got[0].GetMetric()[0].GetCounter().GetValue(); n != c.want {
			t.Errorf("%s: %v deaths, want %v", c.name, n, c.want)
		}
	}
}

func TestWorking(t *testing.T) {
	for _, c := range []struct {
		status pipeline.Status
		want   float64
	}{
		{pipeline.Status{}, 1},
		{pipeline.Status{Paused: true}, 0},
		{pipeline.Status{Problem: "the worker does not start"}, 0},
		{pipeline.Status{Watches: true, Problem: "the folder cannot be read"}, 0},
		{pipeline.Status{Watches: true, Elsewhere: true, Problem: "another works on it"}, 1},
		{pipeline.Status{Watches: true, Elsewhere: true, Paused: true, Problem: "another works on it"}, 0},
	} {
		if got := working(c.status); got != c.want {
			t.Errorf("%+v: %v", c.status, got)
		}
	}
}
