package weights

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// This is the only file that knows the network, and Get the only one who calls it; a test holds both.

// ErrServer: the server could not be reached or does not give the file.
var ErrServer = errors.New("the server does not give the file")

// web fetches from servers that may be slow, wrong or hostile.
type web struct {
	transport http.RoundTripper
	stall     time.Duration // without a byte for this long a connection is given up
	wait      func(ctx context.Context, d time.Duration) error
}

func theWeb() *web {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSHandshakeTimeout:   15 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		ForceAttemptHTTP2:     true,
		DisableKeepAlives:     true, // nothing stays open behind a download
	}
	return &web{transport: t, stall: 60 * time.Second, wait: pause}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// brief is an error that may be gone when tried again, not before after.
type brief struct {
	error
	after time.Duration
}

func (e brief) Unwrap() error { return e.error }

// answer is a part of a file, from byte from to the end.
type answer struct {
	io.Reader
	from, total int64  // total is -1 where the server does not say
	validator   string // tells this version of the file from others; may be empty
	close       func()
}

// get asks for the file at url from a byte on. With a validator only the same version is continued; the answer begins at
// 0 when the server has another one, or does not know ranges.
func (w *web) get(ctx context.Context, url string, from int64, validator string) (*answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	stalled := brief{fmt.Errorf("%w: nothing came for %v", ErrServer, w.stall), 0}
	watch := time.AfterFunc(w.stall, func() { cancel(stalled) })
	finish := func() { watch.Stop(); cancel(context.Canceled) }

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		finish()
		return nil, fmt.Errorf("%w: %v", ErrServer, err)
	}
	request.Header.Set("User-Agent", "orfeas")
	request.Header.Set("Accept-Encoding", "identity") // lengths and ranges are those of the file
	if from > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		if validator != "" {
			request.Header.Set("If-Range", validator)
		}
	}
	client := http.Client{Transport: w.transport, CheckRedirect: follow}
	r, err := client.Do(request)
	if err != nil {
		err = cause(ctx, err)
		finish()
		return nil, err
	}
	a, err := read(r, from)
	if err != nil {
		r.Body.Close()
		finish()
		return nil, err
	}
	a.close = func() { r.Body.Close(); finish() }
	body := bufio.NewReader(&watched{ctx, r.Body, watch, w.stall})
	head, _ := body.Peek(64) // an error comes again when it is read
	if page(head) {
		a.close()
		return nil, fmt.Errorf("%w: it sends a web page; does this network want you to log in first?", ErrServer)
	}
	a.Reader = body
	return a, nil
}

// follow goes where a server sends us, but not from an encrypted connection to an open one.
func follow(to *http.Request, via []*http.Request) error {
	if len(via) > 10 {
		return errors.New("it sends us in circles")
	}
	if via[0].URL.Scheme == "https" && to.URL.Scheme != "https" {
		return errors.New("it sends us to an unencrypted address")
	}
	return nil
}

// read understands the head of an answer to a request from a byte on.
func read(r *http.Response, from int64) (*answer, error) {
	says := func(what string) error { return fmt.Errorf("%w: %s (status %d)", ErrServer, what, r.StatusCode) }
	a := &answer{total: r.ContentLength}
	if tag := r.Header.Get("ETag"); strings.HasPrefix(tag, `"`) { // not W/"...", which promises no equal bytes
		a.validator = tag
	}
	switch r.StatusCode {
	case http.StatusOK:
	case http.StatusPartialContent:
		var to, total int64
		if n, _ := fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-%d/%d", &a.from, &to, &total); n != 3 || a.from != from || to != total-1 {
			return nil, says("it sends another part than was asked for")
		}
		a.total = total
	case http.StatusRequestedRangeNotSatisfiable:
		if n, _ := fmt.Sscanf(r.Header.Get("Content-Range"), "bytes */%d", &a.total); n != 1 || a.total != from {
			return nil, errRange
		}
		a.from, r.Body = from, http.NoBody // we have it all
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, says("it wants an account that may read it")
	case http.StatusNotFound, http.StatusGone:
		return nil, says("it does not have it")
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		return nil, brief{says("it is busy"), retryAfter(r)}
	default:
		if r.StatusCode >= 500 {
			return nil, brief{says("it has a fault"), retryAfter(r)}
		}
		return nil, says(http.StatusText(r.StatusCode))
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, says("it sends it encoded as " + e)
	}
	return a, nil
}

// errRange: the server's file ends before the byte that was asked for.
var errRange = fmt.Errorf("%w: its file is shorter", ErrServer)

// retryAfter is how long the server wants to be left alone, five minutes at most.
func retryAfter(r *http.Response) time.Duration {
	n, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n), 300) * time.Second
}

// page tells a web page by how it begins.
func page(head []byte) bool {
	text := bytes.ToLower(bytes.TrimLeft(head, " \t\r\n\xef\xbb\xbf"))
	return bytes.HasPrefix(text, []byte("<!doctype html")) || bytes.HasPrefix(text, []byte("<html"))
}

// watched reads a body, resetting the watch at every byte.
type watched struct {
	ctx   context.Context
	body  io.Reader
	watch *time.Timer
	stall time.Duration
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.body.Read(p)
	if n > 0 {
		w.watch.Reset(w.stall)
	}
	if err != nil && err != io.EOF {
		err = cause(w.ctx, err)
	}
	return n, err
}

// cause says why a connection failed: because someone stopped it, because nothing came, or what the system says, which
// may be better the next time.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return brief{fmt.Errorf("%w: %w", ErrServer, err), 0}
}
