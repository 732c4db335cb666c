package pipeline

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"orfeas/gpu"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/onnx"
)

// BatchVariable is the environment variable that says how many pictures at most load each network together. The first mesh
// of so many comes when the last picture has been through all but the last part of the network.
const BatchVariable = "ORFEAS_BATCH"

// UsualBatch is how many do when nothing else is said, on a GPU: seven of eight loads are saved. On the processor loading is
// a small part of the work, and the first picture would wait for all.
const UsualBatch = 8

// Batch is what the environment says, 0 for nothing. The error wraps [ErrSettings].
func Batch() (int, error) {
	s := os.Getenv(BatchVariable)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > gpu.MaxBatch {
		return 0, fmt.Errorf("%w: %s is a number of pictures from 1 to %d, not %q", ErrSettings, BatchVariable, gpu.MaxBatch, s)
	}
	return n, nil
}

// BatchToday is how many pictures load a network together on a GPU.
func BatchToday() int {
	n, err := Batch()
	if err != nil || n == 0 {
		return UsualBatch
	}
	return n
}

// batch is how many pictures are to load the networks of a ladder together: what is recommended for the first rung that
// fits, and no more than the user says.
func (m *Machine) batch(ladder []engine.Rung, now gpu.Reading) int {
	most := m.Batch
	if most == 0 && ladder[0].On.Provider != onnx.CPU {
		most = UsualBatch
	}
	if most < 2 {
		return 1
	}
	runs := m.runs()
	for _, r := range ladder {
		at := m.place(r, now)
		if at.Room.Total == 0 {
			return most // everything fits into what does not say how large it is
		}
		if b := (gpu.Optimizer{Device: at.Device, Runs: runs}).Batch(at.Room, r.Need, most, 1).Batch; b > 0 {
			return b
		}
	}
	return 1
}

// Company is what a job has of others that load networks together with it.
type Company struct {
	*onnx.Member
	Before gpu.Reading // of the memory, when nothing of the networks was in it
	First  bool        // it measures what they take, for all
}

// batch is a number of jobs that follow each other on a belt, have the same engine and load its networks together. Its
// fields are guarded by the belt's lock.
type batch struct {
	onnx.Batch
	before gpu.Reading
	most   int
	size   int
	last   *place // of those who were asked
}

// share begins a batch with the job at p, of so many, unless that has been asked into one. It returns nil for a job that is
// to be alone.
func (b *belt) share(p *place, most int, before gpu.Reading) *Company {
	b.mu.Lock()
	if c := p.company; c != nil || most < 2 {
		b.mu.Unlock()
		return c
	}
	b.batch = &batch{before: before, most: most, size: 1, last: p}
	p.company = &Company{b.batch.Join(), before, true}
	b.invite()
	b.mu.Unlock()
	b.begun(most)
	return p.company
}

// invite asks those into the batch who come next and have its engine, as long as all are at the first part of the network. A
// batch that cannot grow any more is forgotten, and with it the places behind it.
func (b *belt) invite() {
	c := b.batch
	for c != nil && c.last.next != nil {
		p := c.last.next
		if c.size == c.most || p.network != c.last.network {
			b.batch = nil
			return
		}
		if !p.over {
			member := c.Join()
			if member == nil {
				b.batch = nil
				return
			}
			p.company = &Company{member, c.before, false}
			close(p.invited)
			c.size++
		}
		c.last = p
	}
}

// part takes a job that is over out of its batch.
func (b *belt) part(p *place) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p.over = true
	if p.company != nil {
		p.company.Leave()
	}
}

// accompanied gives the job company for its network where there is some. leave has to be called when it is done with it.
func (w *Work) accompanied(ctx context.Context, ladder []engine.Rung, now gpu.Reading) (leave func()) {
	if w.Share != nil {
		w.company = w.Share(w.Machine.batch(ladder, now), now)
	}
	if w.company == nil {
		return func() {}
	}
	w.company.Begin(ctx, w.waits)
	if !w.company.First {
		w.joined()
	}
	return w.company.Leave
}
