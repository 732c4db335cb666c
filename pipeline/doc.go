// Package pipeline takes a picture down the line to a printable mesh.
//
// A [Job] is a value, the line is a list of stages, and every face of the program watches one [Queue].
package pipeline
