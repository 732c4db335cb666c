// Command texture measures how well colours come out: every object of an evaluation set is painted from the picture of one
// view, seen from another view, and held against the true picture from there, apart for what the first picture showed and
// what it did not. Beside it stands plain planar projection: the picture laid over the front and, mirrored, over the back.
//
//	go run ./tools/compare/texture ../shared/eval/dev
//
// The true shapes stand for what a perfect network would make. The light of the true pictures stands still while the
// camera moves, so that some error is left whatever is painted.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"log"
	"math"
	"os"
	"path/filepath"

	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/texture"
)

var objects = []string{"spot", "penguin", "mug", "hammer", "knight", "nefertiti", "banana", "tractor"}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: texture FOLDER")
	}
	fmt.Println("| object | painted from | seen from | shown: planar | painted | unseen: planar | painted | of the view unseen |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
	var total [4]score
	for _, name := range objects {
		for _, view := range [][2]string{{"tq", "front"}, {"front", "tq"}} {
			s, share, err := measure(os.Args[1], name, view[0], view[1])
			if err != nil {
				log.Fatalf("%s: %v", name, err)
			}
			fmt.Printf("| %s | %s | %s | %v | %v | %v | %v | %.0f %% |\n", name, view[0], view[1], s[0], s[1], s[2], s[3], 100*share)
			for i := range total {
				total[i].add(s[i])
			}
		}
	}
	fmt.Printf("| mean | | | %v | %v | %v | %v | |\n", total[0], total[1], total[2], total[3])
}

// score adds up differences from the truth.
type score struct {
	apart, psnr, like float64 // in CIELAB, in dB, structural similarity
	n                 int
}

func (s *score) add(o score) {
	if o.n == 0 {
		return
	}
	s.apart, s.psnr, s.like, s.n = s.apart+o.apart/float64(o.n), s.psnr+o.psnr/float64(o.n), s.like+o.like/float64(o.n), s.n+1
}

func (s score) String() string {
	n := float64(max(s.n, 1))
	return fmt.Sprintf("%.1f, %.1f dB, %.2f", s.apart/n, s.psnr/n, s.like/n)
}

type camera struct {
	World [4][4]float64 `json:"cam_to_world"`
	FOV   float64       `json:"fov_deg"`
	Size  int           `json:"size"`
}

// measure returns the scores of planar projection and of painting for what is shown, and of both for what is not.
func measure(dir, name, from, to string) (out [4]score, unseen float64, err error) {
	ctx := context.Background()
	truth, err := export.Open(filepath.Join(dir, "gt", name+".ply"))
	if err != nil {
		return out, 0, err
	}
	load := func(view string) (c camera, p *picture.Picture, err error) {
		data, err := os.ReadFile(filepath.Join(dir, "cam", name+"_"+view+".json"))
		if err == nil {
			err = json.Unmarshal(data, &c)
		}
		if err == nil {
			p, err = picture.Load(ctx, filepath.Join(dir, "img", name+"_"+view+"_rgba.png"))
		}
		return c, p, err
	}
	first, source, err := load(from)
	if err != nil {
		return out, 0, err
	}
	second, want, err := load(to)
	if err != nil {
		return out, 0, err
	}
	s, err := picture.Cut(ctx, source, picture.CutOptions{}, nil)
	if err != nil {
		return out, 0, err
	}
	// The sets are z up; the model frame is y up and twice as large.
	m := &mesh.Mesh{Triangles: truth.Triangles}
	for _, v := range truth.Vertices {
		m.Vertices = append(m.Vertices, [3]float32{2 * v[0], 2 * v[2], -2 * v[1]})
	}
	painted, err := paint(ctx, m, s)
	if err != nil {
		return out, 0, err
	}
	lo, hi := m.Bounds()
	box := picture.Covered(s.Matte)
	here, there := draw(truth, first), draw(truth, second)
	size := second.Size
	images := [3][][3]float64{make([][3]float64, size*size), make([][3]float64, size*size), make([][3]float64, size*size)}
	class := make([]int, size*size) // 0 nothing, 1 shown, 2 unseen
	for i, f := range there.face {
		a := want.Image.Pix[want.Image.PixOffset(i%size, i/size):]
		if f < 0 || a[3] < 250 {
			continue
		}
		var p, q [3]float64
		var uv [2]float32
		for k, v := range truth.Triangles[f] {
			for x := range 3 {
				p[x] += there.weight[i][k] * float64(truth.Vertices[v][x])
				q[x] += there.weight[i][k] * float64(m.Vertices[v][x])
			}
			for x := range 2 {
				uv[x] += float32(there.weight[i][k]) * painted.UVs[f][k][x]
			}
		}
		class[i] = 2
		if here.sees(first, p) {
			class[i] = 1
		}
		plain := s.At(float64(box.Min.X)+(q[0]-float64(lo[0]))*float64(box.Dx())/float64(hi[0]-lo[0]), float64(box.Min.Y)+(float64(hi[1])-q[1])*float64(box.Dy())/float64(hi[1]-lo[1]))
		side := painted.Texture.Rect.Dx()
		o := painted.Texture.PixOffset(min(int(uv[0]*float32(side)), side-1), min(int(uv[1]*float32(side)), side-1))
		for k := range 3 {
			images[0][i][k], images[1][i][k], images[2][i][k] = float64(a[k]), float64(plain[k]), float64(painted.Texture.Pix[o+k])
		}
	}
	n := [3]int{}
	for _, c := range class {
		n[c]++
	}
	for c := 1; c <= 2; c++ {
		for k := range 2 {
			out[2*(c-1)+k] = compare(images[0], images[1+k], class, c, size)
		}
	}
	return out, float64(n[2]) / float64(max(n[1]+n[2], 1)), nil
}

func paint(ctx context.Context, m *mesh.Mesh, s *picture.Subject) (*mesh.Mesh, error) {
	c, _, ok, err := texture.Register(ctx, m, s)
	if err != nil || !ok {
		return nil, fmt.Errorf("register: %v", err)
	}
	p, err := texture.New(ctx, m, s, c)
	if err != nil {
		return nil, err
	}
	if err := p.Fill(ctx, texture.Auto, func(string, float64) {}); err != nil {
		return nil, err
	}
	a, err := texture.Unwrap(ctx, m, 2048)
	if err != nil {
		return nil, err
	}
	return p.Bake(ctx, a)
}

// view is which face is seen at every pixel, -1 for none, where on it, and how far.
type view struct {
	face   []int
	weight [][3]float64
	depth  []float64
}

// project returns the pixel of a point and its distance along the axis.
func (c camera) project(p [3]float64) (x, y, z float64) {
	var q [3]float64
	for k := range q {
		for r := range 3 {
			q[k] += c.World[r][k] * (p[r] - c.World[r][3])
		}
	}
	f := float64(c.Size) / 2 / math.Tan(c.FOV*math.Pi/360)
	return float64(c.Size)/2 + f*q[0]/-q[2], float64(c.Size)/2 - f*q[1]/-q[2], -q[2]
}

func draw(m *mesh.Mesh, c camera) *view {
	n := c.Size * c.Size
	v := &view{make([]int, n), make([][3]float64, n), make([]float64, n)}
	for i := range v.face {
		v.face[i], v.depth[i] = -1, math.Inf(1)
	}
	for f, t := range m.Triangles {
		var p [3][3]float64
		for k, i := range t {
			p[k][0], p[k][1], p[k][2] = c.project([3]float64{float64(m.Vertices[i][0]), float64(m.Vertices[i][1]), float64(m.Vertices[i][2])})
		}
		area := (p[1][0]-p[0][0])*(p[2][1]-p[0][1]) - (p[2][0]-p[0][0])*(p[1][1]-p[0][1])
		if area == 0 {
			continue
		}
		r := image.Rect(int(min(p[0][0], p[1][0], p[2][0])), int(min(p[0][1], p[1][1], p[2][1])), int(max(p[0][0], p[1][0], p[2][0]))+1, int(max(p[0][1], p[1][1], p[2][1]))+1).Intersect(image.Rect(0, 0, c.Size, c.Size))
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				px, py := float64(x)+0.5, float64(y)+0.5
				b := ((px-p[0][0])*(p[2][1]-p[0][1]) - (p[2][0]-p[0][0])*(py-p[0][1])) / area
				d := ((p[1][0]-p[0][0])*(py-p[0][1]) - (px-p[0][0])*(p[1][1]-p[0][1])) / area
				a := 1 - b - d
				if a < 0 || b < 0 || d < 0 {
					continue
				}
				// True weights are those on the screen over the distances.
				w := [3]float64{a / p[0][2], b / p[1][2], d / p[2][2]}
				sum := w[0] + w[1] + w[2]
				if i := y*c.Size + x; 1/sum < v.depth[i] {
					v.face[i], v.depth[i], v.weight[i] = f, 1/sum, [3]float64{w[0] / sum, w[1] / sum, w[2] / sum}
				}
			}
		}
	}
	return v
}

func (v *view) sees(c camera, p [3]float64) bool {
	x, y, z := c.project(p)
	i, j := int(x), int(y)
	return i >= 0 && j >= 0 && i < c.Size && j < c.Size && z < v.depth[j*c.Size+i]+0.012
}

// compare holds two images against each other over the pixels of a class; similarity is over blocks of 8 x 8 that have
// at least 32 of them (Wang et al. 2004).
func compare(want, got [][3]float64, class []int, c, size int) (s score) {
	var apart, square float64
	n := 0
	light := func(p [3]float64) float64 { return 0.299*p[0] + 0.587*p[1] + 0.114*p[2] }
	var like, blocks float64
	for y := 0; y+8 <= size; y += 8 {
		for x := 0; x+8 <= size; x += 8 {
			var k, a, b, aa, bb, ab float64
			for d := range 64 {
				i := (y+d/8)*size + x + d%8
				if class[i] != c {
					continue
				}
				u, v := light(want[i]), light(got[i])
				k, a, b, aa, bb, ab = k+1, a+u, b+v, aa+u*u, bb+v*v, ab+u*v
				e, f := lab(want[i]), lab(got[i])
				apart += math.Sqrt((e[0]-f[0])*(e[0]-f[0]) + (e[1]-f[1])*(e[1]-f[1]) + (e[2]-f[2])*(e[2]-f[2]))
				for q := range 3 {
					square += (want[i][q] - got[i][q]) * (want[i][q] - got[i][q]) / 3
				}
				n++
			}
			if k >= 32 {
				a, b = a/k, b/k
				const c1, c2 = 6.5025, 58.5225
				like += (2*a*b + c1) * (2*(ab/k-a*b) + c2) / ((a*a + b*b + c1) * (aa/k - a*a + bb/k - b*b + c2))
				blocks++
			}
		}
	}
	if n == 0 {
		return s
	}
	return score{apart / float64(n), 10 * math.Log10(255*255/max(square/float64(n), 1e-9)), like / max(blocks, 1), 1}
}

// lab converts sRGB to CIE Lab under D65.
func lab(c [3]float64) [3]float64 {
	for k := range c {
		if c[k] /= 255; c[k] <= 0.04045 {
			c[k] /= 12.92
		} else {
			c[k] = math.Pow((c[k]+0.055)/1.055, 2.4)
		}
	}
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x, y, z := f((0.4124564*c[0]+0.3575761*c[1]+0.1804375*c[2])/0.95047), f(0.2126729*c[0]+0.7151522*c[1]+0.0721750*c[2]), f((0.0193339*c[0]+0.1191920*c[1]+0.9503041*c[2])/1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}
