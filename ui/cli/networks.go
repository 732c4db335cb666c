package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"orfeas/pipeline/weights"
)

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
