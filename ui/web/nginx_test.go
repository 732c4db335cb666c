package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"orfeas/pipeline"
)

// TestNginx drives the configuration that is deployed with a real nginx: page, upload, stream, ranges, limits.
func TestNginx(t *testing.T) {
	if testing.Short() {
		t.Skip("starts an nginx")
	}
	s := open(t, Options{Hosts: []string{"studio.example"}})
	front := &site{s.Server, t, "http://" + startNginx(t, strings.TrimPrefix(s.url, "http://"))}
	front.get("/", 200, "Host", "studio.example")
	front.get("/metrics", 404)
	resp, data := front.request("GET", "/api/jobs", nil, "Host", "evil.example")
	wantProblem(t, resp, data, 421, "not known")

	c, _, err := front.dial("/ws", http.Header{"Origin": {front.url}})
	if err != nil {
		t.Fatal(err)
	}
	if _, resp, err := front.dial("/ws", http.Header{"Origin": {"http://evil.example"}}); err == nil || resp.StatusCode != 403 {
		t.Error("a page of another site got in")
	}
	jobs, _, _ := front.upload(201, small, [][]byte{ball(1)})
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	for done := false; !done; {
		kind, data, err := c.Read(ctx)
		var m message
		if err != nil || kind != websocket.MessageText || json.Unmarshal(data, &m) != nil {
			t.Fatalf("%s: %v", data, err)
		}
		done = m.Job != nil && m.Job.State == pipeline.Done
	}
	mesh := "/api/jobs/" + jobs[0].ID + "/mesh/stl"
	resp, data = front.get(mesh, 200)
	if resp, part := front.get(mesh, 206, "Range", "bytes=84-133"); !bytes.Equal(part, data[84:134]) || resp.Header.Get("ETag") == "" {
		t.Error("a range came through wrong")
	}
	front.get(mesh, 304, "If-None-Match", resp.Header.Get("ETag"))
	conn, err := net.Dial("tcp", strings.TrimPrefix(front.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 629145600\r\n\r\n")
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "413") {
		t.Errorf("600 MiB: %s, %v", line, err)
	}
}

// startNginx runs one with the deployed configuration, but for the addresses, and returns where it listens.
func startNginx(t *testing.T, upstream string) (addr string) {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		if _, err := os.Stat("/usr/sbin/nginx"); err != nil {
			t.Skip("there is no nginx on this machine")
		}
		path = "/usr/sbin/nginx"
	}
	dir := t.TempDir()
	conf, err := os.ReadFile(filepath.Join(deploy, "nginx/orfeas.conf"))
	if err != nil {
		t.Fatal(err)
	}
	addr = freeAddr(t)
	site := strings.NewReplacer("orfeas:7860", upstream, "listen 80;", "listen "+addr+";").Replace(string(conf))
	temp := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += kind + "_temp_path " + filepath.Join(dir, kind) + ";\n"
	}
	main := "daemon off;\nmaster_process off;\npid " + dir + "/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n" + temp + site + "}\n"
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(main), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(path, "-e", "stderr", "-c", file, "-p", dir)
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
	})
	for {
		if resp, err := http.Get("http://" + addr + "/healthz"); err == nil {
			resp.Body.Close()
			return addr
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("nginx: %v: %s", err, log.Bytes())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
