package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"runtime/trace"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/export"
)

const profileHelp = `orfeas profile [flags]
orfeas profile PICTURE... [flags]

Says what the conversions so far have cost, stage by stage and step by step: time,
processor, allocations, memory of the GPU; what holds up the line, and what can be done
about it. With pictures it converts those, keeps no results, and says it of them alone.

  --engine NAME  only the conversions by this engine, or convert the pictures with it
  --faces N      convert the pictures to about N triangles
  --pprof FILE   write the pictures' processor profile, for 'go tool pprof'
  --trace FILE   write their execution trace, for 'go tool trace'
  --json         as JSON: "profiles" are the sums, "rows" one flat row per job, stage and
                 step, as Grafana's tables and charts take them

Conversions are remembered in the folder for your data (ORFEAS_DATA names another), with
their settings and timings, without names of files and without pictures.
`

func profileCommand(ctx context.Context, t Terminal, args []string) int {
	f := newFlags("profile")
	s := pipeline.Defaults()
	engine := f.String("engine", "", "")
	f.IntVar(&s.Faces, "faces", s.Faces, "")
	cpu, events := f.String("pprof", "", ""), f.String("trace", "", "")
	asJSON := f.Bool("json", false, "")
	if code, ok := f.parse(t, profileHelp, args); !ok {
		return code
	}
	if *engine != "" {
		s.Engine = *engine
	}
	err := s.Check()
	if err == nil && len(f.words) == 0 && *cpu+*events != "" {
		err = errors.New("--pprof and --trace need a picture to convert; see 'orfeas profile --help'")
	}
	if err == nil {
		err = apart(f.words, []string{*cpu, *events})
	}
	like := pipeline.Work{Settings: s}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	if err == nil && len(f.words) > 0 {
		like.Machine, like.Memory, err = thisMachine(watching, ownHistory())
	}
	if err != nil {
		complain(t, "", err)
		return ExitUsage
	}
	var records []pipeline.Record
	damaged := 0
	if len(f.words) > 0 {
		records, err = measured(ctx, t, like, f.words, *cpu, *events)
	} else {
		records, damaged, err = readHistory()
		if *engine != "" {
			records = only(records, *engine)
		}
	}
	switch {
	case ctx.Err() != nil:
		return ExitCancelled
	case err != nil:
		complain(t, "", err)
		return ExitFailed
	}
	return printProfile(t, records, damaged, *asJSON)
}

func only(records []pipeline.Record, engine string) (out []pipeline.Record) {
	for _, r := range records {
		if r.Engine == engine {
			out = append(out, r)
		}
	}
	return out
}

// profileReport is the JSON of the command.
type profileReport struct {
	Note     string                 `json:"note,omitempty"`
	Damaged  int                    `json:"damaged_lines,omitempty"`
	Profiles []pipeline.Profile     `json:"profiles"`
	Forecast pipeline.ForecastError `json:"forecast"`
	Accuracy []gpu.Accuracy         `json:"gpu_accuracy,omitempty"`
	Rows     []pipeline.Row         `json:"rows"`
}

const noHistory = "nothing has been converted yet, so there is nothing to say: try 'orfeas convert' first, or name a picture"

func printProfile(t Terminal, records []pipeline.Record, damaged int, asJSON bool) int {
	r := profileReport{Damaged: damaged, Profiles: []pipeline.Profile{}, Rows: []pipeline.Row{}}
	if len(records) > 0 {
		r.Profiles, r.Rows = pipeline.Profiles(records), pipeline.Rows(records)
		r.Forecast = pipeline.HeldOut(records)
		r.Accuracy = gpu.Accuracies(pipeline.Runs(records))
	} else {
		r.Note = noHistory
	}
	if asJSON {
		data, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			complain(t, "", err)
			return ExitFailed
		}
		fmt.Fprintf(t.Out, "%s\n", data)
		return ExitOK
	}
	if r.Note != "" {
		fmt.Fprintln(t.Out, r.Note)
	}
	profiles := r.Profiles
	if len(profiles) == 2 {
		profiles = profiles[1:] // of one engine, all together are the same
	}
	for i, p := range profiles {
		if i > 0 {
			fmt.Fprintln(t.Out)
		}
		fmt.Fprint(t.Out, p)
	}
	if said := r.Forecast.String(); said != "" {
		fmt.Fprintln(t.Out, said)
	}
	for _, a := range r.Accuracy {
		fmt.Fprintln(t.Out, a.Words)
	}
	if damaged > 0 {
		fmt.Fprintf(t.Err, "orfeas: note: %d lines of the history are damaged and were left out\n", damaged)
	}
	return ExitOK
}

// measured converts the pictures, the rest of whose work is like another, under Go's profiler and tracer, where asked for,
// and returns what each cost.
func measured(ctx context.Context, t Terminal, like pipeline.Work, pictures []string, cpu, events string) (records []pipeline.Record, err error) {
	dir, err := os.MkdirTemp("", "orfeas-profile-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for _, r := range []struct {
		path  string
		start func(io.Writer) error
		stop  func()
	}{{cpu, pprof.StartCPUProfile, pprof.StopCPUProfile}, {events, trace.Start, trace.Stop}} {
		if r.path == "" {
			continue
		}
		stop, failed := recording(r.path, r.start, r.stop)
		if failed != nil {
			return nil, failed
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	for _, p := range pictures {
		bars := &bars{t: t}
		w := like
		w.Picture, w.Title = p, pipeline.Title(p)
		w.Outputs = []pipeline.Output{{Path: filepath.Join(dir, "out.stl"), Format: export.Formats[0]}}
		row := bars.begin(filepath.Base(p), w.Settings)
		err := pipeline.Run(ctx, &w, func(stage string, _ float64, stages []pipeline.StageInfo) { bars.show(row, stage, stages) })
		bars.end(row, func() {})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		records = append(records, w.Record(nil))
	}
	return records, nil
}

// recording starts one of Go's profilers into a file; what it returns stops it, closes the file and says whether all is in it.
func recording(path string, start func(io.Writer) error, stop func()) (func() error, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	out := &output{w: f} // the profilers do not say what could not be written
	if err := start(out); err != nil {
		return nil, errors.Join(fmt.Errorf("record %s: %w", path, err), f.Close(), os.Remove(path))
	}
	return func() error { stop(); return errors.Join(out.problem(), f.Close()) }, nil
}
