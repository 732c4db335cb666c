package pipeline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// look takes in what other processes did in the folder, and takes the queue over when nobody has it.
func (q *Queue) look() {
	q.mu.Lock()
	defer q.unlock()
	ours := q.lock != nil // already: what is on the disk is what we have put there
	if !ours {
		q.claim()
	}
	ids, err := q.store.ids()
	if err != nil {
		return // claim has said why
	}
	known := map[string]*entry{}
	for _, e := range q.entries {
		known[e.job.ID] = e
	}
	for _, id := range ids {
		e := known[id]
		delete(known, id)
		if e == nil || !ours {
			q.notice(id, e)
		}
	}
	for _, e := range known {
		if !q.doing(e) {
			q.forget(e) // somebody deleted its folder
		}
	}
	q.sort()
	s := q.status
	_, err = os.Stat(filepath.Join(q.store.dir, pauseFile))
	s.Paused = err == nil
	q.say(s)
}

// claim makes this the process that works, if there is none.
func (q *Queue) claim() {
	err := os.MkdirAll(q.store.dir, 0o700)
	if err == nil {
		q.lock, err = lockFile(filepath.Join(q.store.dir, queueLock))
	}
	switch {
	case errors.Is(err, errHeld):
		who := strings.TrimPrefix(err.Error(), errHeld.Error()+": ")
		q.say(Status{
			Watches: true, Elsewhere: true, Problem: fmt.Sprintf("another ORFEAS Studio (%s) works on this queue", who),
			Hint: "Pictures can be added here, they are done there. To stop or remove jobs, go there or close it.",
		})
	case err != nil:
		problem, hint := Explain(err)
		q.say(Status{Watches: true, Problem: problem, Hint: hint})
	default:
		q.say(Status{})
		q.gone = append(q.gone, q.store.sweep(time.Now())...)
		os.Remove(filepath.Join(q.store.dir, liveFile))
		for _, e := range q.entries {
			e.read = nil // all is read anew
		}
	}
}

// notice takes in a job's folder that is new, when e is nil, or may have been changed by another process.
func (q *Queue) notice(id string, e *entry) {
	info, err := os.Stat(filepath.Join(q.store.folder(id), jobFile))
	if err == nil && e != nil && e.read != nil && os.SameFile(info, e.read) && info.ModTime().Equal(e.read.ModTime()) {
		return
	}
	j := q.store.load(id)
	if j.State == Removed {
		if e != nil {
			q.forget(e)
		}
		if q.lock != nil && (q.child == nil || q.child.runs[id] == nil) {
			_ = q.drop(id) // the process that was about to is gone
		}
		return
	}
	if e == nil {
		e = q.keep(j)
		q.nudge()
	}
	e.read = info
	q.adopt(e, j)
}

// adopt takes a job as it is on the disk. For the one who works, one that is running there is one whose worker is gone:
// it starts again. When the machine has been started since, that went down while it ran, which counts like the death of
// a worker; when it was only the process that is gone, the job is not to blame.
func (q *Queue) adopt(e *entry, j Job) {
	if q.lock != nil && j.State == Running {
		kills := j.Kills
		if j.Boot != "" && q.boot != "" && j.Boot != q.boot {
			kills++
		}
		if kills < 2 {
			j = j.fresh(j.Added)
		} else {
			j = j.aside("the machine went down while this picture was done, and it was not the first time that something died of it")
		}
		j.Kills = kills
		_ = q.store.save(j) // for those who watch; to us running and queued are the same there
	}
	e.job = j
	q.tell(j)
}

// close ends the worker and lets go of the queue.
func (q *Queue) close() {
	q.mu.Lock()
	c := q.child
	if c != nil {
		c.ending = true
		c.in.Close() // it ends at once by itself
		c.kill()
	}
	q.mu.Unlock()
	if c != nil {
		<-c.gone
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.lock != nil {
		os.Remove(filepath.Join(q.store.dir, liveFile))
		q.lock.Close()
		q.lock = nil
		q.stop("the queue is closed", "")
	}
}
