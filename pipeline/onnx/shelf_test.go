//go:build cgo

package onnx

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"orfeas/gpu"
)

// scaled is a network that multiplies by f, said to take so much memory.
func scaled(t *testing.T, f float32, bytes uint64) *Model {
	t.Helper()
	g := NewGraph(nil, F32)
	g.Output("y", g.Gemm(g.Input("x", Any, 1), g.Const("w", []float32{f}, 1, 1), Value{}))
	m, err := g.Model()
	if err != nil {
		t.Fatal(err)
	}
	m.bytes = bytes
	return m
}

// TestShelf is a walk of networks opened and closed over a memory of 20 GB, of which 3 GB stay free: which are still there,
// and that they still compute what they should.
func TestShelf(t *testing.T) {
	needLibrary(t)
	const gb = 1 << 30
	room := gpu.Room{Total: 20 * gb, Free: 10 * gb}
	s := &Shelf{Room: func(Provider) gpu.Room { return room }}
	defer s.Empty()
	open := func(f float32, bytes uint64, o Options) *Session {
		t.Helper()
		o.Shelf = s
		session, err := Open(scaled(t, f, bytes), o)
		if err != nil {
			t.Fatal(err)
		}
		out, err := session.Run(t.Context(), Tensor{Shape: []int{1, 1}, Data: []float32{3}})
		if err != nil || out[0].Data[0] != 3*f {
			t.Fatalf("%v, %v", out, err)
		}
		session.shelved.load = time.Second // how long it really took depends on the machine
		if f == 5 {
			session.shelved.load = time.Millisecond
		}
		return session
	}
	held := func(what string, want uint64) {
		t.Helper()
		if got := s.Held(""); got != want*gb {
			t.Errorf("%s: %d GB are held, want %d", what, got/gb, want)
		}
	}
	a := open(2, 2*gb, Options{})
	held("in use", 0)
	a.Close()
	held("closed", 2)
	if b := open(2, 2*gb, Options{}); b != a {
		t.Error("it was loaded anew")
	}
	held("in use again", 0)
	if b := open(2, 2*gb, Options{}); b == a {
		t.Error("one session is used twice at once")
	} else {
		b.Close()
	}
	a.Close()
	held("two of the same", 4)
	for _, o := range []Options{{Threads: 1}, {Memory: 5}} {
		other := open(2, gb, o)
		if other == a {
			t.Errorf("%+v is taken for the same", o)
		}
		other.destroy()
	}
	open(5, 3*gb, Options{}).Close()
	held("another one, for which there is room", 7)
	room.Free = 4 * gb // 1 GB may be used
	open(7, 4*gb, Options{}).Close()
	held("one that needs the room of others", 8) // those that load quickest went, at least 3 GB
	room.Free = 0
	open(11, 30*gb, Options{}).Close()
	held("one for which there is no room, whatever goes", 0)
	room.Free = 20 * gb
	open(13, 5*gb, Options{}).Close()
	s.kept[0].last = time.Now().Add(-time.Hour)
	open(2, gb, Options{}).Close()
	held("one that was idle for an hour", 1)
	room.Total = 0
	open(3, gb, Options{}).Close()
	held("nobody knows how much there is", 0)

	room.Total = 20 * gb
	failed := open(2, gb, Options{})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := failed.Run(ctx, Tensor{Shape: []int{1, 1}, Data: []float32{3}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	failed.Close()
	held("one that was stopped", 1)
	failed = open(2, gb, Options{})
	failed.failed = true
	failed.Close()
	held("one that has failed", 0)
}

// TestShelfLetsGoOfWhatIsIdle: nobody needs to come for a network that was idle for too long to give its memory back.
func TestShelfLetsGoOfWhatIsIdle(t *testing.T) {
	needLibrary(t)
	const gb = 1 << 30
	opened := func(f float32) *Session {
		session, err := Open(scaled(t, f, gb), Options{})
		if err != nil {
			t.Fatal(err)
		}
		return session
	}
	kept := func(session *Session, key string, load time.Duration) shelved {
		return shelved{session: session, key: key, bytes: gb, load: load, last: time.Now()}
	}
	quick, slow := opened(2), opened(3)
	synctest.Test(t, func(t *testing.T) {
		s := &Shelf{Room: func(Provider) gpu.Room { return gpu.Room{Total: 20 * gb, Free: 10 * gb} }}
		defer s.Empty()
		s.put(kept(quick, "quick", time.Second))
		s.put(kept(slow, "slow", 10*time.Second))
		for _, step := range []struct{ after, held time.Duration }{{59 * time.Second, 2}, {time.Second, 1}, {239 * time.Second, 1}, {time.Second, 0}} {
			time.Sleep(step.after)
			synctest.Wait()
			if got := s.Held(""); got != uint64(step.held)*gb {
				t.Errorf("%v later %d GB are held, want %d", step.after, got/gb, step.held)
			}
		}
	})
}
