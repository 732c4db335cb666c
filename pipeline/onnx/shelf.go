package onnx

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"orfeas/gpu"
)

// Shelf keeps sessions that were closed for the next network that is the same and runs on the same, so that its weights
// are not loaded anew for every picture. What is kept makes room before anything else is opened, and goes by the rules of
// [gpu.Evict]. All methods may be called from anywhere.
type Shelf struct {
	Room func(Provider) gpu.Room // the memory there is at the moment; what is kept counts as used

	mu   sync.Mutex
	kept []shelved // in the order in which they were put here
}

// shelved is a session that nobody uses.
type shelved struct {
	session *Session
	key     string
	on      Provider
	bytes   uint64
	load    time.Duration
	last    time.Time
}

// take hands out a session of the network that is kept, or makes room for it and returns nil.
func (s *Shelf) take(key string, on Provider, bytes uint64) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, k := range s.kept {
		if k.key == key {
			s.kept = slices.Delete(s.kept, i, i+1)
			s.evict(on, 0)
			return k.session
		}
	}
	s.evict(on, bytes)
	return nil
}

// put keeps a session until it was idle for too long, unless there is no room for that.
func (s *Shelf) put(k shelved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, k)
	s.evict(k.on, 0)
	time.AfterFunc(gpu.KeepFor(k.load), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.evict(k.on, 0)
	})
}

// evict lets sessions go that were idle for too long, and others until so many bytes can be had.
func (s *Shelf) evict(on Provider, need uint64) {
	room := s.Room(on)
	if room.Total == 0 {
		s.drop(on) // who does not know how much there is keeps nothing
		return
	}
	var loaded []gpu.Loaded
	for i, k := range s.kept {
		if k.on == on {
			loaded = append(loaded, gpu.Loaded{Name: fmt.Sprint(i), Bytes: k.bytes, LoadTime: k.load, LastUsed: k.last, NextUse: -1})
		}
	}
	if room.Budget() == 0 {
		need = max(need, 1) // what must stay free is in use
	}
	goes, ok := gpu.Evict(time.Now(), loaded, room, need)
	if !ok {
		s.drop(on)
		return
	}
	gone := map[string]bool{}
	for _, g := range goes {
		gone[g.Name] = true
	}
	s.close(func(i int) bool { return gone[fmt.Sprint(i)] })
}

// drop lets all sessions on a provider go.
func (s *Shelf) drop(on Provider) { s.close(func(i int) bool { return s.kept[i].on == on }) }

// close ends the sessions at the places that go says.
func (s *Shelf) close(goes func(int) bool) {
	var rest []shelved
	for i, k := range s.kept {
		if goes(i) {
			_ = k.session.destroy() // there is nothing to be done about it
		} else {
			rest = append(rest, k)
		}
	}
	s.kept = rest
}

// Held is how many bytes the weights take that are kept for a provider.
func (s *Shelf) Held(on Provider) (bytes uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.kept {
		if k.on == on {
			bytes += k.bytes
		}
	}
	return bytes
}

// Empty lets everything go.
func (s *Shelf) Empty() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close(func(int) bool { return true })
}

// key tells networks apart that are not the same, or do not run in the same way.
func (m *Model) key(o Options) string {
	h := sha256.New()
	h.Write(m.graph)
	fmt.Fprintf(h, "\n%s %d %d %d %s", o.Provider, o.Device, o.Threads, o.Memory, m.folder)
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		if info, err := os.Stat(filepath.Join(m.folder, name)); err == nil {
			fmt.Fprintf(h, " %s %d %d", name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return string(h.Sum(nil))
}
