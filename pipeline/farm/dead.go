package farm

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"orfeas/pipeline"
)

// tooOften ends a job that was handed out as often as it may be, and no worker came to an end with it.
func (h *job) tooOften(ctx context.Context) error {
	j := pipeline.Job{State: pipeline.Failed, Stages: pipeline.NewStages(), Ended: time.Now()}
	j.Problem = fmt.Sprintf("the farm has handed it out %d times and no worker came to an end with it", h.attempt-1)
	j.Hint = "It was set aside so that the others go on. Try other settings, or fewer faces."
	j.Kills = int(h.attempt - 1)
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
func (h *job) giveUp(ctx context.Context, why error) {
	err := h.bury(ctx, why.Error(), nil)
	if err == nil && idForm.MatchString(h.task.ID) {
		err = h.deliver(ctx, ended(pipeline.Job{Stages: pipeline.NewStages()}, why))
	}
	h.settle(ctx, err)
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
