//go:build interop

package cert

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// czmqProgram compiles a program against Debian's libczmq.
func czmqProgram(t *testing.T, source string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), strings.TrimSuffix(source, ".c"))
	out, err := exec.Command("gcc", "-Wall", "-o", binary, "testdata/"+source, "-lczmq", "-lzmq").CombinedOutput()
	if err != nil {
		t.Skipf("czmq can't be compiled against (Debian's gcc and libczmq-dev): %s", out)
	}
	return binary
}

func run(t *testing.T, command ...string) string {
	t.Helper()
	out, err := exec.Command(command[0], command[1:]...).Output()
	if err != nil {
		t.Fatalf("%v: %v", command, err)
	}
	return string(out)
}

// shown is what the peer prints of a certificate.
func shown(c *Cert) []string {
	lines := []string{"public " + c.Public(), "secret " + keyText(c.SecretKey().Expose())}
	for name, value := range c.AllMeta() {
		lines = append(lines, "meta "+name+"="+value)
	}
	return lines
}

// sameCert compares without the order of metadata, which czmq does not keep.
func sameCert(t *testing.T, c *Cert, output string) {
	t.Helper()
	got := strings.Split(strings.TrimSuffix(output, "\n"), "\n")
	want := shown(c)
	for _, line := range want {
		if !strings.Contains("\n"+output, "\n"+line+"\n") {
			t.Errorf("czmq has\n%s, we have %q", output, line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("czmq has %d lines, we have %d", len(got), len(want))
	}
}

func TestInteropCzmqLoadsOurs(t *testing.T) {
	peer := czmqProgram(t, "zcert_peer.c")
	dir := t.TempDir()
	for i, meta := range [][]string{
		nil,
		{"name", "Pieter Hintjens", "email", "ph@imatix.com", "version", "1"},
		{"quote", `say "x"`, "single", "it's", "hash", "a # b", "empty", "", "blank", "  x  ", "x/y-Z_0", "é", "tab", "a\tb"},
		{"long", strings.Repeat("x", 2000)},
	} {
		c := newCert(t, meta...)
		path := filepath.Join(dir, fmt.Sprint(i))
		save(t, c, path)
		sameCert(t, c, run(t, peer, "load", path))
		if err := os.Remove(path + secretSuffix); err != nil {
			t.Fatal(err)
		}
		sameCert(t, c.withoutSecret(), run(t, peer, "load", path))
		if got := run(t, peer, "store", dir, c.Public()); got != "FOUND\n" {
			t.Errorf("czmq's store: %s", got)
		}
	}
}

var stampLine = regexp.MustCompile(`Generated on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d by`)

func TestInteropWeLoadCzmqs(t *testing.T) {
	peer := czmqProgram(t, "zcert_peer.c")
	dir := t.TempDir()
	for i, meta := range [][]string{nil, {"name", "x"}, {"b", "1", "a", "it's", "c", "", "d", "# no"}} {
		path := filepath.Join(dir, fmt.Sprint(i))
		output := run(t, append([]string{peer, "make", path}, meta...)...)
		c, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		sameCert(t, c, output)
		if err := c.Verify(); err != nil {
			t.Error(err)
		}
		ours := path + "-ours"
		save(t, c, ours)
		for _, suffix := range []string{"", secretSuffix} {
			theirs, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			again, err := os.ReadFile(ours + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(stampLine.ReplaceAll(theirs, nil), stampLine.ReplaceAll(again, nil)) {
				t.Errorf("czmq wrote\n%swe wrote\n%s", theirs, again)
			}
		}
		store := quietStore(t, dir)
		if _, ok := store.Lookup(c.Public()); !ok {
			t.Error("our store does not find it")
		}
	}
}

// A file goes to czmq and back.
func TestInteropThereAndBack(t *testing.T) {
	peer := czmqProgram(t, "zcert_peer.c")
	path := filepath.Join(t.TempDir(), "a")
	c := newCert(t, "name", "x", "role", "it's")
	save(t, c, path)
	run(t, peer, "again", path, path+"2")
	back, err := Load(path + "2")
	if err != nil {
		t.Fatal(err)
	}
	sameCert(t, back, strings.Join(shown(c), "\n")+"\n")
}

// outlines asks czmq's own parser what it makes of documents.
func outlines(t *testing.T, peer string, documents []string) []string {
	t.Helper()
	var in bytes.Buffer
	for _, d := range documents {
		fmt.Fprintf(&in, "%d\n%s", len(d), d)
	}
	cmd := exec.Command(peer)
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var list, items []string
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSuffix(line, "\n")
		switch line {
		case "OK":
			list, items = append(list, strings.Join(items, "; ")), nil
		case "REFUSED":
			list, items = append(list, refused), nil
		default:
			f := strings.Split(line, " ")
			name, _ := hex.DecodeString(f[1])
			value, _ := hex.DecodeString(f[2])
			items = append(items, fmt.Sprintf("%s %s=%s", f[0], name, value))
		}
	}
	if len(list) != len(documents) {
		t.Fatalf("%d answers to %d documents", len(list), len(documents))
	}
	return list
}

// The documents of the unit test, and twenty thousand random ones made of what
// matters in ZPL, are read alike by czmq and by us.
func TestInteropZPLAgainstCzmq(t *testing.T) {
	peer := czmqProgram(t, "zpl_peer.c")
	var documents []string
	for _, c := range zplCases {
		documents = append(documents, c.text)
	}
	parts := []string{
		"a", "b/c", "/", "=", " = ", "\"", "'", "#", " ", "    ", "        ", "\t", "\n", "\n", "\n    ", "\r\n", "\r", "x y", "1", "\x0b", "é", "!", "$",
	}
	random := rand.New(rand.NewPCG(4, 2))
	for range 20_000 {
		var d strings.Builder
		for range 1 + random.IntN(14) {
			d.WriteString(parts[random.IntN(len(parts))])
		}
		documents = append(documents, d.String())
	}
	taken := 0
	for i, want := range outlines(t, peer, documents) {
		got := refused
		if z, err := ParseZPL([]byte(documents[i])); err == nil {
			got = outline(z)
			taken++
		}
		if got != want {
			t.Errorf("%q: we read %q, czmq %q", documents[i], got, want)
		}
	}
	t.Logf("%d of %d documents are well formed", taken, len(documents))
}
