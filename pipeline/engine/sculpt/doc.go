// Package sculpt runs a small network of our own that sees both sides of a thing in one picture: for every pixel the depth of
// the first and of the last surface behind it. What it sees is engine.SculptView, how it was trained is in tools/train and
// docs/sculpt.md. Its graph is that of tools/train/net.py; widths and depths are read from the weights.
package sculpt
