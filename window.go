//go:build !headless

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"runtime"

	"fyne.io/fyne/v2/app"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/render"
	"orfeas/ui"
	"orfeas/ui/cli"
	"orfeas/ui/web"
)

// window opens the Studio with the given pictures and returns when it is closed.
func window(ctx context.Context, t cli.Terminal, pictures []string) int {
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		fmt.Fprintln(t.Err, "orfeas: there is no display for a window. In the terminal:  orfeas convert PICTURE...")
		return cli.ExitFailed
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	a := app.NewWithID("studio.orfeas.app")
	prefs := ui.ReadPreferences(a)
	if err := prefs.Apply(); err != nil {
		fmt.Fprintf(t.Err, "orfeas: %v\n", err)
	}
	journal := openLog()
	var away pipeline.Runner
	f, err := cli.Farm(t, "")
	if f != nil {
		defer f.Close()
		away = f.Run
	}
	var q *pipeline.Queue
	if err == nil {
		q, err = cli.Queue(ctx, true, away)
	}
	if err != nil {
		fmt.Fprintf(t.Err, "orfeas: %v\n", err)
		return cli.ExitFailed
	}
	view, err := openView()
	if err != nil {
		fmt.Fprintf(t.Err, "orfeas: the viewport stays empty: %v\n", err)
	}
	restart := false
	around := ui.Program{
		Log: journal,
		Serve: func(ctx context.Context, addr, token string, ready func(net.Addr)) error {
			return web.Share(ctx, q, addr, web.Options{Token: token, Probe: gpu.NVML()}, ready)
		},
	}
	var s *ui.Studio
	around.Restart = func() { restart = true; s.Close() }
	s = ui.New(ctx, a, prefs, around, q, view, gpu.NVML())
	s.Add(pictures...)
	go func() {
		<-ctx.Done()
		s.Close()
	}()
	s.Run()
	stop()
	q.Wait()
	if restart {
		if err := startAgain(prefs.Environment()); err != nil {
			fmt.Fprintf(t.Err, "orfeas: %v\n", err)
			return cli.ExitFailed
		}
	}
	return cli.ExitOK
}

// openLog opens the log in the data folder; what the program's libraries log goes there, too.
func openLog() *ui.Log {
	dir, err := pipeline.DataDir()
	if err != nil {
		return nil
	}
	l := ui.OpenLog(dir)
	log.SetOutput(io.MultiWriter(os.Stderr, l))
	l.Say("%s begins", pipeline.Application)
	return l
}

// startAgain starts this program once more, in the environment it was started in, without the pictures it was given.
func startAgain(environment []string) error {
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start again: %w", err)
	}
	cmd := exec.Command(path)
	cmd.Env = environment
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start again: %w", err)
	}
	return nil
}

// openView takes a context without a window where there is one, else a hidden window's.
func openView() (*render.View, error) {
	view, err := render.New()
	if errors.Is(err, render.ErrNoGL) {
		return render.NewHidden()
	}
	return view, err
}
