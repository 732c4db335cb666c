package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// sampleEvery is how often the GPU's memory is looked at for the timings.
const sampleEvery = 250 * time.Millisecond

// here converts the pictures in this process: one after the other, but for those that load a network together. told hears
// of each what came of it.
func (c *conversion) here(ctx context.Context, t Terminal, pictures []string, told func(picture string, err error)) int {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	machine, memory, err := thisMachine(watching, c.history)
	if err != nil {
		complain(t, "", err)
		return ExitUsage
	}
	bars := &bars{t: t}
	paths, titles, rows := c.paths(pictures), titles(pictures), make([]*row, len(pictures))
	works := make([]*pipeline.Work, len(pictures)) // in their first stage
	outcomes, starts := make([]outcome, len(pictures)), make([]time.Time, len(pictures))
	work := func(i int) *pipeline.Work {
		in := pictures[i]
		w := &pipeline.Work{
			Settings: c.settings, Picture: in, Shots: c.shots, Title: pipeline.Title(in), Memory: memory, Machine: machine,
			Outputs: []pipeline.Output{{Path: paths[i], Format: c.format}},
		}
		if c.preview != "" || c.format.Name == "3mf" {
			w.Preview = preview
		}
		outcomes[i].Picture, starts[i] = in, time.Now()
		works[i], rows[i] = w, bars.begin(titles[i], w.Settings)
		bars.expect(rows[i], pipeline.NewForecast(c.past, w))
		return w
	}
	see := func(i int, stage string, stages []pipeline.StageInfo) {
		if outcomes[i].Stages = stages; stage != pipeline.Line[0].Name && works[i] != nil { // more of the picture is known
			bars.expect(rows[i], pipeline.NewForecast(c.past, works[i]))
			works[i] = nil
		}
		bars.show(rows[i], stage, stages)
	}
	defer bars.close()
	_ = pipeline.RunAll(ctx, len(pictures), work, see, func(i int, w *pipeline.Work, err error) {
		bars.end(rows[i], func() {
			outcomes[i].Seconds = time.Since(starts[i]).Seconds()
			told(pictures[i], c.done(ctx, t, w, outcomes[i], err))
		})
	}) // its error is that of ctx, as the caller sees
	return ExitOK
}

// thisMachine is what networks are run on, with the limits of the environment, and the memory of its GPU, looked at until
// ctx is done. The error is one of the environment's.
func thisMachine(ctx context.Context, h *pipeline.History) (m *pipeline.Machine, memory *gpu.MemoryProfile, err error) {
	m = &pipeline.Machine{Probe: gpu.Visible(gpu.NVML()), History: h}
	if m.Limit, err = pipeline.MemoryLimit(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", pipeline.LimitVariable, err)
	}
	if m.Batch, err = pipeline.Batch(); err != nil {
		return nil, nil, err
	}
	return m, gpu.Follow(ctx, m.Probe, sampleEvery), nil
}

// ownHistory is that of the user's conversions; nil when there is nowhere to keep one.
func ownHistory() *pipeline.History {
	dir, err := pipeline.DataDir()
	if err != nil {
		return nil
	}
	h := pipeline.HistoryIn(dir)
	return &h
}

// titles are the names by which pictures are shown: those of their files, with the folder where that does not tell them apart.
func titles(pictures []string) []string {
	times := map[string]int{}
	for _, p := range pictures {
		times[filepath.Base(p)]++
	}
	out := make([]string, len(pictures))
	for i, p := range pictures {
		if out[i] = filepath.Base(p); times[out[i]] > 1 {
			out[i] = p
		}
	}
	return out
}

// done draws and says what came of a picture, and remembers what it cost; err is why nothing did.
func (c *conversion) done(ctx context.Context, t Terminal, w *pipeline.Work, o outcome, err error) error {
	c.remember(t, w.Record(err))
	if err == nil && c.preview != "" {
		err = savePreview(ctx, c.preview, w.Mesh)
		o.Preview = c.preview
	}
	if err == nil && c.backlit != "" {
		err = savePNG(ctx, c.backlit, w.Backlit)
	}
	if err == nil {
		o.Output, o.Cutout, o.Certificate, o.Notes = w.Files[0], w.Subject.How, &w.Certificate, w.Notes
	}
	return c.say(t, o, err)
}
