package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"context"
	"orfeas/pipeline"
)

func fieldForm(name, value string) (*bytes.Buffer, string) {
	body := &bytes.Buffer{}
	w := multipart.NewWriter(body)
	w.WriteField(name, value)
	w.Close()
	return body, w.FormDataContentType()
}

func namedForm(name string, picture []byte) (*bytes.Buffer, string) {
	body := &bytes.Buffer{}
	w := multipart.NewWriter(body)
	w.WriteField("settings", small)
	f, _ := w.CreateFormFile("picture", name)
	f.Write(picture)
	w.Close()
	return body, w.FormDataContentType()
}

func TestHosts(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "localhost:7860": true, "LOCALHOST.:1": true, "127.0.0.1:7860": true, "[::1]:7860": true, "[::1]": true,
		"192.168.1.7:7860": true, "studio.example": true, "Studio.Example:443": true,
		"evil.example": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "": false, "studio.example.evil": false,
	} {
		if got := knownHost(host, []string{"studio.example"}); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		addr, token string
		ok          bool
	}{
		{"127.0.0.1:7860", "", true}, {"[::1]:0", "", true}, {"localhost:80", "", true}, {"127.8.0.1:1", "", true},
		{"0.0.0.0:7860", "", false}, {":7860", "", false}, {"[::]:7860", "", false}, {"192.168.0.1:1", "", false}, {"studio:1", "", false},
		{"0.0.0.0:7860", "correct horse", true}, {"0.0.0.0:7860", "short", false}, {"127.0.0.1:1", "short", false}, {"7860", "", false},
	} {
		if err := checkAddr(c.addr, c.token); (err == nil) != c.ok {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestTokens(t *testing.T) {
	s := openWith(t, Options{Token: "correct horse"}, nil)
	for _, open := range []string{"/", "/healthz", "/readyz", "/api/openapi.json"} {
		s.get(open, 200)
	}
	for _, rt := range s.routes() {
		method, path, _ := strings.Cut(rt.pattern, " ")
		if rt.open {
			continue
		}
		path = strings.NewReplacer("{id}", "000001", "{format}", "stl").Replace(path)
		for _, given := range []string{"", "Bearer ", "Bearer correct hors", "Bearer correct horsee", "Basic correct horse", "correct horse"} {
			resp, data := s.request(method, path, nil, "Authorization", given)
			wantProblem(t, resp, data, 401, "token")
		}
	}
	s.get("/api/jobs", 200, "Authorization", "Bearer correct horse")
	if resp, _ := s.request("POST", "/api/session", nil, "Authorization", "Bearer wrong"); resp.StatusCode != 401 || resp.Header.Get("Set-Cookie") != "" {
		t.Error(resp.Status)
	}
	resp, _ := s.request("POST", "/api/session", nil, "Authorization", "Bearer correct horse")
	c := resp.Cookies()
	if resp.StatusCode != 204 || len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode || strings.Contains(c[0].Value, "horse") {
		t.Fatal(resp.Status, c)
	}
	s.get("/api/jobs", 200, "Cookie", c[0].Name+"="+c[0].Value)
	s.get("/api/jobs", 401, "Cookie", c[0].Name+"=correct horse")
}

func TestStrangersAreKeptOut(t *testing.T) {
	s := openWith(t, Options{}, nil)
	resp, data := s.request("GET", "/api/jobs", nil, "Host", "evil.example")
	wantProblem(t, resp, data, 421, "not known by that name")
	for _, h := range [][]string{{"Origin", "http://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "null"}} {
		body, kind := form(small, ball(1))
		resp, data := s.request("POST", "/api/jobs", body, append(h, "Content-Type", kind)...)
		wantProblem(t, resp, data, 403, "another site")
	}
	resp, data = s.request("PUT", "/api/jobs", nil)
	wantProblem(t, resp, data, 405, "PUT")
	if resp.Header.Get("Allow") == "" {
		t.Error("it does not say what is allowed")
	}
	resp, data = s.request("GET", "/nothing", nil)
	wantProblem(t, resp, data, 404, "nothing here")
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} {
		if resp.Header.Get(name) == "" {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestCommandLine(t *testing.T) {
	none := func(context.Context, pipeline.Runner) (*pipeline.Queue, error) { t.Fatal("opened"); return nil, nil }
	for _, c := range []struct {
		args  string
		code  int
		words string
	}{
		{"--help", 0, "orfeas serve"}, {"--addr 0.0.0.0:7860", 2, "needs a token"}, {"--addr 7860", 2, "--addr"}, {"--colour", 2, "colour"},
		{"extra", 2, "extra"}, {"--token-file /nowhere", 2, "read the token"}, {"--max-waiting 0", 2, "max-waiting"}, {"--addr 127.0.0.1:99999", 1, "listen"},
	} {
		var out bytes.Buffer
		if code := Run(t.Context(), &out, &out, strings.Fields(c.args), none); code != c.code || !strings.Contains(out.String(), c.words) {
			t.Errorf("%s: %d %s", c.args, code, out.String())
		}
	}
}

func TestCheck(t *testing.T) {
	s := openWith(t, Options{Token: "correct horse"}, nil)
	var out bytes.Buffer
	if code := Run(t.Context(), &out, &out, []string{"--check", strings.TrimPrefix(s.url, "http://")}, nil); code != 0 || !strings.Contains(out.String(), "ready") {
		t.Errorf("%d %s", code, out.String())
	}
	if code := Run(t.Context(), &out, &out, []string{"--check", freeAddr(t)}, nil); code != 1 {
		t.Error(code)
	}
}

// FuzzUpload sends bodies of any content. Whatever comes, the answer is one of ours and nothing is left behind. Bodies are
// short and jobs leave the queue at once, so that the ten thousandth try takes as long as the first; an input is made
// smaller for a minute unless -fuzzminimizetime says otherwise.
func FuzzUpload(f *testing.F) {
	for _, p := range [][]byte{ball(1), []byte("GIF89a"), bomb()} {
		body, _ := form(small, p)
		f.Add(body.Bytes(), "settings")
	}
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=picture; filename=\"../x\"\r\n\r\nabc\r\n--x--"), "x")
	q := pipeline.Open(f.Context(), f.TempDir(), pipeline.Options{})
	s, err := New(q, Options{UploadBytes: 1 << 20, Waiting: 1 << 30, Probe: device})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	const most = 16 << 10
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		if len(body) > most {
			t.Skip("longer than need be")
		}
		if bytes.HasPrefix(body, []byte("--")) {
			line, _, _ := bytes.Cut(body[2:], []byte("\r\n"))
			boundary = string(line)
		}
		r := httptest.NewRequest("POST", "http://localhost/api/jobs", bytes.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=\""+boundary+"\"")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 {
			data, _ := io.ReadAll(w.Body)
			t.Errorf("%d: %s", w.Code, data)
		}
		for _, j := range q.Jobs() {
			if err := q.Remove(j.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}
