package gpu

import (
	"fmt"
	"slices"
	"strings"
)

// Room is a memory at one moment.
type Room struct {
	Total uint64 `json:"total_bytes"`
	Free  uint64 `json:"free_bytes"`
	Held  uint64 `json:"held_bytes"`            // of what is used, by the model the job would use anyway
	Limit uint64 `json:"limit_bytes,omitempty"` // the most a job may take in any case; 0 for none
}

// What is left free: a part of the memory for others and for what was not foreseen, and never less than a margin.
const (
	Target = 0.85    // of the memory may be used, with what others use
	Margin = 1 << 30 // bytes stay free in any case
)

// Budget is how much a job may take: what is free, and what it holds already, less 15 % of all or 1 GB, whichever is more,
// and not more than the limit.
func (r Room) Budget() uint64 {
	keep := max(uint64((1-Target)*float64(r.Total)), Margin)
	budget := max(r.Free+r.Held, keep) - keep
	if r.Limit > 0 {
		budget = min(budget, r.Limit)
	}
	return budget
}

// share is how full the memory is when a job takes so much.
func (r Room) share(bytes uint64) float64 {
	if r.Total == 0 {
		return 0
	}
	return float64(r.Total-min(r.Total, r.Free+r.Held)+bytes) / float64(r.Total)
}

// MaxBatch is the greatest batch that is ever recommended.
const MaxBatch = 32

// Optimizer predicts memory on one kind of device, from what was measured there or else by the formula. It is a value:
// asking changes nothing.
type Optimizer struct {
	Device string // by [Device.Key]
	Runs   []Run  // the history, oldest first
}

// Estimate predicts what a need takes.
func (o Optimizer) Estimate(n Need) Estimate {
	if n.None() {
		return Estimate{}
	}
	e, ok := Measure(o.Runs, o.Device, n)
	if !ok {
		e.Fixed, e.Picture = min(n.Weights, absurd), Formula(n)
	}
	if n.InTurn {
		e.Fixed, e.Picture = e.Fixed+e.Picture, 0
	}
	return e
}

// BatchRecommendation is how many pictures to take at once.
type BatchRecommendation struct {
	Batch     int      `json:"batch"` // 0 when not even one fits
	Today     int      `json:"today"` // what is taken now
	Queue     int      `json:"queue"` // pictures that wait
	Predicted uint64   `json:"predicted_bytes"`
	Budget    uint64   `json:"budget_bytes"`
	Share     float64  `json:"share"` // of the memory in use then, with what others use
	Estimate  Estimate `json:"estimate"`
	Words     string   `json:"words"`
}

// Batch recommends how many of the pictures that wait to take at once, where today so many are taken.
func (o Optimizer) Batch(room Room, n Need, queue, today int) BatchRecommendation {
	e := o.Estimate(n)
	r := BatchRecommendation{Today: today, Queue: queue, Budget: room.Budget(), Estimate: e}
	if n.None() {
		r.Batch, r.Share = min(queue, 1), room.share(0)
		r.Words = n.Engine + " uses no GPU memory; pictures are done one by one"
		return r
	}
	most := min(queue, MaxBatch)
	for b := 1; b <= most && e.Bytes(b) <= r.Budget; b++ {
		r.Batch = b
	}
	r.Predicted = e.Bytes(max(r.Batch, 1))
	r.Share = room.share(r.Predicted)
	r.Words = r.words(room)
	return r
}

func (r BatchRecommendation) words(room Room) string {
	if r.Batch == 0 && r.Queue > 0 {
		return fmt.Sprintf("not even one picture fits: it would take %.1f GB%s, and %.1f of %.1f GB may be used", gb(r.Predicted), r.Estimate.source(), gb(r.Budget), gb(room.Total))
	}
	if r.Queue <= 0 {
		return fmt.Sprintf("no picture waits; one would use %.0f %% of %.1f GB%s", 100*r.Share, gb(room.Total), r.Estimate.source())
	}
	s := fmt.Sprintf("a batch of %d would use %.0f %% of %.1f GB%s", r.Batch, 100*r.Share, gb(room.Total), r.Estimate.source())
	switch {
	case r.Batch == MaxBatch:
	case r.Batch == r.Queue:
		s += "; no more pictures wait"
	default:
		s += fmt.Sprintf("; %d would need %.1f GB of the %.1f that may be used", r.Batch+1, gb(r.Estimate.Bytes(r.Batch+1)), gb(r.Budget))
	}
	return fmt.Sprintf("%s; today %d", s, r.Today)
}

// source says in brackets what an estimate rests on.
func (e Estimate) source() string {
	switch e.Runs {
	case 0:
		return " (by the formula, nothing was measured yet)"
	case 1:
		return " (by 1 measured run)"
	}
	return fmt.Sprintf(" (by %d measured runs)", e.Runs)
}

// Accuracy compares what was predicted of one engine, resolution and precision with what was measured.
type Accuracy struct {
	Device    string  `json:"device"`
	Need      Need    `json:"need"`
	Runs      int     `json:"runs"`
	Full      int     `json:"full"`            // runs that ended because the memory was full
	Predicted uint64  `json:"predicted_bytes"` // medians, per run
	Actual    uint64  `json:"actual_bytes"`
	Error     float64 `json:"error"` // median of |predicted - actual| / actual
	Words     string  `json:"words"`
}

// Accuracies compares over the whole history, in the order in which the kinds first appeared. Steps and weights are those of
// the first run of a kind.
func Accuracies(runs []Run) []Accuracy {
	var out []Accuracy
	var predicted, actual, off [][]float64
	for _, r := range runs {
		i := slices.IndexFunc(out, func(a Accuracy) bool { return a.Device == r.Device && a.Need.like(r.Need) })
		if i < 0 {
			i = len(out)
			out = append(out, Accuracy{Device: r.Device, Need: r.Need})
			predicted, actual, off = append(predicted, nil), append(actual, nil), append(off, nil)
		}
		if r.Full {
			out[i].Full++
			continue
		}
		out[i].Runs++
		p, a := float64(r.Predicted), float64(r.Actual)
		predicted[i], actual[i] = append(predicted[i], p), append(actual[i], a)
		if a > 0 {
			off[i] = append(off[i], max(p-a, a-p)/a)
		}
	}
	for i := range out {
		a := &out[i]
		a.Predicted, a.Actual, a.Error = uint64(median(predicted[i])), uint64(median(actual[i])), median(off[i])
		what := strings.TrimSpace(fmt.Sprintf("%s at %d in %s", a.Need.Engine, a.Need.Resolution, a.Need.Precision))
		a.Words = fmt.Sprintf("%s on %s: %.1f GB predicted, %.1f measured, %.0f %% apart, over %d runs", what, a.Device, gb(a.Predicted), gb(a.Actual), 100*a.Error, a.Runs)
		if a.Full > 0 {
			a.Words += fmt.Sprintf("; %d ran out of memory", a.Full)
		}
	}
	return out
}
