package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// deploy is where what belongs beside the server lies.
const deploy = "../../deploy"

func find(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("there is no %s on this machine", program)
	}
	return path
}

// TestMetricsAreWellFormed: promtool finds nothing to say about names, units and help.
func TestMetricsAreWellFormed(t *testing.T) {
	promtool := find(t, "promtool")
	s := open(t, Options{Farm: farmed(t)})
	s.upload(201, small, [][]byte{ball(1)})
	s.done("000001")
	data := []byte{}
	for tries := 0; tries < 100 && !bytes.Contains(data, []byte("orfeas_farm_workers 1")); tries++ {
		time.Sleep(100 * time.Millisecond)
		_, data = s.get("/metrics", 200)
	}
	cmd := exec.Command(promtool, "check", "metrics")
	cmd.Stdin = bytes.NewReader(data)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	for _, name := range []string{
		`orfeas_jobs{engine="inflate",state="done"} 1`, "orfeas_queue_length 0", `orfeas_gpu_memory_used_bytes{gpu="0"} 2.147483648e+09`, `orfeas_gpu_utilization_ratio{gpu="0"} 0.42`,
		`orfeas_gpu_run_memory_actual_bytes{device="Test Card, 8.0 GB",engine="triposr",precision="fp16",resolution="512"} 2.147483648e+09`,
		`orfeas_stage_duration_seconds_count{engine="inflate",stage="shape"} 1`, `orfeas_http_requests_total{code="201",method="POST",route="/api/jobs"} 1`,
		"orfeas_farm_workers 1", `orfeas_farm_worker_slots{worker="bench"} 2`, `orfeas_farm_worker_gpu_memory_used_bytes{gpu="0",worker="bench"} 2.147483648e+09`,
		`orfeas_farm_store_limit_bytes{store="pictures"} `,
	} {
		if !strings.Contains(string(data), name) {
			t.Errorf("there is no %s", name)
		}
	}
}

// queries are the expressions of every panel of the dashboards, and where they are.
func queries(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(deploy, "grafana/dashboards/*.json"))
	if err != nil || len(files) != 4 {
		t.Fatalf("there are %d dashboards: %v", len(files), err)
	}
	out := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var d struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr string }
			}
		}
		if err := json.Unmarshal(data, &d); err != nil {
			t.Fatal(err)
		}
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				out[q.Expr] = filepath.Base(f) + ", " + p.Title
			}
		}
	}
	return out
}

// TestPrometheusHasDataForEveryPanel lets a real Prometheus, with the configuration that is deployed, scrape a server that
// works, until every query of every dashboard has an answer.
func TestPrometheusHasDataForEveryPanel(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Prometheus")
	}
	s := open(t, Options{Token: "correct horse", Farm: farmed(t)})
	base := startPrometheus(t, s)
	ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
	defer stop()
	left := queries(t)
	for i := 0; len(left) > 0; i++ {
		s.upload(201, small, [][]byte{ball(uint8(i))}, "Authorization", "Bearer correct horse")
		for expr, where := range left {
			if answers(base, strings.ReplaceAll(expr, "$__rate_interval", "1m")) {
				delete(left, expr)
			} else if ctx.Err() != nil {
				t.Errorf("%s: no data for %s", where, expr)
			}
		}
		if ctx.Err() != nil {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(250 * time.Millisecond):
		}
	}
	var rules struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
	}
	ask(base+"/api/v1/rules", &rules)
	n := 0
	for _, g := range rules.Data.Groups {
		for _, r := range g.Rules {
			if n++; r.Health != "ok" {
				t.Errorf("rule %s: %s %s", r.Name, r.Health, r.LastError)
			}
		}
	}
	if n < 10 {
		t.Errorf("there are %d rules", n)
	}
}

// startPrometheus runs one with the deployed configuration, but for the address and the pace.
func startPrometheus(t *testing.T, s *site) (base string) {
	t.Helper()
	prometheus, promtool := find(t, "prometheus"), find(t, "promtool")
	dir := t.TempDir()
	config, err := os.ReadFile(filepath.Join(deploy, "prometheus/prometheus.yml"))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile(filepath.Join(deploy, "prometheus/rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	token := filepath.Join(dir, "token")
	changed := strings.NewReplacer("orfeas:7860", strings.TrimPrefix(s.url, "http://"), "/run/secrets/orfeas_token", token, "10s", "500ms").Replace(string(config))
	for name, data := range map[string][]byte{"prometheus.yml": []byte(changed), "rules.yml": rules, "token": []byte("correct horse\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(promtool, "check", "config", filepath.Join(dir, "prometheus.yml")).CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	addr := freeAddr(t)
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, prometheus, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s", log.Bytes())
		}
	})
	return "http://" + addr
}

// freeAddr is an address nobody listens at, as yet.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func ask(url string, v any) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		return fmt.Errorf("%s", resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(v)
}

// answers reports whether Prometheus has a number for an expression.
func answers(base, expr string) bool {
	var r struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if ask(base+"/api/v1/query?query="+url.QueryEscape(expr), &r) != nil {
		return false
	}
	for _, v := range r.Data.Result {
		if v.Value[1] != "NaN" {
			return true
		}
	}
	return false
}
