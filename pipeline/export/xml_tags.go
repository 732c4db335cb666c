package export

import (
	"bytes"
	"fmt"
	"io"
)

// xmlTags reads the tags of an XML stream one after the other; the text between them, comments and processing
// instructions mean nothing in a 3MF. It is here because encoding/xml allocates for every attribute, which takes seconds
// for a million triangles, and because nothing in it grows with the file.
type xmlTags struct {
	r        io.Reader
	buf      []byte
	from, to int // what is read and not yet used
}

// xmlTag is one tag. Its slices are good until the next.
type xmlTag struct {
	name       []byte // without its prefix
	attributes []byte
	closing    bool // </name>
	empty      bool // <name/>
}

// maxTag bounds one tag.
const maxTag = 1 << 20

func newXMLTags(r io.Reader) *xmlTags { return &xmlTags{r: r, buf: make([]byte, 1<<16)} }

// next returns the next tag, and io.EOF after the last.
func (x *xmlTags) next() (t xmlTag, err error) {
	for {
		if err := x.skip("<"); err != nil {
			return t, err
		}
		for x.to-x.from < 3 && err == nil {
			err = x.more()
		}
		switch rest := x.buf[x.from:x.to]; {
		case bytes.HasPrefix(rest, []byte("!--")):
			err = x.skip("-->")
		case bytes.HasPrefix(rest, []byte("![C")): // character data
			err = x.skip("]]>")
		case bytes.HasPrefix(rest, []byte("?")):
			err = x.skip("?>")
		case bytes.HasPrefix(rest, []byte("!")):
			return t, fmt.Errorf("%w: a 3MF may not declare a document type", ErrMalformed)
		default:
			body, err := x.tag()
			return cutTag(body), whole(err)
		}
		if err != nil {
			return t, whole(err)
		}
	}
}

// whole names the end of a stream where there should be more.
func whole(err error) error {
	if err == io.EOF {
		return fmt.Errorf("%w: XML that ends within a tag", ErrMalformed)
	}
	return err
}

// skip drops everything up to mark and the mark itself.
func (x *xmlTags) skip(mark string) error {
	for {
		b := x.buf[x.from:x.to]
		if i := bytes.Index(b, []byte(mark)); i >= 0 {
			x.from += i + len(mark)
			return nil
		}
		x.from += max(len(b)-len(mark)+1, 0) // the mark may have begun
		if err := x.more(); err != nil {
			return err
		}
	}
}

// tag returns what is before the > that ends a tag. One inside quotes does not.
func (x *xmlTags) tag() ([]byte, error) {
	var quote byte
	for i := 0; ; i++ {
		if x.from+i == x.to {
			if i > maxTag {
				return nil, fmt.Errorf("%w: an XML tag of more than %d bytes", ErrMalformed, maxTag)
			}
			if err := x.more(); err != nil {
				return nil, err
			}
		}
		switch c := x.buf[x.from+i]; {
		case c == quote:
			quote = 0
		case quote != 0:
		case c == '"', c == '\'':
			quote = c
		case c == '>':
			body := x.buf[x.from : x.from+i]
			x.from += i + 1
			return body, nil
		}
	}
}

// more reads more of the stream behind what is not yet used.
func (x *xmlTags) more() error {
	if x.from > 0 {
		x.to = copy(x.buf, x.buf[x.from:x.to])
		x.from = 0
	}
	if x.to == len(x.buf) {
		x.buf = append(x.buf, make([]byte, len(x.buf))...)
	}
	n, err := io.ReadAtLeast(x.r, x.buf[x.to:], 1)
	x.to += n
	return err
}

// cutTag divides what is between < and >.
func cutTag(body []byte) (t xmlTag) {
	if len(body) > 0 && body[0] == '/' {
		t.closing, body = true, body[1:]
	}
	if n := len(body); n > 0 && body[n-1] == '/' {
		t.empty, body = true, body[:n-1]
	}
	t.name, t.attributes = nextWord(body)
	if i := bytes.IndexByte(t.name, ':'); i >= 0 {
		t.name = t.name[i+1:]
	}
	return t
}

// attribute splits off the next attribute, without the prefix of its name. There is none left when name is empty.
func (t *xmlTag) attribute() (name, value []byte) {
	b := t.attributes
	t.attributes = nil // whatever is wrong ends them
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	equals := bytes.IndexByte(b, '=')
	if equals < 0 {
		return nil, nil
	}
	name, b = b[:equals], b[equals+1:]
	for len(name) > 0 && isSpace(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
		return nil, nil
	}
	end := bytes.IndexByte(b[1:], b[0])
	if end < 0 {
		return nil, nil
	}
	t.attributes = b[end+2:]
	return name, b[1 : 1+end]
}
