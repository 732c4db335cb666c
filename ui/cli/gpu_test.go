package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"orfeas/gpu"
)

// TestGPUWatch shows a device that fills up, as text in a file, on a terminal, and as lines of JSON.
func TestGPUWatch(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		name       string
		live, json bool
		want, not  string
	}{
		{"file", false, false, "Trend  memory of GPU 0: increasing by 61440 MB a minute", "\x1b"},
		{"terminal", true, false, "\x1b[H\x1b[JGPU 0  A: 4.0 of 8.0 GB used", ""},
		{"JSON", false, true, `"direction":"increasing"`, "Trend"},
	} {
		var out bytes.Buffer
		g := gpuView{t: Terminal{Out: &out, Err: &out, Live: c.live}, json: c.json, watch: true, profiles: map[string]*gpu.MemoryProfile{}}
		for i := range uint64(4) {
			used := (1 + i) << 30
			g.show(gpu.Reading{At: at.Add(time.Duration(i) * time.Second), Load: -1, Devices: []gpu.Device{{Name: "A", UUID: "x", Driver: "1", Total: 8 << 30, Used: used, Free: 8<<30 - used, Utilisation: -1, Temperature: -1, PowerWatts: -1}}})
		}
		if s := out.String(); !strings.Contains(s, c.want) || c.not != "" && strings.Contains(s, c.not) {
			t.Errorf("%s: %s", c.name, s)
		}
		if !c.json {
			continue
		}
		for line := range strings.Lines(out.String()) {
			var s gpu.Status
			if err := json.Unmarshal([]byte(line), &s); err != nil || len(s.Devices) != 1 || len(s.Memory) != 1 || len(s.Memory[0].Samples) != 1 {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
}
