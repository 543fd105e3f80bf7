package gozeromq_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

var folder string // of the programs

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "gozeromq"); err != nil {
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

func TestHelloWorld(t *testing.T) {
	at := proc.TCP(t, 1)[0]
	client := program("hwclient")(t, at) // before there is a server
	server := program("hwserver")(t, "-work", "1ms", at)
	client.Want(strings.Repeat("sending Msg{Frames:{\"hello\"}}\nreceived Msg{Frames:{\"World\"}}\n", 10))
	server.Expect(`^received Msg\{Frames:\{"hello"\}\}$`)
}

func TestEnvelopes(t *testing.T) {
	at := proc.IPC(t, 1)[0]
	sub := program("psenvsub")(t, at)
	program("psenvpub")(t, "-every", "5ms", at)
	for range 3 {
		sub.Expect("^psenvsub: .*\\[B\\] We would like to see this$")
	}
	if strings.Contains(sub.Output(), "[A]") {
		t.Errorf("it sees what it has not subscribed to:\n%s", sub.Output())
	}
}

func TestRequests(t *testing.T) {
	at := proc.TCP(t, 1)[0]
	clients := []*proc.Process{program("rrclient")(t, at), program("rrclient")(t, at)}
	program("rrworker")(t, "-work", "1ms", at)
	for _, c := range clients {
		for i := range 10 {
			c.Expect(fmt.Sprintf(`received reply %d \[World\]$`, i))
		}
		c.Wait()
	}
}

func TestRouterAndDealers(t *testing.T) {
	got := program("rtdealer")(t, "-longest", "5ms").Wait()
	if strings.Count(got, " completed ") != 10 || !strings.HasSuffix(got, "\nfired everybody\n") {
		t.Errorf("printed\n%s", got)
	}
}
