package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"orfeas/pipeline/weights"
)

func (m *models) get(ctx context.Context, n weights.Network) error {
	if !m.library.Accepted(n) {
		m.licence(n)
		if m.accept {
			if err := m.library.Accept(n); err != nil {
				return err
			}
		}
	}
	line := transfer{m.t, n.Name, ""}
	err := m.library.Get(ctx, n, line.show)
	line.end()
	if err == nil {
		m.ready(n)
	}
	return err
}

func (m *models) take(ctx context.Context, n weights.Network, from string) error {
	from, err := filepath.Abs(from)
	if err != nil {
		return err
	}
	line := transfer{m.t, n.Name, ""}
	found, err := m.library.Import(ctx, n, from, line.show)
	line.end()
	for _, f := range found {
		fmt.Fprintf(m.t.Out, "%s is taken\n", f)
	}
	if err == nil {
		m.ready(n)
	}
	return err
}

func (m *models) verifyOne(ctx context.Context, n weights.Network) error {
	line := transfer{m.t, n.Name, ""}
	err := m.library.Verify(ctx, n, line.show)
	line.end()
	if err == nil {
		m.ready(n)
	}
	return err
}

// ready says what a network is worth now.
func (m *models) ready(n weights.Network) {
	s := m.library.Status(n)
	if s.State != weights.Ready {
		_, err := m.library.Ready(n)
		fmt.Fprintf(m.t.Out, "%s is not complete: %v\n", n.Title, err)
		return
	}
	how := "every file has its checksum"
	if !s.Checked {
		how = "some checksums are not known, so size and structure were checked"
	}
	fmt.Fprintf(m.t.Out, "%s is ready (%s; %s) in %s\n", n.Title, weights.Size(s.Have), how, m.library.Where(n))
}

// transfer is the line of progress: redrawn on a terminal; elsewhere written when a file or step begins.
type transfer struct {
	t     Terminal
	name  string
	drawn string
}

func (l *transfer) show(p weights.Progress) {
	what := p.File + ": " + p.Step
	if !l.t.Fancy {
		if what != l.drawn {
			fmt.Fprintf(l.t.Err, "%s: %s\n", l.name, what)
		}
		l.drawn = what
		return
	}
	share := 100.0
	if p.Total > 0 {
		share = 100 * float64(p.Done) / float64(p.Total)
	}
	s := fmt.Sprintf("  %s  %3.0f %%  %s of %s", what, share, weights.Size(p.Done), weights.Size(p.Total))
	if p.Rate > 0 {
		s += fmt.Sprintf("  %s/s", weights.Size(int64(p.Rate)))
	}
	if p.Left > 0 {
		s += fmt.Sprintf("  %v left", p.Left)
	}
	l.drawn = s
	fmt.Fprintf(l.t.Err, "\r\x1b[K%s", s)
}

func (l *transfer) end() {
	if l.t.Fancy && l.drawn != "" {
		fmt.Fprint(l.t.Err, "\r\x1b[K")
	}
}
