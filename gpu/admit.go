package gpu

import "fmt"

// Processor is the device's key in the history of what ran without one, in the machine's memory.
const Processor = "processor"

// Admission says whether something fits.
type Admission struct {
	Fits      bool    `json:"fits"`
	Sure      bool    `json:"sure"` // by runs measured on such a device, or because not even the weights fit
	Predicted uint64  `json:"predicted_bytes"`
	Budget    uint64  `json:"budget_bytes"`
	Share     float64 `json:"share"`
	Words     string  `json:"words"`
}

// Admit says whether a batch will fit, before it starts. Into a memory that does not say how large it is everything does.
func (o Optimizer) Admit(room Room, n Need, batch int) Admission {
	if n.None() {
		return Admission{Fits: true, Sure: true, Budget: room.Budget(), Share: room.share(0), Words: n.Engine + " uses no GPU memory"}
	}
	e := o.Estimate(n)
	a := Admission{Predicted: e.Bytes(batch)}
	if room.Total == 0 {
		a.Fits, a.Words = true, fmt.Sprintf("may fit: %.1f GB%s, and the device does not say how much it has", gb(a.Predicted), e.source())
		return a
	}
	a.Budget, a.Share = room.Budget(), room.share(a.Predicted)
	a.Fits = a.Predicted <= a.Budget
	a.Sure = e.Runs > 0 || n.Weights > a.Budget
	if a.Fits {
		a.Words = fmt.Sprintf("fits: %.1f GB%s, %.0f %% of %.1f GB in use then", gb(a.Predicted), e.source(), 100*a.Share, gb(room.Total))
	} else {
		a.Words = fmt.Sprintf("does not fit: %.1f GB%s, and %.1f of %.1f GB may be used", gb(a.Predicted), e.source(), gb(a.Budget), gb(room.Total))
	}
	return a
}

// Rung is a way to do a job: what it needs, and the memory it would be in.
type Rung struct {
	Need   Need   `json:"need"`
	Device string `json:"device"` // by [Device.Key], or [Processor]
	Room   Room   `json:"room"`
	Says   string `json:"says,omitempty"` // what is other than asked for
}

// Choice is the rung to take of a ladder, and why not one above.
type Choice struct {
	At        int         `json:"at"`
	Admission Admission   `json:"admission"`
	Refused   []Admission `json:"refused,omitempty"`
}

// Choose goes down a ladder, the best way first, and takes the first that fits. When none does it is the last, whose
// admission says so.
func Choose(runs []Run, ladder []Rung) (c Choice) {
	for i, r := range ladder {
		c.At, c.Admission = i, Optimizer{Device: r.Device, Runs: runs}.Admit(r.Room, r.Need, 1)
		if c.Admission.Fits || i == len(ladder)-1 {
			break
		}
		c.Refused = append(c.Refused, c.Admission)
	}
	return c
}
