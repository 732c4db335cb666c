package web

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orfeas/pipeline"
	"orfeas/pipeline/export"
)

// TestAPictureBecomesAMesh goes the whole way: upload, wait, every file, every format.
func TestAPictureBecomesAMesh(t *testing.T) {
	s := open(t, Options{})
	jobs, _, resp := s.upload(http.StatusCreated, small, [][]byte{ball(40)})
	if len(jobs) != 1 || resp.Header.Get("Location") != "/api/jobs/"+jobs[0].ID || jobs[0].Title != "ball 0" || jobs[0].Picture != "ball 0.png" {
		t.Fatalf("%+v, %v", jobs, resp.Header)
	}
	j := s.done(jobs[0].ID)
	if j.State != pipeline.Done {
		t.Fatal(j.Problem)
	}
	base := "/api/jobs/" + j.ID
	if _, data := s.get(base+"/picture", 200); !bytes.Equal(data, ball(40)) {
		t.Error("the picture is not the one that was sent")
	}
	for _, name := range []string{"/cutout", "/preview"} {
		resp, data := s.get(base+name, 200)
		if _, err := png.Decode(bytes.NewReader(data)); err != nil || resp.Header.Get("ETag") == "" {
			t.Errorf("%s: %v, %v", name, err, resp.Header)
		}
	}
	for _, f := range export.Formats {
		resp, data := s.get(base+"/mesh/"+f.Name, 200)
		m, err := f.Read(data)
		if err != nil || len(m.Triangles) != j.Result.Certificate.Triangles {
			t.Errorf("%s: %v", f.Name, err)
		}
		if got := resp.Header.Get("Content-Disposition"); got != `attachment; filename="ball 0.`+f.Ext+`"` {
			t.Error(got)
		}
		tag := resp.Header.Get("ETag")
		if resp, rest := s.get(base+"/mesh/"+f.Name, 206, "Range", "bytes=10-19", "If-Range", tag); !bytes.Equal(rest, data[10:20]) {
			t.Errorf("%s: a range is %q, %v", f.Name, rest, resp.Header)
		}
		s.get(base+"/mesh/"+f.Name, 304, "If-None-Match", tag)
		s.get(base+"/mesh/"+f.Name, 416, "Range", "bytes=99999999-")
	}
	resp, data := s.request("GET", base+"/mesh/dwg", nil)
	wantProblem(t, resp, data, 404, `unknown format "dwg"`)
	var c struct{ Printable bool }
	if _, data := s.get(base+"/certificate", 200); json.Unmarshal(data, &c) != nil || !c.Printable {
		t.Errorf("%s", data)
	}
	if resp, _ := s.request("DELETE", base, nil); resp.StatusCode != 204 {
		t.Error(resp.Status)
	}
	resp, data = s.request("GET", base, nil)
	wantProblem(t, resp, data, 404, "no such job")
}

// TestNothingIsDoneTwice: equal uploads, keys and again.
func TestNothingIsDoneTwice(t *testing.T) {
	s := openWith(t, Options{}, nil)
	pictures := [][]byte{ball(1), ball(2)}
	first, _, _ := s.upload(201, small, pictures, "Idempotency-Key", "a")
	same, _, resp := s.upload(201, small, pictures, "Idempotency-Key", "a")
	if len(first) != 2 || len(same) != 2 || first[0].ID != same[0].ID || resp.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%v, %v", first, same)
	}
	if without, _, _ := s.upload(201, small, pictures[:1]); without[0].ID != first[0].ID {
		t.Error("the same picture is there twice")
	}
	if _, p, _ := s.upload(422, small, pictures[:1], "Idempotency-Key", "a"); !strings.Contains(p.Detail, "another upload") {
		t.Error(p)
	}
	if len(s.queue.Jobs()) != 2 {
		t.Errorf("there are %d jobs", len(s.queue.Jobs()))
	}
	body, kind := form(small, pictures[0])
	if resp, data := s.request("POST", "/api/jobs?again=true", body, "Content-Type", kind); resp.StatusCode != 201 || len(s.queue.Jobs()) != 3 {
		t.Errorf("%s", data)
	}
}

func TestReplaysAreForgotten(t *testing.T) {
	now := time.Unix(0, 0)
	r := newReplays()
	r.now = func() time.Time { return now }
	must := func(key, sum string, want int) {
		t.Helper()
		_, _, err := r.begin(key, sum)
		p := problem{}
		if err != nil {
			p, _ = problemOf(err)
		}
		if p.Status != want {
			t.Fatalf("%s: %v", key, err)
		}
	}
	must("a", "1", 0)
	must("a", "1", 409)
	r.end("a", nil, fmt.Errorf("no"))
	must("a", "1", 0)
	r.end("a", []pipeline.Job{{ID: "7"}}, nil)
	if ids, all, err := r.begin("a", "1"); err != nil || !all || len(ids) != 1 {
		t.Fatal(ids, all, err)
	}
	now = now.Add(replayTime)
	must("a", "2", 0)
	for i := range 2 * replayMost {
		key := fmt.Sprint(i)
		must(key, "", 0)
		r.end(key, nil, nil)
	}
	if len(r.byKey) > replayMost+2 && len(r.byKey) != len(r.keys) {
		t.Errorf("%d keys are remembered, %d in order", len(r.byKey), len(r.keys))
	}
}

func TestPages(t *testing.T) {
	s := openWith(t, Options{}, nil)
	for i := range 7 {
		s.upload(201, small, [][]byte{ball(uint8(i))})
	}
	for _, order := range []string{"oldest", "newest"} {
		var seen []string
		for next := "/api/jobs?limit=3&state=queued&order=" + order; next != ""; {
			resp, data := s.get(next, 200)
			var p page
			if err := json.Unmarshal(data, &p); err != nil || p.Total != 7 || (p.Next == "") != (resp.Header.Get("Link") == "") {
				t.Fatalf("%s", data)
			}
			for _, j := range p.Jobs {
				seen = append(seen, j.ID)
			}
			next = p.Next
		}
		want := "000001 000002 000003 000004 000005 000006 000007"
		if order == "newest" {
			want = "000007 000006 000005 000004 000003 000002 000001"
		}
		if got := strings.Join(seen, " "); got != want {
			t.Error(order, got)
		}
	}
	if _, data := s.get("/api/jobs?state=done", 200); string(data) != `{"jobs":[],"total":0}`+"\n" {
		t.Errorf("%s", data)
	}
	for _, bad := range []string{"limit=0", "limit=501", "limit=x", "order=size", "state=removed", "after=../1"} {
		s.get("/api/jobs?"+bad, 400)
	}
}

func TestBackPressure(t *testing.T) {
	s := openWith(t, Options{Waiting: 2}, nil)
	s.upload(201, small, [][]byte{ball(1), ball(2)})
	_, p, resp := s.upload(429, small, [][]byte{ball(3)})
	if resp.Header.Get("Retry-After") != "5" || !strings.Contains(p.Detail, "2 jobs wait already") || p.Hint == "" {
		t.Errorf("%v, %+v", resp.Header, p)
	}
	if resp, _ := s.request("POST", "/api/jobs/000001/cancel", nil); resp.StatusCode != 200 {
		t.Fatal(resp.Status)
	}
	s.upload(429, small, [][]byte{ball(3), ball(4)}) // both or none
	s.upload(201, small, [][]byte{ball(3)})
	resp, data := s.request("POST", "/api/jobs/000001/retry", nil)
	wantProblem(t, resp, data, 429, "jobs wait already")
}

// TestUploadsHoldTheirPlace: an upload that is on its way keeps the room it was let in for, and there are only so many.
func TestUploadsHoldTheirPlace(t *testing.T) {
	s := openWith(t, Options{Waiting: 1}, nil)
	body, kind := form(small, ball(1))
	half := body.Len() - 20 // the whole picture, not the whole form
	slow, in := io.Pipe()
	r, err := http.NewRequest("POST", s.url+"/api/jobs", slow)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	status := make(chan string, 1)
	go func() {
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			status <- err.Error()
			return
		}
		resp.Body.Close()
		status <- resp.Status
	}()
	if _, err := in.Write(body.Next(half)); err != nil {
		t.Fatal(err)
	}
	for begun := 0; begun == 0; time.Sleep(time.Millisecond) {
		files, _ := filepath.Glob(filepath.Join(s.temp, "upload-*"))
		begun = len(files)
	}
	if _, p, resp := s.upload(429, small, [][]byte{ball(2)}); resp.Header.Get("Retry-After") == "" || !strings.Contains(p.Detail, "jobs wait already") {
		t.Errorf("%v, %+v", resp.Header, p)
	}
	if _, err := body.WriteTo(in); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if got := <-status; got != "201 Created" {
		t.Errorf("the one that was let in: %s", got)
	}

	s = openWith(t, Options{}, nil)
	for range cap(s.uploads) {
		s.uploads <- struct{}{}
	}
	if _, p, resp := s.upload(429, small, [][]byte{ball(3)}); resp.Header.Get("Retry-After") != "1" || !strings.Contains(p.Detail, "uploads") {
		t.Errorf("%v, %+v", resp.Header, p)
	}
	<-s.uploads
	s.upload(201, small, [][]byte{ball(3)})
	s.upload(201, small, [][]byte{ball(4)}) // the place is free again
}

func TestCancelAndRetry(t *testing.T) {
	s := open(t, Options{})
	body, kind := namedForm("held.png", ball(9))
	if resp, data := s.request("POST", "/api/jobs", body, "Content-Type", kind); resp.StatusCode != 201 {
		t.Fatalf("%s", data)
	}
	s.until("000001", func(j pipeline.Job) bool { return j.Stage == "shape" })
	resp, data := s.request("POST", "/api/jobs/000001/retry", nil)
	wantProblem(t, resp, data, 409, "right state")
	resp, data = s.request("GET", "/api/jobs/000001/mesh/stl", nil)
	wantProblem(t, resp, data, 409, "running")
	if resp, data := s.request("POST", "/api/jobs/000001/cancel", nil); resp.StatusCode != 200 || !strings.Contains(string(data), `"state":"cancelled"`) {
		t.Errorf("%s", data)
	}
	if resp, data := s.request("POST", "/api/jobs/000001/retry", nil); resp.StatusCode != 200 || !strings.Contains(string(data), `"state":"queued"`) && !strings.Contains(string(data), `"state":"running"`) {
		t.Errorf("%s", data)
	}
}

func TestPauseAndReady(t *testing.T) {
	s := open(t, Options{})
	s.get("/healthz", 200)
	s.get("/readyz", 200)
	if resp, data := s.request("POST", "/api/queue/pause", nil); resp.StatusCode != 200 || !strings.Contains(string(data), `"paused":true`) {
		t.Errorf("%s", data)
	}
	if resp, data := s.request("POST", "/api/queue/resume", nil); resp.StatusCode != 200 || !strings.Contains(string(data), `"paused":false`) {
		t.Errorf("%s", data)
	}
}

// TestUploadsAreHostile: what is refused leaves nothing behind.
func TestUploadsAreHostile(t *testing.T) {
	s := openWith(t, Options{Pictures: 2, UploadBytes: 1 << 20}, nil)
	whole := ball(5)
	for name, c := range map[string]struct {
		settings string
		pictures [][]byte
		status   int
		words    string
	}{
		"no picture":       {small, nil, 400, "no picture"},
		"not a picture":    {small, [][]byte{[]byte("<svg onload=alert(1)>")}, 415, "ball 0.png: "},
		"empty":            {small, [][]byte{{}}, 422, "ball 0.png"},
		"cut off":          {small, [][]byte{whole[:20]}, 422, "ball 0.png"},
		"a bomb":           {small, [][]byte{bomb()}, 413, "pixels"},
		"one bad of two":   {small, [][]byte{whole, []byte("MZ")}, 415, "ball 1.png"},
		"too many":         {small, [][]byte{whole, whole, whole}, 413, "more than 2"},
		"too large":        {small, [][]byte{append(whole[:len(whole):len(whole)], make([]byte, 2<<20)...)}, 413, "1 MiB"},
		"no JSON":          {"{", [][]byte{whole}, 422, "JSON"},
		"more JSON":        {"{} {}", [][]byte{whole}, 422, "JSON"},
		"unknown setting":  {`{"colour":1}`, [][]byte{whole}, 422, "colour"},
		"unknown engine":   {`{"engine":"magic"}`, [][]byte{whole}, 422, "magic"},
		"out of range":     {`{"size_mm":1e9}`, [][]byte{whole}, 422, "size"},
		"a long setting":   {`{"engine":"` + strings.Repeat("x", 70<<10) + `"}`, [][]byte{whole}, 413, "64 KiB"},
		"an unknown field": {"", nil, 400, "no field"},
	} {
		body, kind := form(c.settings, c.pictures...)
		if name == "an unknown field" {
			body, kind = fieldForm("path", "/etc/passwd")
		}
		resp, data := s.request("POST", "/api/jobs", body, "Content-Type", kind)
		t.Run(name, func(t *testing.T) { wantProblem(t, resp, data, c.status, c.words) })
	}
	resp, data := s.request("POST", "/api/jobs", strings.NewReader("{}"), "Content-Type", "application/json")
	wantProblem(t, resp, data, 415, "form")
	resp, data = s.request("POST", "/api/jobs", strings.NewReader("--x\r\nbroken"), "Content-Type", "multipart/form-data; boundary=x")
	wantProblem(t, resp, data, 400, "broke off")
	if n := len(s.queue.Jobs()); n != 0 {
		t.Errorf("%d jobs were added", n)
	}
	if left, err := filepath.Glob(filepath.Join(s.temp, "upload-*")); err != nil || len(left) != 0 {
		t.Errorf("uploads are left behind: %v, %v", left, err)
	}
}

// several is an upload with a file in each of the fields, given in turn with its content.
func several(fields ...string) (body *bytes.Buffer, kind string) {
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for i := 0; i < len(fields); i += 2 {
		f, _ := w.CreateFormFile(fields[i], "the "+fields[i]+".png")
		io.WriteString(f, fields[i+1])
	}
	w.Close()
	return body, w.FormDataContentType()
}

// TestUploadOfSeveralSides: pictures of other sides belong to the job, tell it from others, and are known by their names.
func TestUploadOfSeveralSides(t *testing.T) {
	s := openWith(t, Options{}, nil)
	front, back := string(ball(1)), string(ball(2))
	post := func(header []string, fields ...string) (*http.Response, []byte) {
		body, kind := several(fields...)
		return s.request("POST", "/api/jobs", body, append(header, "Content-Type", kind)...)
	}
	id := func(want int, header []string, fields ...string) string {
		t.Helper()
		resp, data := post(header, fields...)
		var got page
		if err := json.Unmarshal(data, &got); err != nil || resp.StatusCode != want || len(got.Jobs) != 1 {
			t.Fatalf("%s %s", resp.Status, data)
		}
		return got.Jobs[0].ID
	}
	both := id(201, nil, "picture", front, "back", back)
	if alone := id(201, nil, "picture", front); alone == both {
		t.Error("with another side it is the same job")
	}
	if left := id(201, nil, "picture", front, "left", back); left == both {
		t.Error("the left is taken for the back")
	}
	if again := id(201, nil, "back", back, "picture", front); again != both {
		t.Error("the same pictures make two jobs")
	}
	key := []string{"Idempotency-Key", "k"}
	id(201, key, "picture", front, "back", back)
	resp, data := post(key, "picture", front, "left", back)
	wantProblem(t, resp, data, 422, "Idempotency-Key")
	j, ok := s.find(both)
	if !ok || len(j.Shots) != 1 || j.Shots[0].Picture != "the back.png" || j.Shots[0].Input != "back.png" {
		t.Errorf("%+v", j.Shots)
	}
	if data, err := os.ReadFile(j.File("back.png")); err != nil || string(data) != back {
		t.Errorf("another picture lies in the folder (%v)", err)
	}
	if _, data := s.get("/api/jobs/"+both, 200); !strings.Contains(string(data), `"views":[{"side":"back","picture":"the back.png","input":"back.png"}]`) {
		t.Errorf("%s", data)
	}
	n := len(s.queue.Jobs())
	for name, c := range map[string]struct {
		fields []string
		status int
		words  string
	}{
		"two pictures":  {[]string{"picture", front, "picture", back, "right", back}, 400, "one of the right"},
		"two backs":     {[]string{"picture", front, "back", front, "back", back}, 400, "two pictures of the back"},
		"no picture":    {[]string{"back", back}, 400, "no picture"},
		"no such side":  {[]string{"picture", front, "above", back}, 400, "no field"},
		"a broken back": {[]string{"picture", front, "back", back[:30]}, 422, "the back: the back.png: "},
		"no back":       {[]string{"picture", front, "back", "MZ"}, 415, "the back: the back.png: "},
	} {
		resp, data := post(nil, c.fields...)
		t.Run(name, func(t *testing.T) { wantProblem(t, resp, data, c.status, c.words) })
	}
	left, err := filepath.Glob(filepath.Join(s.temp, "upload-*"))
	if len(s.queue.Jobs()) != n || err != nil || len(left) != 0 {
		t.Errorf("%d jobs, %d before; left behind: %v, %v", len(s.queue.Jobs()), n, left, err)
	}
}

// TestNamesAreNoPaths: what a client calls its picture is shown and nothing else.
func TestNamesAreNoPaths(t *testing.T) {
	s := openWith(t, Options{}, nil)
	for i, name := range []string{"../../etc/passwd", `C:\Windows\x.png`, "/etc/shadow", "..", "\u202egnp.exe", strings.Repeat("é", 300)} {
		body, kind := namedForm(name, ball(uint8(i)))
		resp, data := s.request("POST", "/api/jobs", body, "Content-Type", kind)
		var p page
		if json.Unmarshal(data, &p) != nil || resp.StatusCode != 201 {
			t.Fatalf("%s", data)
		}
		j, _ := s.find(p.Jobs[0].ID)
		if strings.ContainsAny(j.Picture, "/\\\x1b\u202e") || len([]rune(j.Picture)) > 120 || j.Picture == ".." || j.Input != "picture.png" {
			t.Errorf("%q became %q, in %q", name, j.Picture, j.Input)
		}
	}
	for _, path := range []string{"/api/jobs/..%2f..%2fetc", "/api/jobs/000001/mesh/..%2f..%2fpicture.png", "/static/..%2fweights.json", "/static/%2e%2e%2fassets.go"} {
		if resp, data := s.request("GET", path, nil); resp.StatusCode != 404 && resp.StatusCode != 409 {
			t.Errorf("%s: %s %s", path, resp.Status, data)
		}
	}
}

func TestShownName(t *testing.T) {
	for name, want := range map[string]string{"a\x1b[2Jb.png": "a[2Jb.png", "\xff\u202eb\n.png ": "b.png", "": "picture", "x/..": "picture", "käse.png": "käse.png"} {
		if got := shownName(name); got != want {
			t.Errorf("%q: %q, not %q", name, got, want)
		}
	}
}

// TestCacheIsBounded: the oldest goes, an open file stays readable.
func TestCacheIsBounded(t *testing.T) {
	c := newCache(t.TempDir(), 10)
	made := 0
	get := func(name string) *os.File {
		f, tag, err := c.open(t.Context(), name, func(_ context.Context, path string) error {
			made++
			return os.WriteFile(path, []byte("1234"), 0o600)
		})
		if err != nil || tag == "" {
			t.Fatal(err)
		}
		return f
	}
	a := get("a")
	defer a.Close()
	for _, name := range []string{"b", "a", "c", "a"} { // b goes
		get(name).Close()
	}
	get("b").Close() // c goes
	if entries, _ := os.ReadDir(c.dir); made != 4 || len(entries) != 2 || c.bytes != 8 {
		t.Errorf("made %d, there are %v, %d bytes", made, entries, c.bytes)
	}
}

// An OBJ is packed with its materials and its texture, and is whole when it is unpacked.
func TestPacked(t *testing.T) {
	s := open(t, Options{})
	s.upload(201, `{"engine":"inflate","faces":4000,"texture":"1k"}`, [][]byte{ball(9)})
	j := s.done("000001")
	if j.State != pipeline.Done {
		t.Fatal(j.Problem)
	}
	resp, data := s.get("/api/jobs/000001/mesh/obj/zip", 200)
	if got := resp.Header.Get("Content-Disposition"); got != `attachment; filename="ball 0.zip"` {
		t.Error(got)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
	m, err := export.Open(filepath.Join(dir, "ball 0.obj"))
	if err != nil || m.Texture == nil || m.Texture.Rect.Dx() != 1024 || len(z.File) != 3 {
		t.Errorf("%v, %d files", err, len(z.File))
	}
	if _, again := s.get("/api/jobs/000001/mesh/obj/zip", 200); !bytes.Equal(again, data) {
		t.Error("not the same the second time")
	}
	if _, data := s.get("/api/jobs/000001/mesh/glb/zip", 200); len(data) == 0 {
		t.Error("nothing of a format without companions")
	}
	resp, data = s.request("GET", "/api/jobs/000001/mesh/dwg/zip", nil)
	wantProblem(t, resp, data, 404, `unknown format "dwg"`)
}
