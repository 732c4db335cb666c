package farm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"orfeas/pipeline"
)

// scale is what ORFEAS_FARM_SCALE says of how many jobs to measure with; without it the measurements are not made.
func scale(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("ORFEAS_FARM_SCALE"))
	if err != nil {
		t.Skip("ORFEAS_FARM_SCALE says with how many jobs to measure")
	}
	return n
}

// TestThroughput measures jobs a second against workers, on an engine that waits as for a GPU.
func TestThroughput(t *testing.T) {
	n := scale(t)
	for _, kind := range []string{"one server", "a cluster of three"} {
		for _, workers := range []int{1, 2, 4, 8, 16, 32, 64} {
			t.Run(fmt.Sprint(kind, " ", workers), func(t *testing.T) {
				url := ""
				if kind == "one server" {
					url = served(t).URL()
				} else {
					url = clustered(t).url()
				}
				o := quick(url)
				o.AckWait, o.Every, o.Recheck = 30*time.Second, 2*time.Second, 10*time.Second
				f := opened(t, o)
				const takes = 200 * time.Millisecond
				wait(t, "the farm is set up", func() bool { return f.SetUp(t.Context()) == nil })
				for i := range workers {
					works(t, o, fmt.Sprint(i), 1, (&fake{takes: takes, bytes: 10_000}).run)
				}
				jobs := min(n, 25*workers)
				took := runAll(t, f, jobs, min(2*workers+2, Abreast))
				ideal := time.Duration(jobs) * takes / time.Duration(workers)
				t.Logf("%d workers: %d jobs in %.2f s, %.1f a second, %.0f %% of what they could", workers, jobs, took.Seconds(), float64(jobs)/took.Seconds(), 100*ideal.Seconds()/took.Seconds())
			})
		}
	}
}

// runAll runs so many small jobs, so many at once.
func runAll(t *testing.T, f *Farm, jobs, abreast int) time.Duration {
	t.Helper()
	dir := t.TempDir()
	start := time.Now()
	var all sync.WaitGroup
	next := make(chan int)
	for range abreast {
		all.Go(func() {
			for n := range next {
				j := staged(t, dir, n)
				end, err := f.Run(t.Context(), j, func(pipeline.Job) {})
				if err != nil || end.State != pipeline.Done {
					t.Errorf("%+v, %v", end, err)
				}
				os.RemoveAll(j.Folder)
			}
		})
	}
	for n := range jobs {
		next <- n
	}
	close(next)
	all.Wait()
	return time.Since(start)
}

// TestOverhead measures how much longer a job takes in the farm than here: an empty one, and the same ones in a queue of one
// and a queue of the other, one after the other.
func TestOverhead(t *testing.T) {
	n := min(scale(t), 100)
	dir := t.TempDir()
	for _, kind := range []string{"one server", "a cluster of three"} {
		url := ""
		if kind == "one server" {
			url = served(t).URL()
		} else {
			url = clustered(t).url()
		}
		o := quick(url)
		o.AckWait, o.Every, o.Recheck = 30*time.Second, 2*time.Second, 10*time.Second
		f := opened(t, o)
		wait(t, "the farm is set up", func() bool { return f.SetUp(t.Context()) == nil })
		end := works(t, o, "fake", 3, (&fake{bytes: 1000}).run)
		var took []time.Duration
		for i := range n {
			j := staged(t, dir, i)
			start := time.Now()
			if _, err := f.Run(t.Context(), j, func(pipeline.Job) {}); err != nil {
				t.Fatal(err)
			}
			took = append(took, time.Since(start))
		}
		end()
		t.Logf("%s: an empty job takes %s", kind, spread(took))

		hired(t, url, filepath.Join(dir, kind))
		away, here := queue(t, f.Run, 8), queue(t, nil, 3)
		var a, b []time.Duration
		for i := range n {
			path := dots(t, dir, fmt.Sprint("dots", i), i)
			for _, one := range []struct {
				q    *pipeline.Queue
				took *[]time.Duration
			}{{away, &a}, {here, &b}} {
				start := time.Now()
				added(t, one.q, path, settings(0))
				over(t, one.q, i+1, nil)
				*one.took = append(*one.took, time.Since(start))
			}
		}
		t.Logf("%s: through the farm %s, here %s", kind, spread(a[1:]), spread(b[1:]))
	}
}

func spread(all []time.Duration) string {
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return fmt.Sprintf("%.1f ms (p10 %.1f, p95 %.1f)", ms(all[len(all)/2]), ms(all[len(all)/10]), ms(all[len(all)*95/100]))
}

// TestLongQueue puts ORFEAS_FARM_SCALE jobs in the line before there is a worker, then has two of them, in processes of their
// own, do them while one submitter brings the results home, twenty thousand at most, and watches everyone's memory.
func TestLongQueue(t *testing.T) {
	n := scale(t)
	dir := t.TempDir()
	url, server := servedApart(t)
	o := quick(url)
	o.AckWait, o.Every, o.Recheck = 30*time.Second, 2*time.Second, 10*time.Second
	o.PictureBytes, o.ResultBytes = 400<<20, 400<<20
	f := opened(t, o)
	all, err := f.ready(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Int64
	start := time.Now()
	var pids []int
	say := func(what string) {
		line := fmt.Sprintf("%6.0f s: %7d jobs %s; resident memory of the server %.0f MB, of the submitter %.0f MB", time.Since(start).Seconds(), done.Load(), what, resident(server), resident(os.Getpid()))
		for _, pid := range pids {
			line += fmt.Sprintf(", of a worker %.0f MB", resident(pid))
		}
		t.Log(line)
	}
	folder := t.TempDir()
	each := func(what string, n int, do func(j pipeline.Job) error) {
		done.Store(0)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go func() {
			for tick := time.NewTicker(max(10*time.Second, time.Duration(n)*time.Millisecond)); ; {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					say(what)
				}
			}
		}()
		var at sync.WaitGroup
		next := make(chan int)
		for range Abreast {
			at.Go(func() {
				for number := range next {
					j := staged(t, folder, number)
					j.Added = start
					if err := do(j); err != nil {
						t.Errorf("%s: %v", j.ID, err)
					}
					os.RemoveAll(j.Folder)
					done.Add(1)
				}
			})
		}
		for number := range n {
			next <- number
		}
		close(next)
		at.Wait()
		say(what)
	}
	each("put in the line", n, func(j pipeline.Job) error {
		task, err := taskOf(j)
		if err != nil {
			return err
		}
		a := asking{Farm: f, task: task, job: j}
		for err = a.give(t.Context(), all); errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout); {
			err = a.give(t.Context(), all) // the machine is busy
		}
		return err
	})
	t.Logf("%.0f a second", float64(n)/time.Since(start).Seconds())
	status, err := f.Status(t.Context())
	if err != nil || len(status.Line) != 1 || status.Line[0].Waiting != n {
		t.Errorf("%+v, %v", status.Line, err)
	}
	t.Setenv("ORFEAS_TEST_FAKE", "1")
	for i := range 2 {
		pids = append(pids, hired(t, url, filepath.Join(dir, fmt.Sprint("worker", i))).Process.Pid)
	}
	begun := time.Now()
	home := min(n, 20_000)
	each("brought home", home, func(j pipeline.Job) error {
		end, err := f.Run(t.Context(), j, func(pipeline.Job) {})
		if err == nil && end.State != pipeline.Done {
			err = fmt.Errorf("%s: %s", end.State, end.Problem)
		}
		return err
	})
	t.Logf("%.0f a second", float64(home)/time.Since(begun).Seconds())
	if home == n {
		empty(t, f, false)
	}
}

// resident is a process's resident memory in MB, 0 where the system does not say.
func resident(pid int) float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(data), "VmRSS:")
	kb, _ := strconv.ParseFloat(strings.Fields(after + " 0")[0], 64)
	return kb / 1024
}
