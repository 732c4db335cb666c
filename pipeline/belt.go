package pipeline

import (
	"context"
	"sync"
	"time"

	"orfeas/gpu"
)

// belt is the line with several jobs on it: each in another stage, but for those that load a network together.
type belt struct {
	begun func(most int) // told when a batch begins, and of how many at most

	mu    sync.Mutex
	last  *place // of the job that came last
	batch *batch // that was begun last and may grow; nil when there is none
}

func newBelt(begun func(most int)) *belt {
	b := &belt{begun: begun, last: newPlace(nil)}
	b.last.give()
	return b
}

// come is the place of the next job; network is its engine when it has a network, else empty.
func (b *belt) come(network string) *place {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = newPlace(b.last)
	b.last.network = network
	b.invite()
	return b.last
}

// put has a work take its turns by a place. Who does it gives the place back when the work is over, and takes it out of its
// batch.
func (b *belt) put(w *Work, p *place) {
	w.Enter = p.enter
	if p.network != "" {
		w.Share = func(most int, before gpu.Reading) *Company { return b.share(p, most, before) }
	}
}

// letGo is how long works that are told to stop may take for it.
const letGo = 400 * time.Millisecond

// RunAll is [Run] for n works, one after the other but for those that load their network together, as many as
// [Machine.Batch] and the memory allow. work makes one when its turn has come, one call at a time; see is told how far which
// is, one call at a time for each; over is told what came of it, from this goroutine. One that fails, or panics, costs only
// itself.
//
// It ends with ctx and its error. What has not stopped a moment later, as a network that is being loaded, is left
// behind: the caller is to end the process.
func RunAll(ctx context.Context, n int, work func(i int) *Work, see func(i int, stage string, stages []StageInfo), over func(i int, w *Work, err error)) error {
	var (
		b       *belt
		mu      sync.Mutex
		next    int
		running int
		abreast = 1
		ended   = make(chan func(), n)
	)
	begin := func(i int) {
		w := work(i)
		p := b.come(w.Settings.network())
		b.put(w, p)
		go func() {
			err := guarded(ctx, w, func(stage string, _ float64, stages []StageInfo) { see(i, stage, stages) })
			b.part(p)
			ended <- func() { over(i, w, err) }
			p.give()
		}()
	}
	// feed has as many on the line as may be, and says how many that are. It is also called by the work that begins a batch,
	// so that the others are there before it goes on.
	feed := func(over, most int) int {
		mu.Lock()
		defer mu.Unlock()
		running, abreast = running-over, max(abreast, most)
		for ; next < n && running < abreast && ctx.Err() == nil; next++ {
			begin(next)
			running++
		}
		return running
	}
	b = newBelt(func(most int) { feed(0, most) })
	stop, late := ctx.Done(), (<-chan time.Time)(nil)
	for on := feed(0, 1); on > 0; {
		select {
		case tell := <-ended:
			tell()
			on = feed(1, 1)
		case <-stop:
			stop, late = nil, time.After(letGo)
		case <-late:
			return ctx.Err()
		}
	}
	return ctx.Err()
}
