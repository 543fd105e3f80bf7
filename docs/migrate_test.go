// Package docs tests the guides: every call that they name on our side exists, with
// these arguments, and every piece of code compiles.
package docs

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// prelude is what the guides take for granted: the names that they use in passing.
const prelude = `package guide

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/compat/zmq4"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

var (
	ctx      context.Context
	zctx     *zmq.Context
	s        *zmq.Socket
	m        msg.Msg
	ms       []msg.Msg
	p        *zmq.Poller
	proxy    *zmq.SteerableProxy
	a        *auth.Auth
	users    auth.Passwords
	b        *beacon.Beacon
	own      *cert.Cert
	store    *cert.MemStore
	loop     *zloop.Loop
	fn       actor.Func
	opts     []zmq.Option
	frame    []byte
	frames   [][]byte
	n        int
	d        time.Duration
	err      error
	logger   zerolog.Logger
	slogger  *slog.Logger
	channel  chan int
	network  zmq.Network
	listener net.Listener
	endpoint, text, topic, path string
)

func handler(msg.Msg) error { return nil }
func each(int) error { return nil }
func tick() error { return nil }
func handle(msg.Msg, error) error { return nil }

var _ = []any{bytes.Join, errors.Is, fmt.Sprint, os.Args, signal.Notify, strings.Cut, actor.Spawn, zmq4.NewReq, syscall.EAGAIN}
`

func TestGuides(t *testing.T) {
	imports := exports(t)
	for _, name := range []string{"migrate-from-go-zeromq.md", "migrate-from-pebbe-zmq4.md", "migrate-from-goczmq.md"} {
		t.Run(name, func(t *testing.T) {
			guide, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			codes := blocks(string(guide), "```go\n")
			if len(codes) == 0 || len(blocks(string(guide), "```golang\n")) == 0 {
				t.Error("it has no code, of ours and of theirs")
			}
			g := compile(t, imports, preludeOf(name), codes)
			cells := calls(string(guide))
			if len(cells) < 30 {
				t.Errorf("it names %d calls only", len(cells))
			}
			for _, c := range cells {
				if err := g.exists(c); err != nil {
					t.Errorf("`%s`: %v", c, err)
				}
			}
		})
	}
}

// The test is worth something if it finds what does not exist.
func TestGuidesTest(t *testing.T) {
	g := compile(t, exports(t), prelude, nil)
	for _, c := range []string{"s.Sned(ctx, m)", "zmq.NewReqq(ctx)", "s.Send(m)", "zmq.ErrNone", "s.Option(1)", "s.Send(", "x"} {
		if g.exists(c) == nil {
			t.Errorf("`%s` is taken for good", c)
		}
	}
	for _, c := range []string{"s.Send(ctx, m)", "zmq.ErrAgain", "proxy.Pause()", "m.Peer().UserID"} {
		if err := g.exists(c); err != nil {
			t.Errorf("`%s`: %v", c, err)
		}
	}
	text := "| theirs | zactor |\n|---|---|\n| `x.Y()` | `s.Z()`, or `s.W` | `no` |\n" +
		"```go\n`s.No()`\n```\nText with `zmq.X(n)`, `y.N()` and `WithV`.\n"
	if got := fmt.Sprint(calls(text)); got != "[s.Z() s.W zmq.X(n) zmq.WithV]" {
		t.Errorf("it reads %s", got)
	}
}

// blocks are the pieces of code behind a mark.
func blocks(guide, mark string) (all []string) {
	for _, part := range strings.Split(guide, mark)[1:] {
		code, _, _ := strings.Cut(part, "\n```")
		all = append(all, code)
	}
	return all
}

var (
	fence = regexp.MustCompile("(?s)```.*?\n```")
	span  = regexp.MustCompile("`([^`]+)`")
	ours  = regexp.MustCompile(`^(zmq|msg|cert|auth|beacon|zloop|actor|s|m)\.\w`)
)

// calls are the pieces of code in the second columns of the guide's tables, and
// those in its text that name something of ours.
func calls(guide string) (all []string) {
	for line := range strings.Lines(fence.ReplaceAllString(guide, "")) {
		cells := strings.Split(line, "|")
		for _, code := range span.FindAllStringSubmatch(line, -1) {
			switch text := code[1]; {
			case strings.HasPrefix(line, "|"):
				if strings.Contains(cells[2], code[0]) {
					all = append(all, text)
				}
			case ours.MatchString(text):
				all = append(all, text)
			case strings.HasPrefix(text, "With"):
				all = append(all, "zmq."+text)
			}
		}
	}
	return all
}

// preludeOf is the prelude of a guide: zmq4 is the package that the guide is about.
func preludeOf(guide string) string {
	if !strings.Contains(guide, "pebbe") {
		return prelude
	}
	return strings.NewReplacer("compat/zmq4", "compat/pebbe", "zmq4.NewReq", "zmq4.NewSocket").Replace(prelude)
}

// guide is the prelude and the code of one guide, type-checked.
type guide struct {
	files *token.FileSet
	pkg   *types.Package
	end   token.Pos
}

// compile checks the pieces of code, each as the body of a function. They may
// declare more than they use.
func compile(t *testing.T, imports types.Importer, prelude string, codes []string) *guide {
	t.Helper()
	var src strings.Builder
	src.WriteString(prelude)
	for i, code := range codes {
		fmt.Fprintf(&src, "\nfunc _() error {\n//line code %d:1\n%s\n\treturn nil\n}\n", i+1, code)
	}
	g := &guide{files: token.NewFileSet()}
	file, err := parser.ParseFile(g.files, "guide.go", src.String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: imports, Error: func(err error) {
		if !strings.Contains(err.Error(), "declared and not used") {
			t.Error(err)
		}
	}}
	g.pkg, _ = conf.Check("guide", g.files, []*ast.File{file}, nil)
	g.end = file.End() - 1
	for _, d := range file.Decls { // a place at which the imports are known
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "tick" {
			g.end = f.Body.Lbrace + 1
		}
	}
	return g
}

// exists reports whether an expression has a type.
func (g *guide) exists(expr string) error {
	if strings.HasPrefix(expr, "&") || strings.HasSuffix(expr, ";") {
		return errors.New("not a call")
	}
	_, err := types.Eval(g.files, g.pkg, g.end, expr)
	return err
}

// exports reads packages as the compiler has left them in its cache.
func exports(t *testing.T) types.Importer {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}",
		"../actor", "../auth", "../beacon", "../cert", "../compat/pebbe", "../compat/zmq4", "../msg", "../pattern/majordomo", "../zloop", "../zmq",
		"net", "os/signal", "syscall", "log/slog", "bytes", "strings")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		data, err := os.ReadFile(files[path])
		return io.NopCloser(bytes.NewReader(data)), err
	})
}
