package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"orfeas/pipeline/weights"
)

const modelsHelp = `orfeas models list | path [NAME] | info NAME
orfeas models get NAME [--accept-licence] [--mirror URL]
orfeas models import NAME PATH
orfeas models verify [NAME] | remove NAME

Networks are not part of the program; they are fetched from their authors, once and only
when you say so. Nothing else in the program ever uses the network.

  list           say which networks there are, and which of them are on this machine
  info NAME      say what a network needs, what its licence allows and where its files are
  get NAME       download it; a download that stopped goes on from where it was
  import NAME P  take it from a file or folder you have, also the cache of the Hugging Face
                 libraries; files are linked where the disk can do that, else copied
  verify [NAME]  read the files again and compare them with their checksums
  remove NAME    delete its files
  path [NAME]    say where networks are kept, or this one

  --accept-licence  say that you have read and accept the licence of the network
  --mirror URL      download from a server that has the same paths as the authors' one
                    (or set ORFEAS_MIRROR)
  --json            print list and info as JSON

Networks are kept in your data folder; set ORFEAS_MODELS to keep them elsewhere.
Exit code: 0 all went well, 1 something failed, 2 wrong command line, 3 stopped.
`

// models is one run of the command.
type models struct {
	t       Terminal
	library weights.Library
	accept  bool
	json    bool
}

func modelsCommand(ctx context.Context, t Terminal, args []string) int {
	f := newFlags("models")
	m := models{t: t}
	f.BoolVar(&m.accept, "accept-licence", false, "")
	f.BoolVar(&m.accept, "accept-license", false, "")
	f.BoolVar(&m.json, "json", false, "")
	f.StringVar(&m.library.Mirror, "mirror", os.Getenv("ORFEAS_MIRROR"), "")
	if code, ok := f.parse(t, modelsHelp, args); !ok {
		return code
	}
	verb, words, err := verbOf(f.words)
	if err == nil {
		err = f.fit(verb, func(flag string) bool {
			return verb == "get" && flag != "json" || (verb == "list" || verb == "info") && flag == "json"
		})
	}
	if err == nil {
		m.library.Dir, err = weights.DefaultDir()
	}
	var network weights.Network
	if err == nil && len(words) > 0 {
		network, err = weights.Find(words[0])
	}
	if err != nil {
		complain(t, "", err)
		return ExitUsage
	}
	switch verb {
	case "list":
		err = m.list()
	case "path":
		m.path(network)
	case "info":
		err = m.info(network)
	case "get":
		err = m.get(ctx, network)
	case "import":
		err = m.take(ctx, network, words[1])
	case "verify":
		err = m.verify(ctx, network)
	case "remove":
		err = m.remove(network)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(t.Err, "orfeas: stopped")
		return ExitCancelled
	case err != nil:
		complain(t, "", err)
		return ExitFailed
	}
	return ExitOK
}

// verbOf checks how many words each verb takes.
func verbOf(words []string) (verb string, rest []string, err error) {
	if len(words) == 0 {
		return "list", nil, nil
	}
	verb, rest = words[0], words[1:]
	least, most := 1, 1
	switch verb {
	case "list":
		least, most = 0, 0
	case "path", "verify":
		least = 0
	case "info", "get", "remove":
	case "import":
		least, most = 2, 2
	default:
		return "", nil, fmt.Errorf("models does not know %q; see 'orfeas models --help'", verb)
	}
	if len(rest) < least || len(rest) > most {
		return "", nil, fmt.Errorf("'models %s' takes other words; see 'orfeas models --help'", verb)
	}
	return verb, rest, nil
}

func (m *models) path(n weights.Network) {
	fmt.Fprintln(m.t.Out, filepath.Join(m.library.Dir, n.Name))
}

func (m *models) remove(n weights.Network) error {
	before := m.library.Status(n)
	if err := m.library.Remove(n); err != nil {
		return err
	}
	if before.State == weights.Absent {
		return fmt.Errorf("%w: nothing was removed", weights.ErrAbsent)
	}
	fmt.Fprintf(m.t.Out, "%s is removed, %s are free again\n", n.Title, weights.Size(before.Have))
	return nil
}

// verify checks one network, or all that are there.
func (m *models) verify(ctx context.Context, n weights.Network) error {
	if n.Name != "" {
		return m.verifyOne(ctx, n)
	}
	var errs []error
	some := false
	for _, n := range weights.Networks() {
		if m.library.Status(n).State != weights.Absent {
			some = true
			errs = append(errs, m.verifyOne(ctx, n))
		}
	}
	if !some {
		fmt.Fprintln(m.t.Out, "there is no network on this machine")
	}
	return errors.Join(errs...)
}
