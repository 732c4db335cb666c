package picture

import (
	"runtime"
	"sync"
)

// rows calls do for every row 0..h-1, in bands side by side. do may write only its own row.
func rows(h int, do func(y int)) {
	bands := min(runtime.GOMAXPROCS(0), h/16)
	if bands < 2 {
		for y := range h {
			do(y)
		}
		return
	}
	var wg sync.WaitGroup
	for b := range bands {
		wg.Go(func() {
			for y := b * h / bands; y < (b+1)*h/bands; y++ {
				do(y)
			}
		})
	}
	wg.Wait()
}
