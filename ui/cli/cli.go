// Package cli is the terminal face: it reads arguments, runs the line and prints.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"orfeas/pipeline"
)

// The exit codes. They are part of the interface: scripts rely on them.
const (
	ExitOK        = 0
	ExitFailed    = 1 // a picture could not be converted; the others were
	ExitUsage     = 2 // the command line was wrong; nothing was done
	ExitCancelled = 3 // stopped by the user; finished files stay
)

// Terminal is what a command talks to.
type Terminal struct {
	Out, Err io.Writer
	Fancy    bool // Err is a terminal that understands cursor movements
	Live     bool // Out is one

	Size func() (columns, lines int) // of Err; nil for the usual
}

type command struct {
	name, about string
	run         func(ctx context.Context, t Terminal, args []string) int
}

var commands = []command{
	{"convert", "turn pictures into meshes", convert},
	{"mesh", "check or convert a mesh file", meshCommand},
	{"jobs", "see and change the queue of the window", jobsCommand},
	{"models", "fetch, check and remove networks", modelsCommand},
	{"farm", "do jobs on several machines", farmCommand},
	{"gpu", "say which GPUs and how much memory there are", gpuCommand},
	{"providers", "say what can run the networks here, and what will", providersCommand},
	{"profile", "say what conversions cost, and what would make them quicker", profileCommand},
}

// Knows reports whether a word is one of the commands, so that main can tell them from pictures to open.
func Knows(word string) bool {
	for _, c := range commands {
		if c.name == word {
			return true
		}
	}
	return word == "help" || word == "version" || word == "worker"
}

// Run does the command in args[0] and returns the exit code. What could not be printed is a failure.
func Run(ctx context.Context, t Terminal, args []string) int {
	out := &output{w: t.Out}
	t.Out = out
	code := run(ctx, t, args)
	if err := out.problem(); err != nil {
		complain(t, "standard output", err)
		if code == ExitOK {
			return ExitFailed
		}
	}
	return code
}

func run(ctx context.Context, t Terminal, args []string) int {
	if len(args) > 0 {
		for _, c := range commands {
			if c.name == args[0] {
				return c.run(ctx, t, args[1:])
			}
		}
		switch args[0] {
		case "version", "--version", "-version":
			if len(args) > 1 {
				complain(t, "", fmt.Errorf("version takes no %q", args[1]))
				return ExitUsage
			}
			fmt.Fprintln(t.Out, pipeline.Application)
			return ExitOK
		case "help", "--help", "-h", "-help":
			usage(t.Out)
			return ExitOK
		case "worker": // started by the queue, not by people
			return worker(t, args[1:])
		}
		fmt.Fprintf(t.Err, "orfeas: there is no command %q\n\n", args[0])
	}
	usage(t.Err)
	return ExitUsage
}

func usage(w io.Writer) {
	fmt.Fprint(w, `ORFEAS Studio turns pictures into solid, printable meshes, on your own machine.

  orfeas                     open the window
  orfeas PICTURE...          open the window with these pictures
`)
	for _, c := range commands {
		fmt.Fprintf(w, "  orfeas %-20s%s\n", c.name+" ...", c.about)
	}
	fmt.Fprint(w, `  orfeas serve ...           a page for browsers, an API for programs, metrics
  orfeas version             say which version this is

Try:  orfeas convert photo.jpg -o figure.stl --size 80
`)
}

// flags is a flag set that takes flags and other words in any order.
type flags struct {
	*flag.FlagSet
	words []string
}

func newFlags(name string) *flags {
	f := &flags{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError)}
	f.SetOutput(io.Discard) // we say it ourselves, in one form
	f.Usage = func() {}
	return f
}

// repeatable are the flags that may be given several times.
var repeatable = []string{"view", "route", "engines"}

// once is a flag that takes no second value.
type once struct {
	flag.Value
	given bool
	text  string
}

func (o *once) Set(text string) error {
	if o.given && text != o.text {
		return fmt.Errorf("%q was given before", o.text)
	}
	o.given, o.text = true, text
	return o.Value.Set(text)
}

// IsBoolFlag tells package flag which flags need no value.
func (o *once) IsBoolFlag() bool {
	b, ok := o.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// parse returns false and the exit code when there is nothing more to do.
func (f *flags) parse(t Terminal, help string, args []string) (code int, ok bool) {
	f.VisitAll(func(o *flag.Flag) {
		if !slices.Contains(repeatable, o.Name) {
			o.Value = &once{Value: o.Value}
		}
	})
	args, words := f.split(args)
	for {
		err := f.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(t.Out, help)
			return ExitOK, false
		}
		if err != nil {
			fmt.Fprintf(t.Err, "orfeas: %v\nSee 'orfeas %s --help'.\n", err, f.Name())
			return ExitUsage, false
		}
		if f.NArg() == 0 {
			f.words = expand(runtime.GOOS, append(f.words, words...))
			return 0, true
		}
		f.words = append(f.words, f.Arg(0))
		args = f.Args()[1:]
	}
}

// noWords returns an error when something else than flags was given.
func (f *flags) noWords() error {
	if len(f.words) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes no %q; see 'orfeas %[1]s --help'", f.Name(), f.words[0])
}

// fit returns an error when a flag was given that a verb has no use for.
func (f *flags) fit(verb string, fits func(flag string) bool) (err error) {
	f.Visit(func(o *flag.Flag) {
		if err == nil && !fits(o.Name) {
			err = fmt.Errorf("'%s %s' has no use for --%s; see 'orfeas %[1]s --help'", f.Name(), verb, o.Name)
		}
	})
	return err
}

// split cuts arguments at the first "--" that is no value of a flag: what comes after it are words, whatever they begin with.
func (f *flags) split(args []string) (before, words []string) {
	for i := 0; i < len(args); i++ {
		name, dashed := strings.CutPrefix(args[i], "-")
		if args[i] == "--" {
			return args[:i], args[i+1:]
		}
		o := f.Lookup(strings.TrimPrefix(name, "-")) // none when it has its value with it
		if dashed && o != nil {
			if b, ok := o.Value.(interface{ IsBoolFlag() bool }); !ok || !b.IsBoolFlag() {
				i++
			}
		}
	}
	return args, nil
}

// expand puts files in place of words with * and ?, as shells do but for those of Windows.
func expand(system string, words []string) (out []string) {
	for _, w := range words {
		var found []string
		if _, err := os.Lstat(w); err != nil && system == "windows" && strings.ContainsAny(w, "*?") {
			found, _ = filepath.Glob(w) // a wrong pattern is a file that is not there
		}
		if found == nil {
			found = []string{w}
		}
		out = append(out, found...)
	}
	return out
}

// complain prints an error as people read it, with its hint.
func complain(t Terminal, what string, err error) {
	problem, hint := explain(err)
	if what != "" {
		problem = what + ": " + problem
	}
	fmt.Fprintf(t.Err, "orfeas: %s\n", problem)
	if hint != "" {
		fmt.Fprintf(t.Err, "        %s\n", hint)
	}
}
