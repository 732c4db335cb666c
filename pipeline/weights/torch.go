package weights

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// maxDirectory is how much of a zip file may be read to find its entries.
const maxDirectory = 64 << 20

// readTorch reads torch's zip format: ROOT/data.pkl, a pickle of the state dict, and ROOT/data/KEY, one uncompressed
// entry for every storage, which several tensors may share. ROOT is whatever the file was called when it was saved.
func readTorch(r io.ReaderAt, size int64, path string) (*Checkpoint, error) {
	limited := &limitedReaderAt{r, maxDirectory}
	archive, err := zip.NewReader(limited, size)
	switch {
	case limited.left < 0:
		return nil, fmt.Errorf("%w: a zip file with a directory of more than %d bytes", ErrUnsupported, maxDirectory)
	case err != nil:
		return nil, fmt.Errorf("%w: it is cut off or no torch file: %v", ErrCorrupt, err)
	}
	limited.left = math.MaxInt64
	t := &torchFile{size: size, path: path, entries: map[string]*zip.File{}}
	for _, e := range archive.File {
		if _, twice := t.entries[e.Name]; twice {
			return nil, fmt.Errorf("%w: %q is in it twice", ErrCorrupt, e.Name)
		}
		t.entries[e.Name] = e
		if root, ok := strings.CutSuffix(e.Name, "/data.pkl"); ok && !strings.Contains(root, "/") {
			if t.root != "" {
				return nil, fmt.Errorf("%w: a zip file with several data.pkl", ErrUnsupported)
			}
			t.root = root
		}
	}
	if t.root == "" {
		return nil, fmt.Errorf("%w: a zip file without data.pkl, not written by torch", ErrUnsupported)
	}
	return t.read()
}

type torchFile struct {
	size    int64
	path    string
	root    string
	entries map[string]*zip.File
}

func (t *torchFile) read() (*Checkpoint, error) {
	if _, ok := t.entries[t.root+"/byteorder"]; ok {
		order, err := t.bytes("byteorder", 16)
		if err != nil {
			return nil, err
		}
		if string(order) != "little" {
			return nil, fmt.Errorf("%w: its numbers are %q-endian", ErrUnsupported, order)
		}
	}
	pickle, err := t.bytes("data.pkl", maxPickle)
	if err != nil {
		return nil, err
	}
	root, err := (&unpickler{data: pickle}).load()
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{Tensors: map[string]Tensor{}, Metadata: map[string]string{}}
	if dict, ok := root.(*pyDict); ok {
		for i, key := range dict.keys {
			if inner, ok := dict.values[i].(*pyDict); ok && key == "state_dict" {
				root = inner
			}
		}
	}
	flat := flattener{place: t.place, to: c.Tensors}
	if err := flat.add("", root, 0); err != nil {
		return nil, err
	}
	if len(c.Tensors) == 0 {
		return nil, fmt.Errorf("%w: a torch file without tensors", ErrUnsupported)
	}
	return c, nil
}

// extent is where the bytes of an entry lie, which only its own header says: torch pads that one to align them.
func (t *torchFile) extent(name string) (offset, length int64, err error) {
	e, ok := t.entries[t.root+"/"+name]
	if !ok {
		return 0, 0, fmt.Errorf("%w: %s is not in it", ErrCorrupt, name)
	}
	if e.Method != zip.Store || e.Flags&1 != 0 {
		return 0, 0, fmt.Errorf("%w: %s is compressed or encrypted in it; save it again with torch", ErrUnsupported, name)
	}
	if offset, err = e.DataOffset(); err != nil {
		return 0, 0, fmt.Errorf("%w: %s: %v", ErrCorrupt, name, err)
	}
	if e.CompressedSize64 != e.UncompressedSize64 || offset < 0 || offset > t.size || e.UncompressedSize64 > uint64(t.size-offset) {
		return 0, 0, fmt.Errorf("%w: %s does not lie within it", ErrCorrupt, name)
	}
	return offset, int64(e.UncompressedSize64), nil
}

// bytes reads a small entry, checking its checksum.
func (t *torchFile) bytes(name string, limit int64) ([]byte, error) {
	_, length, err := t.extent(name)
	if err != nil {
		return nil, err
	}
	if length > limit {
		return nil, fmt.Errorf("%w: its %s has %d bytes, more than %d", ErrUnsupported, name, length, limit)
	}
	f, err := t.entries[t.root+"/"+name].Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrCorrupt, name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrCorrupt, name, err)
	}
	return data, nil
}

// place says where in the file a view of a storage lies.
func (t *torchFile) place(name string, v pyTensor) (Tensor, error) {
	out := Tensor{Name: name, DType: v.storage.dtype, Shape: v.shape, File: t.path}
	if strings.Contains(v.storage.key, "/") || v.storage.key == "" {
		return out, fmt.Errorf("%w: a storage called %q", ErrCorrupt, v.storage.key)
	}
	begin, length, err := t.extent("data/" + v.storage.key)
	if err != nil {
		return out, err
	}
	element := out.DType.Size()
	if v.storage.count > length/element {
		return out, fmt.Errorf("%w: storage %s has %d bytes, not %d numbers of type %s", ErrCorrupt, v.storage.key, length, v.storage.count, out.DType)
	}
	span, strides, err := layout(v.shape, v.strides)
	if err != nil {
		return out, err
	}
	if v.offset > v.storage.count || span > v.storage.count-v.offset {
		return out, fmt.Errorf("%w: it reaches beyond its storage", ErrCorrupt)
	}
	out.Offset, out.Length, out.Strides = begin+v.offset*element, span*element, strides
	return out, nil
}

// layout returns how many numbers lie between the first and the last of a view, both counted, and its strides if it is
// not row-major.
func layout(shape, strides []int64) (span int64, _ []int64, err error) {
	if sizeOf(shape, 8) < 0 {
		return 0, nil, fmt.Errorf("%w: a shape of %v", ErrCorrupt, shape)
	}
	rowMajor, step := true, int64(1)
	span = 1
	for axis := len(shape) - 1; axis >= 0; axis-- {
		d, s := shape[axis], strides[axis]
		if d == 0 {
			return 0, nil, nil
		}
		if d > 1 {
			if s > (1<<62-span)/(d-1) {
				return 0, nil, fmt.Errorf("%w: strides of %v", ErrCorrupt, strides)
			}
			span += (d - 1) * s
			rowMajor = rowMajor && s == step
		}
		step *= d
	}
	if rowMajor {
		strides = nil
	}
	return span, strides, nil
}

// limitedReaderAt fails once more than left bytes have been asked for.
type limitedReaderAt struct {
	r    io.ReaderAt
	left int64
}

func (l *limitedReaderAt) ReadAt(p []byte, at int64) (int, error) {
	if l.left -= int64(len(p)); l.left < 0 {
		return 0, errors.New("too much is read")
	}
	return l.r.ReadAt(p, at)
}
