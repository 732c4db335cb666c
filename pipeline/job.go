package pipeline

import (
	"path/filepath"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline/mesh"
)

// State says where a job stands. Cancelled is a state, not an error.
type State string

// The states of a job. Removed is only ever seen by a watcher: the job's last word.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
	Removed   State = "removed"
)

// Over reports whether nothing more will happen to the job by itself.
func (s State) Over() bool { return s == Done || s == Failed || s == Cancelled || s == Removed }

// Job is one picture, or several of one object, on its way to a mesh: the folder on the disk, the row on screen, the line in the terminal and the
// JSON of the API. It is a value; a newer state is a newer value.
type Job struct {
	ID       string      `json:"id"`
	Title    string      `json:"title"`           // the picture's name without its folder and extension
	Picture  string      `json:"picture"`         // path it came from
	Input    string      `json:"input,omitempty"` // name of the copy in the job's folder; empty when it could not be read
	Shots    []Shot      `json:"views,omitempty"` // pictures of other sides, in the order of [picture.OtherSides]
	Key      string      `json:"key,omitempty"`   // of the pictures' bytes and the settings: what is equal gives equal meshes
	Turn     float64     `json:"turn"`            // its place in the line; smaller ones come first
	Settings Settings    `json:"settings"`
	State    State       `json:"state"`
	Stage    string      `json:"stage,omitempty"` // the running stage's name
	Step     string      `json:"step,omitempty"`  // what it is doing now, in words
	Progress float64     `json:"progress"`        // of the whole line, 0 to 1, never falling
	Stages   []StageInfo `json:"stages"`          // one per stage of the line, in order
	Result   *Result     `json:"result,omitempty"`
	Problem  string      `json:"problem,omitempty"` // one sentence, when failed
	Hint     string      `json:"hint,omitempty"`    // what the user can do about it
	Kills    int         `json:"kills,omitempty"`   // how often the worker died while it did this job
	Said     []string    `json:"said,omitempty"`    // the last lines of the worker that died
	Boot     string      `json:"boot,omitempty"`    // of the machine, while it runs
	Added    time.Time   `json:"added"`
	Started  time.Time   `json:"started,omitzero"`
	Ended    time.Time   `json:"ended,omitzero"`
	Folder   string      `json:"-"` // where all of it lies
}

// The files a finished job's folder holds besides its picture and job.json.
const (
	CutoutFile  = "cutout.png"
	PreviewFile = "preview.png"
	MeshFile    = "mesh.ply" // in the print frame, with its colours
)

// File is the path of one of the job's files.
func (j Job) File(name string) string { return filepath.Join(j.Folder, name) }

// Engine is the one that did the job, or before that the one asked for.
func (j Job) Engine() string {
	if j.Result != nil && j.Result.Engine != "" {
		return j.Result.Engine
	}
	return j.Settings.Engine
}

// fresh is the job as it is before it is done, with nothing of an earlier attempt.
func (j Job) fresh(now time.Time) Job {
	return Job{
		ID: j.ID, Title: j.Title, Picture: j.Picture, Input: j.Input, Shots: j.Shots, Key: j.Key, Turn: j.Turn, Settings: j.Settings,
		State: Queued, Stages: NewStages(), Added: now, Folder: j.Folder,
	}
}

// aside is the job when it was given up for what it did twice to others.
func (j Job) aside(problem string) Job {
	j.State, j.Step, j.Ended, j.Boot = Failed, "", time.Now(), ""
	j.Problem, j.Hint = problem, "It was set aside so that the others go on. Try other settings, or fewer faces."
	return j
}

// StageInfo is how far one stage of a job has come.
type StageInfo struct {
	Name     string  `json:"name"`
	Progress float64 `json:"progress"` // 0 to 1
	Step     string  `json:"step,omitempty"`
	Seconds  float64 `json:"seconds"`          // spent so far, final when Progress is 1
	Joined   bool    `json:"joined,omitempty"` // another job loads its networks, which both use
}

// Result is what a finished job has to show besides its mesh.
type Result struct {
	Certificate mesh.Certificate `json:"certificate"`       // of the mesh in the print frame
	Engine      string           `json:"engine,omitempty"`  // that made it, which the settings may have left to the picture
	Cutout      string           `json:"cutout"`            // how the subject was found
	Notes       []string         `json:"notes,omitempty"`   // what a stage wants the user to know
	Files       []string         `json:"files,omitempty"`   // what the export stage wrote
	Lowered     bool             `json:"lowered,omitempty"` // not with the settings asked for, for want of memory; a note says with which
	Memory      []gpu.Run        `json:"memory,omitempty"`  // what networks were predicted to take, and took
}
