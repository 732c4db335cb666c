// Command views makes the examples that the network of sculpt learns from: pictures of objects as the engine shows them to
// the network, by the engine's own code, and the depth of the first and the last surface behind every node.
//
//	views -objects objects.npz -out DIR -n 100000 [-seed 1] [-invented 0.35] [-worn 0.25] [-warp 0.5] [-held]
//
// DIR/views.u8 holds n x [5,96,96] bytes (see engine.SculptView), DIR/depths.i16 n x [2,96,96] little-endian depths,
// first and last surface, in 1/8192 of half the longer side of the subject, growing away from the camera, -32768 where
// the subject is not; DIR/objects.i32 the number of the object, -1 for an invented one. Perspective is taken for
// parallel rays: depth is where a surface is along the optical axis, over the pixel it is seen at.
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"orfeas/pipeline/engine"
)

const (
	pixels  = 192 // side of a view before the engine looks at it
	unknown = -32768
	heldOut = 29 // every so manieth object is for testing only
	nodes   = engine.SculptSide * engine.SculptSide
)

// weights of the categories: what people take pictures of more often, or the set has little of.
var weights = map[string]float64{"animal": 6, "character": 4, "vehicle/machine": 2.5, "modular piece": 0.3, "building": 0.3, "rock": 0.7, "plant": 0.4}

func main() {
	path, out := flag.String("objects", "objects.npz", "the objects"), flag.String("out", "", "folder for the examples")
	n, seed, workers := flag.Int("n", 1000, "how many"), flag.Uint64("seed", 1, "of the random numbers"), flag.Int("workers", runtime.NumCPU(), "goroutines")
	invented := flag.Float64("invented", 0.35, "share of invented shapes")
	worn := flag.Float64("worn", 0.25, "share of the set's shapes whose edges are worn away")
	warp := flag.Float64("warp", 0.5, "share of shapes that are warped")
	held := flag.Bool("held", false, "only the objects held out for testing")
	flag.Parse()
	if err := run(*path, *out, *n, *seed, *workers, *invented, *worn, *warp, *held); err != nil {
		log.Fatal(err)
	}
}

func run(path, out string, n int, seed uint64, workers int, invented, worn, warp float64, held bool) error {
	objects, err := loadObjects(path)
	if err != nil {
		return err
	}
	var sums []float64
	var total float64
	for i, o := range objects {
		w, known := weights[o.category]
		if !known {
			w = 1
		}
		if (i%heldOut == 0) != held {
			w = 0
		}
		total += w
		sums = append(sums, total)
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	var files [3]*os.File
	for i, name := range []string{"views.u8", "depths.i16", "objects.i32"} {
		if files[i], err = os.Create(filepath.Join(out, name)); err != nil {
			return err
		}
		defer files[i].Close()
	}
	made := make([]func() *object, n/25+1) // what was invented is seen from several sides
	for i := range made {
		made[i] = sync.OnceValue(func() *object { return invent(rand.New(rand.NewPCG(seed, 1<<32+uint64(i)))) })
	}
	var next atomic.Int64
	var group sync.WaitGroup
	work := func() error {
		for {
			i := next.Add(1) - 1
			if i >= int64(n) {
				return nil
			}
			rng := rand.New(rand.NewPCG(seed, uint64(i)))
			var e *example
			for e == nil { // until something is seen
				o, id := (*object)(nil), -1
				if rng.Float64() < invented {
					o = made[rng.IntN(len(made))]()
				} else {
					t := rng.Float64() * total
					for id = 0; sums[id] <= t; id++ {
					}
					o = &objects[id]
				}
				if id >= 0 && rng.Float64() < worn {
					o = o.rounded(rng)
				}
				if rng.Float64() < warp {
					o = o.warped(rng)
				}
				var err error
				if e, err = exampleOf(o, rng); err != nil {
					return err
				}
				if e != nil {
					e.object = int32(id)
				}
			}
			if err := e.write(files, i); err != nil {
				return err
			}
			if i%5000 == 0 {
				fmt.Println(i)
			}
		}
	}
	errs := make([]error, workers)
	for w := range workers {
		group.Go(func() {
			if errs[w] = work(); errs[w] != nil {
				next.Store(int64(n))
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

type example struct {
	planes []uint8
	depths []byte
	object int32
}

// exampleOf takes one random picture of an object, nil when hardly anything of it is to be seen.
func exampleOf(o *object, rng *rand.Rand) (*example, error) {
	yaw := rng.Float64() * 2 * math.Pi
	if rng.Float64() < 0.85 { // people look at a thing's face
		yaw = rng.NormFloat64() * 0.65
	}
	pitch := 14 + 11*rng.NormFloat64() // degrees: people look at things from slightly above
	if rng.Float64() < 0.15 {
		pitch = rng.Float64()*60 - 20
	}
	pitch *= math.Pi / 180
	c := camera{turn: product(turn(2, rng.NormFloat64()*0.05), product(turn(0, pitch), turn(1, yaw)))}
	for k := range c.stretch {
		c.stretch[k] = float32(math.Exp(0.12 * rng.NormFloat64()))
	}
	if rng.IntN(2) == 0 {
		c.stretch[0] = -c.stretch[0]
	}
	if rng.Float64() > 0.3 {
		var reach float32
		for _, v := range o.verts {
			reach = max(reach, length(vec{v[0] * c.stretch[0], v[1] * c.stretch[1], v[2] * c.stretch[2]}))
		}
		half := (20 + 40*rng.Float64()) / 2 * math.Pi / 180
		c.near = float32(math.Sin(half)) / (reach * 1.02)
	}
	b := shoot(o, c, pixels, 0.75+0.22*rng.Float64(), rng)
	sub, err := photograph(b.paint(o, c, randomLight(rng), rng), rng)
	if err != nil {
		return nil, err
	}
	v := engine.NewSculptView(sub)
	if v == nil {
		return nil, nil
	}
	e := &example{planes: v.Planes, depths: make([]byte, 4*nodes)}
	half := v.Half()
	known, thickness := 0, 0
	for q := range nodes {
		x, y := int(v.X+float64(q%engine.SculptSide)*v.Scale), int(v.Y+float64(q/engine.SculptSide)*v.Scale)
		front, back := unknown, unknown
		if x >= 0 && y >= 0 && x < pixels && y < pixels && b.face[y*pixels+x] >= 0 && v.Planes[3*nodes+q] > 0 {
			front, back = quantised(float64(b.front[y*pixels+x])/half), quantised(float64(b.back[y*pixels+x])/half)
			known++
			thickness += back - front
		}
		binary.LittleEndian.PutUint16(e.depths[2*q:], uint16(int16(front)))
		binary.LittleEndian.PutUint16(e.depths[2*(nodes+q):], uint16(int16(back)))
	}
	if known < 60 || thickness < known*8192/16 { // hardly seen, or an open sheet, which is no solid
		return nil, nil
	}
	return e, nil
}

func quantised(d float64) int { return int(math.Round(min(max(d*8192, -32767), 32767))) }

func (e *example) write(files [3]*os.File, i int64) error {
	id := binary.LittleEndian.AppendUint32(nil, uint32(e.object))
	for k, data := range [][]byte{e.planes, e.depths, id} {
		if _, err := files[k].WriteAt(data, i*int64(len(data))); err != nil {
			return err
		}
	}
	return nil
}
