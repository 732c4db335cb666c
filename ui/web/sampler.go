package web

import (
	"maps"
	"sync"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline"
)

// sampler keeps the newest reading of memory and devices, how full each device has been, and what past jobs cost, so that
// asking is cheap however often it is done.
type sampler struct {
	probe   gpu.Probe
	history *pipeline.History // may be nil

	mu      sync.Mutex
	last    gpu.Reading
	peaks   map[string]uint64 // bytes in use at most, by place
	records []pipeline.Record
	read    time.Time // when records were read
}

// fresh is how old what is remembered of past jobs may be.
const fresh = 10 * time.Second

// see takes in a reading.
func (s *sampler) see(r gpu.Reading) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = r
	for _, d := range r.Devices {
		if s.peaks == nil {
			s.peaks = map[string]uint64{}
		}
		s.peaks[d.Place()] = max(s.peaks[d.Place()], d.Used)
	}
}

// now is the newest reading and the peaks since the server began. Where nobody samples, it reads.
func (s *sampler) now() (gpu.Reading, map[string]uint64) {
	s.mu.Lock()
	none := s.last.At.IsZero()
	s.mu.Unlock()
	if none {
		s.see(gpu.Read(s.probe))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, maps.Clone(s.peaks)
}

// past is what is remembered of jobs, shared and read-only. What cannot be read is nothing to reckon with.
func (s *sampler) past() []pipeline.Record {
	if s.history == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.read) > fresh {
		s.records, _, _ = s.history.Records()
		s.read = time.Now()
	}
	return s.records
}
