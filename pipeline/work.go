package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// work keeps the worker busy, and an eye on the folder, until ctx is done.
func (q *Queue) work(ctx context.Context) {
	defer close(q.ended)
	idle := time.NewTimer(q.options.Idle)
	poll := time.NewTicker(q.options.Poll)
	defer idle.Stop()
	live := time.NewTicker(q.options.Poll / 2)
	defer poll.Stop()
	defer live.Stop()
	for {
		if q.feed() {
			idle.Reset(q.patience())
		}
		select {
		case <-ctx.Done():
			q.close()
			return
		case <-q.wake:
		case <-poll.C:
			q.look()
			q.watchdog()
		case <-live.C:
			q.live()
		case <-idle.C:
			q.rest()
		}
	}
}

// patience is how long the worker stays without a job.
func (q *Queue) patience() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.options.Idle
}

// Renew starts the worker anew as soon as it has no job, so that it sees what has changed in the environment, and lets it
// stay that long without one from then on.
func (q *Queue) Renew(idle time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.options.Idle = idle
	q.renew = q.child != nil
	q.nudge()
}

// feed gives the worker as many jobs as may be on the line, and reports whether any are.
func (q *Queue) feed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.renew {
		q.restLocked()
	}
	for {
		e := q.next()
		if e == nil {
			return q.child != nil && len(q.child.runs) > 0
		}
		if q.child == nil && q.options.Runner != nil {
			q.child = employ(q.options.Runner, q.heard, q.died)
		}
		if q.child == nil {
			c, err := hire(q.options.Worker(q.store.dir), q.heard, q.died)
			if err != nil {
				q.stop(fmt.Sprintf("the worker cannot be started: %v", err), "Start the program anew.")
				return false
			}
			q.child = c
		}
		j := e.job.fresh(e.job.Added)
		j.State, j.Started, j.Kills, j.Boot = Running, time.Now(), e.job.Kills, q.boot
		if err := q.change(e, j); err != nil {
			q.stopBy(err)
			return false
		}
		q.child.runs[j.ID] = &run{entry: e}
		q.child.tell(order{Do: j.Folder, Network: j.Settings.network()})
	}
}

// next is the job that may start now. One that was on the line when a worker died runs alone, so that it is known who did
// it if that happens again.
func (q *Queue) next() *entry {
	if q.lock == nil || q.options.Worker == nil && q.options.Runner == nil || q.status.Paused || q.status.Problem != "" {
		return nil
	}
	running := 0
	if q.child != nil {
		if q.child.ending || q.renew {
			return nil
		}
		for _, r := range q.child.runs {
			if r.entry.job.Kills > 0 {
				return nil
			}
		}
		running = len(q.child.runs)
	}
	for _, e := range q.entries {
		if e.job.State != Queued || q.doing(e) {
			continue
		}
		if running >= q.abreast(e) || e.job.Kills > 0 && running > 0 {
			return nil
		}
		return e
	}
	return nil
}

// abreast is how many jobs may be on the line when the next is e: more where all of them have the same network and the
// worker loads it for several together.
func (q *Queue) abreast(e *entry) int {
	network := e.job.Settings.network()
	if q.child == nil || q.child.batch < 2 || network == "" {
		return q.options.Abreast
	}
	for _, r := range q.child.runs {
		if r.entry.job.Settings.network() != network {
			return q.options.Abreast
		}
	}
	return q.options.Abreast - 1 + q.child.batch
}

// doing reports whether the worker has not let go of the job.
func (q *Queue) doing(e *entry) bool { return q.child != nil && q.child.runs[e.job.ID] != nil }

// heard takes in what the worker says.
func (q *Queue) heard(c *child, n news) {
	q.mu.Lock()
	defer q.unlock()
	if n.ID == "" {
		c.ready, q.stillbirths = true, 0
		c.pulse.beats(time.Now(), time.Duration(n.CPU*float64(time.Second)))
		if n.Batch > 0 {
			c.batch = n.Batch
			q.nudge()
		}
		return
	}
	c.pulse.still = 0
	r := c.runs[n.ID]
	if r == nil {
		return
	}
	r.began = true
	e := r.entry
	if !n.State.Over() && !n.Stuck {
		if e.job.State == Running {
			e.job.Stage, e.job.Step, e.job.Progress, e.job.Stages = n.Stage, n.Step, n.Progress, n.Stages
			q.tell(e.job)
		}
		return
	}
	delete(c.runs, n.ID)
	q.nudge()
	switch {
	case e.job.State == Removed:
		_ = q.drop(n.ID) // the next sweep tries again
	case e.job.State == Running && n.Stuck:
		q.back(e)
		q.stop(n.Problem, n.Hint)
	case e.job.State == Running:
		q.settle(e, n.Job)
	}
}

// settle writes down how a job ended. Where that cannot be, the job was not done.
func (q *Queue) settle(e *entry, n Job) {
	j := e.job
	j.State, j.Stage, j.Step, j.Progress, j.Stages = n.State, n.Stage, "", n.Progress, n.Stages
	j.Result, j.Problem, j.Hint, j.Ended, j.Boot = n.Result, n.Problem, n.Hint, time.Now(), ""
	j.Kills, j.Said = max(j.Kills, n.Kills), n.Said // of a worker elsewhere
	if err := q.change(e, j); err != nil {
		q.back(e)
		q.stopBy(err)
	}
}

// back puts a running job where it came from. A disk that does not take that has it as running still, which is the same
// to the next who reads it.
func (q *Queue) back(e *entry) {
	j := e.job.fresh(e.job.Added)
	j.Kills = e.job.Kills
	if q.change(e, j) != nil {
		e.job = j
		q.tell(j)
	}
}

// died settles what a worker had in hand when it ended.
func (q *Queue) died(c *child, err error) {
	q.mu.Lock()
	defer q.unlock()
	q.child, q.renew = nil, false
	q.nudge()
	for _, r := range c.runs {
		e := r.entry
		q.store.tidy(e.job.Folder)
		switch {
		case e.job.State == Removed:
			_ = q.drop(e.job.ID)
		case e.job.State != Running:
		case c.ending || !r.began && c.hung == nil:
			q.back(e)
		default:
			q.blame(e, c, err)
		}
	}
	if !c.ready && !c.ending {
		if q.stillbirths++; q.stillbirths >= 5 {
			q.stop(fmt.Sprintf("the worker does not start: %v", errors.Join(err, last(c.tail.lines()))), "Start the program anew.")
		}
	}
}

// blame counts a worker's death against a job, and sets it aside the second time.
func (q *Queue) blame(e *entry, c *child, err error) {
	e.job.Kills++
	if e.job.Kills < 2 {
		q.back(e)
		return
	}
	if err == nil {
		err = errors.New("it ended by itself")
	}
	if c.hung != nil {
		err = c.hung
	}
	j := e.job.aside(fmt.Sprintf("%s: the worker died twice of this picture: %v", e.job.Stage, err))
	j.Said = c.tail.lines()
	if err := q.change(e, j); err != nil {
		q.back(e)
		q.stopBy(err)
	}
}

func last(lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	return errors.New(lines[len(lines)-1])
}

// letGo tells the worker to let go of a job, and ends it when it does not listen.
func (q *Queue) letGo(e *entry) {
	if !q.doing(e) {
		return
	}
	c, id := q.child, e.job.ID
	r := c.runs[id]
	c.tell(order{Stop: e.job.Folder})
	time.AfterFunc(q.options.Grace, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if c.runs[id] == r {
			c.ending = true
			c.kill()
		}
	})
}

// rest ends a worker that has nothing to do, so that the memory it holds is free.
func (q *Queue) rest() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.restLocked()
}

func (q *Queue) restLocked() {
	if c := q.child; c != nil && len(c.runs) == 0 {
		c.ending = true
		c.in.Close()
	}
}

// stop says why the queue does not go on; jobs stay as they are until Resume.
func (q *Queue) stop(problem, hint string) {
	s := q.status
	s.Problem, s.Hint = problem, hint
	q.say(s)
}

func (q *Queue) stopBy(err error) {
	problem, hint := Explain(err)
	q.stop(problem, hint)
}
