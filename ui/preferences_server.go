//go:build !headless

package ui

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"orfeas/pipeline"
)

// Program is what the window asks of the program around it.
type Program struct {
	// Serve serves the queue at an address until ctx is done; ready is told where it listens.
	Serve   func(ctx context.Context, addr, token string, ready func(net.Addr)) error
	Restart func() // closes the window and starts the program anew
	Log     *Log   // what the program says; nil for a log of the window's own
}

// serverSwitch turns the server on and off and says where it is.
type serverSwitch struct {
	studio *Studio
	stop   context.CancelFunc // nil when it is off
	again  bool               // it is to be started again when it has stopped
	where  []string           // its addresses for browsers, once it listens
	err    error              // why it is off

	check  *widget.Check
	shared *widget.Check
	port   *field
	links  *fyne.Container
	state  *widget.Label
	token  *widget.Label
}

func newServerSwitch(s *Studio) *serverSwitch { return &serverSwitch{studio: s} }

// rows are the server's part of the settings.
func (w *serverSwitch) rows() []fyne.CanvasObject {
	p := w.studio.prefs
	w.check = widget.NewCheck(tr("On"), nil)
	w.check.Checked = p.serving()
	w.check.OnChanged = func(on bool) {
		p.store.SetBool("server", on)
		w.set(on)
	}
	if w.studio.program.Serve == nil {
		w.check.Disable()
	}
	w.shared = widget.NewCheck(tr("Other machines may come"), nil)
	w.shared.Checked = p.shared()
	w.shared.OnChanged = func(on bool) {
		p.store.SetBool("server_shared", on)
		w.restart()
	}
	w.port = newField()
	w.port.Text = strconv.Itoa(p.port())
	w.port.Validator = func(s string) error {
		if n, err := strconv.Atoi(s); err != nil || n < 1024 || n > 65535 {
			return fmt.Errorf("%w: %s", pipeline.ErrSettings, tr("a port is a number from 1024 to 65535"))
		}
		return nil
	}
	w.port.OnSubmitted = func(s string) {
		if n, err := strconv.Atoi(s); err == nil && w.port.Validate() == nil {
			p.store.SetInt("server_port", n)
			w.restart()
		}
	}
	w.state, w.links = prose("", widget.LowImportance), container.NewVBox()
	w.token = widget.NewLabel("")
	w.token.TextStyle.Monospace = true
	clip := widget.NewButtonWithIcon(tr("Copy"), theme.ContentCopyIcon(), func() { w.studio.app.Clipboard().SetContent(p.token()) })
	other := widget.NewButton(tr("Another one"), func() {
		p.store.SetString("server_token", "")
		w.restart()
	})
	rows := []fyne.CanvasObject{
		setting(tr("Server"), tr("Your queue in a browser, and for programs: a page, an HTTP API and metrics."), w.check),
		setting(tr("Who"), tr("Otherwise only programs on this machine can come. Everybody needs the token."), w.shared),
		setting(tr("Port"), tr("Enter makes it true."), w.port),
		setting(tr("Token"), tr("The page asks for it once."), container.NewVBox(w.token, container.NewHBox(clip, other))),
		w.links, w.state,
	}
	w.show()
	return rows
}

// set turns it on or off.
func (w *serverSwitch) set(on bool) {
	w.err = nil
	w.again = on && w.stop != nil // it is still stopping
	switch {
	case on && w.stop == nil:
		w.start()
	case !on && w.stop != nil:
		w.stop()
	}
	w.show()
}

// restart takes new choices in, when it is to be on.
func (w *serverSwitch) restart() {
	switch {
	case !w.studio.prefs.serving():
	case w.stop == nil: // it did not start with the last ones
		w.start()
	default:
		w.again = true
		w.stop()
	}
	w.show()
}

func (w *serverSwitch) start() {
	if w.err = nil; w.studio.program.Serve == nil {
		return
	}
	s, p := w.studio, w.studio.prefs
	host := "127.0.0.1"
	if p.shared() {
		host = "0.0.0.0"
	}
	addr, token := net.JoinHostPort(host, strconv.Itoa(p.port())), p.token()
	ctx, stop := context.WithCancel(s.ctx)
	w.stop, w.again = stop, false
	go func() {
		err := s.program.Serve(ctx, addr, token, func(a net.Addr) {
			s.do(func() {
				w.where = reachable(a, host != "0.0.0.0")
				w.show()
			})
		})
		s.do(func() {
			stop()
			w.stop, w.where, w.err = nil, nil, err
			if w.again {
				w.start()
			}
			w.show()
		})
	}()
}

// reachable lists what a browser can open: this machine's addresses, or only its own.
func reachable(a net.Addr, alone bool) []string {
	_, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return []string{"http://" + a.String() + "/"}
	}
	out := []string{"http://127.0.0.1:" + port + "/"}
	if alone {
		return out
	}
	all, _ := net.InterfaceAddrs() // none is only less to show
	for _, x := range all {
		if ip, ok := x.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLoopback() {
			out = append(out, "http://"+net.JoinHostPort(ip.IP.String(), port)+"/")
		}
	}
	return out
}

// show says how it is, where the settings are open.
func (w *serverSwitch) show() {
	if w.state == nil {
		return
	}
	say(w.token, w.studio.prefs.token())
	w.links.RemoveAll()
	for _, address := range w.where {
		if u, err := url.Parse(address); err == nil {
			w.links.Add(widget.NewHyperlink(address, u))
		}
	}
	words, importance := tr("It is off."), widget.LowImportance
	switch {
	case w.err != nil:
		problem, hint := explained(w.err)
		words, importance = strings.TrimSpace(tr("It is off: %s.", problem)+" "+hint), widget.DangerImportance
	case len(w.where) > 0:
		words, importance = tr("It is on."), widget.SuccessImportance
	case w.stop != nil:
		words = tr("It is being started.")
	}
	w.state.Importance = importance
	say(w.state, words)
	w.state.Refresh()
	w.links.Refresh()
}
