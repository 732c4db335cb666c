package pipeline

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline/engine"
)

// lawful makes jobs whose time goes by a law, off by noise.
func lawful(n int, noise float64) (records []Record) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range n {
		faces := []int{10_000, 20_000, 50_000, 100_000, 200_000, 500_000}[rng.IntN(6)]
		engine := []string{"a", "b"}[rng.IntN(2)]
		f := float64(faces) / 100_000
		if engine == "b" {
			f *= 4
		}
		off := func(s float64) float64 { return s * math.Exp(noise*rng.NormFloat64()) }
		r := job(engine, off(0.1), off(0.1*f), off(0.01), off(f), off(f))
		r.Faces = faces
		records = append(records, r)
	}
	return records
}

func TestForecastOnAHeldOutHalf(t *testing.T) {
	for noise, most := range map[float64]float64{0: 0.02, 0.1: 0.1, 0.3: 0.3} {
		got := HeldOut(lawful(200, noise))
		if t.Logf("noise of %.0f %%: off by %.0f %% at the start, %.0f %% along", 100*noise, 100*got.Start, 100*got.Along); got.Jobs != 100 || got.Start > most || got.Along > most {
			t.Errorf("noise %g: %+v", noise, got)
		}
	}
	if got := HeldOut(nil); got.Jobs != 0 || got.String() != "" {
		t.Errorf("%+v", got)
	}
}

func TestForecastLeft(t *testing.T) {
	past := []Record{job("a", 1, 2, 1, 2, 4), job("a", 1, 2, 1, 2, 4), job("a", 1, 4, 1, 2, 4)}
	at := func(change func(s []StageInfo)) []StageInfo { s := NewStages(); change(s); return s }
	like := job("a")
	for _, c := range []struct {
		name   string
		past   []Record
		stages []StageInfo
		want   float64
		ok     bool
	}{
		{"no history", nil, NewStages(), 0, false},
		{"another engine's history", []Record{job("b", 1, 2, 1, 2, 4)}, NewStages(), 0, false},
		{"at the start", past, NewStages(), 10, true},
		{"an engine that is not chosen yet", append([]Record{job("b", 1, 2, 1, 2, 4)}, past...), NewStages(), 10, true},
		{"in the middle of a stage", past, at(func(s []StageInfo) {
			s[0].Progress, s[0].Seconds, s[1].Progress, s[1].Seconds = 1, 1, 0.5, 0.5
		}), 8.5, true},
		{"longer than most", past, at(func(s []StageInfo) {
			s[0].Progress, s[0].Seconds, s[1].Progress, s[1].Seconds = 1, 1, 0.5, 3
		}), 8, true},
		{"longer than ever", past, at(func(s []StageInfo) {
			s[0].Progress, s[0].Seconds, s[1].Progress, s[1].Seconds = 1, 1, 0.5, 8
		}), 9, true},
		{"the end", past, at(func(s []StageInfo) {
			for i := range s {
				s[i].Progress, s[i].Seconds = 1, 1
			}
		}), 0, true},
	} {
		if like.Engine = "a"; strings.Contains(c.name, "not chosen") {
			like.Engine = engine.Auto
		}
		left, ok := forecast(c.past, like).Left(c.stages)
		if ok != c.ok || math.Abs(left.Seconds()-c.want) > 0.01 {
			t.Errorf("%s: %s, %v; want %g s", c.name, left, ok, c.want)
		}
	}
	like.Engine = "a"
	slow := at(func(s []StageInfo) { s[0].Progress, s[0].Seconds = 1, 10 })
	if left, _ := forecast(past, like).Left(slow); left < 12*time.Second || left > 27*time.Second {
		t.Errorf("on a busy machine: %s", left)
	}
}

func TestHistory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	h := HistoryIn(dir)
	if all, damaged, err := h.Records(); len(all) != 0 || damaged != 0 || err != nil {
		t.Errorf("%v, %d, %v", all, damaged, err)
	}
	want := job("a", 1, 2)
	want.GPU = []gpu.Run{{Device: "card", Batch: 2, Actual: 7}}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 25 {
				if err := h.Add(want); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	got, damaged, err := h.Records()
	if len(got) != 200 || damaged != 0 || err != nil {
		t.Fatalf("%d records, %d damaged, %v", len(got), damaged, err)
	}
	a, _ := json.Marshal(got[199])
	b, _ := json.Marshal(want)
	if !bytes.Equal(a, b) || len(Runs(got)) != 200 {
		t.Errorf("%s, want %s", a, b)
	}
	if err := h.Add(Record{Seconds: math.NaN()}); err == nil {
		t.Error("NaN was written")
	}
}

// TestHistoryIsHostile: whatever lies in the file, what is sound is read and what comes after it too.
func TestHistoryIsHostile(t *testing.T) {
	good, _ := json.Marshal(job("a", 1))
	for _, c := range []struct {
		name, content string
		good, damaged int
	}{
		{"empty", "", 0, 0},
		{"blank lines", "\n\n \n", 0, 0},
		{"cut short", string(good) + "\n" + string(good[:40]), 1, 1},
		{"not JSON", "hello\n\x00\x01\n" + string(good) + "\n", 1, 2},
		{"other JSON", "[1,2]\n{}\nnull\n7\n" + string(good), 1, 4},
		{"absurd times", `{"engine":"a","seconds":-1}` + "\n" + `{"engine":"a","seconds":1e300}` + "\n" + `{"engine":"a","seconds":1,"stages":[{"name":"shape","seconds":-5}]}`, 0, 3},
		{"letters that move a terminal's cursor", `{"engine":"a\u001b[2J","seconds":1}` + "\n" + `{"engine":"a","seconds":1,"stages":[{"name":"shape","steps":[{"name":"\u0007"}]}]}` + "\n" + `{"engine":"a","gpu":[{"device":"\n"}]}`, 0, 3},
		{"no newline at its end", string(good), 1, 0},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "timings.jsonl"), []byte(c.content), 0o644); err != nil {
			t.Fatal(err)
		}
		h := HistoryIn(dir)
		got, damaged, err := h.Records()
		if len(got) != c.good || damaged != c.damaged || err != nil {
			t.Errorf("%s: %d good, %d damaged, %v", c.name, len(got), damaged, err)
		}
		if err := h.Add(job("b", 1)); err != nil {
			t.Error(err)
		}
		if again, _, _ := h.Records(); len(again) != c.good+1 || again[len(again)-1].Engine != "b" {
			t.Errorf("%s: after adding %d", c.name, len(again))
		}
		Profiles(got)
		HeldOut(got)
	}
}

// TestHistoryIsBounded: a file that has grown is cut down to its newest lines.
func TestHistoryIsBounded(t *testing.T) {
	dir := t.TempDir()
	line, _ := json.Marshal(job("old", 1, 2, 3, 4, 5))
	data := bytes.Repeat(append(line, '\n'), historyMost/len(line)+10)
	path := filepath.Join(dir, "timings.jsonl")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	h := HistoryIn(dir)
	if err := h.Add(job("new", 1)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > historyKeep+int64(len(line)) {
		t.Errorf("%v, %v", info, err)
	}
	got, damaged, err := h.Records()
	if damaged != 0 || err != nil || got[len(got)-1].Engine != "new" {
		t.Errorf("%d records, %d damaged, %v", len(got), damaged, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind %v", left)
	}
}

func TestDataDir(t *testing.T) {
	t.Setenv("ORFEAS_DATA", "")
	t.Setenv("XDG_DATA_HOME", "/x")
	t.Setenv("LocalAppData", "")
	if dir, err := DataDir(); err != nil || filepath.Base(dir) != "orfeas" {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("ORFEAS_DATA", t.TempDir())
	if dir, err := DataDir(); err != nil || dir != os.Getenv("ORFEAS_DATA") {
		t.Errorf("%s, %v", dir, err)
	}
}
