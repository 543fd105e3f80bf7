package prom

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

var update = flag.Bool("update", false, "write docs/metrics.md")

// traffic makes a pair of sockets between which n messages have gone.
func traffic(t *testing.T, zctx *zmq.Context, n int, opts ...zmq.Option) (pull, push *zmq.Socket) {
	ctx := ztest.Within(t)
	pull, _ = zmq.New(zctx, zmq.Pull, opts...)
	push, _ = zmq.New(zctx, zmq.Push, opts...)
	at, err := pull.Bind("tcp://127.0.0.1:*")
	if err == nil {
		err = push.Connect(at)
	}
	for range n {
		if err == nil {
			err = push.SendString(ctx, "12345")
		}
		if err == nil {
			_, err = pull.Recv(ctx)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return pull, push
}

// The linter of client_golang has nothing to say.
func TestLint(t *testing.T) {
	zctx := zmq.NewContext(context.Background())
	defer zctx.Close()
	traffic(t, zctx, 1, zmq.WithName("lint"))
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(Collector())
	problems, err := testutil.GatherAndLint(r)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v: %v", err, problems)
	}
}

// whole has a series of each row of the table.
type whole struct{ collector }

func (*whole) Collect(c chan<- prometheus.Metric) {
	for i := range table {
		m := &table[i]
		c <- &reading{&series{m: m, pairs: m.pairs(&group{groupKey: groupKey{kind: m.kind}}, "")}, 1}
	}
}

// Nor has it about the rows of what does not live here now.
func TestLintTable(t *testing.T) {
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(&whole{})
	problems, err := testutil.GatherAndLint(r)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v: %v", err, problems)
	}
}

// Sockets of one name share their series; what has been closed stays in the totals and
// leaves the levels.
func TestTotalsStay(t *testing.T) {
	zctx := zmq.NewContext(context.Background())
	defer zctx.Close()
	in := func() int {
		n, _ := strconv.Atoi(scrape(t, `zactor_socket_messages_total{dir="in",socket="stay",type="PULL"}`))
		return n
	}
	before := in() // of an earlier run in this process
	a, b := traffic(t, zctx, 3, zmq.WithName("stay"))
	traffic(t, zctx, 4, zmq.WithName("stay"))
	if got := in() - before; got != 7 {
		t.Errorf("%d messages are counted, want 7", got)
	}
	a.Close()
	b.Close()
	if got := in() - before; got != 7 {
		t.Errorf("%d messages are counted after Close, want 7", got)
	}
	zctx.Close()
	if got := scrape(t, `zactor_socket_peers{socket="stay",type="PULL"}`); got != "" {
		t.Errorf("closed sockets have %q peers", got)
	}
}

// scrape is the value of a series, "" without it.
func scrape(t *testing.T, series string) string {
	t.Helper()
	text, err := testutil.CollectAndFormat(Collector(WithMaxNames(math.MaxInt)), expfmt.TypeTextPlain, "zactor_socket_messages_total", "zactor_socket_peers")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), series+" "); ok {
			return v
		}
	}
	return ""
}

// docs/metrics.md is the table, for people.
func TestPage(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Metrics\n\nMade from the table in observe/prom/table.go by\n`go test ./observe/prom -run Page -update`; a test fails when it is stale.\n\n" +
		"The names never change. Sockets that share a name and a type share a series; those\nwithout a name have an empty label. Totals include what has been closed.\n\n" +
		"The first 100 names of each kind have series of their own, in the order in which they\nwere first seen. " +
		"The others share those of the name `(others)`, and `zactor_folded_names` says\nhow many they are. `prom.WithMaxNames` moves the bound. " +
		"A name never changes its place,\nso that no counter goes back.\n\n" +
		"| Metric | Kind | Labels | What it counts |\n|---|---|---|---|\n")
	for i := range table {
		m := &table[i]
		kind := "gauge"
		if m.total {
			kind = "counter"
		}
		fmt.Fprintf(&b, "| <a id=\"%s\"></a>`%s` | %s | %s | %s |\n", m.name, m.name, kind, strings.Join(m.labels(), ", "), m.help)
	}
	path := filepath.Join("..", "..", "docs", "metrics.md")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("docs/metrics.md is not current (%v): run go test ./observe/prom -run Page -update", err)
	}
}

// Who does not import this package links nothing of Prometheus, and who does not import
// observe links no HTTP server for it.
func TestWhoLinksWhat(t *testing.T) {
	for pkg, never := range map[string][]string{
		"zmq": {"prometheus", "zactor/observe"}, "actor": {"prometheus", "zactor/observe"},
		"zyre": {"prometheus", "zactor/observe"}, "beacon": {"prometheus", "zactor/observe"}, "observe": {"prometheus", "zerolog"},
	} {
		out, err := exec.Command("go", "list", "-deps", "github.com/go-zactor/zactor/"+pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range never {
			for line := range strings.Lines(string(out)) {
				if strings.Contains(line, word) && !strings.HasSuffix(strings.TrimSpace(line), "zactor/"+pkg) {
					t.Errorf("%s links %s", pkg, line)
				}
			}
		}
	}
}
