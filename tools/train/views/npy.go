package main

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strconv"
)

// object is a coloured triangle mesh, its box centred, the longest side 2, y up.
type object struct {
	category string
	plain    bool // without a texture: any colour will do
	verts    [][3]float32
	faces    [][3]int32
	colors   [][3]float32 // of the faces, linear light
	normals  [][3][3]float32
	flat     [][3]float32
}

// loadObjects reads objects.npz (format: README.md beside it).
func loadObjects(path string) ([]object, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	read := func(name string) (out []byte) {
		if err != nil {
			return nil
		}
		var f io.ReadCloser
		if f, err = z.Open(name + ".npy"); err != nil {
			return nil
		}
		defer f.Close()
		out, err = io.ReadAll(f)
		if err == nil && (len(out) < 10 || string(out[:6]) != "\x93NUMPY") {
			err = fmt.Errorf("%s is no array", name)
		}
		return out
	}
	le := binary.LittleEndian
	body := func(b []byte) []byte { return b[10+int(le.Uint16(b[8:])):] }
	arrays := map[string][]byte{}
	for _, name := range []string{"verts", "faces", "color", "voff", "foff", "category", "plain"} {
		arrays[name] = read(name)
	}
	if err != nil {
		return nil, err
	}
	width := regexp.MustCompile(`<U(\d+)`).FindSubmatch(arrays["category"])
	if width == nil {
		return nil, fmt.Errorf("category is no text")
	}
	chars, _ := strconv.Atoi(string(width[1]))
	for name := range arrays {
		arrays[name] = body(arrays[name])
	}
	n := len(arrays["plain"])
	out := make([]object, n)
	for i := range out {
		o := &out[i]
		for _, r := range arrays["category"][4*chars*i:][:4*chars] {
			if r != 0 {
				o.category += string(rune(r)) // UTF-32 of ASCII
			}
		}
		o.plain = arrays["plain"][i] != 0
		at := func(name string, k int) int { return int(le.Uint32(arrays[name][4*k:])) }
		for p := at("voff", i); p < at("voff", i+1); p++ {
			var v [3]float32
			for k := range v {
				v[k] = float32(int16(le.Uint16(arrays["verts"][6*p+2*k:]))) / 32000
			}
			o.verts = append(o.verts, v)
		}
		for p := at("foff", i); p < at("foff", i+1); p++ {
			var f [3]int32
			var c [3]float32
			for k := range f {
				f[k] = int32(le.Uint16(arrays["faces"][6*p+2*k:]))
				c[k] = linear(float32(arrays["color"][3*p+k]) / 255)
			}
			o.faces, o.colors = append(o.faces, f), append(o.colors, c)
		}
		o.shadeSmooth()
	}
	return out, nil
}
