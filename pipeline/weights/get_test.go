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
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, open, http.StatusFound) }))
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
