// Command samples draws the bundled sample pictures and the icon: small scenes of signed distance fields, ray-marched
// with two lights. Run it from the top of the tree: go run ./tools/samples
package main

import (
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"os"
	"path/filepath"
	"sync"
)

func main() {
	for name, s := range scenes {
		img := draw(s, s.size)
		if err := write(filepath.Join("assets", name), img); err != nil {
			log.Fatal(err)
		}
	}
}

func write(path string, img image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(f, img); err != nil {
		return err
	}
	return f.Close()
}

// draw casts 3 x 3 rays a pixel, parallel to -z, over [-1,1]^2.
func draw(s scene, size int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, size, size))
	var wait sync.WaitGroup
	for y := range size {
		wait.Go(func() {
			for x := range size {
				out.SetNRGBA(x, y, s.pixel(x, y, size))
			}
		})
	}
	wait.Wait()
	return out
}

const rays = 3

func (s scene) pixel(x, y, size int) color.NRGBA {
	var sum vec
	hits := 0.0
	for i := range rays * rays {
		u := (float64(x)+(float64(i%rays)+0.5)/rays)/float64(size)*2 - 1
		v := 1 - (float64(y)+(float64(i/rays)+0.5)/rays)/float64(size)*2
		if c, ok := s.ray(u, v); ok {
			sum = sum.plus(c)
			hits++
		}
	}
	if hits == 0 && s.background == nil {
		return color.NRGBA{}
	}
	alpha := hits / (rays * rays)
	if s.background != nil {
		sum = sum.plus(s.background.times(rays*rays - hits))
		hits, alpha = rays*rays, 1
	}
	c := sum.times(1 / hits)
	return color.NRGBA{tone(c.x), tone(c.y), tone(c.z), uint8(alpha*255 + 0.5)}
}

func tone(l float64) uint8 { return uint8(255*min(math.Pow(max(l, 0), 1/2.2), 1) + 0.5) }

func (s scene) ray(u, v float64) (vec, bool) {
	p := vec{u, v, 2}
	for range 160 {
		d, c := s.field(p)
		if d < 1e-4 {
			return s.shade(p, c), true
		}
		p.z -= d * 0.8
		if p.z < -2 {
			break
		}
	}
	return vec{}, false
}

func (s scene) shade(p, c vec) vec {
	const h = 1e-3
	at := func(x, y, z float64) float64 { d, _ := s.field(vec{p.x + x, p.y + y, p.z + z}); return d }
	n := vec{at(h, 0, 0) - at(-h, 0, 0), at(0, h, 0) - at(0, -h, 0), at(0, 0, h) - at(0, 0, -h)}.unit()
	key := max(0, n.dot(vec{-0.5, 0.7, 0.6}.unit()))
	fill := max(0, n.dot(vec{0.8, 0.1, 0.4}.unit()))
	gloss := math.Pow(max(0, n.dot(vec{-0.3, 0.42, 1}.unit())), 60) * 0.25
	// Occlusion: how much nearer the surface is than it would be in the open.
	open := 1.0
	for i := 1.0; i <= 4; i++ {
		d, _ := s.field(p.plus(n.times(0.04 * i)))
		open -= (0.04*i - d) * 1.2 / i
	}
	light := (0.32 + 0.12*n.y + 0.7*key + 0.2*fill) * min(max(open, 0.35), 1)
	return c.times(light).plus(vec{gloss, gloss, gloss})
}

type vec struct{ x, y, z float64 }

func (a vec) plus(b vec) vec      { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) minus(b vec) vec     { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }
func (a vec) times(f float64) vec { return vec{a.x * f, a.y * f, a.z * f} }
func (a vec) dot(b vec) float64   { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) length() float64     { return math.Sqrt(a.dot(a)) }
func (a vec) unit() vec           { return a.times(1 / max(a.length(), 1e-12)) }
