//go:build interop

package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest"
)

// matrixFile names the variable with the file that the table is written to.
const matrixFile = "ZACTOR_MATRIX"

// transports are the columns' transports, with an endpoint to bind.
var transports = []struct {
	name     string
	endpoint func(t *testing.T) string
}{
	{"tcp", func(*testing.T) string { return "tcp://127.0.0.1:*" }},
	{"ipc", func(t *testing.T) string { return "ipc://" + filepath.Join(t.TempDir(), "s") }},
}

// vacant makes of an endpoint to bind one that can be connected before it is
// bound: its port is known, and nobody listens there.
func vacant(t *testing.T, endpoint string) string {
	t.Helper()
	if !strings.HasPrefix(endpoint, "tcp") {
		return endpoint
	}
	return "tcp://" + ztest.Vacant(t)
}

// TestMatrix plays every legal pair of types over every transport, with either
// side ours and either side bound, and prints the table of what held.
func TestMatrix(t *testing.T) {
	ext := startPeer(t)
	table := newTable("zactor", "libzmq", "tcp, we bind", "tcp, we connect", "ipc, we bind", "ipc, we connect")
	for _, p := range pairings {
		playRow(t, table, p, pair{ours{}, theirs{ext}}, true)
		if p.left != p.right {
			playRow(t, table, p, pair{theirs{ext}, ours{}}, false)
		}
	}
	table.publish(t, ext.must(t, "version", nil))
	if !t.Failed() {
		ztest.Record(t, "A1", "matrix", "%d pairs of types, each side ours in turn, bound and connected, over tcp and ipc: all %d conversations hold",
			len(pairings), len(table.rows)*(len(table.head)-2))
	}
}

// playRow plays one pair with our side at one end of it: four cells.
func playRow(t *testing.T, table *table, p pairing, by pair, oursLeft bool) {
	our, their := p.left, p.right
	if !oursLeft {
		our, their = p.right, p.left
	}
	row := []string{our, their}
	for _, tr := range transports {
		for _, we := range []string{"bind", "connect"} {
			name := fmt.Sprintf("our %s, their %s/%s/we %s", our, their, tr.name, we)
			ok := t.Run(name, func(t *testing.T) {
				left, right := p.join(t, by, oursLeft == (we == "bind"), tr.endpoint(t))
				p.play(t, left, right)
			})
			row = append(row, verdict(ok))
		}
	}
	table.rows = append(table.rows, row)
}

func verdict(ok bool) string {
	if ok {
		return "ok"
	}
	return "FAILS"
}

// table is a Markdown table in the making.
type table struct {
	head []string
	rows [][]string
}

func newTable(head ...string) *table { return &table{head: head} }

// publish logs the table, and writes it to the file that matrixFile names.
func (tb *table) publish(t *testing.T, v reply) {
	t.Helper()
	text := tb.markdown() + fmt.Sprintf("\nlibzmq %s through pyzmq %s. In each cell, %d messages each way that the pair has: "+
		"frames of %v bytes, alone and in multipart messages.\n", v.Libzmq, v.Pyzmq, len(traffic()), frameSizes)
	t.Logf("\n%s", text)
	if name := os.Getenv(matrixFile); name != "" {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (tb *table) markdown() string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(tb.head)
	line(strings.Split(strings.Repeat("---,", len(tb.head)-1)+"---", ","))
	for _, r := range tb.rows {
		line(r)
	}
	return b.String()
}
