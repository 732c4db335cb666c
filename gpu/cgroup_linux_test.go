package gpu

import (
	"os"
	"path/filepath"
	"testing"
)

func TestConfined(t *testing.T) {
	const total, available = 64000, 32000
	none := map[string]string{}
	for _, c := range []struct {
		name, groups     string
		files            map[string]string
		total, available uint64
	}{
		{"no files", "0::/a\n", none, total, available},
		{"nonsense", "0\n:\n\n", none, total, available},
		{"no limit", "0::/\n", map[string]string{"memory.max": "max\n", "memory.current": "90\n"}, total, available},
		{"container", "0::/\n", map[string]string{"memory.max": "8000\n", "memory.current": "5000\n", "memory.stat": "anon 3000\nfile 2000\ninactive_file 1500\nactive_file 500\n"}, 8000, 4500},
		{"machine fuller than the group", "0::/\n", map[string]string{"memory.max": "50000\n", "memory.current": "1000\n"}, 50000, available},
		{"limit above", "0::/user/app\n", map[string]string{"user/app/memory.max": "max\n", "user/memory.max": "4000\n", "user/memory.current": "4100\n"}, 4000, 0},
		{"tighter above", "0::/a/b\n", map[string]string{"a/b/memory.max": "6000\n", "a/b/memory.current": "5900\n", "a/memory.max": "5000\n", "a/memory.current": "1000\n"}, 5000, 100},
		{"outside the namespace", "0::/../other\n", map[string]string{"memory.max": "7000\n"}, 7000, 7000},
		{"another's", "0::/a\n", map[string]string{"b/memory.max": "10\n"}, total, available},
		{
			"version 1", "5:cpu:/x\n4:hugetlb,memory:/docker/12ab\n0::/\n",
			map[string]string{"memory/memory.limit_in_bytes": "9000\n", "memory/memory.usage_in_bytes": "3000\n", "memory/memory.stat": "inactive_file 1\ntotal_inactive_file 1000\n"},
			9000, 7000,
		},
		{"version 1, no limit", "4:memory:/\n", map[string]string{"memory/memory.limit_in_bytes": "9223372036854771712\n", "memory/memory.usage_in_bytes": "3000\n"}, total, available},
	} {
		root := t.TempDir()
		for name, text := range c.files {
			file := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if all, left := confined([]byte(c.groups), root, total, available); all != c.total || left != c.available {
			t.Errorf("%s: %d of %d, want %d of %d", c.name, left, all, c.available, c.total)
		}
	}
}
