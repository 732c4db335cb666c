package export

import (
	"bytes"
	"io"
	"testing"
)

// The mesh of the benchmarks is a coloured sphere of one million triangles.
const benchRings = 501

func BenchmarkWrite(b *testing.B) {
	m := sphere(benchRings)
	for _, f := range Formats {
		b.Run(f.Name, func(b *testing.B) {
			data, err := f.Bytes(m, meta)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := f.Write(io.Discard, m, meta); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	m := sphere(benchRings)
	for _, f := range Formats {
		b.Run(f.Name, func(b *testing.B) {
			data, err := f.Bytes(m, meta)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Decode(bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
