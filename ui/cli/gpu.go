package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline"
)

const gpuHelp = `orfeas gpu [--watch] [--json]

Says which NVIDIA GPUs there are, how full and how busy they are, what slows them down
and who holds their memory; and how much memory the machine has. Where networks have run
on a GPU it says how many pictures they could do at once, and how well that was predicted.

  --watch        again every second, until stopped
  --json         as JSON; with --watch one line each time
`

// watchEvery is how often --watch looks, watchWindow how far back its trend goes.
const (
	watchEvery  = time.Second
	watchWindow = 2 * time.Minute
)

func gpuCommand(ctx context.Context, t Terminal, args []string) int {
	f := newFlags("gpu")
	watch, asJSON := f.Bool("watch", false, ""), f.Bool("json", false, "")
	if code, ok := f.parse(t, gpuHelp, args); !ok {
		return code
	}
	if err := f.noWords(); err != nil {
		complain(t, "", err)
		return ExitUsage
	}
	g := gpuView{t: t, json: *asJSON, watch: *watch, profiles: map[string]*gpu.MemoryProfile{}}
	records, _, err := readHistory()
	if err != nil {
		complain(t, "", err) // the devices are there all the same
	}
	g.runs = pipeline.Runs(records)
	if !*watch {
		g.show(gpu.Read(gpu.NVML()))
		return ExitOK
	}
	if t.Live && !*asJSON {
		fmt.Fprint(t.Out, "\x1b[2J")
	}
	gpu.Watch(ctx, gpu.NVML(), watchEvery, g.show)
	return ExitOK
}

// gpuView shows readings one after another.
type gpuView struct {
	t           Terminal
	json, watch bool
	runs        []gpu.Run
	profiles    map[string]*gpu.MemoryProfile // by UUID; "" is the machine's memory
}

func (g *gpuView) show(r gpu.Reading) {
	var memory []gpu.MemoryReport
	if g.watch {
		memory = g.develop(r)
	}
	s := gpu.StatusOf(r, memory, g.runs, gpu.MaxBatch, pipeline.BatchToday())
	if g.json {
		g.printJSON(s)
		return
	}
	if g.watch && g.t.Live {
		fmt.Fprint(g.t.Out, "\x1b[H\x1b[J") // over the last one
	}
	fmt.Fprintln(g.t.Out, gpuText(s))
	if g.watch && !g.t.Live {
		fmt.Fprintln(g.t.Out)
	}
}

// develop notes the reading and says how each device's memory, or without any the machine's, has developed.
func (g *gpuView) develop(r gpu.Reading) (reports []gpu.MemoryReport) {
	which := []string{""}
	if len(r.Devices) > 0 {
		which = nil
	}
	for _, d := range r.Devices {
		which = append(which, d.UUID)
	}
	for _, uuid := range which {
		if g.profiles[uuid] == nil {
			g.profiles[uuid] = gpu.NewMemoryProfile(uuid)
		}
		g.profiles[uuid].Add(r)
		m := g.profiles[uuid].Report(watchWindow)
		m.Samples = m.Samples[max(len(m.Samples)-1, 0):] // the line before has the others
		reports = append(reports, m)
	}
	return reports
}

func (g *gpuView) printJSON(s gpu.Status) {
	data, err := json.MarshalIndent(s, "", "  ")
	if g.watch {
		data, err = json.Marshal(s)
	}
	if err != nil {
		complain(g.t, "", err)
		return
	}
	fmt.Fprintf(g.t.Out, "%s\n", data)
}

func gpuText(s gpu.Status) string {
	lines := []string{s.Reading.String()}
	for _, m := range s.Memory {
		line := fmt.Sprintf("Trend  memory of %s: %s", place(s, m.Device), m.Trend.Direction)
		if d := m.Trend.Direction; d == gpu.Increasing || d == gpu.Decreasing {
			line += fmt.Sprintf(" by %.0f MB a minute", 60*m.Trend.Slope/(1<<20))
		}
		if lines = append(lines, line); m.Leak != "" {
			lines = append(lines, "       "+m.Leak)
		}
	}
	for _, b := range s.Batches {
		lines = append(lines, fmt.Sprintf("Batch  %s on %s at %d in %s: %s", b.Need.Engine, place(s, b.Device), b.Need.Resolution, b.Need.Precision, b.Words))
	}
	for _, a := range s.Accuracy {
		lines = append(lines, "Learnt "+a.Words)
	}
	return strings.Join(lines, "\n")
}

// place names a device by its UUID; without one it is the machine.
func place(s gpu.Status, uuid string) string {
	for _, d := range s.Devices {
		if d.UUID == uuid {
			return d.Place()
		}
	}
	return "the machine"
}

// readHistory reads what is remembered of past jobs.
func readHistory() ([]pipeline.Record, int, error) {
	dir, err := pipeline.DataDir()
	if err != nil {
		return nil, 0, err
	}
	return pipeline.HistoryIn(dir).Records()
}
