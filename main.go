// Command orfeas turns pictures into printable meshes: in a window, in the terminal, on your own machine.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"orfeas/gpu"
	"orfeas/pipeline"
	"orfeas/pipeline/onnx"
	"orfeas/ui/cli"
	"orfeas/ui/web"
)

func main() {
	if err := gpu.Order(); err != nil {
		fmt.Fprintf(os.Stderr, "orfeas: %v\n", err)
	}
	onnx.AnswerProbe()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) }) // the second Ctrl+C kills, also where a library listens
	fancy := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" }
	t := cli.Terminal{Out: os.Stdout, Err: os.Stderr, Fancy: fancy(os.Stderr), Live: fancy(os.Stdout), Size: size}
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "serve" {
		os.Exit(web.Run(ctx, t.Out, t.Err, args[1:], func(ctx context.Context, away pipeline.Runner) (*pipeline.Queue, error) {
			return cli.Queue(ctx, true, away)
		}))
	}
	if opensWindow(args) {
		os.Exit(window(ctx, t, args))
	}
	os.Exit(cli.Run(ctx, t, args))
}

// size is that of the terminal on which progress is shown.
func size() (columns, lines int) {
	columns, lines, err := term.GetSize(int(os.Stderr.Fd()))
	if err != nil || columns < 20 || lines < 4 {
		return 80, 24
	}
	return columns, lines
}

// opensWindow reports whether the arguments are pictures to open in the window, or nothing at all.
func opensWindow(args []string) bool {
	if len(args) == 0 {
		return true
	}
	if cli.Knows(args[0]) {
		return false
	}
	_, err := os.Stat(args[0])
	return err == nil
}
