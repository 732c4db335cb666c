//go:build !headless

package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline/weights"
)

// press taps a card's button by its title.
func press(t *testing.T, c *fyne.Container, title string) {
	t.Helper()
	for _, o := range c.Objects {
		if b, ok := o.(*widget.Button); ok && b.Text == title {
			test.Tap(b)
			return
		}
	}
	t.Errorf("there is no button %q", title)
}

// answer taps a button of the dialog on top.
func answer(t *testing.T, s *Studio, title string) {
	t.Helper()
	top := s.window.Canvas().Overlays().Top()
	if top == nil {
		t.Fatalf("nothing asks for %q", title)
	}
	for _, o := range test.LaidOutObjects(top) {
		if b, ok := o.(*widget.Button); ok && b.Text == title {
			test.Tap(b)
			return
		}
	}
	t.Errorf("the dialog has no %q", title)
}

func titles(c *fyne.Container) string {
	var all []string
	for _, o := range c.Objects {
		all = append(all, o.(*widget.Button).Text)
	}
	return strings.Join(all, " ")
}

// TestModels takes a small network through its life: asked for, paused in the middle, resumed, verified, removed,
// imported; then a server that gives something else.
func TestModels(t *testing.T) {
	data := []byte(strings.Repeat("weights ", 1<<16))
	sum := sha256.Sum256(data)
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-hold:
		default: // the first time half of it comes, and then little by little
			w.Header().Set("Content-Length", "524288")
			rest := data
			for n := len(data) / 2; r.Context().Err() == nil && len(rest) > n; n = 64 {
				_, _ = w.Write(rest[:n])
				w.(http.Flusher).Flush()
				rest = rest[n:]
				time.Sleep(10 * time.Millisecond)
			}
			return
		}
		http.ServeContent(w, r, "net.bin", time.Time{}, strings.NewReader(string(data)))
	}))
	t.Cleanup(server.Close)
	n := weights.Network{Name: "small", Title: "Small", About: "a test", Licence: weights.Licence{Name: "Custom", By: "us", Excludes: []string{"Atlantis"}},
		Files: []weights.File{{Path: "net.bin", URL: "https://example.org/net.bin", Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}}}
	s := studio(t)
	l := &weights.Library{Dir: t.TempDir(), Mirror: server.URL}
	var c *modelCard
	onThread(func() {
		p := newModelsPage(s, l, []weights.Network{n})
		c = p.cards[0]
		s.window.SetContent(p.object)
		if !strings.Contains(limits(n.Licence), "Atlantis") || c.state.word.Text != "not here" || titles(c.buttons) != "Get… Import file… Import folder…" {
			t.Errorf("%s: %s", c.state.word.Text, titles(c.buttons))
		}
		press(t, c.buttons, "Get…")
		answer(t, s, "No")
		if c.stop != nil || l.Accepted(n) {
			t.Error("no was taken for yes")
		}
		press(t, c.buttons, "Get…")
		answer(t, s, "Yes")
	})
	until(t, "half is here", func() bool { return c.bar.fraction >= 0.49 })
	onThread(func() { press(t, c.buttons, "Pause") })
	until(t, "it pauses", func() bool { return c.stop == nil })
	onThread(func() {
		if got := titles(c.buttons); !strings.HasPrefix(got, "Resume ") || c.problem.Visible() {
			t.Errorf("%s; %s", got, c.problem.Text)
		}
		close(hold)
		press(t, c.buttons, "Resume")
	})
	until(t, "the rest comes", func() bool { return c.stop == nil })
	onThread(func() {
		if c.state.word.Text != "ready" || titles(c.buttons) != "Verify Remove…" {
			t.Fatalf("%s: %s; %s", c.state.word.Text, titles(c.buttons), c.problem.Text)
		}
		press(t, c.buttons, "Verify")
	})
	until(t, "it is verified", func() bool { return c.stop == nil })
	file := filepath.Join(l.Where(n), "net.bin")
	onThread(func() {
		press(t, c.buttons, "Remove…")
		answer(t, s, "Yes")
		if _, err := os.Stat(file); err == nil || c.state.word.Text != "not here" {
			t.Errorf("it is still there: %s", c.state.word.Text)
		}
	})
	own := filepath.Join(t.TempDir(), "mine.bin")
	if err := os.WriteFile(own, data, 0o644); err != nil {
		t.Fatal(err)
	}
	onThread(func() { c.take(own) })
	until(t, "it is imported", func() bool { return c.stop == nil && c.state.word.Text == "ready" })

	data[9] ^= 1
	if err := os.WriteFile(own, data, 0o644); err != nil {
		t.Fatal(err)
	}
	onThread(func() { c.delete(); c.take(own) })
	until(t, "the damaged one is refused", func() bool { return c.stop == nil && c.problem.Visible() })
	onThread(func() {
		if c.state.word.Text != "not here" || c.problem.Text == "" {
			t.Errorf("%s: %s", c.state.word.Text, c.problem.Text)
		}
	})
}
