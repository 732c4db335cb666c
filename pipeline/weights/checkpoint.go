// Package weights knows the files networks are made of: which there are, where they come from, whether they are right
// and where in them each tensor lies.
//
// Open reads the directory of a checkpoint, .safetensors or torch's zip format, without reading a tensor: name, type,
// shape, file and offset, which is what ONNX external data asks for. A torch file is a pickle; ours is read by a small
// interpreter that knows the few words of a state dict and executes nothing.
package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What can be wrong with a checkpoint.
var (
	ErrCorrupt     = errors.New("the file is damaged")
	ErrUnsupported = errors.New("the file is of a kind that is not read")
	ErrMissing     = errors.New("tensors are missing")
	ErrShape       = errors.New("tensors have the wrong shape")
)

// Limits of what a checkpoint may hold, many times what the largest network has.
const (
	maxTensors = 1 << 17
	maxRank    = 16
	maxName    = 1 << 10
)

// Tensor says where a tensor lies. Its numbers are little-endian and row-major (the last index runs fastest), one after
// the other from Offset on, unless Strides says otherwise.
type Tensor struct {
	Name   string
	DType  DType
	Shape  []int64 // empty for a single number
	File   string  // absolute path
	Offset int64   // of the first number, in bytes from the start of File
	Length int64   // bytes from the first number to the end of the last

	// Strides are the steps between neighbours along each axis, in numbers, for a view that is not laid out row-major,
	// a transposed one for example; nil for all others. Such a tensor has to be Read, it cannot be pointed to.
	Strides []int64
}

// Contiguous reports whether the bytes of the file from Offset on, Length of them, are the tensor.
func (t Tensor) Contiguous() bool { return t.Strides == nil }

// Count is how many numbers the tensor holds.
func (t Tensor) Count() int64 {
	n := int64(1)
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Checkpoint is the directory of a file, or of several that belong together.
type Checkpoint struct {
	Path     string // absolute
	Tensors  map[string]Tensor
	Metadata map[string]string // what a .safetensors file says about itself
}

// Open reads the directory of the checkpoint at path, whose kind is told by its content: .safetensors, the index of a
// sharded one (model.safetensors.index.json), or torch's zip format (.ckpt, .pt, .pth, .bin). In a torch file, dicts
// within dicts become names joined by dots; if the outermost has a "state_dict" that is taken for the whole.
func Open(path string) (*Checkpoint, error) {
	c, err := open(path, true)
	if err != nil {
		return nil, fmt.Errorf("read checkpoint %s: %w", path, err)
	}
	return c, nil
}

// open reads one file, or what an index lists when that may be one.
func open(path string, index bool) (*Checkpoint, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a file", ErrUnsupported)
	}
	c, err := directory(f, info.Size(), path, index)
	if err != nil {
		return nil, err
	}
	c.Path = path
	return c, nil
}

// directory reads the directory of a file that lies, or will lie, at path.
func directory(r io.ReaderAt, size int64, path string, index bool) (*Checkpoint, error) {
	head := make([]byte, 512)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	head = head[:n]
	switch {
	case n == 0:
		return nil, fmt.Errorf("%w: it is empty", ErrCorrupt)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return readTorch(r, size, path)
	case n > 8 && head[8] == '{' && binary.LittleEndian.Uint64(head) <= maxHeader: // its length may begin with a byte like any letter
		return readSafetensors(r, size, path)
	case head[0] == '{' && index:
		return readIndex(r, size, path)
	case n > 8 && head[8] == '{': // which says what is wrong with it
		return readSafetensors(r, size, path)
	}
	return nil, refuse(head)
}

// refuse says why a file is no checkpoint, recognising those that are often taken for one.
func refuse(head []byte) error {
	text := strings.ToLower(string(bytes.TrimLeft(head, " \t\r\n\xef\xbb\xbf")))
	switch {
	case strings.HasPrefix(text, "<!doctype") || strings.HasPrefix(text, "<html") || strings.HasPrefix(text, "<?xml"):
		return fmt.Errorf("%w: it is a web page, not a checkpoint", ErrCorrupt)
	case strings.HasPrefix(text, "version https://git-lfs"):
		return fmt.Errorf("%w: it is a git LFS pointer, the file itself was not fetched", ErrCorrupt)
	case bytes.HasPrefix(head, []byte("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")) || len(head) > 262 && string(head[257:262]) == "ustar":
		return fmt.Errorf("%w: torch wrote it in the format of before version 1.6; load and save it once with a newer torch, or get it as .safetensors", ErrUnsupported)
	case head[0] == 0x80 && len(head) > 1 && head[1] <= 5:
		return fmt.Errorf("%w: a bare pickle; get the network as .safetensors or as a torch zip file", ErrUnsupported)
	case bytes.HasPrefix(head, []byte("GGUF")):
		return fmt.Errorf("%w: a GGUF file; get the network as .safetensors", ErrUnsupported)
	case head[0] == 0x08 && len(head) > 2 && head[1] < 0x20 && (head[2] == 0x12 || head[2] == 0x3a):
		return fmt.Errorf("%w: an ONNX graph, not a checkpoint", ErrUnsupported)
	}
	return fmt.Errorf("%w: neither .safetensors nor a torch file", ErrUnsupported)
}

// Names returns the names of all tensors in order.
func (c *Checkpoint) Names() []string {
	names := make([]string, 0, len(c.Tensors))
	for n := range c.Tensors {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Under returns the tensors whose names begin with prefix, without it: Under("vae.") of a file that holds several
// networks is what the file of that network alone would be.
func (c *Checkpoint) Under(prefix string) *Checkpoint {
	out := &Checkpoint{Path: c.Path, Tensors: map[string]Tensor{}, Metadata: c.Metadata}
	for name, t := range c.Tensors {
		if short, ok := strings.CutPrefix(name, prefix); ok && short != "" {
			t.Name = short
			out.Tensors[short] = t
		}
	}
	return out
}

// Expect checks that every tensor a network is made of is there in its shape. The error names all that are not, wrapping
// ErrMissing or ErrShape; tensors that are not asked for do not matter.
func (c *Checkpoint) Expect(shapes map[string][]int64) error {
	var missing, wrong []string
	for name, want := range shapes {
		t, ok := c.Tensors[name]
		switch {
		case !ok:
			missing = append(missing, name)
		case !slices.Equal(t.Shape, want):
			wrong = append(wrong, fmt.Sprintf("%s is %v, not %v", name, t.Shape, want))
		}
	}
	slices.Sort(missing)
	slices.Sort(wrong)
	switch {
	case len(missing) > 0:
		return fmt.Errorf("checkpoint %s: %w: %d of %d: %s", c.Path, ErrMissing, len(missing), len(shapes), strings.Join(missing, ", "))
	case len(wrong) > 0:
		return fmt.Errorf("checkpoint %s: %w: %s", c.Path, ErrShape, strings.Join(wrong, "; "))
	}
	return nil
}
