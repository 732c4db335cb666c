package weights

import "orfeas/assets"

// Sculpt is the network that is part of the program.
func Sculpt() (*Checkpoint, error) { return Memory(assets.Sculpt) }
