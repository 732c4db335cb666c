package pipeline

import (
	"context"
	"fmt"

	"orfeas/gpu"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/onnx"
)

// Fits says before a job with so many pictures of other sides is begun whether its network has room here as asked for, on the
// best device there is. The error wraps [ErrNoRoom]; it is nil for engines without a network, and where it cannot be told.
func (m Machine) Fits(ctx context.Context, s Settings, views int) error {
	e, o, err := s.engine()
	if err != nil || !e.Networked() {
		return nil
	}
	best, err := onnx.Best(ctx)
	if err != nil {
		return nil
	}
	ladder, err := e.Ladder(o, views, best)
	if err != nil || len(ladder) == 0 {
		return nil
	}
	return m.fits(ladder[0], gpu.Read(m.Probe))
}

func (m Machine) fits(r engine.Rung, now gpu.Reading) error {
	if c := gpu.Choose(m.runs(), []gpu.Rung{m.place(r, now)}); !c.Admission.Fits {
		return fmt.Errorf("%w for %s: as asked for it %s", ErrNoRoom, r.Need.Engine, c.Admission.Words)
	}
	return nil
}
