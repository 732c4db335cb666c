package weights

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
)

// maxIndex is the largest index of a sharded checkpoint.
const maxIndex = 64 << 20

// readIndex reads a checkpoint in several files from its index, {"weight_map": {tensor: file beside the index}}.
func readIndex(r io.ReaderAt, size int64, path string) (*Checkpoint, error) {
	if size > maxIndex {
		return nil, fmt.Errorf("%w: an index of %d bytes", ErrUnsupported, size)
	}
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.NewDecoder(io.NewSectionReader(r, 0, size)).Decode(&index); err != nil || len(index.Map) == 0 {
		return nil, fmt.Errorf("%w: a text file without a weight_map, no checkpoint", ErrUnsupported)
	}
	c := &Checkpoint{Tensors: map[string]Tensor{}, Metadata: map[string]string{}}
	shards := map[string]*Checkpoint{}
	for _, name := range slices.Sorted(maps.Keys(index.Map)) {
		file := index.Map[name]
		if !filepath.IsLocal(file) || filepath.Base(file) != file {
			return nil, fmt.Errorf("%w: the index names %q, which is not beside it", ErrCorrupt, file)
		}
		shard, ok := shards[file]
		if !ok {
			if len(shards) == 1000 {
				return nil, fmt.Errorf("%w: more than 1000 files", ErrUnsupported)
			}
			var err error
			if shard, err = open(filepath.Join(filepath.Dir(path), file), false); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			shards[file] = shard
		}
		if c.Tensors[name], ok = shard.Tensors[name]; !ok {
			return nil, fmt.Errorf("%w: %s should be in %s", ErrMissing, name, file)
		}
	}
	return c, nil
}
