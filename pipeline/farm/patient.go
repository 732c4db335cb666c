package farm

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// patient is a context for what comes over a slow line: it ends when nothing has come for transferTime, not when all of it takes
// long. Its cause is [context.DeadlineExceeded] then.
type patient struct {
	context.Context
	silence *time.Timer
	until   atomic.Int64 // when the silence will have been too long, in nanoseconds since 1970
}

func patiently(ctx context.Context) (p *patient, done func()) {
	ctx, leave := context.WithCancelCause(ctx)
	p = &patient{Context: ctx, silence: time.AfterFunc(transferTime, func() { leave(context.DeadlineExceeded) })}
	p.came()
	return p, func() {
		p.silence.Stop()
		leave(nil)
	}
}

// came notes that something has.
func (p *patient) came() {
	p.until.Store(time.Now().Add(transferTime).UnixNano())
	p.silence.Reset(transferTime)
}

// Deadline moves with what comes. Those who read from JetStream ask for it before every read.
func (p *patient) Deadline() (time.Time, bool) {
	until := time.Unix(0, p.until.Load())
	if first, ok := p.Context.Deadline(); ok && first.Before(until) {
		return first, true
	}
	return until, true
}

// of is a reader whose every byte keeps the context alive.
func (p *patient) of(r io.Reader) io.Reader { return heartbeat{r, p} }

type heartbeat struct {
	io.Reader
	p *patient
}

func (h heartbeat) Read(b []byte) (int, error) {
	n, err := h.Reader.Read(b)
	if n > 0 {
		h.p.came()
	}
	return n, err
}
