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
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	tooltip "github.com/dweymouth/fyne-tooltip"

	"orfeas/assets"
	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/render"
)

// Studio is the window and what it shows. All fields belong to Fyne's thread.
type Studio struct {
	ctx     context.Context
	app     fyne.App
	window  fyne.Window
	pages   *pages
	prefs   *Preferences
	program Program
	server  *serverSwitch
	models  *modelsPage  // nil until it is shown
	past    *libraryPage // the same
	costs   *profilePage // the same
	health  *health
	log     *Log
	logs    *logPage // nil until it is shown
	splits  []*container.Split
	queue   *pipeline.Queue
	do      func(func()) // runs a func on Fyne's thread and waits for it; none any more when the window is closed
	closed  chan struct{}
	writing sync.WaitGroup // what the window has begun to write, which is ended before the program does

	jobs     []pipeline.Job // in the order of the queue
	selected string         // the job that is shown
	shown    string         // the job whose mesh is in the viewport
	loading  bool           // a mesh is being read
	follow   bool           // select whatever finishes, until the user chooses
	asking   bool           // one of the system's dialogs is open

	list      *jobList
	viewport  *viewport
	picture   *pictureTab
	tabs      *container.AppTabs // picture and mesh
	meshCard  fyne.CanvasObject
	empty     fyne.CanvasObject
	none      *meshless
	mesh      *meshPanel
	stages    *stageBars
	gauge     *gauge
	settings  *settingsPanel
	thumbs    map[string]image.Image
	reading   chan struct{} // holds as many as pictures are being read for their rows
	sampleDir string
}

// New makes the window; show it by its Run. draw may be nil where there is no OpenGL: the viewport then says so. The window
// closes draw, which may not outlive Fyne's loop; where a signal ends the loop first it is left open until the program ends.
func New(ctx context.Context, app fyne.App, p *Preferences, around Program, q *pipeline.Queue, draw *render.View, probe gpu.Probe) *Studio {
	calm(app, p)
	s := newStudio(ctx, app, q, draw, probe, fyne.DoAndWait)
	s.prefs, s.program = p, around
	if around.Log != nil {
		s.log = around.Log
	}
	p.check()
	q.Renew(p.idle())
	s.server.set(p.serving())
	return s
}

// restingReadings is how many readings of the gauge are shown as one while no job runs.
const restingReadings = int(5 * time.Second / gaugeInterval)

// newStudio takes do from the tests, whose driver has no thread of its own.
func newStudio(ctx context.Context, app fyne.App, q *pipeline.Queue, draw *render.View, probe gpu.Probe, do func(func())) *Studio {
	prefs := ReadPreferences(app)
	app.Settings().SetTheme(newLook(prefs.theme()))
	icon := fyne.NewStaticResource("icon.png", assets.Icon)
	app.SetIcon(icon)
	s := &Studio{ctx: ctx, app: app, prefs: prefs, health: newHealth(), log: &Log{}, queue: q, closed: make(chan struct{}), window: app.NewWindow("ORFEAS Studio"), follow: true,
		thumbs: map[string]image.Image{}, reading: make(chan struct{}, 2)}
	s.do = func(f func()) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			do(func() {
				select {
				case <-s.closed:
				default:
					f()
				}
			})
		}()
		select {
		case <-done:
		case <-s.closed: // what Fyne was told last it may neither do nor answer
		}
	}
	s.server = newServerSwitch(s)
	s.window.SetIcon(icon)
	s.window.SetMaster()
	s.list = newJobList(s)
	s.viewport = newViewport(ctx, draw)
	s.viewport.shot = s.savePicture
	s.viewport.tools.measureIn(s.unit())
	s.mesh = newMeshPanel(s)
	s.stages = newStageBars()
	s.gauge = newGauge()
	s.settings = newSettingsPanel(app.Preferences(), s.window)
	s.empty = s.welcome()
	s.none = newMeshless()
	s.picture = newPictureTab(s)

	left := container.NewBorder(s.dropCard(), nil, nil, nil, card(tr("QUEUE"), s.list.object))
	s.tabs = s.middleTabs(container.NewBorder(s.viewport.toolbar(), nil, nil, nil, container.NewStack(s.viewport, s.none.object, s.empty)))
	s.settings.changed = s.picture.settingsChanged
	middle := card("", s.tabs)
	s.meshCard = card(tr("MESH"), s.mesh.object)
	s.meshCard.Hide()
	settings := card(tr("NEXT CONVERSION"), container.NewVScroll(s.settings.object))
	right := container.New(columnLayout{}, wide(s.mesh.object.MinSize().Width, settings), s.meshCard)
	inner := container.NewHSplit(middle, right)
	inner.SetOffset(0.76)
	split := container.NewHSplit(left, inner)
	split.SetOffset(0.19)
	bottom := card("", container.NewBorder(nil, nil, nil, s.gauge.object, s.stages.object))
	s.pages = s.newPages(container.NewPadded(container.NewBorder(nil, bottom, nil, nil, split)))
	s.window.SetPadded(false)
	s.window.SetContent(tooltip.AddWindowToolTipLayer(s.pages.object, s.window.Canvas()))
	s.recall(split, inner)
	s.window.SetOnDropped(func(at fyne.Position, uris []fyne.URI) {
		if s.picture.sides.dropped(at, uris) {
			return
		}
		s.pages.show("studio")
		s.dropped(uris)
	})
	s.keys()
	s.pageKeys()
	go q.WatchAll(ctx, func(jobs []pipeline.Job) { s.do(func() { s.see(jobs...) }) }, func(q pipeline.Status) { s.do(func() { s.list.say(q) }) })
	go s.list.forecast(ctx)
	readings := -1
	go gpu.Watch(ctx, probe, gaugeInterval, func(r gpu.Reading) {
		readings++
		s.do(func() {
			// Where nothing happens the window is drawn anew every fifth second, and elsewhere not at all.
			s.gauge.unseen = s.pages.current.name != "studio" || readings%restingReadings > 0 && s.working(pipeline.Job{}).ID == ""
			s.gauge.show(first(r, s.prefs.device()))
			s.health.see(r)
		})
	})
	return s
}

// Run shows the window and returns when it is closed and what it has begun to write is written.
func (s *Studio) Run() {
	s.window.ShowAndRun()
	close(s.closed)
	s.writing.Wait()
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
	if len(paths) > 0 && !s.picture.atOnce.Checked {
		s.picture.open(paths)
		return
	}
	s.queueUp(paths)
}

// queueUp puts pictures into the queue as they are. Those that it does not take wait to be looked at.
func (s *Studio) queueUp(paths []string) {
	settings, err := s.settings.value()
	if err != nil {
		s.complain(tr("The picture was not added"), err)
		s.picture.open(paths)
		return
	}
	s.writing.Go(func() {
		for i, p := range paths {
			if s.ctx.Err() != nil {
				return
			}
			j, err := s.queue.Add(p, settings)
			s.do(func() {
				if err != nil {
					s.complain(tr("The picture was not added"), err)
					s.picture.open(paths[i:])
					return
				}
				s.added(j)
			})
			if err != nil {
				return
			}
		}
	})
}

// added says of a job that it was done before, if it was.
func (s *Studio) added(j pipeline.Job) {
	if j.State == pipeline.Done {
		s.selected = j.ID
		s.list.note.SetText(tr("%s was done before with these settings.", j.Title))
		s.refresh()
	}
}

// complain shows an error with its hint. What it is about need not be in the queue.
func (s *Studio) complain(title string, err error, about ...pipeline.Job) {
	english, _ := pipeline.Explain(err) // a log to send is English
	s.log.Say("%s: %s", title, withoutNames(english, append(about, s.jobs...)))
	problem, hint := explained(err)
	if hint != "" {
		problem += "\n\n" + hint
	}
	dialog.ShowInformation(title, wrap(problem, 80), s.window)
}

// see takes in the new states of jobs.
func (s *Studio) see(jobs ...pipeline.Job) {
	for _, j := range jobs {
		s.health.note(j)
		at := s.list.at(j.ID)
		if at >= 0 && s.jobs[at].State != j.State {
			s.log.note(j)
		}
		switch {
		case j.State == pipeline.Removed:
			s.forget(at, j.ID)
		case at < 0:
			s.jobs = append(s.jobs, j)
		default:
			if j.Kills > s.jobs[at].Kills {
				s.list.died(j)
			}
			s.jobs[at] = j
		}
		if j.State == pipeline.Done && s.follow {
			s.selected = j.ID
		}
	}
	slices.SortStableFunc(s.jobs, func(a, b pipeline.Job) int { return cmp.Compare(a.Turn, b.Turn) })
	if s.selected == "" && len(s.jobs) > 0 {
		s.selected = s.jobs[0].ID
	}
	s.refresh()
}

func (s *Studio) forget(at int, id string) {
	delete(s.thumbs, id)
	s.mesh.forget(id)
	s.list.forget(id)
	if at >= 0 {
		s.jobs = slices.Delete(s.jobs, at, at+1)
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
	s.makeRoom()
	s.mesh.show(j, ok)
	s.picture.show(j, ok)
	s.showStages()
	if s.past != nil && s.past.visible {
		s.past.refresh()
	}
	if ok && j.State == pipeline.Done {
		s.empty.Hide()
		if s.shown != j.ID && !s.loading {
			s.loading = true
			go s.load(j)
		}
	} else if s.shown != "" {
		s.shown = ""
		s.viewport.setMesh(nil)
	}
	if !ok {
		s.empty.Show()
	}
	s.none.show(j, ok && j.State != pipeline.Done && !s.empty.Visible())
}

// load reads a job's mesh for the viewport and, when another was selected meanwhile, that one's.
func (s *Studio) load(j pipeline.Job) {
	id := j.ID
	m, err := s.queue.Mesh(id)
	picture := readOverlay(j, m)
	s.do(func() {
		s.loading, s.shown = false, id
		s.viewport.setMesh(s.mesh.take(j, m))
		s.viewport.tools.offer(picture)
		if err != nil {
			s.mesh.say(told(err.Error()))
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
func (s *Studio) Close() {
	select {
	case <-s.closed:
	default:
		fyne.Do(s.window.Close)
	}
}
