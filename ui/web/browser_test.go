package web

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// browser is a real Chromium without a window, spoken to by its DevTools protocol.
type browser struct {
	t       *testing.T
	conn    *websocket.Conn
	ctx     context.Context
	sent    int
	session string   // of its one page
	said    []string // what the page wrote to its console
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("there is no chromium on this machine")
	}
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	profile := t.TempDir()
	cmd := exec.CommandContext(ctx, path, "--headless=new", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
		"--user-data-dir="+profile, "--remote-debugging-port=0", "--window-size=1400,880", "--disable-extensions", "about:blank")
	cmd.WaitDelay = time.Second
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	at := make(chan string, 1)
	go func() {
		defer close(at)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if url, ok := strings.CutPrefix(lines.Text(), "DevTools listening on "); ok {
				at <- url
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		cmd.Wait()
		// The last of its processes may still be writing.
		for i := 0; i < 100 && os.RemoveAll(profile) != nil; i++ {
			<-time.After(20 * time.Millisecond)
		}
	})
	url, ok := <-at
	if !ok {
		t.Skip("chromium does not start here")
	}
	b := &browser{t: t, ctx: ctx}
	if b.conn, _, err = websocket.Dial(ctx, url, nil); err != nil {
		t.Fatal(err)
	}
	b.conn.SetReadLimit(64 << 20)
	var target struct{ TargetID string }
	b.do("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var session struct{ SessionID string }
	b.do("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session)
	b.session = session.SessionID
	b.tab("Runtime.enable", nil, nil)
	b.tab("Log.enable", nil, nil)
	return b
}

// tab sends a command to the page.
func (b *browser) tab(method string, params map[string]any, result any) {
	b.t.Helper()
	b.do(b.session, method, params, result)
}

// do sends a command and waits for its answer.
func (b *browser) do(session, method string, params map[string]any, result any) {
	b.t.Helper()
	b.sent++
	data, _ := json.Marshal(map[string]any{"id": b.sent, "method": method, "params": params, "sessionId": session})
	if session == "" {
		data, _ = json.Marshal(map[string]any{"id": b.sent, "method": method, "params": params})
	}
	if err := b.conn.Write(b.ctx, websocket.MessageText, data); err != nil {
		b.t.Fatal(err)
	}
	for {
		_, data, err := b.conn.Read(b.ctx)
		if err != nil {
			b.t.Fatalf("%s: %v", method, err)
		}
		var m struct {
			ID     int
			Method string
			Params json.RawMessage
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(data, &m); err != nil {
			b.t.Fatal(err)
		}
		if m.Method == "Runtime.exceptionThrown" || m.Method == "Log.entryAdded" && strings.Contains(string(m.Params), `"level":"error"`) {
			b.said = append(b.said, string(m.Params))
		}
		if m.ID != b.sent {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				b.t.Fatal(err)
			}
		}
		return
	}
}

// eval runs a script in the page and returns what it comes to, promises awaited.
func (b *browser) eval(script string) any {
	b.t.Helper()
	var r struct {
		Result           struct{ Value any }
		ExceptionDetails any
	}
	b.tab("Runtime.evaluate", map[string]any{"expression": "(async () => {" + script + "})()", "awaitPromise": true, "returnByValue": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %v", script, r.ExceptionDetails)
	}
	return r.Result.Value
}

// until is a script that waits for a condition.
func until(condition string) string {
	return "for (let i = 0; i < 600 && !(" + condition + "); i++) await new Promise((r) => setTimeout(r, 100)); return !!(" + condition + ");"
}

// TestPage drops a picture on the page in a real browser, with a token, and looks at what is drawn.
func TestPage(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	s := open(t, Options{Token: "correct horse"})
	b := openBrowser(t)
	b.tab("Page.navigate", map[string]any{"url": s.url + "/"}, nil)
	want := func(what, condition string) {
		t.Helper()
		if b.eval(until(condition)) != true {
			t.Fatalf("%s: never. The console says %v", what, b.said)
		}
	}
	want("it asks for the token", `document.getElementById("ask")?.open`)
	b.eval(`document.getElementById("token").value = "correct horse"; document.querySelector("#ask button").click();`)
	want("the engines are there", `document.querySelectorAll("#engine option").length > 3`)
	b.said = nil // that it was not let in at first was to be
	b.eval(`document.getElementById("engine").value = "inflate"; document.getElementById("engine").onchange();
		document.getElementById("faces").value = 5000;
		const bytes = Uint8Array.from(atob("` + base64.StdEncoding.EncodeToString(ball(40)) + `"), (c) => c.charCodeAt(0));
		const d = new DataTransfer();
		d.items.add(new File([bytes], "ball.png", { type: "image/png" }));
		dispatchEvent(new DragEvent("drop", { dataTransfer: d, bubbles: true, cancelable: true }));`)
	want("the mesh is shown", `document.body.dataset.shown === "000001"`)
	want("it says what it is", `document.getElementById("facts").textContent.includes("closed")`)
	colour := b.eval(`const c = document.getElementById("view"), o = new OffscreenCanvas(c.width, c.height).getContext("2d");
		o.drawImage(c, 0, 0);
		return Array.from(o.getImageData(c.width / 2, c.height / 2, 1, 1).data);`).([]any)
	if r, bl := colour[0].(float64), colour[2].(float64); r < 60 || r < 2*bl {
		t.Errorf("the middle of the picture is %v, not the ball's orange", colour)
	}
	if href := b.eval(`return document.getElementById("download").getAttribute("href")`); href != "/api/jobs/000001/mesh/stl" {
		t.Errorf("the download is %v", href)
	}
	b.eval(`document.querySelector('#jobs button[title="Remove"]').click()`)
	want("the job is gone", `document.querySelectorAll("#jobs li").length === 0 && !document.getElementById("empty").hidden`)
	if len(b.said) > 0 {
		t.Errorf("the console says %v", b.said)
	}
}
