// Package render draws a mesh off screen.
package render
