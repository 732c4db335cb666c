package gpu

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Loaded is a model that lies in a device's memory.
type Loaded struct {
	Name     string        `json:"name"`
	Bytes    uint64        `json:"bytes"`
	LoadTime time.Duration `json:"load_nanoseconds"` // what it costs to have it again
	LastUsed time.Time     `json:"last_used"`
	Busy     bool          `json:"busy"`     // at work now: it stays
	NextUse  int           `json:"next_use"` // how many jobs of the queue come before one that wants it; -1 for none
}

// Eviction is a model that should go, and what that costs.
type Eviction struct {
	Name  string        `json:"name"`
	Bytes uint64        `json:"bytes"`
	Cost  time.Duration `json:"cost_nanoseconds"` // the time to load it again, if it will be wanted
	Words string        `json:"words"`
}

// How long a model stays that no job wants: thirty times as long as it takes to load, within these bounds.
const (
	keepTimes = 30
	keepLeast = time.Minute
	keepMost  = 10 * time.Minute
)

// KeepFor is how long an idle model stays: long for one that takes long to load.
func KeepFor(load time.Duration) time.Duration { return min(max(keepTimes*load, keepLeast), keepMost) }

// Evict says which models should go: those idle for too long that no waiting job wants, and, when so many bytes are needed
// than the budget leaves, more of them until there is room. First go those no job wants, the cheapest to load again first;
// then those wanted latest (L. A. Belady, A study of replacement algorithms, 1966). A busy one never goes. ok is false when
// even that does not make room; then only the idle ones go, since the rest would go for nothing.
func Evict(now time.Time, loaded []Loaded, room Room, need uint64) (out []Eviction, ok bool) {
	budget := room.Budget()
	var rest []Loaded
	for _, m := range loaded {
		switch idle := now.Sub(m.LastUsed); {
		case m.Busy:
		case m.NextUse < 0 && idle >= KeepFor(m.LoadTime):
			out = append(out, m.goes(fmt.Sprintf("idle for %s and wanted by no job", idle.Round(time.Second))))
			budget += m.Bytes
		default:
			rest = append(rest, m)
		}
	}
	slices.SortStableFunc(rest, func(a, b Loaded) int {
		if (a.NextUse < 0) != (b.NextUse < 0) {
			return cmp.Compare(a.NextUse, b.NextUse) // -1, wanted by none, first
		}
		return cmp.Or(cmp.Compare(b.NextUse, a.NextUse), cmp.Compare(a.LoadTime, b.LoadTime), cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name))
	})
	idle := len(out)
	for _, m := range rest {
		if budget >= need {
			break
		}
		out = append(out, m.goes("room is needed"))
		budget += m.Bytes
	}
	if budget < need {
		return out[:idle], false
	}
	return out, true
}

func (m Loaded) goes(why string) Eviction {
	e := Eviction{Name: m.Name, Bytes: m.Bytes}
	e.Words = fmt.Sprintf("%s gives back %.1f GB: %s", m.Name, gb(m.Bytes), why)
	if m.NextUse >= 0 {
		e.Cost = m.LoadTime
		e.Words += fmt.Sprintf("; a waiting job wants it, and loading it again takes %s", m.LoadTime.Round(100*time.Millisecond))
	} else {
		e.Words += fmt.Sprintf("; loading it again would take %s", m.LoadTime.Round(100*time.Millisecond))
	}
	return e
}
