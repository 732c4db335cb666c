package farm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"orfeas/pipeline"
)

// slowly is a reader that takes its time over every read.
type slowly struct {
	io.Reader
	takes time.Duration
}

func (s slowly) Read(b []byte) (int, error) {
	time.Sleep(s.takes)
	return s.Reader.Read(b)
}

// TestPatience: what comes byte by byte may take as long as it likes, silence may not.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := patiently(t.Context())
		defer done()
		in := p.of(slowly{iotest.OneByteReader(bytes.NewReader(make([]byte, 10))), transferTime * 2 / 3})
		if n, err := io.Copy(io.Discard, in); n != 10 || err != nil || p.Err() != nil {
			t.Errorf("%d bytes, %v, %v", n, err, p.Err())
		}
		if until, ok := p.Deadline(); !ok || !until.After(time.Now()) {
			t.Errorf("the deadline was %v", until)
		}
		<-p.Done()
		if err := context.Cause(p); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
	hurried, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	p, done := patiently(hurried)
	defer done()
	want, _ := hurried.Deadline()
	if until, _ := p.Deadline(); !until.Equal(want) {
		t.Errorf("it waits until %v, not %v", until, want)
	}
}

// TestNotCome: a result that does not come in time is not taken for a damaged one, however often.
func TestNotCome(t *testing.T) {
	s := served(t)
	f := opened(t, quick(s.URL()))
	j := staged(t, t.TempDir(), 1)
	a, stores := asks(t, f, j)
	info, err := stores.meshes.PutBytes(t.Context(), "mesh", make([]byte, 1000))
	if err != nil {
		t.Fatal(err)
	}
	chunks, err := f.js.Stream(t.Context(), "OBJ_"+resultBucket)
	if err != nil {
		t.Fatal(err)
	}
	if err := chunks.Purge(t.Context(), jetstream.WithPurgeSubject("$O."+resultBucket+".C."+info.NUID)); err != nil {
		t.Fatal(err)
	}
	r := result{Object: "mesh", Bytes: 1000, Job: pipeline.Job{State: pipeline.Done, Result: &pipeline.Result{}, Stages: pipeline.NewStages()}}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.js.Publish(t.Context(), resultSubject+a.task.ID, data); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		ctx, done := context.WithTimeout(t.Context(), 200*time.Millisecond)
		if _, _, err := a.end(ctx, stores); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errBundle) || errors.Is(err, errLost) {
			t.Error(err)
		}
		done()
	}
	if r, err := lookUp(t.Context(), stores, a.task.ID); r == nil || err != nil {
		t.Errorf("the result is gone, %v", err)
	}
}
