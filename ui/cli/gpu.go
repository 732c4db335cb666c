package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"orfeas/gpu"
)

const gpuHelp = `orfeas gpu [--json]

Says which NVIDIA GPUs there are, how full they are, and how much memory the machine has.
`

func gpuCommand(_ context.Context, t Terminal, args []string) int {
	f := newFlags("gpu")
	asJSON := f.Bool("json", false, "")
	if code, ok := f.parse(t, gpuHelp, args); !ok {
		return code
	}
	r := gpu.Read(gpu.NVML())
	if *asJSON {
		data, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			complain(t, "", err)
			return ExitFailed
		}
		fmt.Fprintf(t.Out, "%s\n", data)
		return ExitOK
	}
	fmt.Fprintln(t.Out, r)
	return ExitOK
}
