//go:build !headless

// Package ui is the window. It shows what the queue says and puts jobs into it; it works nothing out by itself.
//
// Everything that touches widgets runs on Fyne's thread: other goroutines come back through fyne.Do.
package ui

import (
	"cmp"
	"context"
	"image"
	"os"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"orfeas/assets"
	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/render"
)

// Studio is the window and what it shows. All fields belong to Fyne's thread.
type Studio struct {
	ctx    context.Context
	app    fyne.App
	window fyne.Window
	pages  *pages
	prefs  *preferences
	models *modelsPage  // nil until it is shown
	past   *libraryPage // the same
	costs  *profilePage // the same
	health *health
	queue  *pipeline.Queue
	do     func(func()) // runs a func on Fyne's thread and waits for it

	jobs     []pipeline.Job // in the order of the queue
	selected string         // the job that is shown
	shown    string         // the job whose mesh is in the viewport
	loading  bool           // a mesh is being read
	follow   bool           // select whatever finishes, until the user chooses

	list      *jobList
	viewport  *viewport
	empty     fyne.CanvasObject
	facts     *facts
	stages    *stageBars
	gauge     *gauge
	settings  *settingsPanel
	thumbs    map[string]image.Image
	reading   chan struct{} // holds as many as pictures are being read for their rows
	sampleDir string
}

// New makes the window; show it by its Run. draw may be nil where there is no OpenGL: the viewport then says so.
func New(ctx context.Context, app fyne.App, q *pipeline.Queue, draw *render.View, probe gpu.Probe) *Studio {
	return newStudio(ctx, app, q, draw, probe, fyne.DoAndWait)
}

// newStudio takes do from the tests, whose driver has no thread of its own.
func newStudio(ctx context.Context, app fyne.App, q *pipeline.Queue, draw *render.View, probe gpu.Probe, do func(func())) *Studio {
	prefs := &preferences{store: app.Preferences()}
	app.Settings().SetTheme(newLook(prefs.theme()))
	icon := fyne.NewStaticResource("icon.png", assets.Icon)
	app.SetIcon(icon)
	s := &Studio{ctx: ctx, app: app, prefs: prefs, health: newHealth(), queue: q, do: do, window: app.NewWindow("ORFEAS Studio"), follow: true,
		thumbs: map[string]image.Image{}, reading: make(chan struct{}, 2)}
	s.window.SetIcon(icon)
	s.window.SetMaster()
	s.list = newJobList(s)
	s.viewport = newViewport(ctx, draw)
	s.facts = newFacts(s)
	s.stages = newStageBars()
	s.gauge = newGauge()
	s.settings = newSettingsPanel(app.Preferences(), s.window)
	s.empty = s.welcome()

	left := container.NewBorder(s.dropCard(), nil, nil, nil, card("QUEUE", s.list.object))
	middle := card("", container.NewBorder(s.viewport.toolbar(), nil, nil, nil, container.NewStack(s.viewport, s.empty)))
	right := container.NewBorder(nil, card("MESH", s.facts.object), nil, nil, card("NEXT CONVERSION", container.NewVScroll(s.settings.object)))
	inner := container.NewHSplit(middle, right)
	inner.SetOffset(0.76)
	split := container.NewHSplit(left, inner)
	split.SetOffset(0.19)
	bottom := card("", container.NewBorder(nil, nil, nil, s.gauge.object, s.stages.object))
	s.pages = s.newPages(container.NewPadded(container.NewBorder(nil, bottom, nil, nil, split)))
	s.window.SetPadded(false)
	s.window.SetContent(s.pages.object)
	s.window.Resize(fyne.NewSize(1400, 880))
	s.window.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) {
		s.pages.show("studio")
		s.dropped(uris)
	})
	s.keys()
	s.pages.keys(s.window.Canvas())
	go q.Watch(ctx, func(j pipeline.Job) { do(func() { s.see(j) }) }, func(q pipeline.Status) { do(func() { s.list.say(q) }) })
	go gpu.Watch(ctx, probe, gaugeInterval, func(r gpu.Reading) {
		do(func() {
			s.gauge.show(r)
			s.health.see(r)
		})
	})
	return s
}

// Run shows the window and returns when it is closed.
func (s *Studio) Run() {
	s.window.ShowAndRun()
	if s.past != nil {
		s.past.undo.settle()
	}
	if s.sampleDir != "" {
		_ = os.RemoveAll(s.sampleDir)
	}
}

// Add queues pictures with the settings on screen; what cannot be queued is said in a dialog. The pictures are copied in
// the background.
func (s *Studio) Add(paths ...string) {
	settings, err := s.settings.value()
	if err != nil {
		s.complain("The picture was not added", err)
		return
	}
	go func() {
		for _, p := range paths {
			j, err := s.queue.Add(p, settings)
			s.do(func() {
				switch {
				case err != nil:
					s.complain("The picture was not added", err)
				case j.State == pipeline.Done:
					s.selected = j.ID
					s.list.note.SetText(j.Title + " was done before with these settings.")
					s.refresh()
				}
			})
			if err != nil {
				return
			}
		}
	}()
}

// complain shows an error with its hint.
func (s *Studio) complain(title string, err error) {
	problem, hint := pipeline.Explain(err)
	if hint != "" {
		problem += "\n\n" + hint
	}
	dialog.ShowInformation(title, wrap(problem, 80), s.window)
}

// see takes in a job's new state.
func (s *Studio) see(j pipeline.Job) {
	s.health.note(j)
	at := -1
	for i := range s.jobs {
		if s.jobs[i].ID == j.ID {
			at = i
		}
	}
	switch {
	case j.State == pipeline.Removed:
		s.forget(at, j.ID)
	case at < 0:
		s.jobs = append(s.jobs, j)
		s.loadThumb(j)
	default:
		s.jobs[at] = j
	}
	slices.SortStableFunc(s.jobs, func(a, b pipeline.Job) int { return cmp.Compare(a.Turn, b.Turn) })
	if j.State == pipeline.Done && s.follow {
		s.selected = j.ID
	}
	if s.selected == "" && len(s.jobs) > 0 {
		s.selected = s.jobs[0].ID
	}
	s.refresh()
}

func (s *Studio) forget(at int, id string) {
	delete(s.thumbs, id)
	if at >= 0 {
		s.jobs = append(s.jobs[:at], s.jobs[at+1:]...)
	}
	if s.selected == id {
		s.selected = ""
		if len(s.jobs) > 0 {
			s.selected = s.jobs[min(max(at, 0), len(s.jobs)-1)].ID
		}
	}
}

func (s *Studio) job(id string) (pipeline.Job, bool) {
	for _, j := range s.jobs {
		if j.ID == id {
			return j, true
		}
	}
	return pipeline.Job{}, false
}

// choose shows a job the user has picked.
func (s *Studio) choose(id string) {
	s.selected, s.follow = id, false
	s.refresh()
}

// refresh brings every part up to date with the jobs.
func (s *Studio) refresh() {
	s.list.refresh()
	j, ok := s.job(s.selected)
	s.facts.show(j, ok)
	s.stages.show(s.working(j))
	if s.past != nil && s.past.visible {
		s.past.refresh()
	}
	if ok && j.State == pipeline.Done {
		s.empty.Hide()
		if s.shown != j.ID && !s.loading {
			s.loading = true
			go s.load(j.ID)
		}
	} else if s.shown != "" && !ok {
		s.shown = ""
		s.viewport.setMesh(nil)
		s.empty.Show()
	}
}

// load reads a job's mesh for the viewport and, when another was selected meanwhile, that one's.
func (s *Studio) load(id string) {
	m, err := s.queue.Mesh(id)
	s.do(func() {
		s.loading, s.shown = false, id
		s.viewport.setMesh(m)
		if err != nil {
			s.facts.note.SetText(err.Error())
		}
		if s.selected != id {
			s.refresh()
		}
	})
}

// working returns the job whose stages are shown: the one that runs, else the one that is selected.
func (s *Studio) working(selected pipeline.Job) pipeline.Job {
	for _, j := range s.jobs {
		if j.State == pipeline.Running {
			return j
		}
	}
	return selected
}

// Close closes the window from any goroutine.
func (s *Studio) Close() { fyne.Do(s.window.Close) }
