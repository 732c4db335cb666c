package weights

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// safetensors makes a file of a header and some data.
func safetensors(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestSafetensors(t *testing.T) {
	const a = `"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}`
	const b = `"b":{"data_offsets":[24,32],"dtype":"F16","shape":[4]}`
	huge := func(n uint64) []byte { return append(binary.LittleEndian.AppendUint64(nil, n), `{"a":`...) }
	for name, c := range map[string]struct {
		data []byte
		says string // "" when it is right
	}{
		"two tensors":         {safetensors(`{"__metadata__":{"format":"pt"},`+b+`,`+a+`}`, 32), ""},
		"spaces after":        {safetensors(`{`+a+`}    `, 24), ""},
		"123 bytes, a brace":  {safetensors(fmt.Sprintf("%-123s", `{`+a+`}`), 24), ""},
		"nothing":             {safetensors(`{}`, 0), ""},
		"a number":            {safetensors(`{"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}`, 8), ""},
		"empties":             {safetensors(`{"z":{"dtype":"F32","shape":[0,9],"data_offsets":[24,24]},"y":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},`+a+`}`, 24), ""},
		"header of 2^63":      {huge(1 << 63), "header of 9223372036854775808"},
		"header of 2^64-1":    {huge(math.MaxUint64), "header of"},
		"header of 100000001": {huge(100_000_001), "header of"},
		"header beyond":       {huge(90_000_000), "ends within its header"},
		"cut off":             {safetensors(`{`+a+`}`, 23), `ends within tensor "a"`},
		"longer":              {safetensors(`{`+a+`}`, 25), "1 bytes follow"},
		"overlap":             {safetensors(`{`+a+`,"c":{"dtype":"F16","shape":[4],"data_offsets":[20,28]}}`, 28), `"c" begins at byte 20`},
		"twice the same":      {safetensors(`{`+a+`,"c":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}`, 24), `begins at byte 0`},
		"hole":                {safetensors(`{`+a+`,"c":{"dtype":"F16","shape":[4],"data_offsets":[28,36]}}`, 36), `"c" begins at byte 28`},
		"backwards":           {safetensors(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}`, 8), "bytes 8 to 4"},
		"negative":            {safetensors(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), "no whole number"},
		"fraction":            {safetensors(`{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}`, 4), "no whole number"},
		"exponent":            {safetensors(`{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}`, 4), "no whole number"},
		"beyond 63 bits":      {safetensors(`{"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4]}}`, 4), "no whole number"},
		"overflow":            {safetensors(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), "are not the bytes"},
		"overflow to right":   {safetensors(`{"a":{"dtype":"U8","shape":[4294967297,4294967297],"data_offsets":[0,1]}}`, 1), "are not the bytes"},
		"wrong bytes":         {safetensors(`{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,24]}}`, 24), "F16[2 3] are not the bytes 0 to 24"},
		"unknown type":        {safetensors(`{"a":{"dtype":"F12","shape":[8],"data_offsets":[0,12]}}`, 12), `unknown type "F12"`},
		"seventeen axes":      {safetensors(`{"a":{"dtype":"U8","shape":[1`+strings.Repeat(",1", 16)+`],"data_offsets":[0,1]}}`, 1), "more than 16"},
		"three offsets":       {safetensors(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}`, 1), "more than 2"},
		"one offset":          {safetensors(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}`, 1), "not described"},
		"no shape":            {safetensors(`{"a":{"dtype":"U8","data_offsets":[0,1]}}`, 1), "not described"},
		"twice":               {safetensors(`{`+a+`,`+a+`}`, 24), `"a" is there twice`},
		"twice, escaped":      {safetensors(`{`+a+`,"\u0061":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}`, 24), `"a" is there twice`},
		"two shapes":          {safetensors(`{"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}`, 1), `"shape" is there twice`},
		"other spelling":      {safetensors(`{"a":{"DType":"U8","shape":[1],"data_offsets":[0,1]}}`, 1), `unknown word "DType"`},
		"Cyrillic a":          {safetensors(`{"\u0430":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1), "not plain text"},
		"control character":   {safetensors(`{"a\u0000":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1), "not plain text"},
		"no name":             {safetensors(`{"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1), "0 characters"},
		"long name":           {safetensors(`{"`+strings.Repeat("a", 2000)+`":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1), "2000 characters"},
		"no UTF-8":            {safetensors("{\"a\xff\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1), "no UTF-8"},
		"deep":                {safetensors(`{"a":`+strings.Repeat("[", 100000)+`}`, 0), "where { should be"},
		"something after":     {safetensors(`{} {}`, 0), "follows its end"},
		"metadata twice":      {safetensors(`{"__metadata__":{"k":"1","k":"2"}}`, 0), "twice"},
		"metadata of numbers": {safetensors(`{"__metadata__":{"k":1}}`, 0), "where a text should be"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Open(write(t, "model.safetensors", c.data))
			switch {
			case c.says == "" && err != nil:
				t.Error(err)
			case c.says == "":
				hold(t, got, int64(len(c.data)))
			case !errors.Is(err, ErrCorrupt) || !strings.Contains(fmt.Sprint(err), c.says):
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPlaces(t *testing.T) {
	header := `{"b":{"dtype":"F16","shape":[4],"data_offsets":[24,32]},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"__metadata__":{"format":"pt"}}`
	path := write(t, "model.safetensors", safetensors(header, 32))
	c := mustOpen(t, path)
	begin := int64(8 + len(header))
	if a, b := c.Tensors["a"], c.Tensors["b"]; a.Offset != begin || a.Length != 24 || b.Offset != begin+24 || b.Length != 8 || b.File != path {
		t.Errorf("they lie at %+v and %+v", a, b)
	}
	if c.Metadata["format"] != "pt" {
		t.Errorf("metadata %v", c.Metadata)
	}
}

func TestIndex(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("1.safetensors", safetensors(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1))
	put("2.safetensors", safetensors(`{"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2))
	index := filepath.Join(dir, "model.safetensors.index.json")
	for _, c := range []struct {
		index string
		kind  error
	}{
		{`{"metadata":{},"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}`, nil},
		{`{"weight_map":{"a":"2.safetensors"}}`, ErrMissing},
		{`{"weight_map":{"a":"../1.safetensors"}}`, ErrCorrupt},
		{`{"weight_map":{"a":"/etc/passwd"}}`, ErrCorrupt},
		{`{"weight_map":{"a":"3.safetensors"}}`, os.ErrNotExist},
		{`{"weight_map":{"a":"model.safetensors.index.json"}}`, ErrUnsupported},
		{`{"weight_map":{}}`, ErrUnsupported},
		{`{"weight_map":`, ErrUnsupported},
	} {
		put(filepath.Base(index), []byte(c.index))
		got, err := Open(index)
		if !errors.Is(err, c.kind) {
			t.Errorf("%s: %v", c.index, err)
		}
		if c.kind == nil && (got.Tensors["b"].File != filepath.Join(dir, "2.safetensors") || len(got.Tensors) != 2) {
			t.Errorf("%s: %+v", c.index, got)
		}
	}
}

func FuzzSafetensors(f *testing.F) {
	golden, err := os.ReadFile("testdata/expected.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	f.Add(safetensors(`{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"__metadata__":{"format":"pt"}}`, 24))
	f.Add(safetensors(`{"a":{"dtype":"U8","shape":[0,4294967296],"data_offsets":[0,0]}}`, 0))
	f.Fuzz(func(t *testing.T, data []byte) { tryDirectory(t, data) })
}
