package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The words of a pickle, as torch writes them.

func text(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}
func number(n int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}
func tuple(items ...string) string { return "(" + strings.Join(items, "") + "t" }
func dict(items ...string) string  { return "}(" + strings.Join(items, "") + "u" }
func numbers(n ...int64) string {
	s := "("
	for _, v := range n {
		s += number(v)
	}
	return s + "t"
}
func storage(class, key string, count int64) string {
	return tuple(text("storage"), "ctorch\n"+class+"\n", text(key), text("cuda:0"), number(count)) + "Q"
}
func view(storage string, offset int64, shape, strides string) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n" + tuple(storage, number(offset), shape, strides, "\x89", "ccollections\nOrderedDict\n)R") + "R"
}

// torchZip makes a torch file of a pickle, without its end, and a storage "0" of 64 bytes.
func torchZip(t testing.TB, pickle string, change func(*zip.FileHeader)) []byte {
	t.Helper()
	var b bytes.Buffer
	writeTorch(t, zip.NewWriter(&b), pickle, change)
	return b.Bytes()
}

func writeTorch(t testing.TB, z *zip.Writer, pickle string, change func(*zip.FileHeader)) {
	t.Helper()
	for _, e := range []struct{ name, data string }{
		{"any root/data.pkl", "\x80\x02" + pickle + "."}, {"any root/data/0", strings.Repeat("\x01\x02", 32)}, {"any root/version", "3\n"},
	} {
		h := &zip.FileHeader{Name: e.name, Method: zip.Store}
		if change != nil {
			change(h)
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(w, e.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTorch(t *testing.T) {
	float := storage("FloatStorage", "0", 16)
	row := view(float, 0, numbers(16), numbers(1))
	for name, c := range map[string]struct {
		pickle string
		kind   error
		says   string // of the error, or of the tensors
	}{
		"flat":             {dict(text("a"), row), nil, "a F32 [16] 64 true"},
		"nested":           {dict(text("vae"), dict(text("a"), row), text("epoch"), number(3)), nil, "vae.a F32 [16] 64 true"},
		"state_dict":       {dict(text("epoch"), "N", text("state_dict"), dict(text("a"), row), text("opt"), dict(text("b"), row)), nil, "a F32 [16] 64 true"},
		"a list":           {dict(text("a"), "]("+row+row+"e"), nil, "a.0 F32 [16] 64 true, a.1 F32 [16] 64 true"},
		"numbers as keys":  {dict(number(7), row), nil, "7 F32 [16] 64 true"},
		"half":             {dict(text("a"), view(storage("HalfStorage", "0", 32), 2, numbers(3, 5), numbers(5, 1))), nil, "a F16 [3 5] 30 true"},
		"transposed":       {dict(text("a"), view(float, 0, numbers(3, 5), numbers(1, 3))), nil, "a F32 [3 5] 60 false"},
		"expanded":         {dict(text("a"), view(float, 1, numbers(1000, 2), numbers(0, 1))), nil, "a F32 [1000 2] 8 false"},
		"odd unit strides": {dict(text("a"), view(float, 0, numbers(1, 5, 1), numbers(99, 1, 7))), nil, "a F32 [1 5 1] 20 true"},
		"empty":            {dict(text("a"), view(float, 16, numbers(0, 5), numbers(5, 1))), nil, "a F32 [0 5] 0 true"},
		"attributes":       {"ccollections\nOrderedDict\n)R" + text("a") + row + "s}" + text("_metadata") + "}sb", nil, "a F32 [16] 64 true"},
		"parameter":        {dict(text("a"), "ctorch._utils\n_rebuild_parameter\n"+tuple(row, "\x88", "}")+"R"), nil, "a F32 [16] 64 true"},

		"os.system":            {"cposix\nsystem\n" + tuple(text("touch /tmp/x")) + "R", ErrUnsupported, `"posix.system"`},
		"by STACK_GLOBAL":      {text("builtins") + text("eval") + "\x93" + tuple(text("1")) + "R", ErrUnsupported, `"builtins.eval"`},
		"NEWOBJ":               {"ctorch\nTensor\n)\x81", ErrUnsupported, "opcode 0x81"},
		"INST":                 {"(iposix\nsystem\n", ErrUnsupported, "opcode 0x69"},
		"EXT1":                 {"\x82\x01", ErrUnsupported, "opcode 0x82"},
		"a program":            {dict(text("a"), "c__torch__.net\nNet\n)R"), ErrUnsupported, "TorchScript"},
		"a class as tensor":    {dict(text("a"), "ctorch._utils\n_rebuild_tensor_v2\n"+tuple(text("x"))+"R"), ErrCorrupt, "1 words"},
		"quantised":            {dict(text("a"), view(storage("QInt8Storage", "0", 16), 0, numbers(1), numbers(1))), ErrUnsupported, "torch.QInt8Storage"},
		"no tensors":           {dict(text("a"), number(1)), ErrUnsupported, "without tensors"},
		"not a dict":           {number(1), ErrUnsupported, "without tensors"},
		"bare tensor":          {row, ErrCorrupt, "0 characters"},
		"twice":                {dict(text("a"), row, text("a"), row), ErrCorrupt, "twice"},
		"twice by dots":        {dict(text("a.b"), row, text("a"), dict(text("b"), row)), ErrCorrupt, "twice"},
		"odd name":             {dict(text("\u0430"), row), ErrCorrupt, "not plain text"},
		"beyond the storage":   {dict(text("a"), view(float, 1, numbers(16), numbers(1))), ErrCorrupt, "beyond its storage"},
		"far offset":           {dict(text("a"), view(float, 1<<62, numbers(16), numbers(1))), ErrCorrupt, "beyond its storage"},
		"far strides":          {dict(text("a"), view(float, 0, numbers(3, 3), numbers(1<<62, 1<<62))), ErrCorrupt, "strides"},
		"shape beyond 63 bits": {dict(text("a"), view(float, 0, numbers(1<<40, 1<<40), numbers(0, 0))), ErrCorrupt, "shape"},
		"negative offset":      {dict(text("a"), view(float, -1, numbers(16), numbers(1))), ErrCorrupt, "not described"},
		"negative stride":      {dict(text("a"), view(float, 15, numbers(16), numbers(-1))), ErrCorrupt, "not described"},
		"storage too short":    {dict(text("a"), view(storage("FloatStorage", "0", 17), 0, numbers(16), numbers(1))), ErrCorrupt, "has 64 bytes, not 17"},
		"no such storage":      {dict(text("a"), view(storage("FloatStorage", "1", 16), 0, numbers(16), numbers(1))), ErrCorrupt, "data/1 is not in it"},
		"storage elsewhere":    {dict(text("a"), view(storage("FloatStorage", "../version", 0), 0, numbers(0), numbers(1))), ErrCorrupt, `called "../version"`},
		"persistent number":    {number(1) + "Q", ErrCorrupt, "something else than a storage"},
		"empty stack":          {"0", ErrCorrupt, "stack is empty"},
		"below the mark":       {"N(0", ErrCorrupt, "stack is empty"},
		"no mark":              {"t", ErrCorrupt, "no mark"},
		"item of a tuple":      {")" + text("a") + "Ns", ErrCorrupt, "no dict"},
		"odd items":            {"}(" + text("a") + "u", ErrCorrupt, "without a value"},
		"append to a dict":     {"}Na", ErrCorrupt, "no list"},
		"memo not set":         {"h\x05", ErrCorrupt, "memo key 5"},
		"far memo":             {"Nr\xff\xff\xff\x7f", ErrUnsupported, "memo key 2147483647"},
		"a text beyond":        {"X\xff\xff\xff\x7fa", ErrCorrupt, "in the middle"},
		"a text of 2^63":       {"\x8d\x00\x00\x00\x00\x00\x00\x00\x80a", ErrCorrupt, "length"},
		"a number of 9 bytes":  {"\x8a\x09" + strings.Repeat("\x01", 9), ErrUnsupported, "9 bytes"},
		"protocol 6":           {"\x80\x06N", ErrUnsupported, "protocol 6"},
		"a dict in itself":     {"}q\x00" + text("a") + "h\x00s", ErrUnsupported, "without end"},
		"a thousand million":   {"}q\x00" + strings.Repeat("}("+text("a")+"h\x00"+text("b")+"h\x00"+text("c")+"h\x00uq\x00", 15), ErrUnsupported, "without end"},
		"odd keys, often":      {"}q\x00(" + strings.Repeat("NN", 2000) + "u0" + dict(text("a"), "]("+strings.Repeat("h\x00", 2000)+"e"), ErrUnsupported, "without end"},
		"many dicts":           {strings.Repeat("}", maxPushes+1), ErrUnsupported, "more than"},
		"many marks":           {strings.Repeat("(", 1<<20), ErrCorrupt, "stack is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			data := torchZip(t, c.pickle, nil)
			got, err := directory(bytes.NewReader(data), int64(len(data)), "none", false)
			if c.kind != nil {
				if !errors.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.says) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			hold(t, got, int64(len(data)))
			var all []string
			for _, n := range got.Names() {
				v := got.Tensors[n]
				all = append(all, fmt.Sprint(n, " ", v.DType, " ", v.Shape, " ", v.Length, " ", v.Contiguous()))
			}
			if s := strings.Join(all, ", "); s != c.says {
				t.Errorf("got %s, want %s", s, c.says)
			}
		})
	}
}

func TestZip(t *testing.T) {
	good := dict(text("a"), view(storage("HalfStorage", "0", 32), 0, numbers(32), numbers(1)))
	for name, c := range map[string]struct {
		change func(*zip.FileHeader)
		kind   error
		says   string
	}{
		"deflated":     {func(h *zip.FileHeader) { h.Method = zip.Deflate }, ErrUnsupported, "compressed"},
		"data alone":   {func(h *zip.FileHeader) { h.Method = map[bool]uint16{true: 8}[h.Name == "any root/data/0"] }, ErrUnsupported, "data/0 is compressed"},
		"encrypted":    {func(h *zip.FileHeader) { h.Flags = 1 }, ErrUnsupported, "encrypted"},
		"no pickle":    {func(h *zip.FileHeader) { h.Name = strings.Replace(h.Name, ".pkl", ".txt", 1) }, ErrUnsupported, "without data.pkl"},
		"two pickles":  {func(h *zip.FileHeader) { h.Name = strings.Replace(h.Name, "any root/version", "b/data.pkl", 1) }, ErrUnsupported, "several"},
		"twice":        {func(h *zip.FileHeader) { h.Name = strings.Replace(h.Name, "version", "data/0", 1) }, ErrCorrupt, "twice"},
		"big-endian":   {func(h *zip.FileHeader) { h.Name = strings.Replace(h.Name, "version", "byteorder", 1) }, ErrUnsupported, "endian"},
		"padded entry": {func(h *zip.FileHeader) { h.Extra = append([]byte("FB\x3c\x00"), make([]byte, 60)...) }, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			data := torchZip(t, good, c.change)
			got, err := directory(bytes.NewReader(data), int64(len(data)), "none", false)
			if !errors.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.says) && c.kind != nil {
				t.Fatalf("got %v", err)
			}
			if err == nil {
				a := got.Tensors["a"]
				if !bytes.Equal(data[a.Offset:a.Offset+a.Length], bytes.Repeat([]byte{1, 2}, 32)) {
					t.Error("other bytes lie there")
				}
			}
		})
	}
}

// TestZip64: entries beyond 4 GB, in a file that is nearly all hole.
func TestZip64(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.ckpt")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const far = 5 << 30
	_, err1 := f.WriteString("PK\x03\x04")
	_, err2 := f.Seek(far, io.SeekStart)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	z.SetOffset(far)
	writeTorch(t, z, dict(text("a"), view(storage("HalfStorage", "0", 32), 0, numbers(32), numbers(1))), nil)
	a := mustOpen(t, path).Tensors["a"]
	data, err := a.Read(64)
	if err != nil || a.Offset < far || !bytes.Equal(data, bytes.Repeat([]byte{1, 2}, 32)) {
		t.Errorf("%v: %v, %v", a, data, err)
	}
}

func FuzzTorch(f *testing.F) {
	for _, name := range []string{"mixed.ckpt", "nested_state_dict.ckpt"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(torchZip(f, dict(text("a"), view(storage("FloatStorage", "0", 16), 0, numbers(3, 5), numbers(1, 3))), nil))
	f.Fuzz(func(t *testing.T, data []byte) { tryDirectory(t, data) })
}

// FuzzPickle lets the pickle alone vary: few changes of a whole zip file get past its checksums.
func FuzzPickle(f *testing.F) {
	f.Add(dict(text("a"), view(storage("FloatStorage", "0", 16), 0, numbers(3, 5), numbers(1, 3))))
	f.Add("ccollections\nOrderedDict\n)R" + text("a") + "](NNe\x94s}" + text("_metadata") + "}sb")
	f.Fuzz(func(t *testing.T, pickle string) {
		if len(pickle) < 1<<16 {
			tryDirectory(t, torchZip(t, pickle, nil))
		}
	})
}
