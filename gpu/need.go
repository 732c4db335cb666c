package gpu

import "time"

// Need says what a job asks of a device. Memory is measured for each engine, resolution and precision; the number of steps
// costs time, not memory, and counts only in the formula.
type Need struct {
	Engine     string `json:"engine"`
	Resolution int    `json:"resolution"` // side of the picture or of the grid, whichever the engine's memory goes by
	Steps      int    `json:"steps"`
	Precision  string `json:"precision"`         // fp16, fp32, ...
	Weights    uint64 `json:"weights_bytes"`     // of the networks, held once for any batch; 0 when the formula is to cover it
	InTurn     bool   `json:"in_turn,omitempty"` // the pictures of a batch have the memory one after the other: it takes what one does
}

// None reports whether nothing is asked of a device: the engine has no network.
func (n Need) None() bool { return n == Need{} || n == Need{Engine: n.Engine} }

func (n Need) like(o Need) bool {
	return n.Engine == o.Engine && n.Resolution == o.Resolution && n.Precision == o.Precision
}

// The formula that answers until something has been measured.
const (
	BasePicture    = 2 << 30 // bytes for a picture of BaseResolution in BaseSteps at half precision
	BaseResolution = 512
	BaseSteps      = 50
)

// SizeFactor is how many times the pixels of BaseResolution there are, at least a quarter.
func SizeFactor(resolution int) float64 {
	side := float64(resolution) / BaseResolution
	return max(side*side, 0.25)
}

// StepFactor is the share of BaseSteps, from a half to two.
func StepFactor(steps int) float64 {
	return min(max(float64(steps)/BaseSteps, 0.5), 2)
}

// Formula is the guess for one picture: 2 GB x size factor x step factor, twice that in fp32, besides the weights.
func Formula(n Need) uint64 {
	if n.None() {
		return 0
	}
	b := BasePicture * SizeFactor(n.Resolution) * StepFactor(n.Steps)
	if n.Precision == "fp32" {
		b *= 2
	}
	return uint64(min(b, absurd))
}

// absurd is more memory than any device has: a petabyte. Sums of some such do not overflow.
const absurd = 1 << 50

// Run is what one run of a network took: a line of the history.
type Run struct {
	At        time.Time `json:"at"`
	Device    string    `json:"device"` // by [Device.Key]
	Need      Need      `json:"need"`
	Batch     int       `json:"batch"`
	Predicted uint64    `json:"predicted_bytes"` // what was predicted
	Actual    uint64    `json:"actual_bytes"`    // the peak over what was in use before anything of it was loaded
	Full      bool      `json:"full,omitempty"`  // it ended because the memory was full; Actual is what it had got by then
	Available uint64    `json:"available_bytes"` // what it could have had
}

// Estimate is what a batch is thought to take: Fixed + batch x Picture + Safety.
type Estimate struct {
	Fixed   uint64 `json:"fixed_bytes"`
	Picture uint64 `json:"picture_bytes"`
	Safety  uint64 `json:"safety_bytes"` // for how far the runs were apart
	Runs    int    `json:"runs"`         // it was learnt from; 0 for the formula

	FullBatch int    `json:"full_batch,omitempty"` // a batch from which on the memory has been full
	FullBytes uint64 `json:"full_bytes,omitempty"` // though it could have had so much
}

// Bytes predicts a batch.
func (e Estimate) Bytes(batch int) uint64 {
	b := e.Fixed + uint64(batch)*e.Picture + e.Safety
	if e.FullBatch > 0 && batch >= e.FullBatch {
		b = max(b, e.FullBytes+e.FullBytes/10)
	}
	return b
}

// Limits of the learning.
const (
	recent     = 64 // runs that count
	trusted    = 3  // runs from which on their spread is believed
	apart      = 3  // standard deviations that are added for safety
	leastApart = 20 // and at least this fraction: a twentieth
)

// Measure estimates from the runs of the same engine, resolution and precision on such a device, in the order they were
// done; ok is false when there are none. Slope and offset over the batch are medians, so that single odd runs do not count.
func Measure(runs []Run, device string, n Need) (e Estimate, ok bool) {
	var batch, bytes []float64
	for i := len(runs) - 1; i >= 0 && len(batch) < recent; i-- {
		r := runs[i]
		if r.Device != device || !r.Need.like(n) || r.Batch < 1 || r.Batch > MaxBatch || max(r.Actual, r.Available) > absurd {
			continue
		}
		if r.Full {
			// What came later and went well with as big a batch shows that it was something else.
			if later := countAtLeast(batch, float64(r.Batch)); later < trusted && (e.FullBatch == 0 || r.Batch < e.FullBatch) {
				e.FullBatch, e.FullBytes = r.Batch, max(r.Available, r.Actual)
			}
			continue
		}
		batch, bytes = append(batch, float64(r.Batch)), append(bytes, float64(r.Actual))
	}
	if len(batch) == 0 {
		return e, false
	}
	fixed, picture := line(batch, bytes)
	left := make([]float64, len(batch))
	for i := range left {
		left[i] = bytes[i] - fixed - batch[i]*picture
	}
	safety := max(apart*spread(left), (fixed+picture)/leastApart)
	if len(batch) < trusted {
		safety = (fixed + picture) / 4
	}
	e.Fixed, e.Picture, e.Safety, e.Runs = uint64(fixed), uint64(picture), uint64(safety), len(batch)
	return e, true
}

func countAtLeast(v []float64, least float64) (n int) {
	for _, x := range v {
		if x >= least {
			n++
		}
	}
	return n
}

// line fits bytes = fixed + batch x picture, neither of them negative. Runs of one size only cannot tell the two apart:
// then everything is counted for every picture, which errs on the safe side.
func line(batch, bytes []float64) (fixed, picture float64) {
	var slopes []float64
	for i := range batch {
		for k := range i {
			if d := batch[i] - batch[k]; d != 0 {
				slopes = append(slopes, (bytes[i]-bytes[k])/d)
			}
		}
	}
	each := make([]float64, len(batch))
	for i := range each {
		each[i] = bytes[i] / batch[i]
	}
	if picture = median(slopes); len(slopes) == 0 || picture <= 0 {
		return 0, median(each)
	}
	for i := range each {
		each[i] = bytes[i] - batch[i]*picture
	}
	return max(median(each), 0), picture
}
