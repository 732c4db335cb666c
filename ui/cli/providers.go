package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"orfeas/pipeline/onnx"
)

const providersHelp = `orfeas providers [--json]

Says what can run the networks here, which of that is taken, and why not a better one. Each is tried in a process of its
own, which takes some seconds where there is a GPU.

Set ORFEAS_PROVIDER to one of their names to have that one, cpu for none of the others.
The ONNX Runtime library is looked for beside the program and in the cache ('tools/onnxruntime.sh' puts it there), or is
the file that ORFEAS_ONNXRUNTIME names.
`

// providers is the answer as JSON.
type providers struct {
	Library string         `json:"library"`
	Version string         `json:"version"`
	Found   []onnx.Finding `json:"found"`
	Chosen  onnx.Provider  `json:"chosen"`
	WhyNot  []string       `json:"why_not_better"`
}

func providersCommand(ctx context.Context, t Terminal, args []string) int {
	f := newFlags("providers")
	asJSON := f.Bool("json", false, "")
	if code, ok := f.parse(t, providersHelp, args); !ok {
		return code
	}
	if err := f.noWords(); err != nil {
		complain(t, "", err)
		return ExitUsage
	}
	p, err := findProviders(ctx)
	if err != nil {
		complain(t, "", err)
		if ctx.Err() != nil {
			return ExitCancelled
		}
		return ExitFailed
	}
	if *asJSON {
		data, err := json.MarshalIndent(p, "", "  ")
		if err != nil {
			complain(t, "", err)
			return ExitFailed
		}
		fmt.Fprintf(t.Out, "%s\n", data)
		return ExitOK
	}
	fmt.Fprintf(t.Out, "ONNX Runtime %s, %s\n", p.Version, p.Library)
	for _, f := range p.Found {
		mark := " "
		if f.Provider == p.Chosen {
			mark = "*"
		}
		fmt.Fprintf(t.Out, "%s %-9s %s\n", mark, f.Provider, finding(f))
	}
	fmt.Fprintf(t.Out, "networks run on %s\n", p.Chosen)
	for _, why := range p.WhyNot {
		fmt.Fprintf(t.Out, "  not on %s\n", why)
	}
	return ExitOK
}

func findProviders(ctx context.Context) (p providers, err error) {
	if p.Library, err = onnx.Library(); err != nil {
		return p, err
	}
	if p.Version, err = onnx.Version(); err != nil {
		return p, err
	}
	if p.Found, err = onnx.Probe(ctx); err != nil {
		return p, err
	}
	c := onnx.Choose(p.Found, onnx.Wanted())
	p.Chosen, p.WhyNot = c.Provider, c.WhyNot
	return p, nil
}

func finding(f onnx.Finding) string {
	switch {
	case !f.Usable:
		return "not usable"
	case f.Half:
		return fmt.Sprintf("%.0f GFLOP/s in half precision", f.Speed)
	}
	return fmt.Sprintf("%.0f GFLOP/s", f.Speed)
}
