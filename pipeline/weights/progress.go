package weights

import "time"

// Progress is how far a download, import or check of a network is.
type Progress struct {
	File        string
	Step        string // "downloading", "checking", ...
	Done, Total int64  // bytes of the whole network; Done never goes back
	Rate        float64
	Left        time.Duration // 0 while it cannot be told
}

// often is how long a Progress is current.
const often = 100 * time.Millisecond

// meter turns pieces into Progress.
type meter struct {
	see         func(Progress)
	path, step  string
	total       int64
	before      int64 // bytes of the files that are done
	at, highest int64

	last   time.Time
	lastAt int64
	rate   float64
}

func newMeter(n Network, see func(Progress)) *meter {
	m := &meter{see: see, last: time.Now()}
	m.total, _ = n.Bytes()
	return m
}

func (m *meter) file(f File, step string) {
	m.path, m.step, m.at = f.Path, step, m.before
	m.lastAt = m.at
	m.tell()
}

// seen counts n more bytes of the file.
func (m *meter) seen(n int64) {
	m.at += n
	since := time.Since(m.last)
	if since < often {
		return
	}
	now := float64(m.at-m.lastAt) / since.Seconds()
	if m.rate == 0 || m.lastAt > m.at {
		m.rate = now
	}
	m.rate += (now - m.rate) / 10 // about the last second
	m.last, m.lastAt = time.Now(), m.at
	m.tell()
}

// rewind begins the file anew.
func (m *meter) rewind() { m.at, m.lastAt, m.rate = m.before, m.before, 0 }

func (m *meter) done(f File) {
	m.before += f.Bytes()
	m.at = m.before
	m.tell()
}

func (m *meter) tell() {
	if m.see == nil {
		return
	}
	m.highest = max(m.highest, min(m.at, m.total))
	p := Progress{File: m.path, Step: m.step, Done: m.highest, Total: m.total, Rate: max(m.rate, 0)}
	if left := float64(m.total-m.highest) / m.rate; m.rate > 0 && left < 1e6 {
		p.Left = time.Duration(left * float64(time.Second)).Round(time.Second)
	}
	m.see(p)
}
