package pipeline

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// beatEvery is how often a worker that has jobs says how much processor time it has used.
const beatEvery = 250 * time.Millisecond

// asleep is the share of a core under which a worker counts as doing nothing. Saying so and watching the memory takes a
// tenth of it; on a machine that is very busy otherwise a worker may not get much more.
const asleep = 0.02

// errHung says why a worker was killed that gave no sign of life.
var errHung = errors.New("it hung")

// pulse is how long a worker has given no sign of life.
type pulse struct {
	still  time.Duration
	looked time.Time
	beat   time.Time
	cpu    time.Duration
}

// beats takes in how much processor time the worker had used by now. Working is a sign of life.
func (p *pulse) beats(now time.Time, cpu time.Duration) {
	if past := now.Sub(p.beat); float64(cpu-p.cpu) > asleep*float64(past) {
		p.still = 0
	}
	p.beat, p.cpu = now, cpu
}

// look adds the time since it was looked at last. A gap much longer than usual, as when the machine slept, counts as the
// usual time only.
func (p *pulse) look(now time.Time, usual time.Duration) time.Duration {
	if !p.looked.IsZero() {
		p.still += min(now.Sub(p.looked), 4*usual)
	}
	p.looked = now
	return p.still
}

// watchdog kills a worker that has jobs and has neither said anything new of them nor used the processor for longer than
// Patience. That counts against its jobs like any other death. A stage that is busy for ever is not found out.
func (q *Queue) watchdog() {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.child
	if c == nil || c.ending || c.leave != nil || q.options.Patience < 0 {
		return
	}
	if len(c.runs) == 0 {
		c.pulse.still = 0
	}
	if c.pulse.look(time.Now(), q.options.Poll) > q.options.Patience {
		c.hung = fmt.Errorf("%w: no progress and no processor time for %s", errHung, strings.Replace(q.options.Patience.String(), "m0s", "m", 1))
		c.kill()
	}
}
