package arch

import (
	"go/ast"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const module = "github.com/go-zactor/zactor"

// tiers is the order of imports, the lowest first: a folder, with all below it, imports only
// folders of lower lines. Those of one line do not import each other.
var tiers = [][]string{
	{"internal/contain"},
	{"internal/actorhook", "internal/alarm", "internal/budget", "internal/buf", "internal/feed", "internal/figures", "internal/gate", "internal/lifetime", "internal/logs", "internal/ready", "internal/registry", "internal/swap", "internal/unpack", "internal/window", "internal/yield", "zmqtest"},
	{"internal/durable", "internal/notice", "internal/option"},
	{"msg", "cert", "beacon", "internal/endpoint", "internal/zre"},
	{"internal/wire", "internal/transport", "internal/origin", "internal/shortid"},
	{"internal/zap", "internal/security", "internal/queue", "internal/mailbox", "internal/ws"},
	{"internal/link"},
	{"internal/inproc", "internal/pattern"},
	{"internal/session", "internal/pgm", "internal/udp"},
	{"zmq"},
	{"zloop"},
	{"actor"},
	{"auth", "gossip"},
	{"zyre", "compat/zmq4", "compat/pebbe"},
	{"remote", "observe", "pattern", "zyretest"},
	{"cmd", "examples", "bench", "docs", "internal/interop", "internal/interop/before", "internal/crowd", "internal/soak", "internal/arch", "."},
}

// ztest stands beside that order: it imports what is below zmq, and only tests
// import it.
const (
	ztest      = "internal/ztest"
	ztestBelow = "zmq"
)

// tests are programs that test, and use ztest as tests do.
var tests = []string{"internal/soak"}

// pure are the packages without clock, network and concurrency: what comes out
// depends on what goes in, and on nothing else.
var pure = []string{"internal/wire", "internal/security", "internal/endpoint", "internal/zap", "internal/pattern", "internal/unpack", "internal/zre"}

// impure are the imports that pure packages do without, with all below them
// except those in harmless.
var (
	impure   = []string{"net", "time", "sync", "context"}
	harmless = []string{"net/netip"} // values, no network
)

// narrow are files that may import less than their package: the path begins with the first
// of each, and nothing in the second, nor below it, is imported.
var narrow = []struct {
	files string
	not   []string
	why   string
}{
	{"internal/durable/", []string{module + "/internal/queue", module + "/internal/wire", module + "/internal/buf", "net", "context"}, "durable knows numbers, bounds and files, and neither pipes nor connections"},
	{"zmq/policy_", links, "a policy knows queues and indexes, and no links"},
}

// links are the packages that know connections.
var links = []string{
	"net", "time", module + "/internal/link", module + "/internal/session", module + "/internal/transport", module + "/internal/inproc",
	module + "/internal/udp", module + "/internal/pgm", module + "/internal/ws", module + "/internal/endpoint",
}

// mechanisms are the packages that package zmq, which is the public face, stands on, and
// its files that know each: all others have it from them. A policy may know none.
var mechanisms = []struct {
	mechanism string
	files     []string
}{
	{"internal/inproc", []string{"asker.go", "context.go", "endpoint_error.go", "endpoints.go", "question.go"}},
	{"internal/udp", []string{"dgram.go", "handler.go"}},
	{"internal/pgm", []string{"errors.go", "pgm.go"}},
	{"internal/ws", []string{"context.go", "web.go"}},
	{"internal/security", []string{"option_security.go", "security.go"}},
	{"internal/zap", []string{"handler.go", "question.go", "zap.go"}},
	{"internal/swap", []string{"context.go", "durable_disk.go", "swap.go"}},
	{"internal/durable", []string{"durable.go", "durable_disk.go", "durable_sub.go"}},
	{"internal/budget", []string{"asker.go", "context.go", "peers.go", "question.go", "reports.go"}},
	{"internal/transport", []string{"accept_filter.go", "context.go", "endpoint_error.go", "endpoints.go", "handover.go", "options.go", "zap.go"}},
	{"internal/session", []string{
		"durable.go", "endpoint_info.go", "endpoints.go", "errors.go", "handler.go", "handover.go", "peer_info.go", "peers.go",
		"pgm.go", "refusal.go", "requeue.go", "security.go", "server.go", "stats.go", "tell.go", "zap.go",
	}},
}

// The sequence by which a peer is attached is that of internal/link: no link calls the
// method of a Handler at its end, which has two arguments, but for the file that contains
// what panics there.
var (
	sequence      = "Ready"
	sequencePkgs  = []string{"internal/session", "internal/inproc", "internal/udp", "internal/pgm", "zmq"}
	sequenceGuard = "internal/session/guard.go"
)

// starters may start goroutines. Each has an owner there that stops it and
// waits for it.
var starters = []string{
	"internal/contain", "internal/durable", "internal/feed", "internal/figures", "internal/gate", "internal/lifetime", "internal/logs",
	"internal/session", "internal/transport", "internal/pgm", "internal/udp", ztest, "zmqtest", "zyretest",
	"zmq", "zloop", "actor", "beacon", "auth", "cert", "gossip", "zyre", "remote", "observe", "pattern", "compat/pebbe",
	"cmd", "examples", "bench", "internal/crowd", "internal/soak",
}

// public are the packages that show users how it is done, and so use only what
// users can.
var public = []string{"examples"}

func TestArchitecture(t *testing.T) {
	found, err := check(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

// The checker is of use only if it finds what is wrong, and only that.
func TestChecker(t *testing.T) {
	for _, c := range []struct {
		name, file, src string
		want            string // in the one violation; empty for none
	}{
		{"downhill", "zmq/a.go", `import _ "` + module + `/internal/wire"`, ""},
		{"uphill", "internal/wire/a.go", "\n" + `import _ "` + module + `/zmq"`, "internal/wire/a.go:3: internal/wire may not import zmq"},
		{"equal", "internal/pgm/a.go", `import _ "` + module + `/internal/session"`, "does not lie below"},
		{"own folder", "cmd/zactor/a.go", `import _ "` + module + `/cmd/internal/x"`, ""},
		{"below a folder", "internal/queue/deep/a.go", `import _ "` + module + `/zmq"`, "internal/queue may not import zmq"},
		{"test file", "internal/wire/a_test.go", `import _ "` + module + `/zmq"`, ""},
		{"test file of bench", "bench/a_test.go", `import _ "` + module + `/internal/ztest"`, ""},
		{"other module", "msg/a.go", `import _ "github.com/go-zactor/zactory/zmq"`, ""},
		{"no tier", "internal/utils/a.go", ``, "internal/utils has no tier: add it to tiers in internal/arch/arch_test.go"},
		{"import of no tier", "zmq/a.go", `import _ "` + module + `/internal/utils"`, "internal/utils has no tier"},
		{"similar name", "zmqx/a.go", ``, "zmqx has no tier"},
		{"ztest", ztest + "/a.go", `import _ "` + module + `/internal/session"`, ""},
		{"ztest uphill", ztest + "/a.go", `import _ "` + module + `/zmq"`, "only what is below zmq"},
		{"ztest in a test", "zmq/a_test.go", `import _ "` + module + `/internal/ztest"`, ""},
		{"ztest in the product", "zmq/a.go", `import _ "` + module + `/internal/ztest/net"`, "only tests import internal/ztest"},
		{"ztest in a program that tests", "internal/soak/a.go", `import _ "` + module + `/internal/ztest/fault"`, ""},
		{"impure", "internal/wire/a.go", `import _ "time"`, "may not import time"},
		{"impure below", "internal/zap/a.go", `import _ "net/http"`, "may not import net/http"},
		{"pure value", "internal/endpoint/a.go", `import _ "net/netip"`, ""},
		{"impure test", "internal/wire/a_test.go", `import _ "time"`, ""},
		{"impure elsewhere", "internal/session/a.go", `import _ "time"`, ""},
		{"go", "internal/pattern/a.go", "func f() {\n\tgo f()\n}", "internal/pattern/a.go:3: internal/pattern may not start"},
		{"policy", "zmq/policy_pub.go", `import _ "` + module + `/internal/queue"`, ""},
		{"policy and links", "zmq/policy_pub.go", `import _ "` + module + `/internal/session"`, "a policy knows queues and indexes, and no links"},
		{"policy and time", "zmq/policy_pub.go", `import _ "time"`, "no links"},
		{"policy and contract", "zmq/policy_pub.go", `import _ "` + module + `/internal/link"`, "no links"},
		{"durable and queues", "internal/durable/a.go", `import _ "` + module + `/internal/queue"`, "neither pipes nor connections"},
		{"mechanism", "zmq/send.go", `import _ "` + module + `/internal/session"`, "zmq/send.go:2: zmq/send.go may not import internal/session: only "},
		{"mechanism below", "zmq/send.go", `import _ "` + module + `/internal/pgm/stream"`, "may not import internal/pgm"},
		{"its file", "zmq/handler.go", `import _ "` + module + `/internal/session"`, ""},
		{"mechanism in a test", "zmq/a_test.go", `import _ "` + module + `/internal/session"`, ""},
		{"mechanism below zmq", "zmq/wshttp/a.go", `import _ "` + module + `/internal/session"`, ""},
		{"own sequence", "internal/udp/a.go", `func f(h interface{ Ready(a, b int) }) { h.Ready(1, 2) }`, "internal/udp/a.go:2: Ready is for internal/link to call"},
		{"other Ready", "internal/session/a.go", `func f(h interface{ Ready() }) { h.Ready() }`, ""},
		{"contained", "internal/session/guard.go", `func f(h interface{ Ready(a, b int) }) { h.Ready(1, 2) }`, ""},
		{"the sequence", "internal/link/a.go", `func f(h interface{ Ready(a, b int) }) { h.Ready(1, 2) }`, ""},
		{"its test", "zmq/policy_pub_test.go", `import _ "time"`, ""},
		{"deep go", "internal/queue/a.go", `func f() { func() { for { go f() } }() }`, "may not start"},
		{"hidden go", "compat/zmq4/a.go", `func f(wg interface{ Go(func()) }) { wg.Go(func() {}) }`, "may not start"},
		{"after", "internal/mailbox/a.go", `import "time"; var _ = time.AfterFunc(1, nil)`, "may not start"},
		{"owned go", "zmq/a.go", `func f() { go f() }`, ""},
		{"go in a test", "internal/wire/a_test.go", `func f() { go f() }`, ""},
		{"build tag", "internal/wire/a_plan9.go", `import _ "time"`, "may not import time"},
		{"example", "examples/x/main.go", `import _ "` + module + `/zmq"`, ""},
		{"example inside", "examples/x/main.go", `import _ "` + module + `/internal/wire"`, "users cannot"},
		{"testdata", "zmq/testdata/a.go", `import _ "` + module + `/remote"`, ""},
		{"hidden folder", ".git/a.go", `not go at all`, ""},
	} {
		found, err := check(fstest.MapFS{c.file: {Data: []byte("package p\n" + c.src + "\n")}})
		switch {
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want == "" && len(found) > 0:
			t.Errorf("%s: found %q", c.name, found)
		case c.want != "" && (len(found) != 1 || !strings.Contains(found[0], c.want)):
			t.Errorf("%s: found %q, want one with %q", c.name, found, c.want)
		}
	}
	if _, err := check(fstest.MapFS{"zmq/a.go": {Data: []byte("package")}}); err == nil {
		t.Error("a file that cannot be parsed was passed over")
	}
}

// A folder in two lines, or a rule for a folder that no line has, would make
// the tables lie.
func TestTables(t *testing.T) {
	all := slices.Concat(tiers...)
	for i, pkg := range all {
		if slices.Contains(all[:i], pkg) {
			t.Errorf("%s stands twice in tiers", pkg)
		}
	}
	for _, pkg := range slices.Concat(pure, starters, public, []string{ztestBelow}) {
		if pkg != ztest && !slices.Contains(all, pkg) {
			t.Errorf("%s has a rule, but no tier", pkg)
		}
	}
	for _, pkg := range pure {
		if slices.Contains(starters, pkg) {
			t.Errorf("%s is pure and starts goroutines", pkg)
		}
	}
}

// A mechanism that no file imports any more, or a file that is gone, would make its line lie.
func TestMechanisms(t *testing.T) {
	for _, m := range mechanisms {
		for _, name := range m.files {
			f, err := parseFile(os.DirFS("../.."), "zmq/"+name)
			if err != nil {
				t.Error(err)
				continue
			}
			if !slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool {
				return strings.HasPrefix(i.Path.Value, `"`+module+"/"+m.mechanism)
			}) {
				t.Errorf("zmq/%s does not import %s any more: take it out of mechanisms", name, m.mechanism)
			}
		}
	}
}
