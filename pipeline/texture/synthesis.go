package texture

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	synthesisSide = 160 // pixels along the longer side of what is synthesised
	patchReach    = 2   // patches are 5 x 5
	levels        = 3   // each twice as large as the one before
	searches      = 4   // a level
	strange       = 45  // how far in a channel a pattern may be from the colours it continues
)

// synthesis continues the pattern of the front on the surface farthest from the eye, as an image seen through the front:
// patches of the picture that fit the colours spread there so far and each other (texture optimisation by PatchMatch,
// Kwatra et al. 2005, Barnes et al. 2009, from coarse to fine). Patches that have no like in the picture, such as eyes,
// are hardly ever taken.
func (p *Painting) synthesis(ctx context.Context) (guide, error) {
	var t *target
	for level := range levels {
		k := synthesisSide / float64(max(p.view.w, p.view.h)*(1<<(levels-1-level)))
		back, err := p.back(ctx, min(k, 1))
		if err != nil {
			return nil, err
		}
		e := newExemplar(p.subject, back.image.w, back.image.h, min(k, 1))
		if len(e.places) == 0 {
			return func(v, n [3]float32) (rgb, bool) { return rgb{}, false }, nil
		}
		t = newTarget(e, back, t, uint64(level))
		for round := range searches {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			t.search()
			t.vote(1 + 3*float32(round)/(searches-1))
		}
	}
	return t.guide(p), nil
}

// raster is an image of colours.
type raster struct {
	w, h int
	pix  []rgb
}

// at reads bilinearly, between the centres of pixels.
func (r *raster) at(x, y float64) (c rgb) {
	x, y = min(max(x-0.5, 0), float64(r.w-1)), min(max(y-0.5, 0), float64(r.h-1))
	i, j := int(x), int(y)
	i1, j1 := min(i+1, r.w-1), min(j+1, r.h-1)
	fx, fy := float32(x)-float32(i), float32(y)-float32(j)
	for k := range c {
		c[k] = (1-fy)*((1-fx)*r.pix[j*r.w+i][k]+fx*r.pix[j*r.w+i1][k]) + fy*((1-fx)*r.pix[j1*r.w+i][k]+fx*r.pix[j1*r.w+i1][k])
	}
	return c
}

// layer is the surface farthest from the eye: its colours so far, and how near it is, +Inf where there is none.
type layer struct {
	image   raster
	nearest []float32
	scale   float64 // pixels to one of the picture
}

func (p *Painting) back(ctx context.Context, k float64) (*layer, error) {
	c := p.view.camera
	c.X, c.Y, c.Scale = c.X*k, c.Y*k, c.Scale*k
	w, h := int(math.Ceil(float64(p.view.w)*k)), int(math.Ceil(float64(p.view.h)*k))
	l := &layer{raster{w, h, make([]rgb, w*h)}, make([]float32, w*h), k}
	for i := range l.nearest {
		l.nearest[i] = float32(math.Inf(1))
	}
	fine := p.fine.mesh
	at := make([][3]float32, len(fine.Vertices))
	for i, v := range fine.Vertices {
		x, y, n := c.project(v)
		at[i] = [3]float32{float32(x), float32(y), float32(n)}
	}
	for _, t := range fine.Triangles {
		cover(at[t[0]], at[t[1]], at[t[2]], w, h, func(i int, a, b, c float32) {
			if n := a*at[t[0]][2] + b*at[t[1]][2] + c*at[t[2]][2]; n < l.nearest[i] {
				l.nearest[i] = n
				for k := range 3 {
					l.image.pix[i][k] = a*p.fill[t[0]][k] + b*p.fill[t[1]][k] + c*p.fill[t[2]][k]
				}
			}
		})
	}
	return l, ctx.Err()
}

// apart is the mean squared difference of two patches, or something over limit when it is more.
func apart(a *raster, i int32, b *raster, j int32, limit float32) float32 {
	const n = float32(3 * (2*patchReach + 1) * (2*patchReach + 1))
	var sum float32
	limit *= n
	for dy := int32(-patchReach); dy <= patchReach; dy++ {
		u, v := a.pix[i+dy*int32(a.w)-patchReach:][:2*patchReach+1], b.pix[j+dy*int32(b.w)-patchReach:][:2*patchReach+1]
		for x := range u {
			for k := range 3 {
				d := u[x][k] - v[x][k]
				sum += d * d
			}
		}
		if sum > limit {
			break
		}
	}
	return sum / n
}

// target is what is synthesised: for every pixel the place in the exemplar its patch is from.
type target struct {
	exemplar *exemplar
	wanted   *layer // the colours it should have on the whole
	image    raster
	places   []int32 // pixels with a whole patch and a surface
	from     []int32 // per pixel, -1 where there is none
	random   *rand.Rand
	round    int
}

func newTarget(e *exemplar, back *layer, coarse *target, level uint64) *target {
	w, h := back.image.w, back.image.h
	t := &target{exemplar: e, wanted: back, image: raster{w, h, slices.Clone(back.image.pix)}, from: make([]int32, w*h), random: rand.New(rand.NewPCG(level, 1))}
	for i := range t.from {
		t.from[i] = -1
	}
	for y := patchReach; y < h-patchReach; y++ {
		for x := patchReach; x < w-patchReach; x++ {
			i := y*w + x
			if math.IsInf(float64(back.nearest[i]), 1) {
				continue
			}
			t.places = append(t.places, int32(i))
			if coarse != nil {
				t.from[i] = coarse.doubled(t, x, y)
			}
			if t.from[i] < 0 { // the best of a few by the colour wanted
				least := float32(math.MaxFloat32)
				for range 24 {
					q := e.places[t.random.IntN(len(e.places))]
					if c := t.off(int32(i), q); c < least {
						t.from[i], least = q, c
					}
				}
			}
		}
	}
	t.vote(1)
	return t
}

// doubled is where a pixel of a level twice as large is from, by the coarser level, -1 if that does not say.
func (t *target) doubled(fine *target, x, y int) int32 {
	u, v := min(x/2, t.image.w-1), min(y/2, t.image.h-1)
	q := t.from[v*t.image.w+u]
	if q < 0 {
		return -1
	}
	sx, sy := int(q)%t.image.w*2+x%2, int(q)/t.image.w*2+y%2
	if sx >= fine.image.w || sy >= fine.image.h || !fine.exemplar.usable[sy*fine.image.w+sx] {
		return -1
	}
	return int32(sy*fine.image.w + sx)
}

// off is the cost of taking the patch at q for pixel i before the patches are compared: how far its neighbourhood is from
// the colour wanted, beyond what a pattern may, and how rare it is.
func (t *target) off(i, q int32) float32 {
	const leeway, colour, rarity, light = 20, 1.5, 1.5, 0.5
	var d rgb
	for k := range d {
		d[k] = t.exemplar.blur[q][k] - t.wanted.image.pix[i][k]
	}
	mean := (d[0] + d[1] + d[2]) / 3
	sum := 3 * light * light * mean * mean // the rim is in the shade more often than not
	for k := range d {
		sum += (d[k] - mean) * (d[k] - mean) / light
	}
	over := max(float32(math.Sqrt(float64(sum)))-leeway, 0)
	return colour*over*over/3 + rarity*t.exemplar.rare[q]
}

// search improves every pixel by what its neighbours have and by places at random, ever nearer to its own.
func (t *target) search() {
	e, w := t.exemplar, int32(t.image.w)
	forward := t.round%2 == 0
	t.round++
	back := int32(-1)
	if !forward {
		back = 1
	}
	for n := range t.places {
		i := t.places[n]
		if !forward {
			i = t.places[len(t.places)-1-n]
		}
		best := t.from[i]
		least := t.off(i, best) + apart(&t.image, i, &e.image, best, math.MaxFloat32)
		try := func(q int32) {
			if q < 0 || int(q) >= len(e.usable) || !e.usable[q] || q == best {
				return
			}
			if c := t.off(i, q); c < least {
				if c += apart(&t.image, i, &e.image, q, least-c); c < least {
					best, least = q, c
				}
			}
		}
		if q := t.from[i+back]; q >= 0 {
			try(q - back)
		}
		if q := t.from[i+back*w]; q >= 0 {
			try(q - back*w)
		}
		try(e.places[t.random.IntN(len(e.places))])
		for r := int32(max(e.image.w, e.image.h) / 3); r > 0; r /= 3 {
			x, y := best%w+t.random.Int32N(2*r+1)-r, best/w+t.random.Int32N(2*r+1)-r
			if x >= 0 && x < w && y >= 0 {
				try(y*w + x)
			}
		}
		t.from[i] = best
	}
}

// vote gives every pixel the mean of what the patches over it say, the middle of a patch counting most: the sharper, the
// more.
func (t *target) vote(sharp float32) {
	w := int32(t.image.w)
	sum := make([][4]float32, len(t.image.pix))
	for _, i := range t.places {
		for dy := int32(-patchReach); dy <= patchReach; dy++ {
			for dx := int32(-patchReach); dx <= patchReach; dx++ {
				f := 1 / (1 + sharp*sharp*float32(dx*dx+dy*dy))
				s := &sum[i+dy*w+dx]
				for k, c := range t.exemplar.image.pix[t.from[i]+dy*w+dx] {
					s[k] += f * c
				}
				s[3] += f
			}
		}
	}
	for i, s := range sum {
		if s[3] > 0 {
			t.image.pix[i] = rgb{s[0] / s[3], s[1] / s[3], s[2] / s[3]}
		}
	}
}

// guide reads the result where the surface is the farthest one and turns away enough.
func (t *target) guide(p *Painting) guide {
	k := t.wanted.scale
	slack := float32(0.04 * p.size)
	return func(v, normal [3]float32) (rgb, bool) {
		if dot(wide(normal), p.view.camera.toEye(v)) > -0.25 {
			return rgb{}, false
		}
		x, y, n := p.view.camera.project(v)
		i, j := int(x*k), int(y*k)
		if x < 0 || y < 0 || i >= t.image.w || j >= t.image.h || t.from[j*t.image.w+i] < 0 || float32(n) > t.wanted.nearest[j*t.image.w+i]+slack {
			return rgb{}, false
		}
		near, wanted := t.exemplar.blur[t.from[j*t.image.w+i]], t.wanted.image.pix[j*t.image.w+i]
		for k, f := range near {
			if d := f - wanted[k]; d > strange || d < -strange { // the picture has nothing of the colour that goes here
				return rgb{}, false
			}
		}
		return t.image.at(x*k, y*k), true
	}
}
