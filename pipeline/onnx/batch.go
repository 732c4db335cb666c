package onnx

import (
	"context"
	"slices"
	"sync"
)

// Batch is a number of jobs that load each network once for all of them. One job at a time has a network; when it is done
// with it, the others get it that want the same, in the order in which they joined. The next one is opened when each has had
// this one or asks for another. So a batch takes the memory of one job, and every job computes what it would alone. All
// methods may be called from anywhere.
type Batch struct {
	mu      sync.Mutex
	members []*Member // that have not left, in the order in which they joined
	holder  *Member   // the one that has the network; nil when none has
	key     string    // of the network that was opened last; empty before the first
	session *Session  // of it, when none has it
	past    bool      // the first network is over
	loads   int
}

// Member is a job of a batch.
type Member struct {
	batch *Batch
	ctx   context.Context
	waits func() func()
	wants string        // the key of the network it waits for
	turn  chan struct{} // closed when it is its turn; nil when it does not wait
	stale *Session      // to be closed before its own is opened
}

// Join makes a member, which has to leave. The others wait for it from now on, even if it comes to its first network much
// later. It is nil when the first network has been let go already.
func (b *Batch) Join() *Member {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.past {
		return nil
	}
	m := &Member{batch: b, ctx: context.Background()}
	b.members = append(b.members, m)
	return m
}

// Loads is how many networks were opened.
func (b *Batch) Loads() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.loads
}

// Begin says that the member's waiting ends with ctx. waits is called when it has to wait for others, and what that returns
// when it goes on; nil for none.
func (m *Member) Begin(ctx context.Context, waits func() func()) {
	m.ctx, m.waits = ctx, waits
}

// Leave lets the others go on without the member. What it has opened it has to have closed.
func (m *Member) Leave() {
	b := m.batch
	b.mu.Lock()
	defer b.mu.Unlock()
	b.members = slices.DeleteFunc(b.members, func(o *Member) bool { return o == m })
	if len(b.members) == 0 && b.session != nil {
		_ = b.session.Close() // there is nothing to be done about it
		b.session = nil
	}
	b.next()
}

// next gives the turn to one who waits, if it is time.
func (b *Batch) next() {
	if b.holder != nil {
		return
	}
	var first, same *Member
	elsewhere := false
	for _, m := range b.members {
		switch {
		case m.turn == nil:
			elsewhere = true // it may yet want this one
		case m.wants == b.key && same == nil:
			same = m
		case first == nil:
			first = m
		}
	}
	to := same
	if to == nil && (b.key == "" || !elsewhere) {
		to = first
	}
	if to == nil {
		return
	}
	if to.wants != b.key {
		b.past = b.key != ""
		b.key, to.stale, b.session = to.wants, b.session, nil
	}
	b.holder = to
	close(to.turn)
	to.turn = nil
}

// open waits for the member's turn and opens the network, or takes it as another has left it. One who has a network already
// gets another of its own at once, since the turn is its own.
func (m *Member) open(model *Model, o Options) (*Session, error) {
	b, key := m.batch, model.key(o)
	b.mu.Lock()
	if b.holder == m {
		b.mu.Unlock()
		return model.load(o)
	}
	turn := make(chan struct{})
	m.wants, m.turn = key, turn
	b.next()
	b.mu.Unlock()
	if err := m.wait(turn); err != nil {
		return nil, err
	}
	if m.stale != nil {
		_ = m.stale.Close()
		m.stale = nil
	}
	b.mu.Lock()
	s := b.session
	b.session = nil
	b.mu.Unlock()
	if s == nil {
		var err error
		if s, err = model.load(o); err != nil {
			m.done(nil)
			return nil, err
		}
		b.mu.Lock()
		b.loads++
		b.mu.Unlock()
	}
	s.member = m
	return s, nil
}

// wait returns when it is the member's turn, or with the error of its context when that was done before.
func (m *Member) wait(turn chan struct{}) error {
	select {
	case <-turn:
		return nil
	default:
	}
	if m.waits != nil {
		defer m.waits()()
	}
	select {
	case <-turn:
		return nil
	case <-m.ctx.Done():
	}
	m.batch.mu.Lock()
	defer m.batch.mu.Unlock()
	if m.turn == nil {
		return nil // both at once; the run that follows ends by itself
	}
	m.turn = nil
	return m.ctx.Err()
}

// done gives the turn back, and the network for whoever wants it next; nil when there is none.
func (m *Member) done(s *Session) {
	b := m.batch
	b.mu.Lock()
	defer b.mu.Unlock()
	b.holder, b.session = nil, s
	b.next()
}

// close is what [Session.Close] is for a session of a batch.
func (m *Member) close(s *Session) error {
	s.member = nil
	if s.failed {
		err := s.Close()
		m.done(nil)
		return err
	}
	m.done(s)
	return nil
}
