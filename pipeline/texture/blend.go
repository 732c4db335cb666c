package texture

import (
	"cmp"
	"context"
	"math"
	"slices"

	"orfeas/pipeline/picture"
)

// other is a picture of another side, laid over the mesh.
type other struct {
	View
	seen *depth
	gain rgb // what its colours are multiplied by, so that they are like those already there
}

const (
	exact     = 0.8  // the overlap of outlines from which colours are matched
	sharp     = 8    // the power of the weights: the seam between two pictures at right angles is some 10 degrees wide
	leastBoth = 0.01 // of the vertices must be shown by two pictures for their colours to be matched ...
	mostGain  = 1.4  // ... by so much at most, up or down
	sameThing = 70   // two colours farther apart in a channel are not of the same thing: the pictures do not lie exactly
)

// add lays the pictures of other sides over the mesh, those beside the front first, because those share surface with it.
// Every point gets the colour of the picture that sees it most squarely and freely. The only error is that of ctx.
func (p *Painting) add(ctx context.Context, views []View) error {
	if len(views) == 0 {
		return nil
	}
	views = slices.Clone(views)
	order := map[picture.Side]int{picture.Left: 0, picture.Right: 1, picture.Back: 2}
	slices.SortStableFunc(views, func(a, b View) int { return cmp.Compare(order[a.Side], order[b.Side]) })
	n := len(p.trust)
	p.offset = make([]rgb, n)
	weight := make([]float64, n)
	for i, v := range p.fine.mesh.Vertices {
		weight[i] = p.view.weight(favour*p.trust[i], v, p.normals[i])
	}
	for _, v := range views {
		o := &other{View: v, gain: rgb{1, 1, 1}}
		var err error
		if o.seen, err = look(ctx, p.mesh, v.Camera, v.Subject.Matte.Rect.Dx(), v.Subject.Matte.Rect.Dy()); err != nil {
			return err
		}
		trust, shown := make([]float64, n), make([]rgb, n)
		err = each(ctx, n, func(from, to int) {
			for i := from; i < to; i++ {
				trust[i], shown[i] = o.look(p.fine.mesh.Vertices[i], p.normals[i], 0)
			}
		})
		if err != nil {
			return err
		}
		if v.Overlap >= exact { // else what is shown twice need not be the same thing
			o.gain = p.match(trust, shown)
		}
		for i := range shown {
			shown[i] = o.matched(shown[i])
		}
		offset, err := p.level(ctx, trust, shown)
		if err != nil {
			return err
		}
		for i, v := range p.fine.mesh.Vertices {
			b := o.seen.weight(o.belief()*trust[i], v, p.normals[i])
			if b == 0 {
				continue
			}
			share := float32(b / (weight[i] + b))
			for k := range 3 {
				p.offset[i][k] += share * (offset[i][k] - p.offset[i][k])
				p.shown[i][k] += share * (shown[i][k] + offset[i][k] - p.shown[i][k])
			}
			weight[i] += b
			p.trust[i] = max(p.trust[i], trust[i])
		}
		p.others = append(p.others, o)
	}
	return nil
}

// favour is how much more the front counts, whose outline the mesh was made to have, than a picture that lies as exactly.
const favour = 1.1

// belief is how much a picture of another side counts. Where the outlines differ what is within them does too, and the
// more of the surface is better left to those that lie exactly.
func (o *other) belief() float64 { return 0.4 + 0.6*step(o.Overlap, 0.75, 0.97) }

// weight is how much a picture counts at a point where it is trusted so far: to a power, so that two are mixed only near a
// seam.
func (d *depth) weight(trust float64, v, normal [3]float32) float64 {
	return math.Pow(trust*max(dot(wide(normal), d.camera.toEye(v)), 0), sharp)
}

// look returns the picture's colour at a point of the surface and how far it is to be trusted. It says nothing about what
// lies beyond its outline.
func (o *other) look(v, normal [3]float32, loose float64) (float64, rgb) {
	w, x, y := o.seen.seen(v, normal, loose)
	i, j := int(math.Floor(x)), int(math.Floor(y))
	matte := o.Subject.Matte
	if w == 0 || i < 0 || j < 0 || i >= matte.Rect.Dx() || j >= matte.Rect.Dy() {
		return 0, rgb{}
	}
	c := o.Subject.At(x, y)
	return w * step(float64(matte.Pix[j*matte.Stride+i])/255, 0.2, 0.8), rgb{float32(c[0]), float32(c[1]), float32(c[2])}
}

func (o *other) matched(c rgb) rgb {
	for k := range c {
		c[k] = min(c[k]*o.gain[k], 255)
	}
	return c
}

// blend mixes what the front shows at a point with what the others do, as add does at the vertices.
func (p *Painting) blend(v, normal, flat [3]float32, loose, trust float64, front rgb) (float64, rgb) {
	all := p.view.weight(favour*trust, v, p.view.facing(v, normal, flat))
	for _, o := range p.others {
		n := o.seen.facing(v, normal, flat)
		w, c := o.look(v, n, loose)
		b := o.seen.weight(o.belief()*w, v, n)
		if b == 0 {
			continue
		}
		c = o.matched(c)
		all += b
		for k := range front {
			front[k] += float32(b/all) * (c[k] - front[k])
		}
		trust = max(trust, w)
	}
	return trust, front
}
