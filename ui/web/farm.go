package web

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"orfeas/pipeline"
	"orfeas/pipeline/farm"
)

// farmEvery is how often the farm is asked how it is.
const farmEvery = 5 * time.Second

// farmGauges is how the farm was when it was last asked, so that who asks for metrics need not wait for it.
type farmGauges struct {
	farm *farm.Farm
	mu   sync.Mutex
	last farm.Status
	up   bool
}

// watch asks the farm until ctx is done.
func (g *farmGauges) watch(ctx context.Context) {
	tick := time.NewTicker(farmEvery)
	defer tick.Stop()
	for {
		s, err := g.farm.Status(ctx)
		g.mu.Lock()
		if g.up = err == nil; g.up {
			g.last = s
		}
		g.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

var (
	farmUpDesc      = describe("farm_up", "1 while the farm answers.")
	farmWorkersDesc = describe("farm_workers", "Workers of the farm.")
	farmWaitingDesc = describe("farm_jobs_waiting", "Jobs in the farm that wait for a worker.", "engine")
	farmDoingDesc   = describe("farm_jobs_running", "Jobs in the farm that a worker has in hand.", "engine")
	farmOrphanDesc  = describe("farm_jobs_without_worker", "Jobs in the farm that no worker there is can do.")
	farmResultsDesc = describe("farm_results_waiting", "Results nobody has fetched yet.")
	farmDeadDesc    = describe("farm_jobs_given_up", "Letters about jobs that were given up.")
	farmBytesDesc   = describe("farm_store_bytes", "Bytes in a store of the farm.", "store")
	farmLimitDesc   = describe("farm_store_limit_bytes", "Bytes a store of the farm may have.", "store")

	workerSlotsDesc  = describe("farm_worker_slots", "Jobs a worker does at once.", "worker")
	workerBusyDesc   = describe("farm_worker_slots_busy", "Jobs a worker has in hand.", "worker")
	workerDoneDesc   = describe("farm_worker_jobs_total", "Jobs that came to an end with a worker.", "worker")
	workerFailedDesc = describe("farm_worker_jobs_failed_total", "Jobs that failed with a worker.", "worker")
	workerTimeDesc   = describe("farm_worker_job_seconds_total", "Time jobs took with a worker.", "worker")
	workerFreeDesc   = describe("farm_worker_memory_available_bytes", "Memory of a worker's machine that can be had without swapping.", "worker")
	workerLoadDesc   = describe("farm_worker_load", "Processes that want a core of a worker's machine, over the last minute.", "worker")
	workerGPUDesc    = describe("farm_worker_gpu_memory_bytes", "Memory of a worker's device.", "worker", "gpu")
	workerUsedDesc   = describe("farm_worker_gpu_memory_used_bytes", "Memory of a worker's device in use, by all programs.", "worker", "gpu")
	workerGPUBusy    = describe("farm_worker_gpu_utilization_ratio", "Share of the time a worker's device computed, 0 to 1.", "worker", "gpu")
)

// Describe implements [prometheus.Collector].
func (g *farmGauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		farmUpDesc, farmWorkersDesc, farmWaitingDesc, farmDoingDesc, farmOrphanDesc, farmResultsDesc, farmDeadDesc, farmBytesDesc, farmLimitDesc,
		workerSlotsDesc, workerBusyDesc, workerDoneDesc, workerFailedDesc, workerTimeDesc, workerFreeDesc, workerLoadDesc, workerGPUDesc, workerUsedDesc, workerGPUBusy,
	} {
		to <- d
	}
}

// Collect implements [prometheus.Collector]. While the farm does not answer it only says that.
func (g *farmGauges) Collect(to chan<- prometheus.Metric) {
	g.mu.Lock()
	s, up := g.last, g.up
	g.mu.Unlock()
	say := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	if !up {
		say(farmUpDesc, 0)
		return
	}
	say(farmUpDesc, 1)
	say(farmWorkersDesc, float64(len(s.Workers)))
	say(farmResultsDesc, float64(s.Results))
	say(farmDeadDesc, float64(s.Dead))
	for _, r := range s.Stores {
		say(farmBytesDesc, float64(r.Bytes), r.Name)
		if r.Limit > 0 {
			say(farmLimitDesc, float64(r.Limit), r.Name)
		}
	}
	sayLine(say, s.Line)
	sayWorkers(to, s.Workers)
}

func sayLine(say func(*prometheus.Desc, float64, ...string), line []farm.Waiting) {
	orphans := 0
	waiting, doing := map[string]int{pipeline.Defaults().Engine: 0}, map[string]int{}
	for _, c := range line {
		waiting[c.Engine] += c.Waiting
		doing[c.Engine] += c.Doing
		if c.Workers == 0 {
			orphans += c.Waiting
		}
	}
	say(farmOrphanDesc, float64(orphans))
	for engine, n := range waiting {
		say(farmWaitingDesc, float64(n), engine)
		say(farmDoingDesc, float64(doing[engine]), engine)
	}
}

// sayWorkers sums up by name: two processes may have one.
func sayWorkers(to chan<- prometheus.Metric, workers []farm.WorkerState) {
	type series struct {
		desc   *prometheus.Desc
		labels [2]string
		n      int // of them
	}
	sums := map[series]float64{}
	for _, w := range workers {
		add := func(d *prometheus.Desc, v float64, labels ...string) {
			s := series{desc: d, n: 1 + len(labels)}
			copy(s.labels[:], append([]string{w.Name}, labels...))
			sums[s] += v
		}
		add(workerSlotsDesc, float64(w.Slots))
		add(workerBusyDesc, float64(len(w.Doing)))
		add(workerDoneDesc, float64(w.Done))
		add(workerFailedDesc, float64(w.Failed))
		add(workerTimeDesc, w.Seconds)
		add(workerFreeDesc, float64(w.Machine.RAMAvailable))
		if w.Machine.Load >= 0 {
			add(workerLoadDesc, w.Machine.Load)
		}
		for _, d := range w.Machine.Devices {
			n := strings.TrimPrefix(d.Place(), "GPU ")
			if d.Total > 0 {
				add(workerGPUDesc, float64(d.Total), n)
				add(workerUsedDesc, float64(d.Used), n)
			}
			if d.Utilisation >= 0 {
				add(workerGPUBusy, float64(d.Utilisation)/100, n)
			}
		}
	}
	counters := map[*prometheus.Desc]bool{workerDoneDesc: true, workerFailedDesc: true, workerTimeDesc: true}
	for s, v := range sums {
		kind := prometheus.GaugeValue
		if counters[s.desc] {
			kind = prometheus.CounterValue
		}
		to <- prometheus.MustNewConstMetric(s.desc, kind, v, s.labels[:s.n]...)
	}
}
