package cert

import (
	"bytes"
	"fmt"
	"strings"
)

// The limits of ParseZPL.
const (
	MaxZPLSize  = 1 << 20 // bytes of a document
	MaxZPLDepth = 64      // levels of items
	maxZPLItems = 1 << 16
)

const (
	zplIndent = 4             // spaces for each level
	zplSpace  = " \t\n\v\f\r" // what C's isspace takes
)

// A ZPL is an item of a configuration in ZPL, the ZeroMQ Property Language
// (https://rfc.zeromq.org/spec/4/): a name with a value, with children, or both.
// The root of a document has only children.
type ZPL struct {
	Name     string
	Value    string
	Children []*ZPL
}

// ParseZPL reads a document by czmq's rules:
//
//   - A line is an indent of four spaces for each level, a name, and maybe "=" and
//     a value. Levels can't be skipped. Spaces at the end of a line do not count.
//   - A name is made of letters, digits and $-_@.&+/ and does not start or end
//     with a slash. The same name may come again.
//   - A value is in double or single quotes, or else goes up to the first "#" or
//     the end of the line. Nothing can be escaped.
//   - "#" starts a comment. In front of a comment an indent must be right as well.
//
// It is stricter than czmq in three ways, none of which a useful document meets:
// a zero byte is refused, where czmq would ignore the rest of the line, and so
// are documents above MaxZPLSize or MaxZPLDepth.
func ParseZPL(text []byte) (*ZPL, error) {
	if len(text) > MaxZPLSize {
		return nil, fmt.Errorf("%w: %w: %d bytes of ZPL: the limit is %d", ErrZPL, ErrTooLarge, len(text), MaxZPLSize)
	}
	p := zplParser{path: []*ZPL{{}}}
	number := 0
	for line := range bytes.SplitSeq(text, []byte{'\n'}) {
		number++
		if err := p.line(string(line)); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrZPL, number, err)
		}
	}
	return p.path[0], nil
}

// A zplParser knows the last item of every level above and at the current line.
type zplParser struct {
	path  []*ZPL // path[0] is the root
	items int
}

func (p *zplParser) line(line string) error {
	if strings.IndexByte(line, 0) >= 0 {
		return fmt.Errorf("zero byte")
	}
	line = strings.TrimRight(line, zplSpace)
	name := strings.TrimLeft(line, " ")
	if line == "" || line[0] == '#' {
		return nil
	}
	indent := len(line) - len(name)
	if indent%zplIndent != 0 {
		return fmt.Errorf("indent of %d spaces: must be a multiple of %d", indent, zplIndent)
	}
	if strings.TrimLeft(name, zplSpace)[0] == '#' {
		return nil
	}
	item, err := parseItem(name)
	if err != nil {
		return err
	}
	return p.add(item, indent/zplIndent)
}

func (p *zplParser) add(item *ZPL, level int) error {
	p.items++
	switch {
	case p.items > maxZPLItems:
		return fmt.Errorf("%w: more than %d items", ErrTooLarge, maxZPLItems)
	case level >= MaxZPLDepth:
		return fmt.Errorf("%w: level %d: the limit is %d", ErrTooLarge, level+1, MaxZPLDepth)
	case level >= len(p.path):
		return fmt.Errorf("indented to level %d below level %d", level+1, len(p.path)-1)
	}
	p.path[level].Children = append(p.path[level].Children, item)
	p.path = append(p.path[:level+1], item)
	return nil
}

// parseItem reads what follows the indent; it is not empty. Errors show no more
// of the line than a name that is followed by "=": it may have a secret key on it.
func parseItem(text string) (*ZPL, error) {
	n := 0
	for n < len(text) && isNameByte(text[n]) {
		n++
	}
	name, rest := text[:n], strings.TrimLeft(text[n:], zplSpace)
	if err := checkName(name); err != nil {
		return nil, err
	}
	switch {
	case rest == "" || rest[0] == '#':
		return &ZPL{Name: name}, nil
	case rest[0] != '=':
		return nil, fmt.Errorf("name is followed by neither = nor a comment")
	}
	value, err := parseValue(rest[1:])
	if err != nil {
		return nil, fmt.Errorf("value of %q: %w", name, err)
	}
	return &ZPL{Name: name, Value: value}, nil
}

// parseValue reads what follows the "=".
func parseValue(text string) (string, error) {
	value := strings.TrimLeft(text, zplSpace)
	switch {
	case value == "":
		return "", nil
	case value[0] == '"' || value[0] == '\'':
		return parseQuoted(value)
	case value[0] == '#' && len(value) < len(text):
		// czmq looks for the blanks in front of the comment, finds those in front
		// of the value, and so keeps the whole: "a = #x#y" is "#x#y".
		return value, nil
	}
	value, _, _ = strings.Cut(value, "#")
	return strings.TrimRight(value, zplSpace), nil
}

func parseQuoted(text string) (string, error) {
	value, rest, ok := strings.Cut(text[1:], text[:1])
	if !ok {
		return "", fmt.Errorf("no closing quote")
	}
	if rest = strings.TrimLeft(rest, zplSpace); rest != "" && rest[0] != '#' {
		return "", fmt.Errorf("text behind the closing quote")
	}
	return value, nil
}

func isNameByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' ||
		strings.IndexByte("$-_@.&+/", c) >= 0
}

func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("no name: must be letters, digits and $-_@.&+/")
	case name[0] == '/' || name[len(name)-1] == '/':
		return fmt.Errorf("name must not start or end with a slash")
	}
	return nil
}

// Child returns the first child of that name, or nil.
func (z *ZPL) Child(name string) *ZPL {
	for _, c := range z.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Get returns the value of the item at a path such as "curve/public-key": the
// first child of each name. Names that have a slash themselves are reached by
// Child.
func (z *ZPL) Get(path string) (string, bool) {
	for name := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if z = z.Child(name); z == nil {
			return "", false
		}
	}
	return z.Value, true
}

// Append appends the children of z as a document. It is an error if ParseZPL
// would not read it back the same: a name that is none, or a value with a control
// character or with both kinds of quotes.
func (z *ZPL) Append(b []byte) ([]byte, error) {
	return z.append(b, 0)
}

func (z *ZPL) append(b []byte, level int) ([]byte, error) {
	if level > MaxZPLDepth {
		return nil, fmt.Errorf("%w: more than %d levels of ZPL", ErrTooLarge, MaxZPLDepth)
	}
	var err error
	for _, c := range z.Children {
		if c.Value == "" {
			b, err = appendSection(b, level, c.Name)
		} else {
			b, err = appendValue(b, level, c.Name, c.Value)
		}
		if err != nil {
			return nil, err
		}
		if b, err = c.append(b, level+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendSection(b []byte, level int, name string) ([]byte, error) {
	if err := safeName(name); err != nil {
		return nil, err
	}
	b = append(b, bytes.Repeat([]byte{' '}, level*zplIndent)...)
	return append(append(b, name...), '\n'), nil
}

func appendValue(b []byte, level int, name, value string) ([]byte, error) {
	quote, err := quoteFor(name, value)
	if err != nil {
		return nil, err
	}
	if b, err = appendSection(b, level, name); err != nil {
		return nil, err
	}
	b = append(b[:len(b)-1], " = "...)
	b = append(append(append(b, quote), value...), quote)
	return append(b, '\n'), nil
}

func safeName(name string) error {
	if err := checkName(name); err != nil {
		return fmt.Errorf("%w: name %.64q: %w", ErrUnsafe, name, err)
	}
	for i := range len(name) {
		if !isNameByte(name[i]) {
			return fmt.Errorf("%w: name %.64q: must be letters, digits and $-_@.&+/", ErrUnsafe, name)
		}
	}
	return nil
}

// quoteFor picks the quotes for a value: double ones, as czmq does, where the
// value has none.
func quoteFor(name, value string) (byte, error) {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7F {
			return 0, fmt.Errorf("%w: value of %.64q: has the control character %#02x", ErrUnsafe, name, c)
		}
	}
	switch {
	case !strings.Contains(value, `"`):
		return '"', nil
	case !strings.Contains(value, `'`):
		return '\'', nil
	}
	return 0, fmt.Errorf("%w: value of %.64q: has both kinds of quotes", ErrUnsafe, name)
}
