// Command demo makes an animation of pictures and the meshes that were made of them, turning once about themselves, as a
// GIF. It is drawn in software: the same files give the same bytes everywhere.
//
//	go run ./tools/demo -o docs/demo.gif PICTURE MESH [PICTURE MESH]...
package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // pictures
	_ "image/png"
	"log"
	"math"
	"os"
	"path/filepath"

	xdraw "golang.org/x/image/draw"

	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/render"
)

const (
	cell   = 220 // pixels of a side of a picture and of a mesh
	margin = 12
	frames = 40
	delay  = 8 // hundredths of a second
)

// ground is what everything stands on.
var ground = color.NRGBA{30, 32, 38, 255}

func main() {
	log.SetFlags(0)
	out := flag.String("o", "demo.gif", "the file")
	flag.Parse()
	if flag.NArg() < 2 || flag.NArg()%2 != 0 {
		log.Fatal("usage: demo -o FILE PICTURE MESH [PICTURE MESH]...")
	}
	if err := run(*out, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

func run(path string, args []string) error {
	var pictures []image.Image
	var meshes []*mesh.Mesh
	for i := 0; i < len(args); i += 2 {
		p, err := open(args[i])
		if err != nil {
			return err
		}
		m, err := export.Open(args[i+1])
		if err != nil {
			return fmt.Errorf("read %s: %w", args[i+1], err)
		}
		pictures, meshes = append(pictures, p), append(meshes, m)
	}
	film := make([]*image.NRGBA, frames)
	for n := range film {
		f := image.NewNRGBA(image.Rect(0, 0, margin+len(meshes)*(cell+margin), 2*cell+3*margin))
		draw.Draw(f, f.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
		for i, m := range meshes {
			x := margin + i*(cell+margin)
			fit(f, image.Rect(x, margin, x+cell, margin+cell), pictures[i])
			img, err := render.Draw(m, turned(m, n), cell, cell)
			if err != nil {
				return err
			}
			draw.Draw(f, image.Rect(x, cell+2*margin, x+cell, 2*cell+2*margin), img, image.Point{}, draw.Over)
		}
		film[n] = f
	}
	return export.WriteFile(context.Background(), path, animation(film).write)
}

func open(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return img, nil
}

// turned is the camera of a frame: as far away in every one as the widest needs.
func turned(m *mesh.Mesh, frame int) render.Camera {
	lo, hi := m.Bounds()
	var far float32
	at := func(n int) render.Camera {
		return render.Camera{Yaw: -0.45 + float32(n)*2*math.Pi/frames, Pitch: 0.25}.Fit(lo, hi, 1)
	}
	for n := range frames {
		far = max(far, at(n).Distance)
	}
	c := at(frame)
	c.Distance = 0.8 * far // a box has corners where meshes seldom reach
	return c
}

// fit draws a picture as large as it can be in a rectangle.
func fit(to *image.NRGBA, r image.Rectangle, img image.Image) {
	b := img.Bounds()
	k := min(float64(r.Dx())/float64(b.Dx()), float64(r.Dy())/float64(b.Dy()))
	size := image.Pt(int(k*float64(b.Dx())), int(k*float64(b.Dy())))
	at := r.Min.Add(r.Size().Sub(size).Div(2))
	xdraw.CatmullRom.Scale(to, image.Rectangle{at, at.Add(size)}, img, b, draw.Over, nil)
}
