// Command randomweights writes a checkpoint of the real size and shapes of a network with random numbers in it, so that
// it can be built, run and measured without the real one. What it computes is noise.
//
//	go run ./tools/randomweights -o model.ckpt -gain decoder.=2 ../shared/reference/triposr/state_dict_shapes.json
//	go run ./tools/randomweights -o vae.safetensors -type F16 -part vae full_config_state_keys.json
//
// A file of several networks has several parts, each with what its names begin with; of what is in the shapes some may not
// be in the file. That of Hunyuan3D 2mini turbo is
//
//	go run ./tools/randomweights -o model.fp16.safetensors -type F16 -leave-out vae.encoder. -leave-out vae.pre_kl. \
//	  -part 'model.=dit_2mini_turbo/fast (guidance)' -part 'vae.=vae_2.0/2mini/2.1 (with encoder)' \
//	  -part conditioner.main_image_encoder.model.=dinov2_giant ../shared/reference/hunyuan3d/golden/full_config_state_keys.json
//
// The gain makes up for what TripoSR's ten layers of SiLU take away: without it, its density is nowhere enough for a
// surface; with it, in about a third of the space.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tensor is one to be written.
type tensor struct {
	name  string
	shape []int64
}

func (t tensor) count() int64 {
	n := int64(1)
	for _, d := range t.shape {
		n *= d
	}
	return n
}

func main() {
	var g generator
	out := flag.String("o", "", "the file to write, .safetensors or .ckpt (torch's zip format)")
	var parts, without list
	flag.Var(&parts, "part", "[PREFIX=]NAME: which part of the shapes, where the file holds several, and what its names begin with; may be repeated")
	flag.Var(&without, "leave-out", "PREFIX: leave out the tensors whose names begin with PREFIX; may be repeated")
	flag.StringVar(&g.dtype, "type", "F32", "F32, F16 or BF16")
	flag.Uint64Var(&g.seed, "seed", 1, "another seed gives other numbers")
	flag.Float64Var(&g.std, "std", 0, "standard deviation of all matrices; 0 is 1/sqrt of the inputs each takes")
	flag.Var(&g.gains, "gain", "PREFIX=FACTOR: scale the matrices whose names begin with PREFIX; may be repeated")
	flag.Var(&g.fills, "fill", "PREFIX=VALUE: fill the tensors whose names begin with PREFIX; may be repeated")
	flag.Parse()
	if err := run(g, flag.Args(), parts, without, *out); err != nil {
		fmt.Fprintln(os.Stderr, "randomweights:", err)
		os.Exit(1)
	}
}

func run(g generator, args, parts, without []string, out string) error {
	if len(args) != 1 || out == "" {
		return fmt.Errorf("give -o FILE and one JSON file of shapes, {NAME: [SHAPE]}")
	}
	if elementSize(g.dtype) == 0 {
		return fmt.Errorf("there is no type %q", g.dtype)
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	tensors, err := together(data, parts, without)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	write := writeTorch
	if filepath.Ext(out) == ".safetensors" {
		write = writeSafetensors
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w, g, tensors)
	if err == nil {
		err = w.Flush()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// list is a flag that may be repeated.
type list []string

func (l *list) String() string     { return strings.Join(*l, ", ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// together are the shapes of several parts, sorted by name, without those that are left out.
func together(data []byte, parts, without []string) ([]tensor, error) {
	if len(parts) == 0 {
		parts = []string{""}
	}
	var out []tensor
	for _, part := range parts {
		prefix, name, ok := strings.Cut(part, "=")
		if !ok {
			prefix, name = "", part
		}
		all, err := shapes(data, name)
		if err != nil {
			return nil, err
		}
		for _, t := range all {
			t.name = prefix + t.name
			if !slices.ContainsFunc(without, func(p string) bool { return strings.HasPrefix(t.name, p) }) {
				out = append(out, t)
			}
		}
	}
	slices.SortFunc(out, func(a, b tensor) int { return cmp.Compare(a.name, b.name) })
	return out, nil
}

// shapes reads {NAME: [SHAPE]}, or of {PART: {...}} or {PART: {"keys": {...}}} the part asked for.
func shapes(data []byte, part string) ([]tensor, error) {
	if part != "" {
		var parts map[string]json.RawMessage
		if err := json.Unmarshal(data, &parts); err != nil {
			return nil, err
		}
		if parts[part] == nil {
			return nil, fmt.Errorf("it has no part %q, but %s", part, strings.Join(slices.Sorted(maps.Keys(parts)), ", "))
		}
		data = parts[part]
		var keys struct{ Keys json.RawMessage }
		if json.Unmarshal(data, &keys) == nil && keys.Keys != nil {
			data = keys.Keys
		}
	}
	var all map[string][]int64
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("no shapes; does it hold several parts? %w", err)
	}
	var out []tensor
	for name, shape := range all {
		out = append(out, tensor{name, shape})
	}
	return out, nil
}

// writeSafetensors writes the tensors in the order they come in.
func writeSafetensors(w io.Writer, g generator, tensors []tensor) error {
	header := []byte(`{"__metadata__":{"format":"pt"}`)
	at := int64(0)
	for _, t := range tensors {
		size := t.count() * elementSize(g.dtype)
		shape := strings.ReplaceAll(fmt.Sprint(t.shape), " ", ",")
		header = fmt.Appendf(header, `,%q:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, t.name, g.dtype, shape, at, at+size)
		at += size
	}
	header = append(header, '}')
	for len(header)%8 != 0 {
		header = append(header, ' ')
	}
	if _, err := w.Write(append(little(8, uint64(len(header))), header...)); err != nil {
		return err
	}
	for _, t := range tensors {
		if err := g.write(w, t); err != nil {
			return err
		}
	}
	return nil
}
