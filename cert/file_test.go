package cert

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// The files that czmq wrote are read, and written again byte for byte.
func TestCzmqFilesRoundTrip(t *testing.T) {
	for _, name := range []string{"mycert.txt", "nometa.txt"} {
		for _, suffix := range []string{"", secretSuffix} {
			want, err := os.ReadFile("testdata/czmq/" + name + suffix)
			if err != nil {
				t.Fatal(err)
			}
			c, err := Parse(want)
			if err != nil {
				t.Fatalf("%s%s: %v", name, suffix, err)
			}
			if c.Public() != "abcdefghijklmnopqrstuvwxyzabcdefghijklmn" || c.HasSecret() != (suffix != "") {
				t.Errorf("%s%s: public key %s, secret %v", name, suffix, c.Public(), c.HasSecret())
			}
			if value, ok := c.Meta("name"); (name == "mycert.txt") != ok || ok && value != "Pieter Hintjens" {
				t.Errorf("%s%s: name is %q, %v", name, suffix, value, ok)
			}
			header := map[string]string{"": publicHeader, secretSuffix: secretHeader}[suffix]
			at := time.Date(2026, 11, 21, 1, 37, 49, 0, time.Local)
			got, err := c.encode(header, suffix != "", at)
			if err != nil || string(got) != string(want) {
				t.Errorf("%s%s was written as\n%s%v, want\n%s", name, suffix, got, err, want)
			}
		}
	}
}

func TestEncodePublicHasNoSecret(t *testing.T) {
	c := newCert(t, "a", "1", "empty", "", "quote", `say "x"`)
	text, err := c.EncodePublic()
	if err != nil {
		t.Fatal(err)
	}
	want := "\nmetadata\n    a = \"1\"\n    empty = \"\"\n    quote = 'say \"x\"'\ncurve\n    public-key = \"" + c.Public() + "\"\n"
	if !strings.HasSuffix(string(text), want) || strings.Contains(string(text), "secret-key") {
		t.Errorf("public file\n%s, want its end to be\n%s", text, want)
	}
	back, err := Parse(text)
	if err != nil || !back.Equal(c.withoutSecret()) {
		t.Errorf("read back as %v, %v", back, err)
	}
}

func TestEncodeRefusesWhatItCouldNotRead(t *testing.T) {
	const key = "abcdefghijklmnopqrstuvwxyzabcdefghijklmn"
	c, err := Parse([]byte("metadata\n    a = x\x01y\ncurve\n    public-key = " + key + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.EncodePublic(); !errors.Is(err, ErrUnsafe) {
		t.Errorf("a control character: %v, want %v", err, ErrUnsafe)
	}
	large := newCert(t)
	for i := range 70 {
		if err := large.SetMeta(fmt.Sprint("name", i), strings.Repeat("x", 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := large.EncodePublic(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a file above the limit: %v, want %v", err, ErrTooLarge)
	}
}

func TestParse(t *testing.T) {
	const key, other = "abcdefghijklmnopqrstuvwxyzabcdefghijklmn", "ph+{E}!&X?9}!I]W{sm(nL8@&3Yu{wC+<*-5Y[[#"
	public := "curve\n    public-key = \"" + key + "\"\n"
	zero := strings.Repeat("0", 40)
	for _, test := range []struct {
		name, text string
		want       error
	}{
		{"public", public, nil},
		{"secret", public + "    secret-key = \"" + other + "\"\n", nil},
		{"secret of zeros is none", public + "    secret-key = \"" + zero + "\"\n", nil},
		{"other sections", "server\n    x = 1\n" + public + "more = 1\n", nil},
		{"nested metadata", "metadata\n    a = 1\n        b = 2\n" + public, nil},
		{"single quotes, CRLF, comment", "curve\r\n    public-key = '" + other + "' # key\r\n", nil},
		{"no end of line", public[:len(public)-1], nil},
		{"empty", "", ErrMalformed},
		{"no curve", "metadata\n    a = 1\n", ErrMalformed},
		{"no key", "curve\n", ErrMalformed},
		{"key elsewhere", "public-key = \"" + key + "\"\n", ErrMalformed},
		{"unquoted key with a comment in it", "curve\n    public-key = " + other + "\n", ErrMalformed},
		{"short key", "curve\n    public-key = \"" + key[:39] + "\"\n", ErrMalformed},
		{"long key", "curve\n    public-key = \"" + key + "x\"\n", ErrMalformed},
		{"zero key", "curve\n    public-key = \"" + zero + "\"\n", ErrInvalidKey},
		{"not Z85", "curve\n    public-key = \"" + key[:39] + "~\"\n", ErrZ85},
		{"short secret", public + "    secret-key = \"" + other[:35] + "\"\n", ErrMalformed},
		{"empty secret", public + "    secret-key = \"\"\n", ErrMalformed},
		{"two keys", public + "    public-key = \"" + other + "\"\n", ErrMalformed},
		{"two secrets", public + "    secret-key = \"" + other + "\"\n    secret-key = \"" + key + "\"\n", ErrMalformed},
		{"two curves", public + public, ErrMalformed},
		{"two metadatas", "metadata\nmetadata\n" + public, ErrMalformed},
		{"long name", "metadata\n    " + strings.Repeat("n", 256) + " = 1\n" + public, ErrMalformed},
		{"not ZPL", "curve\n\tpublic-key = \"" + key + "\"\n", ErrZPL},
		{"too large", public + "#" + strings.Repeat("x", MaxFileSize), ErrTooLarge},
	} {
		c, err := Parse([]byte(test.text))
		if !errors.Is(err, test.want) || (c == nil) != (err != nil) {
			t.Errorf("%s: %v, %v; want %v", test.name, c, err, test.want)
		}
		if err == nil && c.HasSecret() != (test.name == "secret") {
			t.Errorf("%s: secret %v", test.name, c.HasSecret())
		}
	}
	c, err := Parse([]byte("metadata\n    a = 1\n    a = 2\n    b\n        c = 3\n" + public))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.meta); got != "[{a 1} {b }]" {
		t.Errorf("metadata %s, want the first a, and b without its children", got)
	}
}

// Half a file is never a certificate with another key than the whole one's, and
// never one with less metadata.
func TestEveryPrefixOfAFile(t *testing.T) {
	c := newCert(t, "name", "x", "role", "guest")
	text, err := c.encode(secretHeader, true, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(text) {
		half, err := Parse(text[:n])
		if err == nil && !half.Equal(c) && !half.Equal(c.withoutSecret()) {
			t.Errorf("the first %d bytes are %v with %v", n, half, half.meta)
		}
	}
}

func FuzzCert(f *testing.F) {
	for _, name := range []string{"mycert.txt", "mycert.txt_secret", "nometa.txt", "nometa.txt_secret"} {
		text, err := os.ReadFile("testdata/czmq/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse(text)
		if err != nil {
			return
		}
		written, err := c.encode(secretHeader, c.HasSecret(), time.Unix(0, 0))
		if err != nil {
			return // metadata with control characters
		}
		back, err := Parse(written)
		if err != nil || !back.Equal(c) {
			t.Errorf("%q was written as %q, %v", text, written, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("testdata/czmq/mycert.txt")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
