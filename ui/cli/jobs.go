package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"orfeas/pipeline"
	"orfeas/pipeline/farm"
)

const jobsHelp = `orfeas jobs [list] [--json]
orfeas jobs add PICTURE... [--again] [settings as for convert]
orfeas jobs cancel ID... | retry ID... | remove ID...
orfeas jobs clear | pause | resume
orfeas jobs run [--farm URL]

The window's queue, from the terminal. It lies in your data folder, a folder per job with
the picture, the cut-out, the mesh (mesh.ply) and job.json; 'list --json' says where.

  list     say what is in the queue and how it went
  add      put pictures in the line; what was done before with the same settings is not
           done again, unless you say --again. The window does them, or 'jobs run'.
  cancel   stop jobs, or take them out of the line
  retry    put jobs that are over at the end of the line again
  remove   delete jobs with their files
  clear    remove all jobs that are done
  pause    start no more jobs until 'resume'
  run      do what waits, and return when nothing does; with --farm, on other machines

A job that makes no progress and uses no processor for ten minutes is ended and tried once
more; set ORFEAS_PATIENCE to another time, such as 1h, or to -1s for no end to it.

While the window is open it has the queue: jobs can be listed and added, the rest is
refused. Exit code: 0 all went well, 1 something failed, 2 wrong command line, 3 stopped.
`

// jobVerbs says which of the verbs take pictures or jobs.
var jobVerbs = map[string]bool{
	"list": false, "add": true, "cancel": true, "retry": true, "remove": true, "clear": false, "pause": false, "resume": false, "run": false,
}

// jobFlagFits reports whether a verb has a use for a flag. What only adding has are the settings.
func jobFlagFits(verb, flag string) bool {
	switch flag {
	case "json":
		return verb == "list"
	case "farm":
		return verb == "run"
	}
	return verb == "add"
}

// worker is the process that a queue starts to do its jobs. It ends with its input: a Ctrl-C in the terminal reaches it
// too, but what it means is for the queue to say.
func worker(t Terminal, args []string) int {
	if len(args) != 1 {
		return ExitUsage
	}
	if err := pipeline.Serve(args[0], os.Stdin, t.Out, preview, ownHistory()); err != nil {
		complain(t, "worker", err)
		return ExitFailed
	}
	return ExitOK
}

// patienceVariable is the environment variable that says how long a worker may give no sign of life.
const patienceVariable = "ORFEAS_PATIENCE"

// Queue opens the user's queue: the folder "jobs" in the data folder. With works it is worked on by this program, with a
// worker process, or by away if that is not nil.
func Queue(ctx context.Context, works bool, away pipeline.Runner) (*pipeline.Queue, error) {
	dir, err := pipeline.DataDir()
	if err != nil {
		return nil, err
	}
	h := pipeline.HistoryIn(dir)
	o := pipeline.Options{History: &h}
	if v := os.Getenv(patienceVariable); v != "" {
		if o.Patience, err = time.ParseDuration(v); err != nil || o.Patience == 0 {
			return nil, fmt.Errorf("%s is a time such as 20m, or -1s for no end to it, not %q", patienceVariable, v)
		}
	}
	if works && away != nil {
		o.Runner, o.Abreast = away, farm.Abreast
	} else if works {
		o.Worker = pipeline.Self("worker")
	}
	return pipeline.Open(ctx, filepath.Join(dir, "jobs"), o), nil
}

func jobsCommand(ctx context.Context, t Terminal, args []string) int {
	f := newFlags("jobs")
	settings := pipeline.Defaults()
	given := addSettings(f, &settings)
	asJSON, again := f.Bool("json", false, ""), f.Bool("again", false, "")
	url := f.String("farm", "", "")
	if code, ok := f.parse(t, jobsHelp, args); !ok {
		return code
	}
	verb, words := "list", f.words
	if len(words) > 0 {
		verb, words = words[0], words[1:]
	}
	takesWords, known := jobVerbs[verb]
	err := given.settle(len(words))
	if !known || takesWords != (len(words) > 0) {
		err = errors.New("that is not something jobs can do; see 'orfeas jobs --help'")
	}
	if err == nil {
		err = f.fit(verb, func(flag string) bool { return jobFlagFits(verb, flag) })
	}
	if err != nil {
		complain(t, "", err)
		return ExitUsage
	}
	var away pipeline.Runner
	if verb == "run" {
		f, err := Farm(t, *url)
		if err != nil {
			complain(t, "", err)
			return ExitFailed
		}
		if f != nil {
			defer f.Close()
			away = f.Run
		}
	}
	ctx, stop := context.WithCancel(ctx)
	q, err := Queue(ctx, verb == "run", away)
	if err != nil {
		stop()
		complain(t, "", err)
		return ExitFailed
	}
	defer q.Wait()
	defer stop()
	switch verb {
	case "list":
		err = listJobs(t, q, *asJSON)
	case "add":
		for _, p := range words {
			err = errors.Join(err, addJob(t, q, p, settings, *again, given.shots))
		}
	case "clear":
		err = q.ClearDone()
	case "pause":
		err = q.Pause()
	case "resume":
		err = q.Resume()
	case "run":
		return runJobs(ctx, t, q)
	default:
		change := map[string]func(string) error{"cancel": q.Cancel, "retry": q.Retry, "remove": q.Remove}[verb]
		for _, id := range words {
			err = errors.Join(err, change(numbered(id)))
		}
	}
	if err != nil {
		complain(t, "", err)
		return ExitFailed
	}
	return ExitOK
}

// numbered lets 7 stand for 000007.
func numbered(id string) string {
	return strings.Repeat("0", max(0, 6-len(id))) + id
}

func addJob(t Terminal, q *pipeline.Queue, path string, s pipeline.Settings, again bool, shots []pipeline.Shot) error {
	add := q.Add
	if again {
		add = q.AddAgain
	}
	j, err := add(path, s, shots...)
	if err != nil {
		return err
	}
	if j.State == pipeline.Failed {
		return errors.New(j.Problem)
	}
	fmt.Fprintln(t.Out, line(j))
	return nil
}

// line says in one line what there is to say of a job.
func line(j pipeline.Job) string {
	s := fmt.Sprintf("%s  %-10s %s", j.ID, j.State, j.Title)
	switch j.State {
	case pipeline.Done:
		s += ": " + facts(j.Result.Certificate.Report) + ", " + j.File(pipeline.MeshFile)
	case pipeline.Failed:
		s += ": " + j.Problem
	case pipeline.Running:
		s += fmt.Sprintf(": %s, %.0f %%", strings.TrimSuffix(j.Stage+": "+j.Step, ": "), 100*j.Progress)
	}
	return s
}

func listJobs(t Terminal, q *pipeline.Queue, asJSON bool) error {
	if asJSON {
		type row struct {
			pipeline.Job
			Folder string `json:"folder"`
		}
		for _, j := range q.Jobs() {
			data, err := json.Marshal(row{j, j.Folder})
			if err != nil {
				return err
			}
			fmt.Fprintf(t.Out, "%s\n", data)
		}
		return nil
	}
	for _, j := range q.Jobs() {
		fmt.Fprintln(t.Out, line(j))
	}
	sayStatus(t.Err, q.Status())
	return nil
}

func sayStatus(w io.Writer, s pipeline.Status) {
	if s.Paused {
		fmt.Fprintln(w, "orfeas: the queue is paused; 'orfeas jobs resume' goes on")
	}
	if s.Problem != "" {
		fmt.Fprintf(w, "orfeas: %s\n        %s\n", s.Problem, s.Hint)
	}
}

// runJobs says of each job how it went, and returns when none waits or the queue has stopped.
func runJobs(ctx context.Context, t Terminal, q *pipeline.Queue) int {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	waiting, code := map[string]bool{}, ExitOK
	for _, j := range q.Jobs() {
		if !j.State.Over() {
			waiting[j.ID] = true
		}
	}
	if len(waiting) == 0 {
		return ExitOK
	}
	finished := false
	q.Watch(ctx, func(j pipeline.Job) {
		if !j.State.Over() {
			waiting[j.ID] = true
			return
		}
		if waiting[j.ID] {
			delete(waiting, j.ID)
			fmt.Fprintln(t.Out, line(j))
			if j.State == pipeline.Failed {
				code = ExitFailed
			}
		}
		if len(waiting) == 0 {
			finished = true
			stop()
		}
	}, func(s pipeline.Status) {
		sayStatus(t.Err, s)
		if s.Paused || s.Problem != "" && !s.Watches {
			finished, code = true, ExitFailed
			stop()
		}
	})
	if !finished {
		fmt.Fprintln(t.Err, "orfeas: stopped; what was not finished waits")
		return ExitCancelled
	}
	return code
}
