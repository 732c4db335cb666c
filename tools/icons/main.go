// Command icons makes an icon in the sizes that desktops ask for, in the folders of the freedesktop.org icon theme
// specification. The same icon gives the same bytes.
//
//	go run ./tools/icons assets/icon.png FOLDER NAME
package main

import (
	"fmt"
	"image"
	"image/png"
	"io"
	"log"
	"os"
	"path/filepath"

	xdraw "golang.org/x/image/draw"
)

var sizes = []int{16, 24, 32, 48, 64, 128, 256, 512}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: icons ICON.png FOLDER NAME")
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

func run(icon, folder, name string) error {
	f, err := os.Open(icon)
	if err != nil {
		return err
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", icon, err)
	}
	for _, n := range sizes {
		small := image.NewNRGBA(image.Rect(0, 0, n, n))
		xdraw.CatmullRom.Scale(small, small.Rect, img, img.Bounds(), xdraw.Src, nil)
		path := filepath.Join(folder, "hicolor", fmt.Sprintf("%dx%d", n, n), "apps", name+".png")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := write(path, func(w io.Writer) error { return (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(w, small) }); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, fill func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := fill(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
