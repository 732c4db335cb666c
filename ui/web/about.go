package web

import (
	"net/http"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/export"
	"orfeas/pipeline/weights"
)

// queueState is how the queue stands.
type queueState struct {
	pipeline.Status
	Waiting int                    `json:"waiting"`
	Room    int                    `json:"room"` // for so many more
	Jobs    map[pipeline.State]int `json:"jobs"`
}

func (s *Server) queueNow() queueState {
	q := queueState{Status: s.queue.Status(), Jobs: map[pipeline.State]int{}}
	for _, state := range states {
		q.Jobs[state] = 0
	}
	for _, j := range s.queue.Jobs() {
		q.Jobs[j.State]++
	}
	q.Waiting = q.Jobs[pipeline.Queued]
	q.Room = max(s.options.Waiting-q.Waiting, 0)
	return q
}

// states are those a job of the list can be in.
var states = []pipeline.State{pipeline.Queued, pipeline.Running, pipeline.Done, pipeline.Failed, pipeline.Cancelled}

func (s *Server) getQueue(w http.ResponseWriter, r *http.Request) error {
	return reply(w, r, http.StatusOK, s.queueNow())
}

func (s *Server) pauseQueue(w http.ResponseWriter, r *http.Request) error {
	if err := s.queue.Pause(); err != nil {
		return err
	}
	return reply(w, r, http.StatusOK, s.queueNow())
}

func (s *Server) resumeQueue(w http.ResponseWriter, r *http.Request) error {
	if err := s.queue.Resume(); err != nil {
		return err
	}
	return reply(w, r, http.StatusOK, s.queueNow())
}

// health is the answer to a probe.
type health struct {
	Status  string `json:"status"`
	Version string `json:"version"`
}

// getHealth says that the process answers.
func (s *Server) getHealth(w http.ResponseWriter, r *http.Request) error {
	return reply(w, r, http.StatusOK, health{"ok", pipeline.Version})
}

// getReady says whether jobs that are added now will be done.
func (s *Server) getReady(w http.ResponseWriter, r *http.Request) error {
	q := s.queue.Status()
	if q.Problem != "" || q.Watches {
		return refusal{status: http.StatusServiceUnavailable, problem: q.Problem, hint: q.Hint}
	}
	return reply(w, r, http.StatusOK, health{"ready", pipeline.Version})
}

// engineInfo is an engine with what can be decided about it.
type engineInfo struct {
	Name     string        `json:"name"`
	Title    string        `json:"title"`
	About    string        `json:"about"`
	Settings []settingInfo `json:"settings"`
	Presets  []presetInfo  `json:"presets"`
}

type settingInfo struct {
	Name    string       `json:"name"`
	Title   string       `json:"title"`
	About   string       `json:"about"`
	Default any          `json:"default"`
	Min     *float64     `json:"min,omitempty"`
	Max     *float64     `json:"max,omitempty"`
	Unit    string       `json:"unit,omitempty"`
	Choices []choiceInfo `json:"choices,omitempty"`
}

type choiceInfo struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

type presetInfo struct {
	Name    string         `json:"name"`
	Title   string         `json:"title"`
	Options engine.Options `json:"options"`
}

func (s *Server) getEngines(w http.ResponseWriter, r *http.Request) error {
	out := struct {
		Engines  []engineInfo      `json:"engines"`
		Defaults pipeline.Settings `json:"defaults"`
	}{Defaults: pipeline.Defaults()}
	for _, e := range engine.All {
		info := engineInfo{e.Name, e.Title, e.About, []settingInfo{}, []presetInfo{}}
		for _, set := range e.Settings {
			i := settingInfo{Name: set.Name, Title: set.Title, About: set.About, Default: set.Default, Unit: set.Unit}
			if _, ok := set.Default.(float64); ok {
				i.Min, i.Max = &set.Min, &set.Max
			}
			for _, c := range set.Choices {
				i.Choices = append(i.Choices, choiceInfo{c.Name, c.Title})
			}
			info.Settings = append(info.Settings, i)
		}
		for _, p := range e.Presets {
			info.Presets = append(info.Presets, presetInfo{p.Name, p.Title, p.Options})
		}
		out.Engines = append(out.Engines, info)
	}
	return reply(w, r, http.StatusOK, out)
}

type formatInfo struct {
	Name  string `json:"name"`
	Ext   string `json:"ext"`
	Title string `json:"title"`
}

func (s *Server) getFormats(w http.ResponseWriter, r *http.Request) error {
	out := struct {
		Formats []formatInfo `json:"formats"`
	}{}
	for _, f := range export.Formats {
		out.Formats = append(out.Formats, formatInfo{f.Name, f.Ext, f.Title})
	}
	return reply(w, r, http.StatusOK, out)
}

// modelInfo is a network and whether it is on this machine. Fetching is for the terminal, where licences are read.
type modelInfo struct {
	Name    string          `json:"name"`
	Title   string          `json:"title"`
	About   string          `json:"about"`
	Licence weights.Licence `json:"licence"`
	State   weights.State   `json:"state"`
	Bytes   int64           `json:"bytes"`
	Have    int64           `json:"have_bytes"`
}

func (s *Server) getModels(w http.ResponseWriter, r *http.Request) error {
	out := struct {
		Models []modelInfo `json:"models"`
	}{[]modelInfo{}}
	for _, n := range weights.Networks() {
		i := modelInfo{Name: n.Name, Title: n.Title, About: n.About, Licence: n.Licence, State: weights.Absent}
		i.Bytes, _ = n.Bytes()
		if s.options.Library != nil {
			st := s.options.Library.Status(n)
			i.State, i.Have = st.State, st.Have
		}
		out.Models = append(out.Models, i)
	}
	return reply(w, r, http.StatusOK, out)
}

func (s *Server) getGPU(w http.ResponseWriter, r *http.Request) error {
	read, _ := s.sampler.now()
	if read.Devices == nil {
		read.Devices = []gpu.Device{}
	}
	return reply(w, r, http.StatusOK, gpu.StatusOf(read, nil, pipeline.Runs(s.sampler.past()), s.queueNow().Waiting, pipeline.BatchToday()))
}
