package weights

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

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
		"circles":                 {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, "circles", 66},
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
