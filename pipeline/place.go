package pipeline

import "context"

// place is a job's on the line: a stage has one job at a time, in the order in which they came. So the next picture is
// prepared and the last mesh finished while another job is being shaped, and none overtakes another.
type place struct {
	before *place          // the job in front
	left   []chan struct{} // of each stage: closed when this job and all before it are through
	at     int             // the first stage not left
}

func newPlace(before *place) *place {
	p := &place{before: before}
	for range Line {
		p.left = append(p.left, make(chan struct{}))
	}
	return p
}

// enter waits until the job in front has left the next stage; see [Work].
func (p *place) enter(ctx context.Context, _ string) (leave func(), err error) {
	select {
	case <-p.before.left[p.at]:
		return p.leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *place) leave() {
	close(p.left[p.at])
	p.at++
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
