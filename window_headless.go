//go:build headless

package main

import (
	"context"

	"orfeas/ui/cli"
)

// window is not in this build; the terminal says what there is instead.
func window(ctx context.Context, t cli.Terminal, _ []string) int {
	return cli.Run(ctx, t, nil)
}
