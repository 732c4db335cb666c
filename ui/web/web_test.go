package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/weights"
	"orfeas/render"
)

// TestMain lets the test binary be the worker of the tests' queues.
func TestMain(m *testing.M) {
	if os.Getenv("ORFEAS_TEST_PROCESS") != "worker" {
		os.Exit(m.Run())
	}
	hold()
	draw := func(m *mesh.Mesh) ([]byte, error) {
		img, err := render.Preview(m, 64, 64)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		err = png.Encode(&b, img)
		return b.Bytes(), err
	}
	if err := pipeline.Serve(os.Args[len(os.Args)-1], os.Stdin, os.Stdout, draw, nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// hold makes the worker keep a picture called held until it is cancelled.
func hold() {
	shape := pipeline.Line[1].Do
	pipeline.Line[1].Do = func(ctx context.Context, w *pipeline.Work) error {
		if w.Title == "held" {
			<-ctx.Done()
			return ctx.Err()
		}
		return shape(ctx, w)
	}
}

// device is a card for machines without one.
func device() ([]gpu.Device, error) {
	return []gpu.Device{{Name: "Test Card", UUID: "GPU-1", Driver: "1.0", Total: 8 << 30, Used: 2 << 30, Free: 6 << 30, Utilisation: 42, Temperature: 61, PowerWatts: 120}}, nil
}

// past is what is remembered of jobs that used the card.
var past = []pipeline.Record{{
	At: time.Unix(1, 0), Version: "0", Outcome: pipeline.Done, Engine: "triposr", Seconds: 3, Stages: []pipeline.Timing{{Name: "shape", Seconds: 3}},
	GPU: []gpu.Run{{At: time.Unix(1, 0), Device: "Test Card, 8.0 GB", Need: gpu.Need{Engine: "triposr", Resolution: 512, Precision: "fp16"}, Batch: 1, Predicted: 3 << 30, Actual: 2 << 30, Available: 6 << 30}},
}}

// site is a server with its queue and a client.
type site struct {
	*Server
	t   *testing.T
	url string
}

func open(t *testing.T, o Options) *site {
	t.Helper()
	return openWith(t, o, asWorker)
}

func asWorker(folder string) *exec.Cmd {
	c := pipeline.Self()(folder)
	c.Env = append(os.Environ(), "ORFEAS_TEST_PROCESS=worker")
	return c
}

// openWith opens a site on a queue of its own; without a worker nothing is ever done.
func openWith(t *testing.T, o Options, worker func(string) *exec.Cmd) *site {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	q := pipeline.Open(ctx, filepath.Join(t.TempDir(), "jobs"), pipeline.Options{Worker: worker})
	history := pipeline.HistoryIn(t.TempDir())
	o.Probe, o.Library, o.History = device, &weights.Library{Dir: t.TempDir()}, &history
	for _, r := range past {
		if err := history.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	s, err := New(q, o)
	if err != nil {
		t.Fatal(err)
	}
	l := httptest.NewUnstartedServer(nil).Listener
	ended := make(chan error, 1)
	serving, end := context.WithCancel(ctx)
	go func() { ended <- s.Serve(serving, l) }()
	t.Cleanup(func() {
		end()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
		stop()
		q.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &site{s, t, "http://" + l.Addr().String()}
}

// ball is the PNG of a disc on nothing.
func ball(shade uint8) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 48, 48))
	for y := range 48 {
		for x := range 48 {
			if (x-24)*(x-24)+(y-24)*(y-24) < 400 {
				img.SetNRGBA(x, y, color.NRGBA{200, shade, 40, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

const small = `{"engine":"inflate","faces":2000}`

// form makes an upload of named pictures.
func form(settings string, pictures ...[]byte) (body *bytes.Buffer, kind string) {
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	if settings != "" {
		w.WriteField("settings", settings)
	}
	for i, p := range pictures {
		f, _ := w.CreateFormFile("picture", fmt.Sprintf("ball %d.png", i))
		f.Write(p)
	}
	w.Close()
	return body, w.FormDataContentType()
}

func (s *site) request(method, path string, body io.Reader, header ...string) (*http.Response, []byte) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, data
}

// get asks for a path and wants a status.
func (s *site) get(path string, status int, header ...string) (*http.Response, []byte) {
	s.t.Helper()
	resp, data := s.request("GET", path, nil, header...)
	if resp.StatusCode != status {
		s.t.Fatalf("GET %s: %s, not %d: %s", path, resp.Status, status, data)
	}
	return resp, data
}

// upload sends pictures and wants a status.
func (s *site) upload(status int, settings string, pictures [][]byte, header ...string) (jobs []pipeline.Job, p problem, resp *http.Response) {
	s.t.Helper()
	body, kind := form(settings, pictures...)
	resp, data := s.request("POST", "/api/jobs", body, append(header, "Content-Type", kind)...)
	if resp.StatusCode != status {
		s.t.Fatalf("POST /api/jobs: %s, not %d: %s", resp.Status, status, data)
	}
	var got page
	if err := json.Unmarshal(data, &got); err != nil {
		s.t.Fatal(err)
	}
	json.Unmarshal(data, &p)
	return got.Jobs, p, resp
}

// done waits for a job to come to an end.
func (s *site) done(id string) pipeline.Job {
	s.t.Helper()
	return s.until(id, func(j pipeline.Job) bool { return j.State.Over() })
}

func (s *site) until(id string, is func(pipeline.Job) bool) (found pipeline.Job) {
	s.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	s.queue.Watch(ctx, func(j pipeline.Job) {
		if j.ID == id && is(j) {
			found = j
			stop()
		}
	}, nil)
	if found.ID == "" {
		s.t.Fatalf("job %s did not get there", id)
	}
	return found
}

// wantProblem checks that an answer is a problem document with a sentence.
func wantProblem(t *testing.T, resp *http.Response, data []byte, status int, words string) {
	t.Helper()
	var p problem
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	if resp.StatusCode != status || p.Status != status || resp.Header.Get("Content-Type") != "application/problem+json" || p.Title == "" || !strings.Contains(p.Detail, words) {
		t.Errorf("%s: %+v, want %d with %q", resp.Status, p, status, words)
	}
}

// bomb is a small PNG that says it has 60000 x 60000 pixels.
func bomb() []byte {
	b := bytes.Clone(ball(0))
	b[18], b[19], b[22], b[23] = 0xea, 0x60, 0xea, 0x60
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}
