package picture

import (
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestZZDump(t *testing.T) {
	dir := evaluation(t)
	files, _ := filepath.Glob(filepath.Join(dir, "img", os.Getenv("DUMP")))
	for _, f := range files {
		p, err := Load(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		img, sc := shrink(p.Image, cutSide)
		w, h := img.Rect.Dx(), img.Rect.Dy()
		lab := labOf(img)
		s := slic(lab, w, h, 500)
		sal, _ := saliency(context.Background(), s, w, h)
		loc := locate(sal, s, w, h)
		out := image.NewNRGBA(image.Rect(0, 0, 3*w, h))
		sub, err := Cut(context.Background(), p, CutOptions{MaxSide: cutSide}, nil)
		for y := range h {
			for x := range w {
				c := img.NRGBAAt(x, y)
				out.SetNRGBA(x, y, c)
				v := uint8(255 * sal[s.label[y*w+x]] * (0.3 + 0.7*loc.near(float64(x), float64(y), .25)))
				out.Pix[out.PixOffset(x+w, y)], out.Pix[out.PixOffset(x+w, y)+1], out.Pix[out.PixOffset(x+w, y)+2], out.Pix[out.PixOffset(x+w, y)+3] = v, v, v, 255
				if err == nil {
					m := int(sub.Matte.GrayAt(x-int(float64(sub.Crop.Min.X)/sc), y-int(float64(sub.Crop.Min.Y)/sc)).Y)
					c.R = uint8((int(c.R)*m + 255*(255-m)) / 255)
					c.G = uint8((int(c.G)*m + 0*(255-m)) / 255)
					c.B = uint8((int(c.B)*m + 255*(255-m)) / 255)
				}
				out.SetNRGBA(x+2*w, y, c)
			}
		}
		o, _ := os.Create("/tmp/picwork/" + strings.TrimSuffix(filepath.Base(f), filepath.Ext(f)) + ".png")
		png.Encode(o, out)
		o.Close()
	}
}
