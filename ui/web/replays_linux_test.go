package web

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"testing"
)

// TestHalfAnUploadGoesOn: an upload that broke off when the disk was full adds the pictures that are missing when it comes again,
// and no others.
func TestHalfAnUploadGoesOn(t *testing.T) {
	s := openWith(t, Options{}, nil)
	jobs, _, _ := s.upload(201, small, [][]byte{ball(0)})
	j, _ := s.find(jobs[0].ID)
	if err := s.queue.Remove(j.ID); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(j.Folder)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("a small file system cannot be mounted here: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	noise := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	random := rand.NewChaCha8([32]byte{})
	random.Read(noise.Pix)
	var large bytes.Buffer
	if err := png.Encode(&large, noise); err != nil {
		t.Fatal(err)
	}
	post := func(status int) (ids []string, replayed bool) {
		t.Helper()
		body, kind := form(small, ball(1), large.Bytes())
		resp, data := s.request("POST", "/api/jobs?again=true", body, "Content-Type", kind, "Idempotency-Key", "k")
		var p page
		if err := json.Unmarshal(data, &p); err != nil || resp.StatusCode != status {
			t.Fatalf("%s %s", resp.Status, data)
		}
		for _, j := range p.Jobs {
			ids = append(ids, j.ID)
		}
		return ids, resp.Header.Get("Idempotency-Replayed") == "true"
	}
	first, _ := post(507)
	more, _ := post(507)
	if len(first) != 1 || len(more) != 1 || first[0] != more[0] {
		t.Fatalf("%v were added, then %v", first, more)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
	both, replayed := post(201)
	if len(both) != 2 || both[0] != first[0] || replayed || len(s.queue.Jobs()) != 2 {
		t.Errorf("%v, replayed %v, %d jobs", both, replayed, len(s.queue.Jobs()))
	}
	if same, replayed := post(201); len(same) != 2 || same[1] != both[1] || !replayed {
		t.Errorf("%v, replayed %v", same, replayed)
	}
}
