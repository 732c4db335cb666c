package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// maxBallast is how much a disk may hold that is filled up: it is to be a small one, made for this.
const maxBallast = 1 << 30

// fullFor is how long a disk stays full.
const fullFor = 5 * time.Second

// fillDisk leaves no room on the disk of a folder every so often, gives it back, and tells the queue to go on, as its user
// would on reading what it says.
func fillDisk(ctx context.Context, o options, r *report) {
	u := newUser(0, o, r, nil)
	next := time.Now().Add(o.full)
	for wait(ctx, time.Second) {
		if time.Now().After(next) {
			if err := fillOnce(ctx, o.disk); err != nil {
				r.wrong(fmt.Sprintf("fill the disk: %v", err))
				return
			}
			r.filled.Add(1)
			next = time.Now().Add(o.full)
		}
		u.goOn(ctx)
	}
	// Whoever still waits for a job must not wait for ever.
	rest, done := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer done()
	u.goOn(rest)
}

// goOn resumes a queue that has stopped.
func (u *user) goOn(ctx context.Context) {
	_, data, err := u.do(ctx, "queue", "GET", "/api/queue", nil)
	var q struct{ Problem string }
	if err == nil && json.Unmarshal(data, &q) == nil && q.Problem != "" {
		u.r.stopped.Add(1)
		u.do(ctx, "queue", "POST", "/api/queue/resume", nil)
	}
}

// fillOnce writes until there is no room, waits, and takes it away again.
func fillOnce(ctx context.Context, folder string) error {
	path := filepath.Join(folder, "ballast")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	defer f.Close()
	block := make([]byte, 1<<16)
	for n := 0; err == nil; n += len(block) {
		if n > maxBallast {
			return fmt.Errorf("%s is on a disk with more than %d MB of room", folder, maxBallast>>20)
		}
		_, err = f.Write(block)
	}
	for len(block) > 1 { // the last bytes too
		if block = block[:len(block)/2]; err == nil || errors.Is(err, syscall.ENOSPC) {
			_, err = f.Write(block)
		}
	}
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	wait(ctx, fullFor)
	return nil
}
