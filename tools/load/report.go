package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// report collects what users saw.
type report struct {
	mu       sync.Mutex
	times    map[string][]time.Duration
	codes    map[string]map[int]int
	broken   map[string]int // no answer at all
	ids      map[string]int // how often an upload was given the job
	states   map[string]int
	jobTimes []time.Duration
	killed   int // jobs that had lost their worker once
	faults   []string
	memory   []float64
	begun    int
	bytes    atomic.Int64
	vanished atomic.Int64
	kills    atomic.Int64
	filled   atomic.Int64 // times the disk was full
	stopped  atomic.Int64 // times the queue was found stopped
}

func newReport() *report {
	return &report{times: map[string][]time.Duration{}, codes: map[string]map[int]int{}, broken: map[string]int{}, ids: map[string]int{}, states: map[string]int{}}
}

// begin reports whether one more job may be begun.
func (r *report) begin(most int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun++
	return r.begun <= most
}

func (r *report) note(what string, status int, took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.codes[what] == nil {
		r.codes[what] = map[int]int{}
	}
	if err != nil {
		r.broken[what]++
		r.faults = append(r.faults, fmt.Sprintf("%s: %v", what, err))
		return
	}
	r.codes[what][status]++
	r.times[what] = append(r.times[what], took)
	if status >= 400 && !noRoom(status) {
		r.faults = append(r.faults, fmt.Sprintf("%s: answered %d", what, status))
	}
}

func (r *report) uploaded(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids[id]++
}

func (r *report) finished(j job, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.states[j.State]++
	r.jobTimes = append(r.jobTimes, took)
	if j.State == "failed" {
		r.faults = append(r.faults, fmt.Sprintf("job %s: %s", j.ID, j.Problem))
	}
}

func (r *report) wrong(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, what)
}

// watchMemory reads the server's resident memory every two seconds.
func (r *report) watchMemory(ctx context.Context, o options) {
	u := newUser(0, o, r, nil)
	for {
		if _, data, err := u.do(ctx, "metrics", "GET", "/metrics", nil); err == nil {
			for line := range strings.Lines(string(data)) {
				if v, ok := strings.CutPrefix(line, "process_resident_memory_bytes "); ok {
					x, _ := strconv.ParseFloat(strings.TrimSpace(v), 64)
					r.memory = append(r.memory, x)
				}
			}
		}
		if !wait(ctx, 2*time.Second) {
			return
		}
	}
}

// killWorkers kills the children of the server every so often.
func killWorkers(ctx context.Context, o options, r *report) {
	for wait(ctx, o.kill) {
		data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", o.server, o.server))
		threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", o.server))
		for _, t := range threads {
			more, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", o.server, t.Name()))
			data = append(append(data, ' '), more...)
		}
		seen := map[string]bool{}
		for _, word := range strings.Fields(string(data)) {
			pid, err := strconv.Atoi(word)
			if err != nil || seen[word] {
				continue
			}
			seen[word] = true
			if p, err := os.FindProcess(pid); err == nil && p.Kill() == nil {
				r.kills.Add(1)
			}
		}
	}
}

// audit asks the server for every job and looks whether those of the users are there, once each.
func (r *report) audit(ctx context.Context, o options) {
	u := newUser(0, o, r, nil)
	there := map[string]bool{}
	for next := "/api/jobs?limit=500"; next != ""; {
		_, data, err := u.do(ctx, "list", "GET", next, nil)
		var p struct {
			Jobs []job
			Next string
		}
		if err == nil {
			err = json.Unmarshal(data, &p)
		}
		if err != nil {
			r.wrong(fmt.Sprintf("list: %v", err))
			return
		}
		for _, j := range p.Jobs {
			there[j.ID] = true
			if j.Kills > 0 && j.State == "done" && r.ids[j.ID] > 0 {
				r.killed++
			}
		}
		next = p.Next
	}
	for id, n := range r.ids {
		if n > 1 {
			r.wrong(fmt.Sprintf("job %s was given to %d uploads", id, n))
		}
		if !there[id] {
			r.wrong(fmt.Sprintf("job %s is lost", id))
		}
	}
}

// print says it as a table, and fails when anything was wrong.
func (r *report) print(w io.Writer, o options, took time.Duration) error {
	all, bad := 0, 0
	fmt.Fprintf(w, "%d users for %.0f s, %s with %d faces a mesh, %.0f %% of watches broken off (%d), %d workers killed\n\n", o.users, took.Seconds(), o.engine, o.faces, 100*o.vanish, r.vanished.Load(), r.kills.Load())
	if n := r.filled.Load(); n > 0 {
		fmt.Fprintf(w, "the disk was full %d times for %v, the queue found stopped %d times\n\n", n, fullFor, r.stopped.Load())
	}
	fmt.Fprintf(w, "| request | answered | 429, 507 | failed | p50 | p95 | p99 | max |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, what := range []string{"upload", "look", "watch", "download", "list", "metrics", "queue"} {
		n, full, failed := 0, 0, r.broken[what]
		for code, k := range r.codes[what] {
			n += k
			if noRoom(code) {
				full += k
			} else if code >= 400 {
				failed += k
			}
		}
		all, bad = all+n+r.broken[what], bad+failed
		fmt.Fprintf(w, "| %s | %d | %d | %d | %s |\n", what, n, full, failed, strings.Join(percentiles(r.times[what]), " | "))
	}
	done := r.states["done"]
	fmt.Fprintf(w, "| job, added to done | %d | | %d | %s |\n\n", done, len(r.jobTimes)-done, strings.Join(percentiles(r.jobTimes), " | "))
	fmt.Fprintf(w, "availability %.3f %% of %d requests; %.2f jobs/s, %.1f MB/s downloaded; %d jobs lost their worker and were done all the same\n", 100*(1-float64(bad)/float64(max(all, 1))), all, float64(done)/took.Seconds(), float64(r.bytes.Load())/took.Seconds()/1e6, r.killed)
	if n := len(r.memory); n > 0 {
		third := r.memory[n/3]
		fmt.Fprintf(w, "memory of the server: %.0f MB at first, %.0f after a third, %.0f at the end, %.0f at most\n", r.memory[0]/1e6, third/1e6, r.memory[n-1]/1e6, slices.Max(r.memory)/1e6)
	}
	fmt.Fprintf(w, "%d jobs, none lost and none doubled unless said here: %d faults\n", len(r.ids), len(r.faults))
	for _, f := range r.faults[:min(len(r.faults), 20)] {
		fmt.Fprintln(w, " ", f)
	}
	if len(r.faults) > 0 {
		return errors.New("there were faults")
	}
	return nil
}

// percentiles are p50, p95, p99 and the maximum, by nearest rank.
func percentiles(times []time.Duration) []string {
	out := []string{"", "", "", ""}
	if len(times) == 0 {
		return out
	}
	slices.Sort(times)
	for i, p := range []int{50, 95, 99, 100} {
		out[i] = times[max((len(times)*p+99)/100-1, 0)].Round(100 * time.Microsecond).String()
	}
	return out
}
