package export

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// glbFile is an opened GLB: its lists as they are in the JSON, each entry decoded when it is asked for, and the buffers
// they point into. Entries decoded one by one hold memory to a small multiple of the file, whatever is in the JSON.
type glbFile struct {
	Scene              *int              `json:"scene"`
	Scenes             []json.RawMessage `json:"scenes"`
	Nodes              []json.RawMessage `json:"nodes"`
	Meshes             []json.RawMessage `json:"meshes"`
	Accessors          []json.RawMessage `json:"accessors"`
	BufferViews        []json.RawMessage `json:"bufferViews"`
	Buffers            []json.RawMessage `json:"buffers"`
	Materials          []json.RawMessage `json:"materials"`
	Textures           []json.RawMessage `json:"textures"`
	Images             []json.RawMessage `json:"images"`
	ExtensionsRequired []string          `json:"extensionsRequired"`

	data [][]byte // of every buffer
	work int      // bytes of JSON that may still be decoded
}

type glbScene struct {
	Nodes []int `json:"nodes"`
}

type glbNode struct {
	Mesh        *int      `json:"mesh"`
	Children    []int     `json:"children"`
	Matrix      []float64 `json:"matrix"`
	Translation []float64 `json:"translation"`
	Rotation    []float64 `json:"rotation"`
	Scale       []float64 `json:"scale"`
}

type glbMesh struct {
	Primitives []struct {
		Attributes map[string]int `json:"attributes"`
		Indices    *int           `json:"indices"`
		Material   *int           `json:"material"`
		Mode       *int           `json:"mode"`
	} `json:"primitives"`
}

type glbAccessor struct {
	BufferView    *int   `json:"bufferView"`
	ByteOffset    int64  `json:"byteOffset"`
	ComponentType int    `json:"componentType"`
	Normalized    bool   `json:"normalized"`
	Count         int64  `json:"count"`
	Type          string `json:"type"`
	Sparse        *struct {
		Count   int64       `json:"count"`
		Indices glbAccessor `json:"indices"` // of the same shape where it matters here
		Values  glbAccessor `json:"values"`
	} `json:"sparse"`
}

type glbView struct {
	Buffer     int   `json:"buffer"`
	ByteOffset int64 `json:"byteOffset"`
	ByteLength int64 `json:"byteLength"`
	ByteStride int64 `json:"byteStride"`
}

type glbBuffer struct {
	URI        string `json:"uri"`
	ByteLength int64  `json:"byteLength"`
}

// openGLB divides the container into its chunks (glTF 2.0, section 4.4) and finds the buffers.
func openGLB(data []byte) (*glbFile, error) {
	if len(data) < 20 || string(data[:4]) != "glTF" {
		return nil, errors.New("it is not a GLB")
	}
	if v := binary.LittleEndian.Uint32(data[4:]); v != 2 {
		return nil, fmt.Errorf("version %d is not known", v)
	}
	whole := int64(binary.LittleEndian.Uint32(data[8:]))
	if whole < 20 || whole > int64(len(data)) {
		return nil, fmt.Errorf("it should be %d bytes long and is %d", whole, len(data))
	}
	text, rest, err := glbChunk(data[12:whole], "JSON")
	if err != nil {
		return nil, err
	}
	var bin []byte
	if len(rest) > 0 {
		if bin, _, err = glbChunk(rest, "BIN\x00"); err != nil {
			return nil, err
		}
	}
	g := &glbFile{work: 1<<24 + 8*len(text)}
	if err := json.Unmarshal(bytes.TrimRight(text, "\x00"), g); err != nil {
		return nil, err
	}
	for _, name := range g.ExtensionsRequired {
		if !harmless(name) {
			return nil, fmt.Errorf("it needs the extension %.40q, which is not known here", name)
		}
	}
	return g, g.load(bin)
}

// harmless reports whether a mesh can be read without knowing an extension: quantised numbers are read as any others.
func harmless(name string) bool {
	return name == "KHR_mesh_quantization" || strings.HasPrefix(name, "KHR_materials_") ||
		strings.HasPrefix(name, "KHR_texture_") || strings.HasPrefix(name, "KHR_lights_")
}

// glbChunk splits off a chunk of the type wanted.
func glbChunk(b []byte, kind string) (chunk, rest []byte, err error) {
	if len(b) < 8 || string(b[4:8]) != kind {
		return nil, nil, fmt.Errorf("there is no chunk %.4q", kind)
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n > int64(len(b)-8) {
		return nil, nil, fmt.Errorf("the chunk %.4q should be %d bytes long and %d are left", kind, n, len(b)-8)
	}
	return b[8 : 8+n], b[8+n:], nil
}

// load finds the bytes of every buffer, which have to be inside the file: it may not name others of this machine.
func (g *glbFile) load(bin []byte) error {
	for i := range g.Buffers {
		b, err := entry[glbBuffer](g, g.Buffers, i, "buffer")
		if err != nil {
			return err
		}
		data := bin
		if b.URI != "" || i > 0 {
			head, text, ok := strings.Cut(b.URI, ",")
			if !ok || !strings.HasPrefix(head, "data:") || !strings.HasSuffix(head, ";base64") {
				return fmt.Errorf("buffer %d is not inside the file", i)
			}
			if data, err = base64.StdEncoding.DecodeString(text); err != nil {
				return fmt.Errorf("buffer %d: %w", i, err)
			}
		}
		if b.ByteLength < 0 || b.ByteLength > int64(len(data)) {
			return fmt.Errorf("buffer %d should be %d bytes long and is %d", i, b.ByteLength, len(data))
		}
		g.data = append(g.data, data[:b.ByteLength])
	}
	return nil
}

// entry decodes element i of one of the lists.
func entry[T any](g *glbFile, list []json.RawMessage, i int, what string) (v T, err error) {
	if i < 0 || i >= len(list) {
		return v, fmt.Errorf("%s %d is not there", what, i)
	}
	// A list of many nodes that name one long entry would have it decoded without end.
	if g.work -= len(list[i]) + 16; g.work < 0 {
		return v, fmt.Errorf("%w: the same entries are used again and again", ErrTooLarge)
	}
	if err := json.Unmarshal(list[i], &v); err != nil {
		return v, fmt.Errorf("%s %d: %w", what, i, err)
	}
	return v, nil
}
