package weights

import (
	"fmt"
	"strings"
)

// pyStorage is a run of numbers in an entry of the file.
type pyStorage struct {
	dtype DType
	key   string
	count int64
}

// pyTensor is a view of a storage. Offset and strides count numbers.
type pyTensor struct {
	storage        pyStorage
	offset         int64
	shape, strides []int64
}

// storages are torch's classes of storages.
var storages = map[string]DType{
	"DoubleStorage": F64, "FloatStorage": F32, "HalfStorage": F16, "BFloat16Storage": BF16,
	"LongStorage": I64, "IntStorage": I32, "ShortStorage": I16, "CharStorage": I8, "ByteStorage": U8, "BoolStorage": Bool,
}

// storageOf takes a persistent id, ('storage', class, key, device, count). The device is that of whoever saved it.
func storageOf(id any) (any, error) {
	t, ok := id.(pyTuple)
	if !ok || len(t) != 5 || t[0] != "storage" {
		return nil, fmt.Errorf("a reference to something else than a storage")
	}
	class, ok1 := t[1].(pyName)
	key, ok2 := t[2].(string)
	count, ok3 := t[4].(int64)
	if !ok1 || !ok2 || !ok3 || count < 0 {
		return nil, fmt.Errorf("a storage that is not described by class, key, device and count")
	}
	dtype, ok := storages[class.name]
	if !ok || class.module != "torch" {
		return nil, fmt.Errorf("%w: numbers of class %.100s.%.100s", ErrUnsupported, class.module, class.name)
	}
	return pyStorage{dtype, key, count}, nil
}

// rebuild stands for the calls a state dict makes. Anything else is refused by name: it is not run, and guessing what it
// would have made is no use.
func rebuild(f pyName, args pyTuple) (any, error) {
	switch f {
	case pyName{"collections", "OrderedDict"}:
		if len(args) == 0 {
			return &pyDict{}, nil
		}
		return nil, fmt.Errorf("%w: an OrderedDict as Python 2 wrote it", ErrUnsupported)
	case pyName{"torch._utils", "_rebuild_tensor_v2"}, pyName{"torch._utils", "_rebuild_tensor"}:
		return tensorOf(args)
	case pyName{"torch._utils", "_rebuild_parameter"}:
		if len(args) > 0 {
			if t, ok := args[0].(pyTensor); ok {
				return t, nil
			}
		}
		return nil, fmt.Errorf("a parameter that is no tensor")
	case pyName{"torch", "Size"}:
		if len(args) == 1 {
			if t, ok := args[0].(pyTuple); ok {
				return t, nil
			}
		}
		return nil, fmt.Errorf("a size that is no tuple")
	}
	what := f.module + "." + f.name
	if strings.HasPrefix(f.module, "__torch__") {
		return nil, fmt.Errorf("%w: a TorchScript program; get the network's state dict", ErrUnsupported)
	}
	return nil, fmt.Errorf("%w: it wants to run %.200q, which has no place in a state dict; nothing was run", ErrUnsupported, what)
}

// tensorOf takes storage, offset, shape, strides and more that does not matter.
func tensorOf(args pyTuple) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("a tensor of %d words", len(args))
	}
	storage, ok1 := args[0].(pyStorage)
	offset, ok2 := args[1].(int64)
	shape, ok3 := numbersOf(args[2])
	strides, ok4 := numbersOf(args[3])
	if !ok1 || !ok2 || !ok3 || !ok4 || offset < 0 || len(shape) != len(strides) {
		return nil, fmt.Errorf("a tensor that is not described by storage, offset, shape and strides")
	}
	return pyTensor{storage, offset, shape, strides}, nil
}

func numbersOf(v any) ([]int64, bool) {
	t, ok := v.(pyTuple)
	if !ok || len(t) > maxRank {
		return nil, false
	}
	out := make([]int64, len(t))
	for i := range t {
		if out[i], ok = t[i].(int64); !ok || out[i] < 0 {
			return nil, false
		}
	}
	return out, true
}
