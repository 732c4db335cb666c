package web

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"orfeas/pipeline"
)

// room holds back more jobs than may wait: those in the queue, and those on their way into it.
type room struct {
	mu     sync.Mutex
	coming int
}

// take makes room for n jobs until free is called, by when they are in the queue. The error says when to come again.
func (r *room) take(s *Server, n int) (free func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	jobs := s.queue.Jobs()
	waiting := 0
	for _, j := range jobs {
		if j.State == pipeline.Queued {
			waiting++
		}
	}
	if waiting+r.coming+n > s.options.Waiting {
		over := min(waiting+r.coming+n-s.options.Waiting, waiting+1)
		return nil, refusal{
			status: http.StatusTooManyRequests, again: comeAgain(jobs, over),
			problem: fmt.Sprintf("%d jobs wait already, %d may", waiting+r.coming, s.options.Waiting), hint: "Send it again when some of them are done.",
		}
	}
	r.coming += n
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.coming -= n
	}, nil
}

// comeAgain is when n more jobs will be done at the pace of the last ones: from a second to ten minutes.
func comeAgain(jobs []pipeline.Job, n int) time.Duration {
	var sum time.Duration
	count := 0
	for i := len(jobs) - 1; i >= 0 && count < 20; i-- {
		if j := jobs[i]; j.State == pipeline.Done {
			sum += j.Ended.Sub(j.Started)
			count++
		}
	}
	each := 5 * time.Second
	if count > 0 {
		each = sum / time.Duration(count)
	}
	return min(max(each*time.Duration(n), time.Second), 10*time.Minute)
}
