package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// gauges reads the queue, the memory and the devices whenever it is asked.
type gauges struct {
	queue   *pipeline.Queue
	sampler *sampler
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("orfeas_"+name, help, labels, nil)
}

var (
	jobsDesc    = describe("jobs", "Jobs in the list.", "state", "engine")
	lengthDesc  = describe("queue_length", "Jobs that wait.")
	oldestDesc  = describe("queue_oldest_wait_seconds", "How long the job that is next has waited.")
	workingDesc = describe("queue_working", "1 while the queue is worked on, here or by another ORFEAS Studio: not paused, not stopped by a problem.")
	memoryDesc  = describe("memory_bytes", "Memory of the machine.")
	freeDesc    = describe("memory_available_bytes", "Memory of the machine that can be had without swapping.")

	gpuInfoDesc  = describe("gpu_info", "1, with what the device says of itself as labels.", "gpu", "uuid", "name", "driver")
	gpuTotalDesc = describe("gpu_memory_bytes", "Memory of the device.", "gpu")
	gpuUsedDesc  = describe("gpu_memory_used_bytes", "Memory of the device in use, by all programs.", "gpu")
	gpuFreeDesc  = describe("gpu_memory_free_bytes", "Memory of the device that is free.", "gpu")
	gpuPeakDesc  = describe("gpu_memory_peak_bytes", "Memory of the device in use at most since the server began.", "gpu")
	gpuBusyDesc  = describe("gpu_utilization_ratio", "Share of the time the device computed, 0 to 1.", "gpu")
	gpuHeatDesc  = describe("gpu_temperature_celsius", "Temperature of the device.", "gpu")
	gpuPowerDesc = describe("gpu_power_watts", "Power the device takes.", "gpu")

	predictedDesc = describe("gpu_run_memory_predicted_bytes", "Memory a run of a network was thought to take, the median of past runs.", "device", "engine", "precision", "resolution")
	actualDesc    = describe("gpu_run_memory_actual_bytes", "Memory a run of a network took, the median of past runs.", "device", "engine", "precision", "resolution")
)

// Describe implements [prometheus.Collector].
func (g gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		jobsDesc, lengthDesc, oldestDesc, workingDesc, memoryDesc, freeDesc,
		gpuInfoDesc, gpuTotalDesc, gpuUsedDesc, gpuFreeDesc, gpuPeakDesc, gpuBusyDesc, gpuHeatDesc, gpuPowerDesc, predictedDesc, actualDesc,
	} {
		to <- d
	}
}

// Collect implements [prometheus.Collector].
func (g gauges) Collect(to chan<- prometheus.Metric) {
	say := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	g.collectQueue(say)
	r, peaks := g.sampler.now()
	say(memoryDesc, float64(r.RAMTotal))
	say(freeDesc, float64(r.RAMAvailable))
	for _, d := range r.Devices {
		n := strings.TrimPrefix(d.Place(), "GPU ")
		say(gpuInfoDesc, 1, n, d.UUID, d.Name, d.Driver)
		if d.Total > 0 {
			say(gpuTotalDesc, float64(d.Total), n)
			say(gpuUsedDesc, float64(d.Used), n)
			say(gpuFreeDesc, float64(d.Free), n)
			say(gpuPeakDesc, float64(peaks[d.Place()]), n)
		}
		if d.Utilisation >= 0 {
			say(gpuBusyDesc, float64(d.Utilisation)/100, n)
		}
		if d.Temperature >= 0 {
			say(gpuHeatDesc, float64(d.Temperature), n)
		}
		if d.PowerWatts >= 0 {
			say(gpuPowerDesc, d.PowerWatts, n)
		}
	}
	said := map[[4]string]bool{}
	for _, a := range gpu.Accuracies(pipeline.Runs(g.sampler.past())) {
		kind := [4]string{a.Device, a.Need.Engine, a.Need.Precision, strconv.Itoa(a.Need.Resolution)}
		if !said[kind] {
			said[kind] = true
			say(predictedDesc, float64(a.Predicted), kind[:]...)
			say(actualDesc, float64(a.Actual), kind[:]...)
		}
	}
}

func (g gauges) collectQueue(say func(*prometheus.Desc, float64, ...string)) {
	type kind struct {
		state  pipeline.State
		engine string
	}
	count := map[kind]int{}
	for _, s := range states {
		count[kind{s, pipeline.Defaults().Engine}] = 0
	}
	waiting, oldest := 0, 0.0
	for _, j := range g.queue.Jobs() {
		count[kind{j.State, j.Engine()}]++
		if j.State == pipeline.Queued {
			if waiting == 0 {
				oldest = time.Since(j.Added).Seconds()
			}
			waiting++
		}
	}
	for k, n := range count {
		say(jobsDesc, float64(n), string(k.state), k.engine)
	}
	say(lengthDesc, float64(waiting))
	say(oldestDesc, oldest)
	say(workingDesc, working(g.queue.Status()))
}

func working(s pipeline.Status) float64 {
	if s.Paused || s.Problem != "" && !s.Elsewhere {
		return 0
	}
	return 1
}
