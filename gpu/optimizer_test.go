package gpu

import (
	"encoding/json"
	"strings"
	"testing"
)

const gib = 1 << 30

func sized(gbTotal, gbFree float64) Room {
	return Room{Total: uint64(gbTotal * gib), Free: uint64(gbFree * gib)}
}

var plain = Need{Engine: "net", Resolution: 512, Steps: 50, Precision: "fp16"}

func TestFormula(t *testing.T) {
	for _, c := range []struct {
		need Need
		want float64 // GB
	}{
		{plain, 2},
		{Need{Engine: "net", Resolution: 1024, Steps: 50, Precision: "fp16"}, 8},
		{Need{Engine: "net", Resolution: 64, Steps: 50, Precision: "fp16"}, 0.5}, // the least size factor
		{Need{Engine: "net", Resolution: 512, Steps: 5, Precision: "fp16"}, 1},   // the least step factor
		{Need{Engine: "net", Resolution: 512, Steps: 500, Precision: "fp16"}, 4}, // the greatest
		{Need{Engine: "net", Resolution: 512, Steps: 50, Precision: "fp32"}, 4},
		{Need{Engine: "inflate"}, 0},
		{Need{}, 0},
		{Need{Engine: "net", Resolution: 1 << 40, Steps: 50, Precision: "fp16"}, 1 << 20},
	} {
		if got := float64(Formula(c.need)) / gib; got != c.want {
			t.Errorf("%+v: %g GB, want %g", c.need, got, c.want)
		}
	}
}

// TestBatchOnMachines is the table of machines: cards as they are sold, by the formula.
func TestBatchOnMachines(t *testing.T) {
	heavy, inTurn := plain, plain
	heavy.Weights, inTurn.InTurn = 5*gib, true
	for _, c := range []struct {
		name  string
		room  Room
		need  Need
		queue int
		batch int
		words string
	}{
		{"no memory at all", Room{}, plain, 5, 0, "not even one"},
		{"2 GB card", sized(2, 1.8), plain, 5, 0, "not even one picture fits: it would take 2.0 GB (by the formula, nothing was measured yet), and 0.8 of 2.0 GB may be used"},
		{"4 GB card", sized(4, 3.7), plain, 5, 1, "a batch of 1 would use 58 % of 4.0 GB"},
		{"8 GB laptop with a desktop on it", sized(8, 6.9), plain, 10, 2, "; 3 would need 6.0 GB of the 5.7 that may be used; today 1"},
		{"12 GB card", sized(12, 11.7), plain, 10, 4, ""},
		{"24 GB card", sized(24, 23.5), plain, 32, 9, "a batch of 9 would use 77 % of 24.0 GB"},
		{"24 GB card, three wait", sized(24, 23.5), plain, 3, 3, "a batch of 3 would use 27 % of 24.0 GB (by the formula, nothing was measured yet); no more pictures wait; today 1"},
		{"24 GB card, nearly full", sized(24, 5), plain, 8, 0, "not even one"},
		{"the same, but the model lies there already", Room{Total: 24 * gib, Free: 5 * gib, Held: 7 * gib}, heavy, 8, 1, ""},
		{"24 GB card, heavy network", sized(24, 23.5), heavy, 32, 7, ""},
		{"80 GB card", sized(80, 79), plain, 100, 32, ""},
		{"nothing waits", sized(24, 23.5), plain, 0, 0, "no picture waits; one would use 10 %"},
		{"8 GB, one picture after the other in it", sized(8, 6.9), inTurn, 10, 10, "a batch of 10 would use 39 % of 8.0 GB"},
		{"2 GB, one picture after the other in it", sized(2, 1.8), inTurn, 5, 0, "not even one"},
		{"no network", sized(24, 23.5), Need{Engine: "inflate"}, 4, 1, "inflate uses no GPU memory"},
	} {
		got := Optimizer{Device: "card"}.Batch(c.room, c.need, c.queue, 1)
		if got.Batch != c.batch || !strings.Contains(got.Words, c.words) {
			t.Errorf("%s: %d, %q; want %d, %q", c.name, got.Batch, got.Words, c.batch, c.words)
		}
		if got.Batch > 0 && !c.need.None() && (got.Predicted > got.Budget || got.Share > Target+1e-9) {
			t.Errorf("%s: over-filled: %+v", c.name, got)
		}
	}
}

func runs(batchAndGB ...float64) (out []Run) {
	for i := 0; i < len(batchAndGB); i += 2 {
		out = append(out, Run{Device: "card", Need: plain, Batch: int(batchAndGB[i]), Actual: uint64(batchAndGB[i+1] * gib), Predicted: 2 * gib})
	}
	return out
}

func TestMeasuredReplacesTheFormula(t *testing.T) {
	full := func(batch int, gbAvailable float64) Run {
		return Run{Device: "card", Need: plain, Batch: batch, Full: true, Available: uint64(gbAvailable * gib)}
	}
	elsewhere := runs(1, 9)
	elsewhere[0].Device = "another card"
	otherSize := runs(1, 9)
	otherSize[0].Need.Resolution = 256
	for _, c := range []struct {
		name  string
		runs  []Run
		batch int
		want  float64 // GB
		known int     // runs it rests on
	}{
		{"nothing", nil, 1, 2, 0},
		{"another card", elsewhere, 1, 2, 0},
		{"another resolution", otherSize, 1, 2, 0},
		{"one run, a quarter for safety", runs(1, 4), 1, 5, 1},
		{"three alike, a twentieth for safety", runs(1, 4, 1, 4, 1, 4), 1, 4.2, 3},
		{"one batch size counts all for every picture", runs(1, 4, 1, 4, 1, 4), 2, 8.2, 3},
		{"an odd run does not count", runs(1, 4, 1, 4, 1, 4, 1, 4, 1, 40), 1, 4.2, 5},
		{"a failed reading does not count", runs(1, 4, 1, 4, 1, 4, 1, 4, 1, 0), 1, 4.2, 5},
		{"two batch sizes tell the weights from the pictures", runs(1, 5, 1, 5, 3, 7, 3, 7), 8, 12.25, 4},
		{"spread is added", runs(1, 3, 1, 4, 1, 5, 1, 4, 1, 3), 1, 4 + 3*1.4826, 5},
		{"bigger batches that take less are noise", runs(1, 4, 2, 3, 1, 4, 2, 3), 2, 2*2.75 + 3*1.4826*1.875, 4},
		{"absurd runs do not count", runs(1, 4, 1, 4, 1, 4, 1, 1e9, 1000, 4, -1, 4), 1, 4.2, 3},
		{"it was full", []Run{full(1, 3)}, 1, 3.3, 0},
		{"it was full with more", append(runs(1, 2, 1, 2, 1, 2), full(4, 9)), 4, 9.9, 3},
		{"that says nothing of less", append(runs(1, 2, 1, 2, 1, 2), full(4, 9)), 3, 6.1, 3},
		{"full once, well three times since", append([]Run{full(1, 9)}, runs(1, 2, 1, 2, 1, 2)...), 1, 2.1, 3},
		{"one after the other they take what one does", runs(1, 4, 1, 4, 1, 4), -8, 4.2, 3},
	} {
		need := plain
		if need.InTurn = c.batch < 0; need.InTurn {
			c.batch = -c.batch
		}
		e := Optimizer{Device: "card", Runs: c.runs}.Estimate(need)
		if got := float64(e.Bytes(c.batch)) / gib; got < c.want-0.02 || got > c.want+0.02 || e.Runs != c.known {
			t.Errorf("%s: %.2f GB by %d runs, want %.2f by %d: %+v", c.name, got, e.Runs, c.want, c.known, e)
		}
	}
}

// TestLearning: with every run the forecast is nearer to what runs take, and the batch grows with it.
func TestLearning(t *testing.T) {
	truth := func(batch int) uint64 { return uint64((1.2 + 0.9*float64(batch)) * gib) }
	o, room := Optimizer{Device: "card"}, sized(24, 23)
	first := o.Batch(room, plain, 32, 1)
	var last BatchRecommendation
	for range 20 {
		last = o.Batch(room, plain, 32, 1)
		if truth(last.Batch) > room.Free {
			t.Fatalf("over-filled: %+v", last)
		}
		o.Runs = append(o.Runs, Run{Device: "card", Need: plain, Batch: last.Batch, Predicted: last.Predicted, Actual: truth(last.Batch)},
			Run{Device: "card", Need: plain, Batch: 1, Predicted: o.Estimate(plain).Bytes(1), Actual: truth(1)})
	}
	if first.Batch != 9 || last.Batch != 20 {
		t.Errorf("from %d to %d: %+v", first.Batch, last.Batch, last)
	}
	a := Accuracies(o.Runs)
	if len(a) != 1 || a[0].Runs != 40 || a[0].Error > 0.2 || !strings.Contains(a[0].Words, "net at 512 in fp16 on card") {
		t.Errorf("%+v", a)
	}
}

func TestAdmit(t *testing.T) {
	o := Optimizer{Device: "card", Runs: runs(1, 4, 1, 4, 1, 4)}
	if a := o.Admit(sized(8, 7), plain, 1); !a.Fits || a.Words != "fits: 4.2 GB (by 3 measured runs), 65 % of 8.0 GB in use then" {
		t.Errorf("%+v", a)
	}
	if a := o.Admit(sized(8, 5), plain, 1); a.Fits || a.Words != "does not fit: 4.2 GB (by 3 measured runs), and 3.8 of 8.0 GB may be used" {
		t.Errorf("%+v", a)
	}
	if a := o.Admit(Room{}, Need{Engine: "inflate"}, 1); !a.Fits {
		t.Errorf("%+v", a)
	}
}

// TestNothingOverflows: whatever is asked, what does not fit is not let in.
func TestNothingOverflows(t *testing.T) {
	for _, n := range []Need{{Engine: "net", Resolution: 1 << 60, Steps: 1 << 60}, {Engine: "net", Weights: ^uint64(0)}} {
		for _, batch := range []int{1, MaxBatch} {
			if a := (Optimizer{}).Admit(sized(80, 79), n, batch); a.Fits {
				t.Errorf("%+v: %+v", n, a)
			}
		}
	}
}

func TestStatusOf(t *testing.T) {
	other := runs(1, 4)
	other[0].Device = "somewhere else"
	d := Device{Name: "A", UUID: "GPU-A", Total: 24 * gib, Free: 23 * gib}
	known := runs(1, 4, 1, 4, 3, 6)
	for i := range known {
		known[i].Device = d.Key()
	}
	s := StatusOf(Reading{Devices: []Device{d}}, nil, append(other, known...), 5, 1)
	if len(s.Batches) != 1 || s.Batches[0].Device != "GPU-A" || s.Batches[0].Batch != 5 || len(s.Accuracy) != 2 {
		t.Errorf("%+v", s)
	}
	if s := StatusOf(Reading{}, nil, known, 5, 1); len(s.Batches) != 0 || len(s.Accuracy) != 1 {
		t.Errorf("%+v", s)
	}
}

// TestJSON: all of it can be exported, with plain values.
func TestJSON(t *testing.T) {
	o := Optimizer{Device: "card", Runs: runs(1, 4)}
	for _, v := range []any{o.Batch(sized(8, 7), plain, 2, 1), o.Admit(sized(8, 7), plain, 1), Choose(nil, []Rung{{Need: plain}}), Accuracies(o.Runs), NewMemoryProfile("").Report(0), Room{}} {
		if _, err := json.Marshal(v); err != nil {
			t.Error(err)
		}
	}
}
