package docs

import (
	"regexp"
	"strings"
	"testing"
)

// What migrate.md names on our side exists: each call of its tables' second columns with
// these arguments, each name as one of a socket, a message or package zmq.
func TestMigrateTables(t *testing.T) {
	p := strings.NewReplacer("\ta        *auth.Auth\n", "\ta, b     []byte\n\tt        string\n\tsub      *zmq.Socket\n",
		"\tb        *beacon.Beacon\n", "\tbeacons  *beacon.Beacon\n",
		`"github.com/go-zactor/zactor/msg"`, "\"github.com/go-zactor/zactor/msg\"\n\t\"github.com/go-zactor/zactor/pattern/majordomo\"",
		"zmq4.NewReq,", "zmq4.NewReq, majordomo.NewClient,").Replace(prelude)
	g := compile(t, exports(t), p, nil)
	found := 0
	for _, text := range ourSpans(read(t, "migrate.md")) {
		found++
		if !g.named(text) {
			t.Errorf("`%s` is no call, method or name of ours", text)
		}
	}
	if found < 30 {
		t.Errorf("only %d names were found", found)
	}
	for _, wrong := range []string{"zmq.Proxxy", "s.Sned(...)", "TrySned", "endpoint, err := s.Bindd(\"x\")", "Socket.Evnts"} {
		if g.named(wrong) {
			t.Errorf("`%s` is taken for good", wrong)
		}
	}
}

// notOurs are spans that are no Go: commands, transports, marks, and libzmq's names.
var notOurs = regexp.MustCompile(`^(?:zactor |wss?://|zmq_|ZMQ_|\W+$)`)

// ourSpans are the spans of code in second columns, and those of the text.
func ourSpans(page string) (all []string) {
	for line := range strings.Lines(fence.ReplaceAllString(page, "")) {
		if cells := strings.Split(line, "|"); strings.HasPrefix(line, "|") {
			line = cells[2]
		}
		for _, m := range span.FindAllStringSubmatch(line, -1) {
			if !notOurs.MatchString(m[1]) {
				all = append(all, m[1])
			}
		}
	}
	return all
}

// named reports whether a span names something: an expression, the right side of :=, the
// name of a method or a field of a socket or a message, or TYPE.METHOD.
func (g *guide) named(text string) bool {
	if _, right, is := strings.Cut(text, " := "); is {
		text = right
	}
	text = strings.TrimSuffix(text, "(...)")
	tries := []string{text, "s." + text, "m." + text, "zmq." + text}
	if i := strings.LastIndex(text, "."); i > 0 {
		tries = append(tries, "(*"+text[:i]+")"+text[i:], "(*zmq."+text[:i]+")"+text[i:])
	}
	for _, try := range tries {
		if g.exists(try) == nil {
			return true
		}
	}
	return false
}
