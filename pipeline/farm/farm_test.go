package farm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"orfeas/pipeline"
)

// same holds a job done in the farm to the same one done here.
func same(t testing.TB, got, want pipeline.Job) {
	t.Helper()
	if got.State != want.State || got.Problem != want.Problem {
		t.Errorf("job %s, %s, is %s (%s), not %s (%s)", got.ID, got.Title, got.State, got.Problem, want.State, want.Problem)
		return
	}
	a, _ := json.Marshal(got.Result)
	b, _ := json.Marshal(want.Result)
	if !bytes.Equal(a, b) {
		t.Errorf("job %s, %s: %s, not %s", got.ID, got.Title, a, b)
	}
	for _, name := range pipeline.ResultFiles {
		a, errA := os.ReadFile(got.File(name))
		b, errB := os.ReadFile(want.File(name))
		if !bytes.Equal(a, b) || errors.Is(errA, fs.ErrNotExist) != errors.Is(errB, fs.ErrNotExist) {
			t.Errorf("job %s, %s: %s has %d bytes, not %d, or others", got.ID, got.Title, name, len(a), len(b))
		}
	}
	if parts, _ := filepath.Glob(got.File(".*")); len(parts) > 0 {
		t.Errorf("left behind: %v", parts)
	}
}

// empty waits until no job is left in the farm, and no byte of one unless a process was killed that had begun to write it.
func empty(t testing.TB, f *Farm, killed bool) {
	t.Helper()
	var s Status
	var err error
	for range 300 {
		if s, err = f.Status(t.Context()); err == nil && s.Results == 0 && len(s.Line) == 0 && (killed || s.Stores[1].Bytes+s.Stores[2].Bytes == 0) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("left in the farm: %+v, %+v, %v", s.Line, s.Stores, err)
}

// TestFarm: jobs done by a worker come out as they do here, and leave nothing behind.
func TestFarm(t *testing.T) {
	dir := t.TempDir()
	s := served(t)
	f := opened(t, quick(s.URL()))
	hired(t, s.URL(), filepath.Join(dir, "one"))
	away, here := queue(t, f.Run, 16), queue(t, nil, 3)
	n := 6
	for i := range n {
		path := dots(t, dir, fmt.Sprint("dots", i), i)
		added(t, away, path, settings(i))
		added(t, here, path, settings(i))
	}
	textured := settings(0)
	textured.Texture = "1k"
	flat := filepath.Join(dir, "flat.png")
	if err := os.WriteFile(flat, []byte("not a picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, q := range []*pipeline.Queue{away, here} {
		added(t, q, dots(t, dir, "textured", 9), textured)
		added(t, q, flat, settings(0))
	}
	n += 2
	progress := 0
	got := over(t, away, n, func(j pipeline.Job) {
		if j.State == pipeline.Running && j.Progress > 0 {
			progress++
		}
	})
	want := over(t, here, n, nil)
	for id, j := range want {
		j.Problem = replaceFolder(j.Problem, dir)
		same(t, got[id], j)
	}
	if progress == 0 {
		t.Error("no progress was seen")
	}
	empty(t, f, false)
}

// replaceFolder makes a path in a problem a name: the farm is not told where pictures lie.
func replaceFolder(problem, dir string) string {
	return string(bytes.ReplaceAll([]byte(problem), []byte(dir+string(filepath.Separator)), nil))
}

// TestWaitersGo: who waits for another to make what the farm needs goes when his time is over.
func TestWaitersGo(t *testing.T) {
	f := opened(t, quick(served(t).URL()))
	stores, err := f.ready(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.doubt(jetstream.ErrStreamNotFound)
	if err := f.making.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	over, stop := context.WithCancel(t.Context())
	stop()
	if _, err := f.ready(over); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	one := class{Version: pipeline.Version, Engine: "extrude"}
	if err := f.consumer(over, stores, one); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	f.making.free()
	if err := f.consumer(t.Context(), stores, one); err != nil {
		t.Error(err)
	}
	if _, err := f.ready(t.Context()); err != nil {
		t.Error(err)
	}
	if err := f.making.take(t.Context()); err != nil { // nobody has kept it
		t.Error(err)
	}
}
