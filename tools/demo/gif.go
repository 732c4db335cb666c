package main

import (
	"cmp"
	"image"
	"image/color"
	"image/gif"
	"io"
	"slices"
)

type animation []*image.NRGBA

// write makes a GIF with one palette for all frames and, after the first one, only what has changed in each.
func (a animation) write(w io.Writer) error {
	p := a.palette(255)
	clear := uint8(len(p))
	index := map[color.NRGBA]uint8{}
	out := gif.GIF{Config: image.Config{ColorModel: append(slices.Clone(p), color.NRGBA{}), Width: a[0].Rect.Dx(), Height: a[0].Rect.Dy()}}
	var last *image.Paletted
	for _, f := range a {
		whole := image.NewPaletted(f.Rect, p)
		changed := image.NewPaletted(f.Rect, append(slices.Clone(p), color.NRGBA{}))
		for i := range whole.Pix {
			c := reduced(f.Pix[4*i:])
			n, known := index[c]
			if !known {
				n = uint8(p.Index(c))
				index[c] = n
			}
			whole.Pix[i], changed.Pix[i] = n, n
			if last != nil && last.Pix[i] == n {
				changed.Pix[i] = clear
			}
		}
		last = whole
		out.Image, out.Delay, out.Disposal = append(out.Image, changed), append(out.Delay, delay), append(out.Disposal, gif.DisposalNone)
	}
	return gif.EncodeAll(w, &out)
}

// reduced is a colour with six bits a channel, so that shades no eye tells apart are one.
func reduced(pix []uint8) color.NRGBA {
	return color.NRGBA{pix[0]&^3 | pix[0]>>6, pix[1]&^3 | pix[1]>>6, pix[2]&^3 | pix[2]>>6, 255}
}

// counted is a colour and how many pixels have it.
type counted struct {
	c color.NRGBA
	n int
}

// palette finds at most so many colours by median cut (Heckbert 1982): the box with most pixels times extent is divided,
// along its longest side, where half of its pixels are on either side.
func (a animation) palette(most int) color.Palette {
	count := map[color.NRGBA]int{}
	for _, f := range a {
		for i := 0; i < len(f.Pix); i += 4 {
			count[reduced(f.Pix[i:])]++
		}
	}
	var all []counted
	for c, n := range count {
		all = append(all, counted{c, n})
	}
	slices.SortFunc(all, func(a, b counted) int { return cmp.Compare(key(a.c), key(b.c)) })
	boxes := [][]counted{all}
	for len(boxes) < most {
		worst, least := -1, 0
		for i, b := range boxes {
			if _, side := longest(b); side*side*pixels(b) > least {
				worst, least = i, side*side*pixels(b)
			}
		}
		if worst < 0 {
			break
		}
		b := boxes[worst]
		k, _ := longest(b)
		slices.SortStableFunc(b, func(a, b counted) int { return cmp.Compare(channel(a.c, k), channel(b.c, k)) })
		half, sum, cut := pixels(b)/2, 0, 0
		for cut = 1; cut < len(b)-1; cut++ {
			if sum += b[cut-1].n; sum >= half {
				break
			}
		}
		boxes[worst] = b[:cut]
		boxes = append(boxes, b[cut:])
	}
	var p color.Palette
	for _, b := range boxes {
		p = append(p, mean(b))
	}
	return p
}

func key(c color.NRGBA) uint32 { return uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B) }

func channel(c color.NRGBA, k int) uint8 { return [3]uint8{c.R, c.G, c.B}[k] }

func pixels(b []counted) (n int) {
	for _, c := range b {
		n += c.n
	}
	return n
}

// longest is the channel that differs most in a box, and by how much.
func longest(b []counted) (k, side int) {
	for i := range 3 {
		lo, hi := 255, 0
		for _, c := range b {
			lo, hi = min(lo, int(channel(c.c, i))), max(hi, int(channel(c.c, i)))
		}
		if hi-lo > side {
			k, side = i, hi-lo
		}
	}
	return k, side
}

func mean(b []counted) color.NRGBA {
	var sum [3]int
	for _, c := range b {
		for k := range sum {
			sum[k] += c.n * int(channel(c.c, k))
		}
	}
	n := pixels(b)
	return color.NRGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255}
}
