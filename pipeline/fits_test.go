package pipeline

import (
	"errors"
	"testing"

	"orfeas/gpu"
)

// TestFits: a machine takes what it can do as asked for, not what it would have to lower.
func TestFits(t *testing.T) {
	for _, c := range []struct {
		name  string
		probe gpu.Probe
		limit uint64
		want  error
	}{
		{"there is room", card(24, 23), 0, nil},
		{"half of it is taken", card(8, 5), 0, ErrNoRoom},
		{"there is a limit", card(24, 23), 2 * gib, ErrNoRoom},
		{"nothing is known of it", func() ([]gpu.Device, error) { return nil, gpu.ErrNoNVIDIA }, 0, nil},
	} {
		m := Machine{Probe: c.probe, Limit: c.limit}
		if err := m.fits(ladderOf(0)[0], gpu.Read(c.probe)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := (Machine{Probe: card(1, 0)}).Fits(t.Context(), Defaults(), 0); err != nil {
		t.Errorf("an engine without a network: %v", err)
	}
}
