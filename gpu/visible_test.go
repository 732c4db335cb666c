package gpu

import (
	"os"
	"slices"
	"testing"
)

func TestVisible(t *testing.T) {
	all := Probe(func() ([]Device, error) {
		return []Device{{UUID: "GPU-aa1"}, {Index: 1, UUID: "GPU-bb2"}, {Index: 2, Part: 1, UUID: "MIG-cc3"}}, nil
	})
	for _, c := range []struct {
		environment, order string
		want               []string
	}{
		{"", BusOrder, nil},
		{"-1", BusOrder, nil},
		{"-1", "FASTEST_FIRST", nil},
		{"none", BusOrder, nil},
		{"GPU-bb2", BusOrder, []string{"GPU-bb2"}},
		{"MIG-cc3, GPU-aa", BusOrder, []string{"MIG-cc3", "GPU-aa1"}},
		{"GPU-bb2,GPU-none,GPU-aa1", BusOrder, []string{"GPU-bb2"}},
		{"GPU-none", BusOrder, nil},
		{"1", BusOrder, []string{"GPU-bb2"}},
		{"2, 0", BusOrder, []string{"MIG-cc3", "GPU-aa1"}},
		{"1,-1,0", BusOrder, []string{"GPU-bb2"}},
		{"7", BusOrder, nil},
		{"1", "FASTEST_FIRST", []string{"GPU-aa1", "GPU-bb2", "MIG-cc3"}},
	} {
		t.Setenv(VisibleVariable, c.environment)
		t.Setenv(OrderVariable, c.order)
		devices, err := Visible(all)()
		var got []string
		for _, d := range devices {
			got = append(got, d.UUID)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, %v", c.environment, got, err)
		}
	}
	if err := os.Unsetenv(VisibleVariable); err != nil {
		t.Fatal(err)
	}
	if devices, err := Visible(all)(); err != nil || len(devices) != 3 {
		t.Errorf("unset: %v, %v", devices, err)
	}
	failing := Visible(func() ([]Device, error) { return nil, ErrNoNVIDIA })
	if _, err := failing(); err == nil {
		t.Error("the error is gone")
	}
}

func TestOrder(t *testing.T) {
	t.Setenv(OrderVariable, "FASTEST_FIRST")
	if err := Order(); err != nil || os.Getenv(OrderVariable) != "FASTEST_FIRST" {
		t.Errorf("what was asked for became %q: %v", os.Getenv(OrderVariable), err)
	}
	if err := os.Unsetenv(OrderVariable); err != nil {
		t.Fatal(err)
	}
	if err := Order(); err != nil || os.Getenv(OrderVariable) != BusOrder {
		t.Errorf("nothing became %q: %v", os.Getenv(OrderVariable), err)
	}
}
