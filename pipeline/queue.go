package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"orfeas/pipeline/mesh"
)

// ErrNoJob is wrapped when a job is not, or no longer, in the queue; ErrBusy when what is asked does not fit its state;
// ErrElsewhere when another process has the queue and has to be asked instead.
var (
	ErrNoJob     = errors.New("no such job")
	ErrBusy      = errors.New("the job is not in the right state")
	ErrElsewhere = errors.New("the queue cannot be changed from here")
)

// Queue is a folder of jobs, and the one who does them with the help of a worker process. Of several queues opened on
// one folder, in whatever processes, one works; the others watch and may add, and one of them goes on when it ends.
// Whatever a method changes is on the disk before it returns. All methods may be called from anywhere.
type Queue struct {
	store       store
	options     Options
	mu          sync.Mutex
	entries     []*entry // by turn
	made        int      // the highest number given
	lock        *os.File // held by the one that works, else nil
	status      Status
	child       *child // the worker, nil when there is none
	renew       bool   // the worker is to be started anew when it has no job
	stillbirths int    // workers in a row that died before they were ready
	boot        string // of the machine, by bootID
	past        recent // what past jobs cost
	moved       bool   // a running job, since who watches was told
	overheard   time.Time
	wake        chan struct{}
	watchers    []*watcher
	gone        []string // folders taken out of the line that unlock deletes
	ended       chan struct{}
	shown       struct { // the mesh last asked for
		id   string
		mesh *mesh.Mesh
	}
}

// Options are how a queue works. What is zero has its default.
type Options struct {
	// Worker makes the command that calls [Serve]; see [Self]. Nil for a queue that is only looked after, not worked on.
	Worker func(folder string) *exec.Cmd
	// Runner does the jobs in place of a worker process, as many at once as Abreast says; a farm, say. Nil for none.
	Runner  Runner
	Abreast int           // jobs that may be on the line at once, each in another stage; 3
	Idle    time.Duration // how long the worker stays without a job; a minute
	Grace   time.Duration // how long a stage may take to stop before the worker is killed; half a second
	Poll    time.Duration // how often the folder is looked at for what other processes did; a second

	History *History // of what past jobs cost, to say how long the next will take; nil for none

	// Patience is how long the worker may give no sign of life, that is, no progress and no processor time, before it is
	// killed; ten minutes, and for ever when it is negative.
	Patience time.Duration
}

// Status is what there is to say about a queue besides its jobs.
type Status struct {
	Paused  bool   `json:"paused"`
	Problem string `json:"problem,omitempty"` // why it has stopped, in a sentence; it goes on by Resume
	Hint    string `json:"hint,omitempty"`
	Watches bool   `json:"watches"` // another process works on it, or nobody can

	Elsewhere bool `json:"elsewhere,omitempty"` // it is another process that works on it
}

type entry struct {
	job  Job
	read os.FileInfo // of job.json as last read, where another process works
}

// Open opens the queue in a folder, which is made if need be, and works on it until ctx is done. What keeps it from
// working is said by its [Status] and tried again.
func Open(ctx context.Context, folder string, o Options) *Queue {
	o.Abreast = cmp.Or(o.Abreast, 3)
	o.Idle = cmp.Or(o.Idle, time.Minute)
	o.Grace = cmp.Or(o.Grace, time.Second/2)
	if o.Runner != nil {
		o.Grace = max(o.Grace, time.Minute) // nothing but its connection would be killed
	}
	o.Poll = cmp.Or(o.Poll, time.Second)
	o.Patience = cmp.Or(o.Patience, 10*time.Minute)
	q := &Queue{store: store{folder}, options: o, boot: bootID(), wake: make(chan struct{}, 1), ended: make(chan struct{})}
	if o.Runner != nil {
		q.boot = "" // this machine may go down without its being a job's fault
	}
	q.look()
	q.live()
	go q.work(ctx)
	return q
}

// Wait returns when the queue's context is done, its worker is gone and the queue can be opened by another.
func (q *Queue) Wait() { <-q.ended }

// Add checks the settings and puts a job for the picture at path at the end of the line. The same pictures with the same
// settings is not done again: the job that has it, or is about to, is returned instead. A picture that cannot be read
// becomes a failed job, so that the user sees which one it was. With shots of other sides it is a job of all of them.
func (q *Queue) Add(path string, s Settings, shots ...Shot) (Job, error) {
	return q.add(path, "", s, false, shots)
}

// AddAgain is Add, but never answers from history.
func (q *Queue) AddAgain(path string, s Settings, shots ...Shot) (Job, error) {
	return q.add(path, "", s, true, shots)
}

// AddUpload adds a picture that came over the wire and lies at path for the moment. It is known by name, which is only
// shown and never taken for a path; one that cannot be read is an error and no job. The same goes for shots.
func (q *Queue) AddUpload(path, name string, s Settings, again bool, shots ...Shot) (Job, error) {
	return q.add(path, name, s, again, shots)
}

// AddFrom adds the picture of another job, as that has it, with settings and shots of its own; [Job.OtherShots] are those the
// other job has.
func (q *Queue) AddFrom(id string, s Settings, shots ...Shot) (Job, error) {
	q.mu.Lock()
	e, err := q.find(id)
	if err == nil && e.job.Input == "" {
		err = fmt.Errorf("add job %s again: %w: its picture could not be read", id, ErrBusy)
	}
	if err != nil {
		q.mu.Unlock()
		return Job{}, err
	}
	j := e.job
	q.mu.Unlock()
	return q.add(j.File(j.Input), j.Picture, s, false, shots)
}

func (q *Queue) add(path, name string, s Settings, again bool, shots []Shot) (Job, error) {
	if err := s.Check(); err != nil {
		return Job{}, err
	}
	shots, err := arranged(shots)
	if err != nil {
		return Job{}, err
	}
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	for i, s := range shots {
		if full, err := filepath.Abs(s.Picture); err == nil && s.Path == "" {
			shots[i].Picture = full
		}
	}
	folder, err := q.store.stage()
	if err != nil {
		return Job{}, fmt.Errorf("add %s: %w", filepath.Base(path), err)
	}
	j := Job{Title: Title(path), Picture: path, Shots: shots, Settings: s, Folder: folder}.fresh(time.Now())
	err = q.read(&j)
	if err == nil && name != "" {
		j.Picture, j.Title = name, Title(name)
		if j.Input == "" {
			err = errors.New("the picture is gone")
		}
	}
	if err == nil {
		var known bool
		if j, known, err = q.enter(j, again); err == nil && !known {
			return j, nil
		}
	}
	err = errors.Join(err, os.RemoveAll(folder))
	if err != nil {
		return Job{}, fmt.Errorf("add %s: %w", filepath.Base(path), err)
	}
	return j, nil
}

// read takes the job's pictures into its folder; that one cannot be read becomes the job's state.
func (q *Queue) read(j *Job) error {
	name, sums, unread, err := take(j.Picture, j.Folder, "picture")
	shots := slices.Clone(j.Shots)
	for i := 0; i < len(shots) && unread == nil && err == nil; i++ {
		s, sum := &shots[i], ""
		s.Input, sum, unread, err = take(s.at(), j.Folder, string(s.Side))
		if unread != nil {
			unread = s.of(unread)
		}
		sums += fmt.Sprintf("\n%s %s", s.Side, sum)
	}
	if unread != nil {
		j.State, j.Ended = Failed, j.Added
		j.Problem, j.Hint = Explain(unread)
		return nil
	}
	j.Input, j.Shots, j.Key = name, shots, key(sums, j.Settings)
	return err
}

// enter puts a staged job in the line, unless there is one that gives the same.
func (q *Queue) enter(j Job, again bool) (Job, bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.entries {
		if !again && j.Key != "" && e.job.Key == j.Key && e.job.useful() {
			return e.job, true, nil
		}
	}
	j.Turn = q.lastTurn() + 1
	j, err := q.store.enter(j, q.made+1)
	if err != nil {
		return j, false, err
	}
	q.keep(j)
	q.sort()
	q.nudge()
	return j, false, nil
}

// useful reports whether the mesh asked for is there or on its way.
func (j Job) useful() bool {
	if j.State == Done {
		if j.Result.Lowered {
			return false // there may be more memory now
		}
		_, err := os.Stat(j.File(MeshFile))
		return err == nil
	}
	return j.State == Queued || j.State == Running
}

// Jobs returns every job, in the order of the line.
func (q *Queue) Jobs() []Job {
	q.mu.Lock()
	defer q.mu.Unlock()
	jobs := make([]Job, len(q.entries))
	for i, e := range q.entries {
		jobs[i] = e.job
	}
	return jobs
}

// Status says whether the queue is paused, has stopped or only watches.
func (q *Queue) Status() Status {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.status
}

// Mesh reads a finished job's mesh, in the print frame; it is shared, read-only.
func (q *Queue) Mesh(id string) (*mesh.Mesh, error) {
	q.mu.Lock()
	e, err := q.find(id)
	if err == nil && e.job.State != Done {
		err = fmt.Errorf("mesh of job %s: %w: %s", id, ErrBusy, e.job.State)
	}
	if err != nil || q.shown.id == id {
		defer q.mu.Unlock()
		return q.shown.mesh, err
	}
	j := e.job
	q.mu.Unlock()
	m, err := recall(context.Background(), j)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if e, err := q.find(id); err == nil && e.job.State == Done && e.job.Ended.Equal(j.Ended) { // not done anew meanwhile
		q.shown.id, q.shown.mesh = id, m
	}
	return m, nil
}

func (q *Queue) find(id string) (*entry, error) {
	for _, e := range q.entries {
		if e.job.ID == id {
			return e, nil
		}
	}
	return nil, fmt.Errorf("job %s: %w", id, ErrNoJob)
}

// keep adds a job that is on the disk already.
func (q *Queue) keep(j Job) *entry {
	e := &entry{job: j}
	q.entries = append(q.entries, e)
	if n, err := strconv.Atoi(j.ID); err == nil {
		q.made = max(q.made, n)
	}
	q.tell(j)
	return e
}

func (q *Queue) sort() {
	slices.SortStableFunc(q.entries, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.job.Turn, b.job.Turn), byNumber(a.job.ID, b.job.ID))
	})
}

func (q *Queue) lastTurn() float64 {
	if len(q.entries) == 0 {
		return 0
	}
	return q.entries[len(q.entries)-1].job.Turn
}

// change makes a job's new state true: on the disk, here, and for the watchers, or nowhere.
func (q *Queue) change(e *entry, j Job) error {
	if err := q.store.save(j); err != nil {
		return err
	}
	e.job = j
	if q.shown.id == j.ID && j.State != Done {
		q.shown.id, q.shown.mesh = "", nil
	}
	q.tell(j)
	return nil
}

func (q *Queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
