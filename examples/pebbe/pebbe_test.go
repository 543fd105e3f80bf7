package pebbe_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	zmq "github.com/go-zactor/zactor/compat/pebbe"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

var folder string // of the programs

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "pebbe"); err != nil {
		panic(err)
	}
	out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", folder, "./...").CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(folder)
		os.Exit(code)
	}))
}

func program(name string) proc.Starter { return proc.Program(filepath.Join(folder, name)) }

func answers() string {
	var s strings.Builder
	for n := range 10 {
		fmt.Fprintln(&s, "Received World", n)
	}
	return s.String()
}

func TestHelloWorld(t *testing.T) {
	at := proc.TCP(t, 1)[0]
	client := program("hwclient")(t, at) // before there is a server
	server := program("hwserver")(t, at)
	client.Want(answers())
	server.Expect("^Received Hello$")
}

// A broker that polls, between clients and a worker.
func TestBroker(t *testing.T) {
	at := proc.TCP(t, 2)
	program("rrbroker")(t, at...)
	clients := []*proc.Process{program("hwclient")(t, at[0]), program("hwclient")(t, at[0])}
	ctx, err := zmq.NewContext()
	ok(t, err)
	worker, err := ctx.NewSocket(zmq.REP)
	ok(t, err)
	ok(t, worker.SetLinger(0))
	ok(t, worker.Connect(at[1]))
	for range 20 {
		_, err := worker.RecvMessage(0)
		ok(t, err)
		_, err = worker.SendMessage("World")
		ok(t, err)
	}
	for _, c := range clients {
		c.Want(answers())
	}
	ok(t, worker.Close())
	ok(t, ctx.Term())
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
