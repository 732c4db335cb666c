package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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

// entry is a network in the JSON of list and info.
type entry struct {
	weights.Network
	State    weights.State `json:"state"`
	Checked  bool          `json:"checked"`  // by checksums
	Accepted bool          `json:"accepted"` // its licence, where that has to be
	Bytes    int64         `json:"bytes"`
	Have     int64         `json:"have"`
	Dir      string        `json:"dir"`
}

func (m *models) entry(n weights.Network) entry {
	s := m.library.Status(n)
	total, _ := n.Bytes()
	return entry{n, s.State, s.Checked, m.library.Accepted(n), total, s.Have, m.library.Where(n)}
}

func (m *models) printJSON(v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		fmt.Fprintf(m.t.Out, "%s\n", data)
	}
	return err
}

func (m *models) list() error {
	var all []entry
	for _, n := range weights.Networks() {
		all = append(all, m.entry(n))
	}
	if m.json {
		return m.printJSON(all)
	}
	for _, e := range all {
		licence := e.Licence.Name
		if len(e.Licence.Excludes) > 0 {
			licence += ", not everywhere"
		} else if e.Licence.Asks() {
			licence += ", with a caveat"
		}
		fmt.Fprintf(m.t.Out, "%-24s %-11s %8s  %s\n", e.Name, e.State, about(e.Network), licence)
	}
	fmt.Fprintf(m.t.Out, "\nThey are kept in %s. See 'orfeas models info NAME'.\n", m.library.Dir)
	return nil
}

// about is how large a network is.
func about(n weights.Network) string {
	total, _ := n.Bytes()
	return weights.Size(total)
}

func (m *models) info(n weights.Network) error {
	e := m.entry(n)
	if m.json {
		return m.printJSON(e)
	}
	out := m.t.Out
	fmt.Fprintf(out, "%s: %s\n\n", n.Title, n.About)
	fmt.Fprintf(out, "  state    %s", e.State)
	if e.State == weights.Partial {
		fmt.Fprintf(out, ", %s are there", weights.Size(e.Have))
	}
	fmt.Fprintf(out, "\n  size     %s\n", about(n))
	if n.Needs.VRAM > 0 {
		fmt.Fprintf(out, "  GPU      %s of its memory, its authors say\n", weights.Size(n.Needs.VRAM))
	}
	if n.Needs.Memory > 0 {
		fmt.Fprintf(out, "  memory   %s without a GPU, at least\n", weights.Size(n.Needs.Memory))
	}
	fmt.Fprintf(out, "  folder   %s\n", e.Dir)
	m.licence(n)
	fmt.Fprintln(out)
	for _, f := range m.library.Status(n).Files {
		size := "small"
		if f.Bytes() > 0 {
			size = weights.Size(f.Bytes())
		}
		check := "SHA-256 " + f.SHA256
		if f.SHA256 == "" {
			check = "checksum not known: checked by size and structure only"
		}
		fmt.Fprintf(out, "  %s (%s, %s)\n    %s\n    %s\n", f.Path, size, f.State, f.URL, check)
	}
	return nil
}

// licence says what the licence of a network allows.
func (m *models) licence(n weights.Network) {
	l := n.Licence
	fmt.Fprintf(m.t.Out, "  licence  %s, by %s\n", l.Name, l.By)
	var lines []string
	if len(l.Excludes) > 0 {
		lines = append(lines, "It does NOT hold in "+strings.Join(l.Excludes, ", ")+".")
	}
	lines = append(append(lines, l.Limits...), l.Note)
	if l.Asks() {
		lines = append(lines, "This is a summary; the text its authors published decides.")
	}
	for _, line := range lines {
		m.paragraph("           ", line)
	}
}

// paragraph prints a text in lines that fit a terminal.
func (m *models) paragraph(margin, text string) {
	line := margin
	for word := range strings.FieldsSeq(text) {
		if len(line)+len(word) > 90 {
			fmt.Fprintln(m.t.Out, strings.TrimRight(line, " "))
			line = margin
		}
		line += word + " "
	}
	if line != margin {
		fmt.Fprintln(m.t.Out, strings.TrimRight(line, " "))
	}
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
