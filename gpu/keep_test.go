package gpu

import (
	"strings"
	"testing"
	"time"
)

func TestKeepFor(t *testing.T) {
	for load, want := range map[time.Duration]time.Duration{0: time.Minute, 3 * time.Second: 90 * time.Second, time.Minute: 10 * time.Minute} {
		if got := KeepFor(load); got != want {
			t.Errorf("%s: %s, want %s", load, got, want)
		}
	}
}

func TestEvict(t *testing.T) {
	model := func(name string, gb uint64, load, idle time.Duration, next int) Loaded {
		return Loaded{Name: name, Bytes: gb * gib, LoadTime: load, LastUsed: noon.Add(-idle), NextUse: next}
	}
	busy := model("busy", 6, time.Second, time.Hour, -1)
	busy.Busy = true
	const s, m = time.Second, time.Minute
	for _, c := range []struct {
		name   string
		loaded []Loaded
		free   float64 // of 20 GB, of which 3 stay free
		need   uint64  // GB
		want   string
		ok     bool
	}{
		{"nothing is loaded", nil, 20, 5, "", true},
		{"nothing is loaded and nothing fits", nil, 20, 18, "", false},
		{"there is room", []Loaded{model("a", 5, s, 30*s, -1)}, 15, 5, "", true},
		{"idle for too long", []Loaded{model("a", 5, s, 2*m, -1), model("b", 5, 20*s, 2*m, -1)}, 10, 0, "a", true},
		{"idle for long but wanted", []Loaded{model("a", 5, s, 30*m, 7)}, 10, 0, "", true},
		{"the cheapest to load that nobody wants", []Loaded{model("a", 5, 9*s, s, -1), model("b", 5, 2*s, s, -1), model("c", 5, s, s, 1)}, 5, 6, "b", true},
		{"then the next", []Loaded{model("a", 5, 9*s, s, -1), model("b", 5, 2*s, s, -1), model("c", 5, s, s, 1)}, 5, 11, "b a", true},
		{"then the one wanted last", []Loaded{model("soon", 5, s, s, 0), model("late", 5, 9*s, s, 8), model("free", 5, 9*s, s, -1)}, 5, 12, "free late", true},
		{"a busy one never", []Loaded{busy, model("a", 5, s, s, -1)}, 9, 12, "", false},
		{"nothing goes for nothing, but the idle go", []Loaded{model("a", 5, s, s, -1), model("old", 5, s, 30*m, -1)}, 10, 18, "old", false},
		{"idle ones make the room", []Loaded{model("a", 5, s, s, -1), model("old", 5, s, 30*m, -1)}, 10, 12, "old", true},
	} {
		out, ok := Evict(noon, c.loaded, sized(20, c.free), c.need*gib)
		var names []string
		for _, e := range out {
			names = append(names, e.Name)
		}
		if got := strings.Join(names, " "); got != c.want || ok != c.ok {
			t.Errorf("%s: %q, %v; want %q, %v", c.name, got, ok, c.want, c.ok)
		}
	}
	out, _ := Evict(noon, []Loaded{model("net", 5, 9*s, s, 3)}, sized(20, 5), 6*gib)
	if out[0].Cost != 9*s || out[0].Words != "net gives back 5.0 GB: room is needed; a waiting job wants it, and loading it again takes 9s" {
		t.Errorf("%+v", out)
	}
}
