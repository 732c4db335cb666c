package farm

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"orfeas/pipeline"
)

// many is how many jobs a test of faults does: ORFEAS_FARM_JOBS, or as many as an ordinary run has patience for.
func many(t *testing.T, usual int) int {
	if n, err := strconv.Atoi(os.Getenv("ORFEAS_FARM_JOBS")); err == nil {
		return n
	}
	if testing.Short() {
		t.Skip("starts and kills processes for seconds")
	}
	return usual
}

// crew is some workers that come back when they are killed.
type crew struct {
	t    *testing.T
	url  string
	dir  string
	mu   sync.Mutex
	made map[string]*exec.Cmd
}

func (c *crew) hire(name string) {
	cmd := hired(c.t, c.url, filepath.Join(c.dir, name))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[name] = cmd
}

// kill kills a worker without a word and hires another in its place.
func (c *crew) kill(name string) {
	c.mu.Lock()
	cmd := c.made[name]
	c.mu.Unlock()
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	c.hire(name)
}

// TestKillingWorkersAndLeaders: workers are killed in every stage, the server that leads the line is killed, over and over,
// while hundreds of jobs are done (ORFEAS_FARM_JOBS) in a cluster of three. None is lost, none comes to two ends, and all
// are what they are here.
func TestKillingWorkersAndLeaders(t *testing.T) {
	n := many(t, 20)
	dir := t.TempDir()
	c := clustered(t)
	f := opened(t, quick(c.url()))
	workers := &crew{t: t, url: c.url(), dir: dir, made: map[string]*exec.Cmd{}}
	for i := range 2 {
		workers.hire(fmt.Sprint("worker", i))
	}
	away, here := queue(t, f.Run, 24), queue(t, nil, 3)
	var names []string
	for _, s := range pipeline.Line {
		names = append(names, "slow-"+s.Name+"-")
	}
	for i := range n {
		name := fmt.Sprint("dots", i)
		if i < 2*len(names) || i%7 == 0 {
			name = names[i%len(names)] + fmt.Sprint(i)
		}
		path := dots(t, dir, name, i)
		added(t, away, path, settings(i))
		added(t, here, path, settings(i))
	}

	// Whoever is seen in a stage that was not killed in yet, is.
	killed := map[string]int{}
	fates := make(chan [2]string, 64)
	_, err := f.nc.Subscribe(stateSubject+">", func(m *nats.Msg) {
		var r Report
		if json.Unmarshal(m.Data, &r) == nil && !r.Over && r.Step == "waiting" {
			select {
			case fates <- [2]string{r.Worker, r.Stage}:
			default:
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var reaper sync.WaitGroup
	leaders := 0
	most := 1 + n/60
	reaper.Go(func() {
		turn := time.NewTicker(5 * time.Second)
		defer turn.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case who := <-fates:
				if killed[who[1]] < most {
					killed[who[1]]++
					workers.kill(who[0])
					for len(fates) > 0 {
						<-fates
					}
				}
			case <-turn.C:
				if leaders >= 2*most {
					continue
				}
				if i := c.leads(t, jobsStream); i >= 0 {
					leaders++
					c.servers[i].Stop()
					c.servers[i] = nil
					select {
					case <-time.After(time.Second):
					case <-ctx.Done():
					}
					c.start(t, i)
				}
			}
		}
	})
	start := time.Now()
	got := over(t, away, n, nil)
	stop()
	reaper.Wait()
	t.Logf("%d jobs in %.1f s; workers killed in %v, leaders killed %d times", n, time.Since(start).Seconds(), killed, leaders)
	for _, s := range pipeline.Line {
		if killed[s.Name] == 0 {
			t.Errorf("no worker was killed in %s", s.Name)
		}
	}
	if leaders == 0 {
		t.Error("no leader was killed")
	}
	want := over(t, here, n, nil)
	if len(got) != n {
		t.Errorf("%d jobs of %d", len(got), n)
	}
	for id, j := range want {
		same(t, got[id], j)
	}
	empty(t, f, true)
}

// TestCutting: a worker whose network is cut in the middle of a job goes on with it; another one takes it over, and what the
// first brings when it is back is not wanted.
func TestCutting(t *testing.T) {
	many(t, 1)
	dir := t.TempDir()
	s := served(t)
	cable := wired(t, s.s.Addr().String())
	f := opened(t, quick(s.URL()))
	hired(t, cable.url(), filepath.Join(dir, "cut"))
	away, here := queue(t, f.Run, 8), queue(t, nil, 3)
	path := dots(t, dir, "slow-shape", 0)
	added(t, here, path, settings(0))
	workers := states(t, f)
	added(t, away, path, settings(0))
	wait(t, "the worker is at it", func() bool { return workers.has("cut", "waiting") })
	cable.set(true)
	hired(t, s.URL(), filepath.Join(dir, "whole"))
	got := over(t, away, 1, nil)
	if !workers.has("whole", "waiting") {
		t.Error("nobody took the job over")
	}
	cable.set(false)
	same(t, got["000001"], over(t, here, 1, nil)["000001"])
	empty(t, f, true)
	wait(t, "the worker is back", func() bool {
		status, err := f.Status(t.Context())
		return err == nil && len(status.Workers) == 2 && len(status.Workers[0].Doing) == 0
	})
	for i := range 6 { // both have something to do
		added(t, away, dots(t, dir, fmt.Sprint("slow-shape-more", i), i+1), settings(0))
	}
	workers.forget()
	over(t, away, 7, nil)
	if !workers.has("cut", "waiting") || !workers.has("whole", "waiting") {
		t.Error("one of the workers does not work")
	}
	empty(t, f, true)
}

// TestPoison: a job that kills the child that does it, and one that kills whole workers, are given up with a letter; the
// others get done. What is no job at all is given up too.
func TestPoison(t *testing.T) {
	many(t, 1)
	t.Setenv("ORFEAS_TEST_DELIVERIES", "4")
	dir := t.TempDir()
	s := served(t)
	f := opened(t, quick(s.URL()))
	away := queue(t, f.Run, 8)
	added(t, away, dots(t, dir, "killer", 0), settings(0))
	added(t, away, dots(t, dir, "murderer", 1), settings(0))
	added(t, away, dots(t, dir, "harmless", 2), settings(0))
	ctx, stop := context.WithCancel(t.Context())
	var hiring sync.WaitGroup
	hiring.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			cmd := hired(t, s.URL(), filepath.Join(dir, fmt.Sprint("worker", n)))
			ended := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
			_ = cmd.Wait()
			ended()
		}
	})
	jobs := over(t, away, 3, nil)
	if _, err := f.js.Publish(t.Context(), jobSubject+(class{Version: pipeline.Version, Engine: "extrude"}).String()+".nonsense", []byte("{")); err != nil {
		t.Fatal(err)
	}
	var letters []Letter
	wait(t, "there are three letters", func() bool {
		var err error
		letters, err = f.Letters(t.Context(), 9)
		return err == nil && len(letters) >= 3
	})
	stop()
	hiring.Wait()
	for _, j := range jobs {
		switch {
		case j.Title == "harmless" && j.State == pipeline.Done:
		case j.Title == "killer" && j.State == pipeline.Failed && strings.Contains(j.Problem, "the worker died twice"):
		case j.Title == "murderer" && j.State == pipeline.Failed && strings.Contains(j.Problem, "4 workers of the farm have begun it"):
		default:
			t.Errorf("%s is %s: %s", j.Title, j.State, j.Problem)
		}
	}
	said := ""
	for _, l := range letters {
		said += l.Reason + strings.Join(l.Said, " ") + "; "
	}
	for _, want := range []string{"died twice", "the driver has had enough", "4 workers of the farm have begun it", "it is not a job"} {
		if !strings.Contains(said, want) {
			t.Errorf("no letter says %q: %s", want, said)
		}
	}
	empty(t, f, true)
}

// states collects what workers say: "worker stage step".
func states(t *testing.T, f *Farm) *heard {
	h := &heard{}
	_, err := f.nc.Subscribe(stateSubject+">", func(m *nats.Msg) {
		var r Report
		if json.Unmarshal(m.Data, &r) == nil {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.lines = append(h.lines, r)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

type heard struct {
	mu    sync.Mutex
	lines []Report
}

func (h *heard) has(worker, step string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.lines {
		if r.Worker == worker && r.Step == step {
			return true
		}
	}
	return false
}

func (h *heard) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = nil
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 600 {
		if ok() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("it never came to that: %s", what)
}
