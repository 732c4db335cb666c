package pipeline

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// liveFile is how far the running jobs are, for those who watch from another process: what job.json, which is written
// and synced when a state changes, does not say. It is worth nothing after a power cut, so it is renamed into place but not
// synced, and it is gone when nothing runs. What a process that was killed leaves is of attempts that are over.
const liveFile = ".live"

// live passes on how far the running jobs are, as the one who works, or takes it in, as one who watches.
func (q *Queue) live() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.lock == nil {
		q.overhear()
		return
	}
	if !q.moved {
		return
	}
	q.moved = false
	var now []Job
	for _, e := range q.entries {
		if e.job.State == Running {
			now = append(now, e.job)
		}
	}
	path := filepath.Join(q.store.dir, liveFile)
	if len(now) == 0 {
		os.Remove(path)
		return
	}
	data, err := json.Marshal(now)
	if err == nil {
		err = os.WriteFile(path+".part", data, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	if err != nil {
		os.Remove(path + ".part") // who watches sees a little less
	}
}

// overhear takes in how far the jobs are that another process runs.
func (q *Queue) overhear() {
	path := filepath.Join(q.store.dir, liveFile)
	info, err := os.Stat(path)
	if err != nil || info.ModTime().Equal(q.overheard) || info.Size() > maxJobFile {
		return
	}
	q.overheard = info.ModTime()
	data, err := os.ReadFile(path)
	var now []Job
	if err != nil || json.Unmarshal(data, &now) != nil {
		return
	}
	for _, n := range now {
		e, err := q.find(n.ID)
		// Of another attempt, or of one that is over already, it says nothing.
		if err != nil || e.job.State != Running || !e.job.Started.Equal(n.Started) || len(n.Stages) != len(Line) {
			continue
		}
		e.job.Stage, e.job.Step, e.job.Progress, e.job.Stages = n.Stage, n.Step, n.Progress, n.Stages
		q.tell(e.job)
	}
}
