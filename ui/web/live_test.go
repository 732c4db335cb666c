package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"orfeas/pipeline"
)

func (s *site) dial(path string, header http.Header) (*websocket.Conn, *http.Response, error) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	s.t.Cleanup(stop)
	c, resp, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(s.url, "http")+path, &websocket.DialOptions{HTTPHeader: header})
	if err == nil {
		s.t.Cleanup(func() { c.CloseNow() })
		c.SetReadLimit(1 << 20)
	}
	return c, resp, err
}

// TestSocket: what is there comes first, then what changes until the job's last word; another job is not heard of.
func TestSocket(t *testing.T) {
	s := open(t, Options{})
	s.upload(201, small, [][]byte{ball(1)})
	s.done("000001")
	all, _, err := s.dial("/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	next := func(c *websocket.Conn) (m message) {
		t.Helper()
		ctx, stop := context.WithTimeout(context.Background(), time.Minute)
		defer stop()
		_, data, err := c.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	first, second := next(all), next(all)
	if first.Queue == nil || second.Job == nil || second.Job.ID != "000001" || second.Job.State != pipeline.Done {
		t.Errorf("%+v, %+v", first, second)
	}
	s.upload(201, small, [][]byte{ball(2)})
	one, _, err := s.dial("/ws?job=000002", nil)
	if err != nil {
		t.Fatal(err)
	}
	var states []pipeline.State
	progress := 0.0
	for len(states) == 0 || !states[len(states)-1].Over() {
		j := next(one).Job
		if j == nil || j.ID != "000002" || j.Progress < progress {
			t.Fatalf("%+v", j)
		}
		progress, states = j.Progress, append(states, j.State)
	}
	if states = slices.Compact(states); states[len(states)-1] != pipeline.Done {
		t.Error(states)
	}
	if resp, _ := s.request("DELETE", "/api/jobs/000002", nil); resp.StatusCode != 204 {
		t.Fatal(resp.Status)
	}
	if j := next(one).Job; j == nil || j.State != pipeline.Removed {
		t.Errorf("%+v", j)
	}
}

func TestSocketRefusals(t *testing.T) {
	s := openWith(t, Options{Streams: 1, Token: "correct horse"}, nil)
	token := http.Header{"Authorization": {"Bearer correct horse"}}
	for _, c := range []struct {
		path   string
		header http.Header
		status int
	}{
		{"/ws", nil, 401},
		{"/ws?job=000009", token, 404},
		{"/ws", http.Header{"Authorization": token["Authorization"], "Origin": {"http://evil.example"}}, 403},
	} {
		if _, resp, err := s.dial(c.path, c.header); err == nil || resp == nil || resp.StatusCode != c.status {
			t.Errorf("%s %v: %v", c.path, c.header, resp)
		}
	}
	s.get("/ws", 426, "Authorization", token.Get("Authorization"))
	if _, _, err := s.dial("/ws", token); err != nil {
		t.Fatal(err)
	}
	if _, resp, err := s.dial("/ws", token); err == nil || resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
		t.Error(resp)
	}
}

// TestVanishingClients: those that go without a word, or never read, do not keep anything.
func TestVanishingClients(t *testing.T) {
	s := open(t, Options{})
	for range 5 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		conn.Write([]byte("GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "101") {
			t.Fatal(line, err)
		}
		conn.Close()
	}
	s.upload(201, small, [][]byte{ball(1)})
	if j := s.done("000001"); j.State != pipeline.Done {
		t.Error(j.Problem)
	}
}

func TestEvents(t *testing.T) {
	s := open(t, Options{})
	s.upload(201, small, [][]byte{ball(1)})
	resp, err := http.Get(s.url + "/api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Error(resp.Header)
	}
	kind := ""
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			kind = name
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var m message
		if err := json.Unmarshal([]byte(data), &m); err != nil || (m.Job != nil) != (kind == "job") || (m.Queue != nil) != (kind == "queue") {
			t.Fatalf("%s: %s", kind, data)
		}
		if m.Job != nil && m.Job.State == pipeline.Done {
			return
		}
	}
	t.Error("the stream ended before the job")
}

// TestStopping: streams are told, and Serve returns though they were open; the running job waits for the next start.
func TestStopping(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	folder := t.TempDir()
	q := pipeline.Open(ctx, folder, pipeline.Options{Worker: asWorker})
	s, err := New(q, Options{Probe: device})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(serving, l) }()
	here := &site{s, t, "http://" + l.Addr().String()}
	body, kind := namedForm("held.png", ball(1))
	here.request("POST", "/api/jobs", body, "Content-Type", kind)
	here.until("000001", func(j pipeline.Job) bool { return j.State == pipeline.Running })
	c, _, err := here.dial("/ws?job=000001", nil)
	if err != nil {
		t.Fatal(err)
	}
	events, err := http.Get(here.url + "/api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	end()
	for err == nil {
		_, _, err = c.Read(ctx)
	}
	if websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the socket ended with %v", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	stop()
	q.Wait()
	again, stop := context.WithCancel(t.Context())
	q = pipeline.Open(again, folder, pipeline.Options{})
	if j := q.Jobs(); len(j) != 1 || j[0].State != pipeline.Queued || j[0].Kills != 0 {
		t.Errorf("%+v", j)
	}
	stop()
	q.Wait()
}
