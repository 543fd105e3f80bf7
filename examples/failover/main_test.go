package main

import (
	"context"
	"io"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// meet starts programs that meet on a port where nobody else does.
func meet(t *testing.T) func(args ...string) *proc.Process {
	port := strconv.Itoa(ztest.Port(t))
	return func(args ...string) *proc.Process {
		return proc.Start(t, append([]string{"-local", "-port", port, "-wait", "300ms"}, args...)...)
	}
}

const answer = `^(\w+) says that (\d+) squared is "(\d+)"$`

// checkFrom waits for an answer of a server, and looks whether it is right.
func checkFrom(t *testing.T, client *proc.Process, server string) (x int) {
	t.Helper()
	for {
		found := client.Expect(answer)
		x, _ = strconv.Atoi(found[2])
		if got, _ := strconv.Atoi(found[3]); got != x*x {
			t.Errorf("%q", found[0])
		}
		if found[1] == server {
			return x
		}
	}
}

// The client is there first. Its server is killed under it, without a goodbye, and then
// the next one; and the first comes back, at another address.
func TestFailover(t *testing.T) {
	start := meet(t)
	client, one := start("client"), start("server", "one")
	before := checkFrom(t, client, "one")
	two := start("server", "two")
	two.Expect("two is there")
	one.Kill()
	client.Expect("^one does not answer$")
	after := checkFrom(t, client, "two")
	if after <= before {
		t.Errorf("question %d after %d", after, before)
	}
	one = start("server", "one")
	one.Expect("one is there")
	two.Kill()
	checkFrom(t, client, "one")
	one.Interrupt()
	client.Interrupt()
}

// Client and servers over a network in memory; who is there stands on a board.
func TestInMemory(t *testing.T) {
	play.On(t, zmqtest.Faults{Delay: time.Millisecond}, func(s *play.Stage) {
		board := beacon.NewPeerTable("lan")
		defer board.Close()
		server := func(name, endpoint string) *play.Program {
			p := s.Start(func(ctx context.Context, out io.Writer, _ []string) error {
				r := beacon.NewRoster(ctx)
				defer r.Close()
				if err := server(ctx, out, r, name, endpoint); ctx.Err() == nil {
					return err
				}
				return nil
			}, name)
			p.Expect("is there")
			board.Post(beacon.Peer{ID: name, Endpoints: []string{endpoint}}, "lan", netip.MustParseAddr("10.0.0.1"))
			return p
		}
		client := s.Start(func(ctx context.Context, out io.Writer, _ []string) error {
			r := beacon.NewRoster(ctx, heard{board})
			defer r.Close()
			return client(ctx, out, r, time.Second)
		})
		one := server("one", "tcp://10.0.0.1:1")
		client.Expect("^one says that 1 squared")
		server("two", "tcp://10.0.0.2:1")
		one.Crash()
		client.Expect("^one does not answer$")
		client.Expect("^two says that")
	})
}

// heard is a Discoverer that knows what is on a board.
type heard struct{ *beacon.PeerTable }

func (heard) Source() string                              { return "lan" }
func (heard) Announce(context.Context, beacon.Peer) error { return nil }
func (h heard) Close() error                              { return nil }
