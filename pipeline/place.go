package pipeline

import "context"

// place is a job's on the line: a stage has one job at a time, in the order in which they came. So the next picture is
// prepared and the last mesh finished while another job is being shaped, and none overtakes another. Only the jobs of a
// [batch] are shaped at once.
type place struct {
	before  *place          // the job in front
	left    []chan struct{} // of each stage: closed when this job and all before it are through
	at      int             // the first stage not left
	network string          // the engine, when it has a network; else empty

	// These are guarded by the belt's lock.
	next    *place        // the job behind
	over    bool          // the job has ended
	invited chan struct{} // closed when it has been asked into a batch
	company *Company
}

func newPlace(before *place) *place {
	p := &place{before: before, invited: make(chan struct{})}
	if before != nil {
		before.next = p
	}
	for range Line {
		p.left = append(p.left, make(chan struct{}))
	}
	return p
}

// enter waits until the job in front has left the next stage, or one is asked to join it in there; see [Work].
func (p *place) enter(ctx context.Context, stage string) (leave func(), err error) {
	var invited chan struct{}
	if stage == shapeStage {
		invited = p.invited
	}
	select {
	case <-p.before.left[p.at]:
		return p.leave, nil
	case <-invited:
		return p.leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// leave lets the next one into the stage, when those in front have left it too.
func (p *place) leave() {
	left := p.left[p.at]
	p.at++
	if p.before == nil {
		close(left)
		return
	}
	front := p.before.left[p.at-1]
	select {
	case <-front:
		close(left)
	default:
		go func() {
			<-front
			close(left)
		}()
	}
}

// give lets the others through the stages that this job has not come to.
func (p *place) give() {
	for p.at < len(p.left) {
		if p.before != nil {
			<-p.before.left[p.at]
		}
		p.leave()
	}
	p.before = nil
}
