package gpu

import (
	"reflect"
	"slices"
	"testing"
)

// TestChoose is a table of machines: how far down the ladder a job goes on each, by the formula and by what was measured.
func TestChoose(t *testing.T) {
	rung := func(device string, room Room, side int, precision string) Rung {
		return Rung{Need: Need{Engine: "net", Resolution: side, Steps: 50, Precision: precision, Weights: 2 * gib}, Device: device, Room: room}
	}
	measured := func(device, precision string, side int, gb float64) (out []Run) {
		for range 3 {
			out = append(out, Run{Device: device, Need: Need{Engine: "net", Resolution: side, Precision: precision}, Batch: 1, Actual: uint64(gb * gib)})
		}
		return out
	}
	for _, c := range []struct {
		name       string
		card, ram  Room
		runs       []Run
		at         int
		fits, sure bool
	}{
		// By the formula: 4 GB at 512, 3.1 at 384, 2.5 at 256; on the processor 6.0 at 512, 3.0 at 256.
		{"a large card", sized(24, 23), sized(64, 60), nil, 0, true, false},
		{"8 GB, half of it taken", sized(8, 4.4), sized(64, 60), nil, 1, true, false},
		{"6 GB, half of it taken", sized(6, 3.6), sized(64, 60), nil, 2, true, false},
		{"4 GB, taken", sized(4, 0.5), sized(64, 60), nil, 3, true, false},
		{"4 GB, taken, and little memory", sized(4, 0.5), sized(8, 4.5), nil, 4, true, false},
		{"neither has room, by the formula", sized(4, 0.5), sized(8, 3.9), nil, 4, false, false},
		{"neither has room for the weights", sized(4, 0.5), sized(8, 3), nil, 4, false, true},
		{"a card that does not say", Room{}, sized(8, 7), nil, 0, true, false},
		{"measured: it takes less", sized(8, 4), sized(64, 60), measured("card", "fp16", 512, 2), 0, true, true},
		{"measured: it takes more", sized(8, 7), sized(64, 60), measured("card", "fp16", 512, 7), 1, true, false},
		{"measured elsewhere", sized(8, 4.4), sized(64, 60), measured("another card", "fp16", 512, 1), 1, true, false},
		{"it was full", sized(8, 7), sized(64, 60), []Run{{Device: "card", Need: Need{Engine: "net", Resolution: 512, Precision: "fp16"}, Batch: 1, Actual: 3 * gib, Available: 6 * gib, Full: true},
			{Device: "card", Need: Need{Engine: "net", Resolution: 512, Precision: "fp16"}, Batch: 1, Actual: 3 * gib, Available: 6 * gib}}, 1, true, false},
		{"measured: not even the last", sized(4, 0.5), sized(8, 7), slices.Concat(measured(Processor, "fp32", 256, 9), measured(Processor, "fp32", 512, 9)), 4, false, true},
	} {
		ladder := []Rung{rung("card", c.card, 512, "fp16"), rung("card", c.card, 384, "fp16"), rung("card", c.card, 256, "fp16"), rung(Processor, c.ram, 512, "fp32"), rung(Processor, c.ram, 256, "fp32")}
		got := Choose(c.runs, ladder)
		if got.At != c.at || got.Admission.Fits != c.fits || got.Admission.Sure != c.sure || len(got.Refused) != c.at {
			t.Errorf("%s: rung %d, %+v", c.name, got.At, got.Admission)
		}
		if again := Choose(c.runs, ladder); !reflect.DeepEqual(got, again) {
			t.Errorf("%s: another choice the second time", c.name)
		}
	}
}
