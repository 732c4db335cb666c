package weights

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Values of a pickle, besides nil, bool, int64, float64 and string. Classes and functions are only their names.
type (
	pyTuple []any
	pyList  struct{ items []any }
	pyDict  struct{ keys, values []any }
	pyName  struct{ module, name string }
)

// Limits of a pickle. The largest state dict known has some thousand tensors and fifty values for each.
const (
	maxPickle  = 32 << 20
	maxPushes  = 2 << 20
	maxMemoKey = 1 << 20
)

// unpickler runs the opcodes of protocols 0 to 5 that a state dict is written with, see Python's pickletools.py. It
// makes values and nothing else: what a pickle would have Python call goes to rebuild, which knows a handful of names.
type unpickler struct {
	data   []byte
	at     int
	stack  []any
	marks  []int // heights of the stack at the marks
	memo   []any
	pushes int
}

// errPickle is what panics inside the unpickler carry; load turns it back into an error.
type errPickle struct{ error }

func (u *unpickler) fail(kind error, format string, args ...any) {
	panic(errPickle{fmt.Errorf("%w: pickle, byte %d: %s", kind, u.at, fmt.Sprintf(format, args...))})
}

// load runs the pickle and returns what it makes.
func (u *unpickler) load() (v any, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case errPickle:
			err = r.error
		default:
			panic(r)
		}
	}()
	for {
		op := u.take(1)[0]
		if op == '.' {
			return u.pop(), nil
		}
		if !u.literal(op) && !u.container(op) && !u.reference(op) {
			u.fail(ErrUnsupported, "opcode %#02x has no place in a state dict", op)
		}
	}
}

func (u *unpickler) take(n int) []byte {
	if n < 0 || n > len(u.data)-u.at {
		u.fail(ErrCorrupt, "it ends in the middle")
	}
	b := u.data[u.at : u.at+n]
	u.at += n
	return b
}

// sized takes bytes preceded by their number in width bytes.
func (u *unpickler) sized(width int) []byte { return u.take(int(u.uint(width))) }

func (u *unpickler) uint(width int) uint64 {
	var word [8]byte
	copy(word[:], u.take(width))
	v := binary.LittleEndian.Uint64(word[:])
	if v > math.MaxInt32 && width == 8 {
		u.fail(ErrCorrupt, "a length of %d", v)
	}
	return v
}

func (u *unpickler) line() string {
	for i := u.at; i < len(u.data); i++ {
		if u.data[i] == '\n' {
			s := string(u.data[u.at:i])
			u.at = i + 1
			return s
		}
	}
	u.fail(ErrCorrupt, "it ends in the middle of a line")
	return ""
}

func (u *unpickler) push(v any) {
	if u.pushes++; u.pushes > maxPushes {
		u.fail(ErrUnsupported, "more than %d values", maxPushes)
	}
	u.stack = append(u.stack, v)
}

// floor is the height the stack may not go below: that of the last mark.
func (u *unpickler) floor() int {
	if len(u.marks) == 0 {
		return 0
	}
	return u.marks[len(u.marks)-1]
}

// popN takes the n topmost values, the lowest first.
func (u *unpickler) popN(n int) []any {
	if len(u.stack)-u.floor() < n {
		u.fail(ErrCorrupt, "the stack is empty")
	}
	at := len(u.stack) - n
	v := append([]any(nil), u.stack[at:]...)
	u.stack = u.stack[:at]
	return v
}

func (u *unpickler) pop() any { return u.popN(1)[0] }

// popMark takes all values above the last mark, and the mark.
func (u *unpickler) popMark() []any {
	if len(u.marks) == 0 {
		u.fail(ErrCorrupt, "there is no mark")
	}
	v := u.popN(len(u.stack) - u.floor())
	u.marks = u.marks[:len(u.marks)-1]
	return v
}

// literal runs the opcodes that push a value they carry.
func (u *unpickler) literal(op byte) bool {
	switch op {
	case 0x80: // PROTO
		if p := u.take(1)[0]; p > 5 {
			u.fail(ErrUnsupported, "protocol %d", p)
		}
	case 0x95: // FRAME
		u.take(8)
	case 'N':
		u.push(nil)
	case 0x88:
		u.push(true)
	case 0x89:
		u.push(false)
	case 'J': // BININT
		u.push(int64(int32(u.uint(4))))
	case 'K': // BININT1
		u.push(int64(u.uint(1)))
	case 'M': // BININT2
		u.push(int64(u.uint(2)))
	case 0x8a: // LONG1
		b := u.sized(1)
		if len(b) > 8 {
			u.fail(ErrUnsupported, "a number of %d bytes", len(b))
		}
		var word [8]byte
		copy(word[:], b)
		shift := 64 - 8*len(b)
		u.push(int64(binary.LittleEndian.Uint64(word[:])) << shift >> shift)
	case 'G': // BINFLOAT
		u.push(math.Float64frombits(binary.BigEndian.Uint64(u.take(8))))
	case 'X': // BINUNICODE
		u.push(string(u.sized(4)))
	case 0x8c, 'U', 'C': // SHORT_BINUNICODE, SHORT_BINSTRING, SHORT_BINBYTES
		u.push(string(u.sized(1)))
	case 'T', 'B': // BINSTRING, BINBYTES
		u.push(string(u.sized(4)))
	case 0x8d, 0x8e: // BINUNICODE8, BINBYTES8
		u.push(string(u.sized(8)))
	case 'c': // GLOBAL
		u.push(pyName{u.line(), u.line()})
	default:
		return false
	}
	return true
}
