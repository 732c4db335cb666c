package weights

import "errors"

// container runs the opcodes that make and fill tuples, lists and dicts.
func (u *unpickler) container(op byte) bool {
	switch op {
	case '(':
		u.marks = append(u.marks, len(u.stack))
	case ')':
		u.push(pyTuple{})
	case 't':
		u.push(pyTuple(u.popMark()))
	case 0x85, 0x86, 0x87: // TUPLE1 to TUPLE3
		u.push(pyTuple(u.popN(int(op) - 0x84)))
	case ']':
		u.push(&pyList{})
	case 'l':
		u.push(&pyList{items: u.popMark()})
	case 'a': // APPEND
		u.extend(u.popN(1))
	case 'e': // APPENDS
		u.extend(u.popMark())
	case '}':
		u.push(&pyDict{})
	case 'd':
		items := u.popMark()
		u.push(&pyDict{})
		u.set(items)
	case 's': // SETITEM
		u.set(u.popN(2))
	case 'u': // SETITEMS
		u.set(u.popMark())
	default:
		return false
	}
	return true
}

func (u *unpickler) extend(items []any) {
	list, ok := u.top().(*pyList)
	if !ok {
		u.fail(ErrCorrupt, "appending to what is no list")
	}
	list.items = append(list.items, items...)
}

func (u *unpickler) set(items []any) {
	dict, ok := u.top().(*pyDict)
	if !ok {
		u.fail(ErrCorrupt, "setting an item of what is no dict")
	}
	if len(items)%2 != 0 {
		u.fail(ErrCorrupt, "a key without a value")
	}
	for i := 0; i < len(items); i += 2 {
		dict.keys = append(dict.keys, items[i])
		dict.values = append(dict.values, items[i+1])
	}
}

func (u *unpickler) top() any {
	if len(u.stack) <= u.floor() {
		u.fail(ErrCorrupt, "the stack is empty")
	}
	return u.stack[len(u.stack)-1]
}

// reference runs the opcodes of the memo, of names, of calls and of storages.
func (u *unpickler) reference(op byte) bool {
	switch op {
	case 'q': // BINPUT
		u.remember(u.uint(1))
	case 'r': // LONG_BINPUT
		u.remember(u.uint(4))
	case 0x94: // MEMOIZE
		u.remember(uint64(len(u.memo)))
	case 'h': // BINGET
		u.recall(u.uint(1))
	case 'j': // LONG_BINGET
		u.recall(u.uint(4))
	case '0': // POP
		u.pop()
	case '1': // POP_MARK
		u.popMark()
	case '2': // DUP
		u.push(u.top())
	case 0x93: // STACK_GLOBAL
		words := u.popN(2)
		module, isText := words[0].(string)
		name, isText2 := words[1].(string)
		if !isText || !isText2 {
			u.fail(ErrCorrupt, "a name that is no text")
		}
		u.push(pyName{module, name})
	case 'Q': // BINPERSID
		u.push(u.must(storageOf(u.pop())))
	case 'R': // REDUCE
		call := u.popN(2)
		f, isName := call[0].(pyName)
		args, isTuple := call[1].(pyTuple)
		if !isName || !isTuple {
			u.fail(ErrCorrupt, "calling what is no function")
		}
		u.push(u.must(rebuild(f, args)))
	case 'b': // BUILD: attributes of an OrderedDict, of no interest
		u.pop()
		if _, ok := u.top().(*pyDict); !ok {
			u.fail(ErrUnsupported, "an object with attributes")
		}
	default:
		return false
	}
	return true
}

func (u *unpickler) must(v any, err error) any {
	if errors.Is(err, ErrUnsupported) {
		panic(errPickle{err}) // says all there is to say
	}
	if err != nil {
		u.fail(ErrCorrupt, "%v", err)
	}
	return v
}

func (u *unpickler) remember(key uint64) {
	if key > maxMemoKey || key > uint64(2*len(u.memo)+1024) { // keys are counted up
		u.fail(ErrUnsupported, "memo key %d", key)
	}
	for uint64(len(u.memo)) <= key {
		u.memo = append(u.memo, nil)
	}
	u.memo[key] = u.top()
}

func (u *unpickler) recall(key uint64) {
	if key >= uint64(len(u.memo)) {
		u.fail(ErrCorrupt, "memo key %d was not set", key)
	}
	u.push(u.memo[key])
}
