package main

import (
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// udpPort is one on which nobody else meets.
func udpPort(t *testing.T) string {
	t.Helper()
	return strconv.Itoa(ztest.Port(t))
}

func typeTo(t *testing.T, in io.Writer, lines ...string) {
	t.Helper()
	if _, err := io.WriteString(in, strings.Join(lines, "\n")+"\n"); err != nil {
		t.Fatal(err)
	}
}

// One process sends beacons, and others hear them: those that they want, in words.
func TestBeacon(t *testing.T) {
	port := udpPort(t)
	listen := func(args ...string) *proc.Process {
		return proc.Start(t, append([]string{"beacon", "listen", "-local", "-port", port}, args...)...)
	}
	send := func(args ...string) *proc.Process {
		return proc.Start(t, append([]string{"beacon", "send", "-local", "-port", port, "-every", "20ms"}, args...)...)
	}
	all, some, hex := listen(), listen("-prefix", "two", "-n", "2"), listen("-hex")
	send("one \x1b[2J") // again and again, until the test ends
	all.Expect(`^127\.0\.0\.1:\d+ \S+ "one \\x1b\[2J"$`)
	hex.Expect(` 6f6e65201b5b324a$`)
	send("two")
	if out := some.Wait(); strings.Count(out, " two\n") != 2 || strings.Contains(out, "one") {
		t.Errorf("with a prefix it heard\n%s", out)
	}
	uuid := "000102030405060708090A0B0C0D0E0F"
	send("-hex", "-n", "500", "5a524501"+uuid+"1234")
	all.Expect(`zre version 1, node ` + uuid + `, port 4660$`)
	send("-hex", "-for", "10s", "5a524501"+uuid+"0000")
	all.Expect(`zre version 1, node ` + uuid + `, leaves$`)
	typed, in := proc.Typed(t, "beacon", "send", "-local", "-port", port, "-every", "20ms", "-")
	typeTo(t, in, "from a pipe")
	all.Expect(` from a pipe$`)
	typed.Interrupt()
	all.Interrupt()
	send("-n", "2", "x").Want("")
	listen("-for", "10ms", "-prefix", "nothing").Expect(`^zactor beacon listen: nobody was heard in 10ms$`)
}
