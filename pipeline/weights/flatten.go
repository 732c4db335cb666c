package weights

import (
	"fmt"
	"strconv"
)

// flattener joins the names of nested dicts and lists by dots.
type flattener struct {
	place   func(name string, v pyTensor) (Tensor, error)
	to      map[string]Tensor
	visited int
}

func (f *flattener) add(name string, v any, depth int) error {
	if f.visited++; f.visited > maxPushes || depth > 16 || len(name) > maxName {
		return fmt.Errorf("%w: dicts within dicts without end", ErrUnsupported)
	}
	under := func(key string) string {
		if name == "" {
			return key
		}
		return name + "." + key
	}
	switch v := v.(type) {
	case pyTensor:
		if err := checkName(name); err != nil {
			return fmt.Errorf("%w: %v", ErrCorrupt, err)
		}
		if _, twice := f.to[name]; twice {
			return fmt.Errorf("%w: tensor %q is there twice", ErrCorrupt, name)
		}
		if len(f.to) == maxTensors {
			return fmt.Errorf("%w: more than %d tensors", ErrUnsupported, maxTensors)
		}
		t, err := f.place(name, v)
		if err != nil {
			return fmt.Errorf("tensor %s: %w", name, err)
		}
		f.to[name] = t
	case *pyDict:
		for i, key := range v.keys {
			switch key := key.(type) {
			case string:
				if err := f.add(under(key), v.values[i], depth+1); err != nil {
					return err
				}
			case int64:
				if err := f.add(under(strconv.FormatInt(key, 10)), v.values[i], depth+1); err != nil {
					return err
				}
			default:
				f.visited++ // a dict of such keys alone may be there a million times
			}
		}
	case *pyList:
		for i, item := range v.items {
			if err := f.add(under(strconv.Itoa(i)), item, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
