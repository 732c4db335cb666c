package farm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"orfeas/pipeline"
)

// innocent is how often a job may be begun before it is suspected of killing workers. From then on it is done alone, so
// that no other job pays for it.
const innocent = 2

// rounds is how often a job that fits nowhere as asked for is handed out before it is done with less.
const rounds = 12

// errElsewhere says that a job is to be done by another worker.
var errElsewhere = errors.New("left to others")

// try does a job that was not begun too often.
func (h *job) try(ctx context.Context) error {
	if r, err := lookUp(ctx, h.stores, h.task.ID); err != nil || r != nil {
		return err // somebody was quicker, and died before saying so
	}
	var err error
	if h.starts, err = h.begun(ctx); err != nil {
		return err
	}
	if h.starts >= h.Farm.options.Deliveries {
		return h.tooOften(ctx)
	}
	if h.Fits != nil && h.attempt <= rounds {
		if err := h.Fits(ctx, h.task.Settings, len(h.task.Views)); err != nil {
			h.count(func(s *WorkerState) { s.Problem = err.Error() })
			return fmt.Errorf("%w: %w", errElsewhere, err)
		}
	}
	if h.starts >= innocent {
		h.alone.Lock()
		defer h.alone.Unlock()
	} else {
		h.alone.RLock()
		defer h.alone.RUnlock()
	}
	if h.attempt > 1 {
		err = h.begin(ctx, h.starts+1)
	}
	if err != nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	return h.do(ctx)
}

// begun is how often the job was begun so far. Nothing is written down the first time: all but a few are begun once.
func (h *job) begun(ctx context.Context) (uint64, error) {
	if h.attempt <= 1 {
		return 0, nil
	}
	ctx, done := soon(ctx)
	defer done()
	e, err := h.stores.starts.Get(ctx, h.task.ID)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return 1, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(string(e.Value()), 10, 64)
}

func (h *job) begin(ctx context.Context, starts uint64) error {
	ctx, done := soon(ctx)
	defer done()
	_, err := h.stores.starts.Put(ctx, h.task.ID, strconv.AppendUint(nil, starts, 10))
	return err
}

// forgive takes a start back that did not end by the job's fault.
func (h *job) forgive(ctx context.Context) {
	if err := h.begin(ctx, h.starts); err != nil {
		h.Farm.options.Log(fmt.Sprintf("job %s: %v", h.task.ID, err))
	}
}

// tooOften ends a job that was begun as often as it may be, and no worker came to an end with it.
func (h *job) tooOften(ctx context.Context) error {
	j := pipeline.Job{State: pipeline.Failed, Stages: pipeline.NewStages(), Ended: time.Now(), Kills: int(h.starts)}
	j.Problem = fmt.Sprintf("%d workers of the farm have begun it and were not heard of again", h.starts)
	j.Hint = "It was set aside so that the others go on. Try other settings, or fewer faces."
	if err := h.bury(ctx, j.Problem, nil); err != nil {
		return err
	}
	if err := h.deliver(ctx, j); err != nil {
		return err
	}
	h.ended(j, 0)
	return nil
}

// giveUp ends what is not a job that can be done.
func (h *job) giveUp(ctx context.Context, why error) error {
	err := h.bury(ctx, why.Error(), nil)
	if err == nil && idForm.MatchString(h.task.ID) {
		err = h.deliver(ctx, ended(pipeline.Job{Stages: pipeline.NewStages()}, why))
	}
	return err
}

// bury writes a letter about a job that was given up.
func (h *job) bury(ctx context.Context, reason string, said []string) error {
	l := Letter{ID: h.task.ID, Subject: h.message.Subject(), Reason: reason, Said: said, Worker: h.Name, Attempt: h.attempt}
	if data := h.message.Data(); json.Valid(data) {
		l.Task = data
	}
	to := h.task.ID
	if !idForm.MatchString(to) {
		to = "unknown"
	}
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	ctx, done := soon(ctx)
	defer done()
	_, err = h.Farm.js.Publish(ctx, deadSubject+to, data, jetstream.WithMsgID(fmt.Sprint(h.message.Subject(), h.attempt)))
	return err
}
