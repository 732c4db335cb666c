package gpu

import "slices"

// Status is all there is to say at one moment, for export: the reading, how memory developed, what was learnt of networks
// and how many pictures they could do at once.
type Status struct {
	Reading
	Memory   []MemoryReport `json:"memory,omitempty"`
	Batches  []Batches      `json:"batches,omitempty"`
	Accuracy []Accuracy     `json:"accuracy,omitempty"`
}

// Batches is what a device recommends for one kind of network run.
type Batches struct {
	Device string `json:"device"` // UUID
	Need   Need   `json:"need"`
	BatchRecommendation
}

// StatusOf puts it together. It recommends for what has been run on each kind of device before, as if queue pictures waited
// and today so many were done at once.
func StatusOf(r Reading, memory []MemoryReport, runs []Run, queue, today int) Status {
	s := Status{Reading: r, Memory: memory, Accuracy: Accuracies(runs)}
	for _, d := range r.Devices {
		var seen []Need
		for _, run := range runs {
			if run.Device != d.Key() || slices.ContainsFunc(seen, run.Need.like) {
				continue
			}
			seen = append(seen, run.Need)
			o := Optimizer{Device: d.Key(), Runs: runs}
			s.Batches = append(s.Batches, Batches{d.UUID, run.Need, o.Batch(d.Room(), run.Need, queue, today)})
		}
	}
	return s
}
