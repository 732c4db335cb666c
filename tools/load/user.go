package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// job is what a user looks at of the server's job.
type job struct {
	ID      string
	State   string
	Problem string
	Kills   int
	Result  *struct {
		Certificate struct{ Triangles int }
	}
}

func (j job) over() bool { return j.State == "done" || j.State == "failed" || j.State == "cancelled" }

// user does one thing after another, as a page does.
type user struct {
	o        options
	r        *report
	pictures *pictures
	client   *http.Client
	rand     *rand.Rand
}

func newUser(n int, o options, r *report, p *pictures) *user {
	return &user{o, r, p, &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 2}}, rand.New(rand.NewPCG(uint64(n), 1))}
}

// looks is how often a user asks for a job, besides watching it.
const looks = 20

// turn is one picture's way.
func (u *user) turn(ctx context.Context) {
	n, picture := u.pictures.next()
	j, ok := u.upload(ctx, n, picture)
	if !ok {
		return
	}
	u.r.uploaded(j.ID)
	start := time.Now()
	for range looks {
		u.do(ctx, "look", "GET", "/api/jobs/"+j.ID, nil)
	}
	if j, ok = u.watch(ctx, j); !ok {
		return
	}
	u.r.finished(j, time.Since(start))
	if j.State != "done" {
		return
	}
	u.download(ctx, j)
}

// upload sends a picture until there is room for it.
func (u *user) upload(ctx context.Context, n int, picture []byte) (job, bool) {
	for {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		w.WriteField("settings", u.o.settings)
		f, _ := w.CreateFormFile("picture", fmt.Sprintf("picture %d.png", n))
		f.Write(picture)
		w.Close()
		resp, data, err := u.do(ctx, "upload", "POST", "/api/jobs", &b, "Content-Type", w.FormDataContentType(), "Idempotency-Key", fmt.Sprint("load-", os.Getpid(), "-", n))
		if err != nil {
			return job{}, false
		}
		if noRoom(resp.StatusCode) {
			s, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
			if !wait(ctx, time.Duration(min(max(s, 1), 5))*time.Second) {
				return job{}, false
			}
			continue
		}
		var p struct{ Jobs []job }
		if resp.StatusCode != 201 || json.Unmarshal(data, &p) != nil || len(p.Jobs) != 1 {
			return job{}, false
		}
		return p.Jobs[0], true
	}
}

// noRoom are the answers after which one comes again: too many wait, or the disk is full.
func noRoom(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusInsufficientStorage
}

// watch follows a job to its end; some of the time the user vanishes and comes back.
func (u *user) watch(ctx context.Context, j job) (job, bool) {
	for {
		vanish := u.rand.Float64() < u.o.vanish
		got, err := u.follow(ctx, j, vanish)
		switch {
		case err == nil:
			return got, true
		case errors.Is(err, errVanished):
			u.r.vanished.Add(1)
		default:
			u.r.note("watch", 0, 0, err)
			return j, false
		}
	}
}

var errVanished = errors.New("gone without a word")

func (u *user) follow(ctx context.Context, j job, vanish bool) (job, error) {
	ctx, done := context.WithTimeout(ctx, 20*time.Minute)
	defer done()
	start := time.Now()
	c, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(u.o.url, "http")+"/ws?job="+j.ID, &websocket.DialOptions{HTTPHeader: u.header()})
	if err != nil {
		return j, err
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 20)
	for first := true; ; first = false {
		_, data, err := c.Read(ctx)
		if err != nil {
			return j, err
		}
		if first {
			u.r.note("watch", 101, time.Since(start), nil)
		}
		var m struct{ Job *job }
		if err := json.Unmarshal(data, &m); err != nil || m.Job == nil || m.Job.ID != j.ID {
			return j, fmt.Errorf("job %s: a message that is none: %.80s", j.ID, data)
		}
		if m.Job.over() {
			return *m.Job, nil
		}
		if vanish {
			return j, errVanished
		}
	}
}

// download takes the mesh and checks that all of it has come.
func (u *user) download(ctx context.Context, j job) {
	resp, data, err := u.do(ctx, "download", "GET", "/api/jobs/"+j.ID+"/mesh/stl", nil)
	if err != nil || resp.StatusCode != 200 {
		return
	}
	if n := j.Result.Certificate.Triangles; len(data) != 84+50*n || binary.LittleEndian.Uint32(data[80:]) != uint32(n) {
		u.r.wrong(fmt.Sprintf("the mesh of job %s has %d bytes for %d triangles", j.ID, len(data), n))
	}
	u.r.bytes.Add(int64(len(data)))
}

func (u *user) header() http.Header {
	if u.o.token == "" {
		return nil
	}
	return http.Header{"Authorization": {"Bearer " + u.o.token}}
}

// do sends a request and notes how it went.
func (u *user) do(ctx context.Context, what, method, path string, body io.Reader, header ...string) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, u.o.url+path, body)
	if err != nil {
		return nil, nil, err
	}
	if h := u.header(); h != nil {
		r.Header = h
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	start := time.Now()
	resp, err := u.client.Do(r)
	var data []byte
	if err == nil {
		defer resp.Body.Close()
		data, err = io.ReadAll(resp.Body)
	}
	status := 0
	if resp != nil {
		status = resp.StatusCode
	}
	if ctx.Err() == nil {
		u.r.note(what, status, time.Since(start), err)
	}
	return resp, data, err
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// pictures are as many different ones as are wanted: each has another pixel changed, so that none is known already.
type pictures struct {
	base *image.NRGBA
	made atomic.Int64
	seed int
}

func readPictures(path string) (*pictures, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	base := image.NewNRGBA(img.Bounds())
	draw.Draw(base, base.Rect, img, img.Bounds().Min, draw.Src)
	return &pictures{base: base, seed: int(time.Now().UnixNano() & 0xffffff)}, nil
}

func (p *pictures) next() (int, []byte) {
	n := int(p.made.Add(1))
	img := image.NewNRGBA(p.base.Rect)
	copy(img.Pix, p.base.Pix)
	b := img.Rect
	i := p.seed + n
	// The middle is within the subject; its colour changes by nothing anybody sees.
	c := img.NRGBAAt(b.Dx()/2, b.Dy()/2)
	img.SetNRGBA(b.Dx()/2+i>>16&7, b.Dy()/2, color.NRGBA{byte(i), byte(i >> 8), c.B, c.A})
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img); err != nil {
		panic(err) // a picture in memory can be encoded
	}
	return n, out.Bytes()
}
