//go:build !headless

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"fyne.io/fyne/v2/app"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/render"
	"orfeas/ui"
	"orfeas/ui/cli"
)

// window opens the Studio with the given pictures and returns when it is closed.
func window(ctx context.Context, t cli.Terminal, pictures []string) int {
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		fmt.Fprintln(t.Err, "orfeas: there is no display for a window. In the terminal:  orfeas convert PICTURE...")
		return cli.ExitFailed
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
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
	a := app.NewWithID("studio.orfeas.app")
	view, err := openView()
	if err != nil {
		fmt.Fprintf(t.Err, "orfeas: the viewport stays empty: %v\n", err)
	}
	s := ui.New(ctx, a, q, view, gpu.NVML())
	s.Add(pictures...)
	go func() {
		<-ctx.Done()
		s.Close()
	}()
	s.Run()
	stop()
	q.Wait()
	if view != nil {
		view.Close()
	}
	return cli.ExitOK
}

// openView takes a context without a window where there is one, else a hidden window's.
func openView() (*render.View, error) {
	view, err := render.New()
	if errors.Is(err, render.ErrNoGL) {
		return render.NewHidden()
	}
	return view, err
}
