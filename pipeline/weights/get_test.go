package weights

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// content is what the test servers have: 3 MB that tell any part from any other.
var content = func() []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < 3<<20; i++ {
		fmt.Fprintf(&b, "%08d", i)
	}
	return b.Bytes()
}()

func hexSum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// one is a network of one file.
func one(url string) Network {
	return Network{Name: "net", Title: "Net", Files: []File{{Path: "in/net.bin", URL: url + "/net.bin", Size: int64(len(content)), SHA256: hexSum(content)}}}
}

// library is an empty one that does not wait between tries.
func library(t *testing.T) *Library {
	return &Library{Dir: t.TempDir(), web: &web{transport: http.DefaultTransport, stall: time.Minute, wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}}
}

// serve starts a server that counts the requests it gets.
func serve(t *testing.T, h http.HandlerFunc) (url string, asked *atomic.Int32) {
	asked = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked.Add(1); h(w, r) }))
	t.Cleanup(s.Close)
	return s.URL, asked
}

// good serves the content with ranges and an ETag.
func good(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"v1"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// finished checks that the file is there as it should be and nothing else is.
func finished(t *testing.T, l *Library, n Network) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(l.Where(n), "in", "net.bin"))
	if err != nil || !bytes.Equal(data, content) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if s := l.Status(n); s.State != Ready || !s.Checked {
		t.Errorf("state %v", s.State)
	}
	if left, _ := filepath.Glob(filepath.Join(l.Where(n), "in", "*.*")); len(left) != 1 {
		t.Errorf("there are %v", left)
	}
}

// unfinished checks that nothing lies under the final name.
func unfinished(t *testing.T, l *Library, n Network) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(l.Where(n), "in", "net.bin")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is there (%v)", err)
	}
	if s := l.Status(n); s.State != Absent && s.State != Partial {
		t.Errorf("state %v", s.State)
	}
}

func TestGet(t *testing.T) {
	url, asked := serve(t, good)
	l, n := library(t), one(url)
	var last Progress
	if err := l.Get(t.Context(), n, func(p Progress) {
		if p.Done < last.Done {
			t.Errorf("progress went back from %d to %d", last.Done, p.Done)
		}
		last = p
	}); err != nil {
		t.Fatal(err)
	}
	finished(t, l, n)
	if last.Done != last.Total || last.Total != int64(len(content)) {
		t.Errorf("progress ended with %+v", last)
	}
	if err := l.Get(t.Context(), n, nil); err != nil || asked.Load() != 1 {
		t.Errorf("a second time: %v, %d requests", err, asked.Load())
	}
}

// TestServers: what servers do wrong either ends well or with an error that says so and nothing under the final name.
func TestServers(t *testing.T) {
	send := func(status int, header string, body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for line := range strings.SplitSeq(header, "\n") {
				if k, v, ok := strings.Cut(line, ": "); ok {
					w.Header().Set(k, v)
				}
			}
			w.WriteHeader(status)
			w.Write(body)
		}
	}
	// once fails the first time and is good afterwards.
	once := func(bad http.HandlerFunc) http.HandlerFunc {
		var n atomic.Int32
		return func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 1 {
				bad(w, r)
			} else {
				good(w, r)
			}
		}
	}
	half := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content[:len(content)/2])
		panic(http.ErrAbortHandler)
	}
	other := append([]byte{'x'}, content[1:]...)
	for name, c := range map[string]struct {
		h        http.HandlerFunc
		says     string // "" when it ends well
		requests int32
	}{
		"half-way, then good":     {once(half), "", 2},
		"half-way, no ranges":     {once(func(w http.ResponseWriter, r *http.Request) { half(w, r) }), "", 2},
		"always half-way":         {half, "the connection ended", 6},
		"a fault, then good":      {once(send(503, "Retry-After: 1", nil)), "", 2},
		"busy, then good":         {once(send(429, "", nil)), "", 2},
		"always a fault":          {send(500, "", nil), "it has a fault (status 500)", 6},
		"not there":               {send(404, "", nil), "does not have it", 1},
		"wants an account":        {send(401, "", nil), "wants an account", 1},
		"forbidden":               {send(403, "", nil), "wants an account", 1},
		"a page":                  {send(200, "Content-Type: text/html", []byte("<!DOCTYPE html><html>sign in")), "web page", 1},
		"a page without length":   {send(200, "Transfer-Encoding: chunked", []byte("\n<html>sign in")), "web page", 1},
		"a page as long":          {send(200, "", append([]byte("<html>"), content[6:]...)), "web page", 1},
		"longer than it is":       {send(200, "", append(content[:len(content):len(content)], 1)), "more than the 3145728 bytes", 1},
		"shorter than it is":      {send(200, "", content[:1000]), "offers 1000 bytes", 1},
		"endless":                 {endless, "more than the 3145728 bytes", 1},
		"other bytes":             {send(200, "", other), "SHA-256", 1},
		"compressed":              {send(200, "Content-Encoding: gzip", content), "encoded as gzip", 1},
		"nothing":                 {send(204, "", nil), "No Content", 1},
		"a part never asked for":  {send(206, "Content-Range: bytes 5-3145727/3145728", content[5:]), "another part", 1},
		"a part of a part":        {send(206, "Content-Range: bytes 0-99/3145728", content[:100]), "another part", 1},
		"circles":                 {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, 302) }, "circles", 66},
		"elsewhere, where it is":  {redirect(good), "", 2},
		"nothing of what it says": {send(206, "Content-Range: bytes 0-3145727/3145728\nContent-Length: 3145728", nil), "ended after 0", 6},
	} {
		t.Run(name, func(t *testing.T) {
			url, asked := serve(t, c.h)
			l, n := library(t), one(url)
			err := l.Get(t.Context(), n, nil)
			if asked.Load() != c.requests {
				t.Errorf("%d requests, not %d", asked.Load(), c.requests)
			}
			if c.says == "" {
				if err != nil {
					t.Error(err)
				}
				finished(t, l, n)
				return
			}
			if !errors.Is(err, ErrServer) && !errors.Is(err, ErrOther) || !strings.Contains(fmt.Sprint(err), c.says) {
				t.Errorf("got %v", err)
			}
			unfinished(t, l, n)
		})
	}
}

func endless(w http.ResponseWriter, r *http.Request) {
	for piece := bytes.Repeat([]byte("x"), 1<<16); ; {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

func redirect(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/net.bin" {
			http.Redirect(w, r, "/cdn/7", http.StatusFound)
			return
		}
		h(w, r)
	}
}

// TestResume: what an earlier download left is taken up, if it can be.
func TestResume(t *testing.T) {
	noRanges := func(w http.ResponseWriter, r *http.Request) { w.Write(content) }
	wrong := bytes.Repeat([]byte("x"), 1000)
	for name, c := range map[string]struct {
		part      []byte
		validator string
		sha       bool
		h         http.HandlerFunc
		first     string // the ranges that are asked for
		requests  int32
	}{
		"half":                    {content[:1<<20], `"v1"`, true, good, `bytes=1048576- "v1"`, 1},
		"half, no validator":      {content[:1<<20], "", true, good, `bytes=1048576- `, 1},
		"half, other version":     {wrong, `"v0"`, true, good, `bytes=1000- "v0"`, 1},
		"half, server w/o ranges": {content[:1<<20], `"v1"`, true, noRanges, `bytes=1048576- "v1"`, 1},
		"wrong beginning":         {wrong, "", true, good, "bytes=1000- ,  ", 2},
		"all of it":               {content, "", true, good, "", 0},
		"too much":                {append(content[:len(content):len(content)], 1), "", true, good, " ", 1},
		"no checksum, same":       {content[:1<<20], `"v1"`, false, good, `bytes=1048576- "v1"`, 1},
		"no checksum, unknown":    {content[:1<<20], "", false, good, " ", 1},
	} {
		t.Run(name, func(t *testing.T) {
			var ranges []string
			url, asked := serve(t, func(w http.ResponseWriter, r *http.Request) {
				ranges = append(ranges, r.Header.Get("Range")+" "+r.Header.Get("If-Range"))
				c.h(w, r)
			})
			l, n := library(t), one(url)
			if !c.sha {
				n.Files[0].SHA256 = ""
			}
			at := filepath.Join(l.Where(n), "in", "net.bin")
			if err := writeJSON(at+".from", origin{n.Files[0].URL, c.validator}); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at+".part", c.part, 0o600); err != nil {
				t.Fatal(err)
			}
			if s := l.Status(n); s.State != Partial || s.Have != int64(len(c.part)) {
				t.Errorf("before: %+v", s)
			}
			if err := l.Get(t.Context(), n, nil); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(ranges, ", "); got != c.first || asked.Load() != c.requests {
				t.Errorf("asked for %q", got)
			}
			n.Files[0].SHA256 = hexSum(content)
			finished(t, l, n)
		})
	}
}

// TestStop: cancelling keeps what there is, and the next time goes on from there.
func TestStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			good(w, r)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Header().Set("ETag", `"v1"`)
		w.Write(content[:2<<20])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	l, n := library(t), one(url)
	part := filepath.Join(l.Where(n), "in", "net.bin.part")
	l.web.transport = seeing{func(have int) {
		if have >= 1<<20 {
			cancel()
		}
	}}
	if err := l.Get(ctx, n, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	unfinished(t, l, n)
	if info, err := os.Stat(part); err != nil || info.Size() < 1<<19 {
		t.Fatalf("the part is gone (%v)", err)
	}
	l.web.transport = http.DefaultTransport
	if err := l.Get(t.Context(), n, nil); err != nil {
		t.Fatal(err)
	}
	finished(t, l, n)
}

// seeing tells how much of a body was read.
type seeing struct{ see func(have int) }

func (s seeing) RoundTrip(r *http.Request) (*http.Response, error) {
	a, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		a.Body = &seenBody{ReadCloser: a.Body, see: s.see}
	}
	return a, err
}

type seenBody struct {
	io.ReadCloser
	have int
	see  func(int)
}

func (b *seenBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.have += n
	b.see(b.have)
	return n, err
}

// TestStall: a connection over which nothing comes is given up and made anew.
func TestStall(t *testing.T) {
	var n atomic.Int32
	url, asked := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) > 2 {
			good(w, r)
			return
		}
		if n.Load() == 2 {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			w.Write(content[:1000])
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	})
	l := library(t)
	l.web.stall = 50 * time.Millisecond
	if err := l.Get(t.Context(), one(url), nil); err != nil || asked.Load() != 3 {
		t.Errorf("%v after %d requests", err, asked.Load())
	}
	finished(t, l, one(url))
}

func TestUnencrypted(t *testing.T) {
	open, asked := serve(t, good)
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, open, 302) }))
	defer s.Close()
	l, n := library(t), one(s.URL)
	l.web.transport = s.Client().Transport
	if err := l.Get(t.Context(), n, nil); !errors.Is(err, ErrServer) || !strings.Contains(err.Error(), "unencrypted") || asked.Load() != 0 {
		t.Errorf("%v", err)
	}
}

func TestNoServer(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	l, n := library(t), one(s.URL)
	if err := l.Get(t.Context(), n, nil); !errors.Is(err, ErrServer) {
		t.Errorf("%v", err)
	}
	unfinished(t, l, n)
}

func TestMirror(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/copy/of/net.bin" {
			http.NotFound(w, r)
			return
		}
		good(w, r)
	})
	l, n := library(t), one("https://models.invalid/of")
	for _, mirror := range []string{"models", "ftp://x/", "file:///etc"} {
		l.Mirror = mirror
		if err := l.Get(t.Context(), n, nil); !errors.Is(err, ErrServer) {
			t.Errorf("%s: %v", mirror, err)
		}
	}
	l.Mirror = url + "/copy/"
	if err := l.Get(t.Context(), n, nil); err != nil {
		t.Fatal(err)
	}
	finished(t, l, n)
}

// TestTwoAtOnce: the second of two downloads is told, and the first is not disturbed.
func TestTwoAtOnce(t *testing.T) {
	begun, goOn := make(chan bool), make(chan bool)
	url, asked := serve(t, func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-goOn
		good(w, r)
	})
	l, n := library(t), one(url)
	first := make(chan error)
	go func() { first <- l.Get(t.Context(), n, nil) }()
	<-begun
	second := &Library{Dir: l.Dir, web: l.web}
	if err := second.Get(t.Context(), n, nil); !errors.Is(err, ErrBusy) {
		t.Errorf("the second: %v", err)
	}
	if err := second.Remove(n); !errors.Is(err, ErrBusy) {
		t.Errorf("removing it meanwhile: %v", err)
	}
	close(goOn)
	if err := <-first; err != nil || asked.Load() != 1 {
		t.Errorf("the first: %v, %d requests", err, asked.Load())
	}
	finished(t, l, n)
}

func TestFullDisk(t *testing.T) {
	url, asked := serve(t, good)
	l, n := library(t), one(url)
	n.Files[0].Size = 1 << 60
	if err := l.Get(t.Context(), n, nil); !errors.Is(err, syscall.ENOSPC) || asked.Load() != 0 {
		t.Errorf("%v after %d requests", err, asked.Load())
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full to write to")
	}
	n = one(url)
	at := filepath.Join(l.Where(n), "in", "net.bin.part")
	if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.Symlink("/dev/full", at)); err != nil {
		t.Fatal(err)
	}
	if err := l.Get(t.Context(), n, nil); !errors.Is(err, syscall.ENOSPC) || asked.Load() != 1 {
		t.Errorf("while writing: %v after %d requests", err, asked.Load())
	}
	unfinished(t, l, n)
}

func TestLicence(t *testing.T) {
	url, asked := serve(t, good)
	l, n := library(t), one(url)
	n.Licence = Licence{Name: "Odd", Excludes: []string{"Mars"}}
	if err := l.Get(t.Context(), n, nil); !errors.Is(err, ErrLicence) || asked.Load() != 0 {
		t.Errorf("before: %v", err)
	}
	if err := l.Accept(n); err != nil {
		t.Fatal(err)
	}
	again := &Library{Dir: l.Dir, web: l.web}
	changed := n
	changed.Licence.Excludes = []string{"Mars", "Venus"}
	if again.Accepted(changed) {
		t.Error("other terms count as accepted")
	}
	if err := again.Get(t.Context(), n, nil); err != nil {
		t.Errorf("after: %v", err)
	}
}
