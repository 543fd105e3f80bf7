package cert

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// outline writes a tree as "1 a=1; 2 b=": the level, the name and the value.
func outline(z *ZPL) string {
	var lines []string
	var walk func(z *ZPL, level int)
	walk = func(z *ZPL, level int) {
		for _, c := range z.Children {
			lines = append(lines, fmt.Sprintf("%d %s=%s", level, c.Name, c.Value))
			walk(c, level+1)
		}
	}
	walk(z, 1)
	return strings.Join(lines, "; ")
}

// zplCases were all put to czmq 4.2.1, and this is what it made of them; the
// interop test puts them to it again. refused stands for an error.
const refused = "(refused)"

var zplCases = []struct{ text, want string }{
	{"", ""},
	{"\n \n   \n\r\n  \r\n\x0b\n", ""},
	{"a", "1 a="},
	{"a = 1", "1 a=1"},
	{"a=1\n", "1 a=1"},
	{"a  \t=\x0b 1 \x0c\n", "1 a=1"},
	{"a =", "1 a="},
	{"a = b c   \n", "1 a=b c"},
	{"a == 1\n", "1 a== 1"},
	{"a = x\ty\\n\x01\xc3\xa9\n", "1 a=x\ty\\n\x01\xc3\xa9"},
	{"a = 1\rb = 2\r", "1 a=1\rb = 2"},
	{"a\r=1", "1 a=1"},
	{"= 1\n", refused},
	{"a : 1\n", refused},
	{"a b = 1\n", refused},
	// Names.
	{"$-_@.&+/x09AZaz = 1\n", "1 $-_@.&+/x09AZaz=1"},
	{"a/b = 1\n", "1 a/b=1"},
	{"/a = 1\n", refused},
	{"a/ = 1\n", refused},
	{"/ = 1\n", refused},
	{"%a = 1\n", refused},
	{"a* = 1\n", refused},
	{"\xc3\xa9 = 1\n", refused},
	{strings.Repeat("n", 1025) + " = 1\n", "1 " + strings.Repeat("n", 1025) + "=1"},
	// Levels.
	{"a\n    b\n        c = 1\n    d = 2\ne = 3\n", "1 a=; 2 b=; 3 c=1; 2 d=2; 1 e=3"},
	{"a = 1\n    b = 2\n", "1 a=1; 2 b=2"},
	{"a = 1\na = 2\n", "1 a=1; 1 a=2"},
	{"a\n  \n\n    b=1\n", "1 a=; 2 b=1"},
	{"  a = 1\n", refused},
	{"    a = 1\n", refused},
	{"a\n  b = 1\n", refused},
	{"a\n        b = 1\n", refused},
	{"a\n\tb = 1\n", refused},
	{"a\n    \tb = 1\n", refused},
	{"a\n    b\n        c=1\na\n        d=1\n", refused},
	// Quotes.
	{"a = \"x\"\r\nb = 'y'\r\n", "1 a=x; 1 b=y"},
	{"a = \"x'y#z \"\n", "1 a=x'y#z "},
	{"a = 'x\"y'\n", "1 a=x\"y"},
	{"a = \"\"\nb = ''\n", "1 a=; 1 b="},
	{"a = x\"y'\n", "1 a=x\"y'"},
	{"a = \"x\n", refused},
	{"a = \"x'\n", refused},
	{"a = \"x\" y\n", refused},
	{"a = \"x\"\"y\"\n", refused},
	{"a = 'x' y '\n", refused},
	// Comments.
	{"# c\na = 1\n#x\n    b = 2\n", "1 a=1; 2 b=2"},
	{"a = \"x\"# c\nb = \"y\"\t# \"\n", "1 a=x; 1 b=y"},
	{"a = x#y\n", "1 a=x"},
	{"a = x  # y\n", "1 a=x"},
	{"a = #x#y\n", "1 a=#x#y"},
	{"a =#x\n", "1 a="},
	{"a # = 1\nb#=1\n", "1 a=; 1 b="},
	{"            # deep\na\n", "1 a="},
	{"\t# tabs and such\na\n    \x0b \r#\n", "1 a="},
	{"  # c\na=1\n", refused},
}

func TestZPLByCzmqsRules(t *testing.T) {
	for _, test := range zplCases {
		z, err := ParseZPL([]byte(test.text))
		got := refused
		if err == nil {
			got = outline(z)
		} else if !errors.Is(err, ErrZPL) {
			t.Errorf("%q: %v, want %v", test.text, err, ErrZPL)
		}
		if got != test.want {
			t.Errorf("%.60q: %.60q, %v; want %.60q", test.text, got, err, test.want)
		}
	}
}

func TestZPLStricterThanCzmq(t *testing.T) {
	deep := func(levels int) []byte {
		var b []byte
		for i := range levels {
			b = fmt.Appendf(b, "%s\n", strings.Repeat("    ", i)+"a")
		}
		return b
	}
	for name, test := range map[string]struct {
		text []byte
		want error
	}{
		"zero byte":          {[]byte("a = 1\x00\n"), ErrZPL},
		"zero in a comment":  {[]byte("#\x00\n"), ErrZPL},
		"deepest":            {deep(MaxZPLDepth), nil},
		"too deep":           {deep(MaxZPLDepth + 1), ErrTooLarge},
		"largest":            {[]byte("#" + strings.Repeat("x", MaxZPLSize-1)), nil},
		"too large":          {[]byte("#" + strings.Repeat("x", MaxZPLSize)), ErrTooLarge},
		"most items":         {[]byte(strings.Repeat("a\n", maxZPLItems)), nil},
		"too many items":     {[]byte(strings.Repeat("a\n", maxZPLItems+1)), ErrTooLarge},
		"too deep and wrong": {[]byte(strings.Repeat(" ", 4*MaxZPLDepth) + "a"), ErrTooLarge},
	} {
		if _, err := ParseZPL(test.text); !errors.Is(err, test.want) || err != nil && !errors.Is(err, ErrZPL) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestZPLErrorsNameTheLineAndShowNoSecret(t *testing.T) {
	for _, text := range []string{
		"curve\n    secret-key = \"{1uAry8>b6*jUmewai%>2z@7-[!Sr!m=dbBANfr6\n",
		"curve\n    secret-key {1uAry8>b6*jUmewai%>2z@7-[!Sr!m=dbBANfr6\n",
		"curve\n    wai%>2z@7-[!Sr!m=dbBANfr6\n",
		"curve\n    /uAry8\n",
	} {
		_, err := ParseZPL([]byte(text))
		if err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v, want line 2 named", text, err)
		}
		for _, part := range []string{"uAry8", "wai", "BANfr6"} {
			if err != nil && strings.Contains(err.Error(), part) {
				t.Errorf("the error shows the key: %v", err)
			}
		}
	}
}

func TestZPLGet(t *testing.T) {
	z, err := ParseZPL([]byte("curve = 1\n    public-key = \"k\"\n    public-key = other\nx/y = 2\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"curve": "1", "curve/public-key": "k", "/curve/public-key": "k"} {
		if got, ok := z.Get(path); got != want || !ok {
			t.Errorf("%s is %q, %v; want %q", path, got, ok, want)
		}
	}
	for _, path := range []string{"", "curve/secret-key", "none/public-key", "x/y"} {
		if got, ok := z.Get(path); ok {
			t.Errorf("%q is there: %q", path, got)
		}
	}
	if c := z.Child("x/y"); c == nil || c.Value != "2" {
		t.Errorf("child x/y is %+v", c)
	}
}

func TestZPLAppend(t *testing.T) {
	z := &ZPL{Children: []*ZPL{
		{Name: "server", Value: "on", Children: []*ZPL{{Name: "bind", Value: "tcp://*:1 # x"}, {Name: "say", Value: `a "b"`}}},
		{Name: "empty", Children: []*ZPL{{Name: "x/y", Value: " "}}},
	}}
	const want = "server = \"on\"\n    bind = \"tcp://*:1 # x\"\n    say = 'a \"b\"'\nempty\n    x/y = \" \"\n"
	got, err := z.Append([]byte("#\n"))
	if err != nil || string(got) != "#\n"+want {
		t.Errorf("written as %q, %v; want %q", got, err, want)
	}
	back, err := ParseZPL(got)
	if err != nil || !reflect.DeepEqual(back, z) {
		t.Errorf("read back as %s, %v", outline(back), err)
	}
	for name, bad := range map[string]ZPL{
		"line end":    {Name: "a", Value: "x\ny = 1"},
		"return":      {Name: "a", Value: "x\r"},
		"zero":        {Name: "a", Value: "x\x00"},
		"both quotes": {Name: "a", Value: `'"`},
		"no name":     {Name: "", Value: "x"},
		"space":       {Name: "a b", Value: "x"},
		"line name":   {Name: "a\nb"},
		"slash":       {Name: "/"},
	} {
		if got, err := (&ZPL{Children: []*ZPL{&bad}}).Append(nil); !errors.Is(err, ErrUnsafe) {
			t.Errorf("%s: written as %q, %v", name, got, err)
		}
	}
	loop := &ZPL{Name: "a"}
	loop.Children = []*ZPL{loop}
	if _, err := loop.Append(nil); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a tree that contains itself: %v", err)
	}
}

// What can be written is read back the same, whatever was parsed.
func FuzzZPL(f *testing.F) {
	for _, c := range zplCases {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		z, err := ParseZPL(text)
		if err != nil {
			return
		}
		written, err := z.Append(nil)
		if err != nil {
			return // a control character, or both quotes
		}
		back, err := ParseZPL(written)
		if err != nil || !reflect.DeepEqual(back, z) {
			t.Errorf("%q was written as %q and read as %v, %v", text, written, back, err)
		}
	})
}

func BenchmarkZPLParse(b *testing.B) {
	text, err := New()
	if err != nil {
		b.Fatal(err)
	}
	file, err := text.EncodePublic()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := ParseZPL(file); err != nil {
			b.Fatal(err)
		}
	}
}
