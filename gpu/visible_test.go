package gpu

import (
	"slices"
	"testing"
)

func TestVisible(t *testing.T) {
	all := Probe(func() ([]Device, error) {
		return []Device{{UUID: "GPU-aa1"}, {UUID: "GPU-bb2"}, {UUID: "MIG-cc3"}}, nil
	})
	for _, c := range []struct {
		environment string
		want        []string
	}{
		{"", []string{"GPU-aa1", "GPU-bb2", "MIG-cc3"}},
		{"GPU-bb2", []string{"GPU-bb2"}},
		{"MIG-cc3, GPU-aa", []string{"MIG-cc3", "GPU-aa1"}},
		{"GPU-bb2,GPU-none,GPU-aa1", []string{"GPU-bb2"}},
		{"GPU-none", nil},
		{"1", []string{"GPU-aa1", "GPU-bb2", "MIG-cc3"}},
	} {
		t.Setenv(VisibleVariable, c.environment)
		devices, err := Visible(all)()
		var got []string
		for _, d := range devices {
			got = append(got, d.UUID)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, %v", c.environment, got, err)
		}
	}
	failing := Visible(func() ([]Device, error) { return nil, ErrNoNVIDIA })
	if _, err := failing(); err == nil {
		t.Error("the error is gone")
	}
}
