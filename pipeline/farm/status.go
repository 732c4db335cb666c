package farm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// silent is after how many times [Options.Every] a worker that says nothing is taken to be gone.
const silent = 8

// WorkerState is what a worker says about itself.
type WorkerState struct {
	Name    string           `json:"name"`
	Version string           `json:"version"`
	Can     pipeline.Ability `json:"can"`
	Slots   int              `json:"slots"`           // jobs it does at once
	Doing   []string         `json:"doing,omitempty"` // ids
	Done    int              `json:"done"`            // jobs that came to an end there
	Failed  int              `json:"failed"`          // of them, those that failed
	Minute  int              `json:"minute"`          // of them, those of the last minute
	Seconds float64          `json:"seconds"`         // they took altogether
	Since   time.Time        `json:"since"`
	At      time.Time        `json:"at"`
	Problem string           `json:"problem,omitempty"` // why it takes no jobs for a while
	Machine gpu.Reading      `json:"machine"`
}

func (s *WorkerState) drop(id string) {
	if i := slices.Index(s.Doing, id); i >= 0 {
		s.Doing = slices.Delete(s.Doing, i, i+1)
	}
}

func (w *Worker) count(change func(*WorkerState)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.state)
}

// ended counts a job that is over.
func (w *Worker) ended(j pipeline.Job, took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.Done++
	w.state.Seconds += took.Seconds()
	w.state.Problem = ""
	if j.State != pipeline.Done {
		w.state.Failed++
	}
	w.ends = append(w.ends, time.Now())
}

// announce says how the worker is, until ctx is done.
func (w *Worker) announce(ctx context.Context) {
	tick := time.NewTicker(w.Farm.options.Every)
	defer tick.Stop()
	for n := 0; ; n++ {
		if n%15 == 0 {
			w.look() // weights come and go
		}
		w.tell(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *Worker) tell(ctx context.Context) {
	if !w.Farm.Connected() {
		return
	}
	machine := gpu.Read(w.Probe)
	for i := range machine.Devices {
		machine.Devices[i].Processes = nil // not for others to see
	}
	w.mu.Lock()
	now := time.Now()
	w.ends = slices.DeleteFunc(w.ends, func(t time.Time) bool { return now.Sub(t) > time.Minute })
	s := w.state
	s.Doing = slices.Clone(s.Doing)
	s.At, s.Version, s.Can, s.Minute, s.Machine = now, pipeline.Version, w.able, len(w.ends), machine
	w.mu.Unlock()
	data, err := json.Marshal(s)
	if err != nil {
		return
	}
	ctx, done := soon(ctx)
	defer done()
	stores, err := w.Farm.ready(ctx)
	if err == nil {
		_, err = stores.workers.Put(ctx, w.key, data)
	}
	if err != nil && ctx.Err() == nil {
		w.Farm.doubt(err)
		w.Farm.options.Log("say how this worker is: " + err.Error())
	}
}

// goodbye takes the worker out of the list.
func (w *Worker) goodbye() {
	if !w.Farm.Connected() {
		return
	}
	ctx, done := context.WithTimeout(context.Background(), time.Second)
	defer done()
	if s, err := w.Farm.ready(ctx); err == nil {
		_ = s.workers.Purge(ctx, w.key) // it goes by its age else
	}
}

// Status is how a farm is.
type Status struct {
	Server  string        `json:"server"`
	Cluster string        `json:"cluster,omitempty"`
	Workers []WorkerState `json:"workers"`
	Line    []Waiting     `json:"line"` // by class
	Results uint64        `json:"results"`
	Dead    uint64        `json:"dead"`
	Stores  []Room        `json:"stores"`
}

// Waiting is what there is to say of the jobs of a class.
type Waiting struct {
	Version  string   `json:"version"`
	Engine   string   `json:"engine"`
	Networks []string `json:"networks,omitempty"`
	Waiting  int      `json:"waiting"` // for a worker
	Doing    int      `json:"doing"`   // in the hands of one
	Workers  int      `json:"workers"` // that can do them
}

// Room is how full a store is.
type Room struct {
	Name  string `json:"name"`
	Bytes uint64 `json:"bytes"`
	Limit int64  `json:"limit"` // -1 for none
}

// Minute is how many jobs came to an end in the last one.
func (s Status) Minute() (n int) {
	for _, w := range s.Workers {
		n += w.Minute
	}
	return n
}

// Status asks the farm how it is.
func (f *Farm) Status(ctx context.Context) (out Status, err error) {
	ctx, done := soon(ctx)
	defer done()
	defer func() { f.doubt(err) }()
	s, err := f.ready(ctx)
	if err != nil {
		return Status{}, err
	}
	out = Status{Server: f.nc.ConnectedServerName(), Cluster: f.nc.ConnectedClusterName()}
	if out.Workers, err = workersOf(ctx, s); err != nil {
		return out, fmt.Errorf("list the workers: %w", err)
	}
	if out.Line, err = lineOf(ctx, s, out.Workers); err != nil {
		return out, fmt.Errorf("list the classes: %w", err)
	}
	for _, one := range []struct {
		name, stream string
		messages     *uint64
	}{{"jobs", jobsStream, nil}, {"pictures", "OBJ_" + pictureBucket, nil}, {"meshes", "OBJ_" + resultBucket, nil}, {"results", resultsStream, &out.Results}, {"dead", deadStream, &out.Dead}} {
		info, err := f.info(ctx, one.stream)
		if err != nil {
			return out, err
		}
		out.Stores = append(out.Stores, Room{one.name, info.State.Bytes, info.Config.MaxBytes})
		if one.messages != nil {
			*one.messages = info.State.Msgs
		}
	}
	return out, nil
}

// info looks at a stream by a handle of its own: asking one for it is not safe while others use it.
func (f *Farm) info(ctx context.Context, stream string) (*jetstream.StreamInfo, error) {
	s, err := f.js.Stream(ctx, stream)
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", stream, err)
	}
	return s.CachedInfo(), nil
}

// workersOf lists the workers by name.
func workersOf(ctx context.Context, s *stores) ([]WorkerState, error) {
	watch, err := s.workers.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return nil, err
	}
	defer watch.Stop()
	out := []WorkerState{}
	for {
		var e jetstream.KeyValueEntry
		select {
		case e = <-watch.Updates():
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if e == nil { // all there were have come
			break
		}
		var w WorkerState
		if json.Unmarshal(e.Value(), &w) == nil {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b WorkerState) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return a.Since.Compare(b.Since)
	})
	return out, nil
}

// lineOf lists the classes that have jobs.
func lineOf(ctx context.Context, s *stores, workers []WorkerState) ([]Waiting, error) {
	out := []Waiting{}
	all := s.jobs.ListConsumers(ctx)
	for info := range all.Info() {
		filter := strings.TrimSuffix(strings.TrimPrefix(info.Config.FilterSubject, jobSubject), ".*")
		c, err := parseClass(filter)
		if err != nil || info.NumPending == 0 && info.NumAckPending == 0 {
			continue
		}
		w := Waiting{Version: c.Version, Engine: c.Engine, Networks: c.Networks, Waiting: int(info.NumPending), Doing: info.NumAckPending}
		for _, one := range workers {
			if c.among(one.Version, one.Can) {
				w.Workers++
			}
		}
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b Waiting) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return out, all.Err()
}

// Letters returns the last n jobs that were given up, the newest first.
func (f *Farm) Letters(ctx context.Context, n int) ([]Letter, error) {
	ctx, done := soon(ctx)
	defer done()
	s, err := f.ready(ctx)
	if err != nil {
		return nil, err
	}
	info, err := f.info(ctx, deadStream)
	if err != nil {
		return nil, err
	}
	var out []Letter
	for seq := info.State.LastSeq; seq >= max(info.State.FirstSeq, 1) && len(out) < n; seq-- {
		m, err := s.dead.GetMsg(ctx, seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return out, err
		}
		var l Letter
		if json.Unmarshal(m.Data, &l) == nil {
			out = append(out, l)
		}
	}
	return out, nil
}
