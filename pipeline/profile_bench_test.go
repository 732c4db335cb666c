package pipeline

import "testing"

// BenchmarkMeterStep is a step that begins and the one before it that ends.
func BenchmarkMeterStep(b *testing.B) {
	m := newMeter(&Work{})
	m.enter("shape")
	b.ReportAllocs()
	for i := range b.N {
		m.at([]string{"one", "two"}[i%2])
	}
}

// BenchmarkForecast is a forecast from a full history.
func BenchmarkForecast(b *testing.B) {
	records := lawful(2000, 0.1)
	like := job("a")
	b.ReportAllocs()
	for range b.N {
		forecast(records, like)
	}
}

// BenchmarkHeldOut is what 'orfeas profile' adds to a full history.
func BenchmarkHeldOut(b *testing.B) {
	records := lawful(2000, 0.1)
	for range b.N {
		HeldOut(records)
	}
}
