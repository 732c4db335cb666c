package main

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
)

// storages are torch's classes.
var storages = map[string]string{"F32": "FloatStorage", "F16": "HalfStorage", "BF16": "BFloat16Storage"}

// align is what torch aligns the data of a storage to.
const align = 64

// counted knows how much was written.
type counted struct {
	io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

// writeTorch writes what torch.save(dict of tensors) does since version 1.6: a zip file of a pickle and one uncompressed
// entry for every tensor, padded by an extra field of the entry's own header.
func writeTorch(w io.Writer, g generator, tensors []tensor) error {
	c := &counted{Writer: w}
	z := zip.NewWriter(c)
	entry := func(name string) (io.Writer, error) {
		if err := z.Flush(); err != nil {
			return nil, err
		}
		h := &zip.FileHeader{Name: "model/" + name, Method: zip.Store}
		at := c.n + 30 + int64(len(h.Name)) + 4 // after the local header and the head of its extra field
		if c.n > 0 {
			at += 16 // the data descriptor of the entry before
		}
		pad := (align - at%align) % align
		h.Extra = append([]byte("FB"), little(2, uint64(pad))...)
		h.Extra = append(h.Extra, make([]byte, pad)...)
		return z.CreateHeader(h)
	}
	text := func(name, data string) error {
		e, err := entry(name)
		if err == nil {
			_, err = io.WriteString(e, data)
		}
		return err
	}
	if err := text("data.pkl", pickle(g.dtype, tensors)); err != nil {
		return err
	}
	if err := text("byteorder", "little"); err != nil {
		return err
	}
	for i, t := range tensors {
		e, err := entry(fmt.Sprintf("data/%d", i))
		if err == nil {
			err = g.write(e, t)
		}
		if err != nil {
			return err
		}
	}
	if err := text("version", "3\n"); err != nil {
		return err
	}
	return z.Close()
}

// pickle is a dict of the tensors, in protocol 2; see Python's pickletools.py.
func pickle(dtype string, tensors []tensor) string {
	text := func(s string) string { return "X" + string(little(4, uint64(len(s)))) + s }
	number := func(n int64) string {
		return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n))) // LONG1
	}
	p := "\x80\x02}("
	for i, t := range tensors {
		shape, strides := "(", "("
		step := t.count()
		for _, d := range t.shape {
			step /= max(d, 1)
			shape += number(d)
			strides += number(step)
		}
		storage := "(" + text("storage") + "ctorch\n" + storages[dtype] + "\n" + text(fmt.Sprint(i)) + text("cpu") + number(t.count()) + "tQ"
		p += text(t.name) + "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(0) + shape + "t" + strides + "t\x89ccollections\nOrderedDict\n)RtR"
	}
	return p + "u."
}
