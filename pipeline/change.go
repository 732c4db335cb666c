package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// mine finds a job that this process may change; q.mu is held.
func (q *Queue) mine(id string) (*entry, error) {
	if q.lock == nil {
		return nil, fmt.Errorf("job %s: %w", id, q.elsewhere())
	}
	return q.find(id)
}

// elsewhere is why this process may not change the queue.
func (q *Queue) elsewhere() error { return fmt.Errorf("%w: %s", ErrElsewhere, q.status.Problem) }

// Cancel stops a running job or takes a waiting one out of the line. A job that is over stays as it is.
func (q *Queue) Cancel(id string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	e, err := q.mine(id)
	if err != nil || e.job.State.Over() {
		return err
	}
	j := e.job
	j.State, j.Step, j.Ended = Cancelled, "", time.Now()
	if err := q.change(e, j); err != nil {
		return err
	}
	q.letGo(e)
	return nil
}

// unlock lets go of q.mu, then deletes what was taken out of the line meanwhile, which may take long.
func (q *Queue) unlock() (err error) {
	gone := q.gone
	q.gone = nil
	q.mu.Unlock()
	for _, folder := range gone {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return err
}

// Retry puts a job that is over at the end of the line again.
func (q *Queue) Retry(id string) error {
	q.mu.Lock()
	e, err := q.mine(id)
	if err != nil {
		q.mu.Unlock()
		return err
	}
	was := e.job
	q.mu.Unlock()
	if !was.State.Over() {
		return fmt.Errorf("retry job %s: %w: %s", id, ErrBusy, was.State)
	}
	if err := was.Settings.Check(); err != nil {
		return fmt.Errorf("retry job %s: %w", id, err)
	}
	j := was.fresh(time.Now())
	if j.Input == "" {
		if j.Folder, err = q.store.stage(); err == nil {
			defer os.RemoveAll(j.Folder)
			err = q.read(&j)
		}
		if err != nil {
			return fmt.Errorf("retry job %s: %w", id, err)
		}
	}
	return q.rejoin(was, j)
}

// rejoin puts j, which was read anew, at the end of the line in place of the job that it was, unless that has changed since.
func (q *Queue) rejoin(was, j Job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	e, err := q.mine(was.ID)
	if err != nil {
		return err
	}
	if e.job.State != was.State || !e.job.Ended.Equal(was.Ended) {
		return fmt.Errorf("retry job %s: %w: %s", was.ID, ErrBusy, e.job.State)
	}
	if j.Folder != was.Folder {
		if err := q.store.move(j.Folder, was.Folder); err != nil {
			return fmt.Errorf("retry job %s: %w", was.ID, err)
		}
		j.Folder = was.Folder
	}
	j.Turn = q.lastTurn() + 1
	if err := q.change(e, j); err != nil {
		return err
	}
	q.sort()
	q.nudge()
	return nil
}

// Again does what a job did anew, as another job at the end of the line.
func (q *Queue) Again(id string) (Job, error) {
	q.mu.Lock()
	e, err := q.find(id)
	if err != nil {
		q.mu.Unlock()
		return Job{}, err
	}
	j := e.job
	q.mu.Unlock()
	if j.Input == "" {
		return q.add(j.Picture, "", j.Settings, true, j.OtherShots())
	}
	return q.add(j.File(j.Input), j.Picture, j.Settings, true, j.OtherShots())
}

// Reorder puts a waiting job in front of another, or at the end when before is empty.
func (q *Queue) Reorder(id, before string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	e, err := q.mine(id)
	if err == nil && before != "" {
		_, err = q.find(before)
	}
	if err == nil && e.job.State != Queued {
		err = fmt.Errorf("%w: %s", ErrBusy, e.job.State)
	}
	if err != nil || id == before {
		return err
	}
	j := e.job
	if j.Turn, err = q.gap(before); err != nil {
		return err
	}
	if err := q.change(e, j); err != nil {
		return err
	}
	q.sort()
	return nil
}

// gap returns a turn between the job and the one before it.
func (q *Queue) gap(before string) (float64, error) {
	at := slices.IndexFunc(q.entries, func(e *entry) bool { return e.job.ID == before })
	if at < 0 {
		return q.lastTurn() + 1, nil
	}
	hi := q.entries[at].job.Turn
	lo := hi - 2
	if at > 0 {
		lo = q.entries[at-1].job.Turn
	}
	if mid := lo + (hi-lo)/2; lo < mid && mid < hi {
		return mid, nil
	}
	// Halved too often: those behind make room, the last one first, so that their order is right at any moment.
	for _, e := range slices.Backward(q.entries[at:]) {
		j := e.job
		j.Turn++
		if err := q.change(e, j); err != nil {
			return 0, err
		}
	}
	return lo + (hi+1-lo)/2, nil
}

// Remove stops a job and deletes it with all its files.
func (q *Queue) Remove(id string) (err error) {
	q.mu.Lock()
	defer func() { err = cmp.Or(err, q.unlock()) }()
	e, err := q.mine(id)
	if err != nil {
		return err
	}
	return q.remove(e)
}

func (q *Queue) remove(e *entry) error {
	if q.doing(e) {
		// The worker may be writing into the folder. It is deleted when that has let go, or, should this process end
		// before, by the next one.
		j := e.job
		j.State, j.Ended = Removed, time.Now()
		if err := q.change(e, j); err != nil {
			return err
		}
		q.letGo(e)
	} else if err := q.drop(e.job.ID); err != nil {
		return fmt.Errorf("remove job %s: %w", e.job.ID, err)
	}
	q.forget(e)
	return nil
}

// drop takes a job's folder out of the line; [Queue.unlock] deletes it.
func (q *Queue) drop(id string) error {
	gone, err := q.store.drop(id)
	q.gone = append(q.gone, gone)
	return err
}

// forget takes a job out of the list; its last word is [Removed].
func (q *Queue) forget(e *entry) {
	q.entries = slices.DeleteFunc(q.entries, func(o *entry) bool { return o == e })
	e.job.State = Removed
	q.tell(e.job)
}

// ClearDone removes the jobs that are done, with their meshes.
func (q *Queue) ClearDone() (err error) {
	q.mu.Lock()
	defer func() { err = cmp.Or(err, q.unlock()) }()
	if q.lock == nil {
		return q.elsewhere()
	}
	for _, e := range slices.Clone(q.entries) {
		if e.job.State == Done {
			err = errors.Join(err, q.remove(e))
		}
	}
	return err
}

// Pause lets the running jobs end and starts no others until Resume, also when the program is started anew.
func (q *Queue) Pause() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.lock == nil {
		return q.elsewhere()
	}
	f, err := os.Create(filepath.Join(q.store.dir, pauseFile))
	if err != nil {
		return fmt.Errorf("pause the queue: %w", err)
	}
	f.Close()
	s := q.status
	s.Paused = true
	q.say(s)
	return nil
}

// Resume goes on after Pause, and after the queue has stopped because of a problem.
func (q *Queue) Resume() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.lock == nil {
		return q.elsewhere()
	}
	if err := os.Remove(filepath.Join(q.store.dir, pauseFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("resume the queue: %w", err)
	}
	q.stillbirths = 0
	q.say(Status{})
	q.nudge()
	return nil
}
