package mesh

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls do for 0 to n-1 on all cores until ctx is done, whose error it returns. step gets the share done, one
// call at a time.
func inParallel(ctx context.Context, n int, do func(i int), step func(float64)) error {
	var next, done atomic.Int64
	var wait sync.WaitGroup
	var mu sync.Mutex
	said := 0.0
	for range min(runtime.GOMAXPROCS(0), n) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				do(i)
				share := float64(done.Add(1)) / float64(n)
				mu.Lock()
				if share > said {
					said = share
					step(share)
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}

// inChunks calls do for pieces [from, to) of 0 to n, chunk long, on all cores.
func inChunks(n, chunk int, do func(from, to int)) {
	if n <= chunk {
		do(0, n)
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for from := int(next.Add(int64(chunk))) - chunk; from < n; from = int(next.Add(int64(chunk))) - chunk {
				do(from, min(from+chunk, n))
			}
		})
	}
	wait.Wait()
}
