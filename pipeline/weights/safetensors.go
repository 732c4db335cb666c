package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxHeader is the largest header of a .safetensors file, as its reference implementation has it.
const maxHeader = 100_000_000

// readSafetensors reads the header: its length in 8 bytes, then JSON, name -> {dtype, shape, data_offsets}. The tensors
// must fill the rest of the file without gap or overlap, which the format demands so that nothing can hide in it.
func readSafetensors(r io.ReaderAt, size int64, path string) (*Checkpoint, error) {
	var word [8]byte
	if size < 10 {
		return nil, fmt.Errorf("%w: %d bytes are no checkpoint", ErrCorrupt, size)
	}
	if _, err := r.ReadAt(word[:], 0); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(word[:])
	if n > maxHeader {
		return nil, fmt.Errorf("%w: a header of %d bytes", ErrCorrupt, n)
	}
	if int64(n) > size-8 {
		return nil, fmt.Errorf("%w: it ends within its header", ErrCorrupt)
	}
	header := make([]byte, n)
	if _, err := r.ReadAt(header, 8); err != nil {
		return nil, err
	}
	if !utf8.Valid(header) {
		return nil, fmt.Errorf("%w: the header is no UTF-8", ErrCorrupt)
	}
	h := headerReader{json.NewDecoder(bytes.NewReader(header)), &Checkpoint{Tensors: map[string]Tensor{}, Metadata: map[string]string{}}}
	h.UseNumber()
	if err := h.read(); err != nil {
		return nil, fmt.Errorf("%w: header: %v", ErrCorrupt, err)
	}
	begin := 8 + int64(n)
	if err := h.place(path, begin, size-begin); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	return h.c, nil
}

// headerReader takes JSON token by token: decoding into structs would let repeated and differently spelled keys pass.
type headerReader struct {
	*json.Decoder
	c *Checkpoint
}

// read takes the whole header. Until place, a tensor's Offset is that within the data.
func (h headerReader) read() error {
	err := h.object(func(name string) error {
		if name == "__metadata__" {
			return h.object(func(key string) error {
				v, err := h.text()
				if _, twice := h.c.Metadata[key]; twice {
					return fmt.Errorf("metadata %q is there twice", key)
				}
				h.c.Metadata[key] = v
				return err
			})
		}
		if err := checkName(name); err != nil {
			return err
		}
		if _, twice := h.c.Tensors[name]; twice {
			return fmt.Errorf("tensor %q is there twice", name)
		}
		if len(h.c.Tensors) == maxTensors {
			return fmt.Errorf("more than %d tensors", maxTensors)
		}
		t, err := h.tensor(name)
		if err != nil {
			return fmt.Errorf("tensor %q: %v", name, err)
		}
		h.c.Tensors[name] = t
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := h.Token(); err != io.EOF {
		return fmt.Errorf("something follows its end")
	}
	return nil
}

func (h headerReader) tensor(name string) (Tensor, error) {
	t := Tensor{Name: name}
	var offsets []int64
	var seen []string
	err := h.object(func(key string) (err error) {
		if slices.Contains(seen, key) {
			return fmt.Errorf("%q is there twice", key)
		}
		seen = append(seen, key)
		switch key {
		case "dtype":
			var s string
			s, err = h.text()
			t.DType = DType(s)
		case "shape":
			t.Shape, err = h.numbers(maxRank)
		case "data_offsets":
			offsets, err = h.numbers(2)
		default:
			err = fmt.Errorf("unknown word %q", key)
		}
		return err
	})
	if err != nil {
		return t, err
	}
	if len(seen) != 3 || len(offsets) != 2 {
		return t, fmt.Errorf("not described by dtype, shape and two data_offsets")
	}
	element := t.DType.Size()
	if element == 0 {
		return t, fmt.Errorf("unknown type %q", t.DType)
	}
	t.Offset, t.Length = offsets[0], offsets[1]-offsets[0]
	if want := sizeOf(t.Shape, element); t.Length < 0 || t.Length != want {
		return t, fmt.Errorf("%s%v are not the bytes %d to %d", t.DType, t.Shape, offsets[0], offsets[1])
	}
	return t, nil
}

// object takes an object, calling member after each key.
func (h headerReader) object(member func(key string) error) error {
	if err := h.delim('{'); err != nil {
		return err
	}
	for h.More() {
		key, err := h.text()
		if err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
	}
	return h.delim('}')
}

func (h headerReader) numbers(most int) ([]int64, error) {
	if err := h.delim('['); err != nil {
		return nil, err
	}
	out := []int64{}
	for h.More() {
		token, err := h.Token()
		if err != nil {
			return nil, err
		}
		n, _ := token.(json.Number)
		v, err := strconv.ParseInt(string(n), 10, 64)
		if err != nil || v < 0 {
			return nil, fmt.Errorf("%v is no whole number", token)
		}
		if len(out) == most {
			return nil, fmt.Errorf("more than %d numbers", most)
		}
		out = append(out, v)
	}
	return out, h.delim(']')
}

func (h headerReader) text() (string, error) {
	token, err := h.Token()
	if err != nil {
		return "", err
	}
	s, ok := token.(string)
	if !ok {
		return "", fmt.Errorf("%v where a text should be", token)
	}
	return s, nil
}

func (h headerReader) delim(want json.Delim) error {
	token, err := h.Token()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("%v where %v should be", token, want)
	}
	return nil
}

// place turns offsets within the data into offsets in the file.
func (h headerReader) place(path string, begin, length int64) error {
	order := h.c.Names()
	slices.SortStableFunc(order, func(a, b string) int {
		x, y := h.c.Tensors[a], h.c.Tensors[b]
		if x.Offset != y.Offset {
			return int(min(max(x.Offset-y.Offset, -1), 1))
		}
		return int(min(max(x.Length-y.Length, -1), 1)) // empty tensors first
	})
	at := int64(0)
	for _, name := range order {
		t := h.c.Tensors[name]
		if t.Offset != at {
			return fmt.Errorf("tensor %q begins at byte %d of the data, not where the one before it ends, %d", name, t.Offset, at)
		}
		at += t.Length
		if at > length {
			return fmt.Errorf("it ends within tensor %q", name)
		}
		t.File, t.Offset = path, begin+t.Offset
		h.c.Tensors[name] = t
	}
	if at != length {
		return fmt.Errorf("%d bytes follow the last tensor", length-at)
	}
	return nil
}

// checkName refuses names that could be mistaken for others when printed or compared.
func checkName(name string) error {
	if name == "" || len(name) > maxName {
		return fmt.Errorf("a tensor's name has %d characters", len(name))
	}
	for i := range len(name) {
		if name[i] < ' ' || name[i] > '~' {
			return fmt.Errorf("the tensor's name %q is not plain text", name)
		}
	}
	return nil
}
