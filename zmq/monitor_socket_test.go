package zmq_test

import (
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// monitored makes the socket that gets the events of s.
func monitored(k *kit, s *zmq.Socket, mask zmq.EventMask, version int, typ, peer zmq.Type) *zmq.Socket {
	k.Helper()
	at := fmt.Sprintf("inproc://monitor-%d", endpoints.Add(1))
	k.ok(s.MonitorSocketVersion(at, mask, version, typ))
	in := k.open(peer)
	if peer == zmq.Sub {
		k.ok(in.Subscribe(""))
	}
	k.ok(in.Connect(at))
	k.ok(in.WaitConnected(k.ctx, 1))
	return in
}

// event2 is an event of version 2.
type event2 struct {
	kind          zmq.EventMask
	values        []uint64
	local, remote string
}

func nextEvent2(k *kit, in *zmq.Socket) event2 {
	k.Helper()
	f := k.recv(in)
	if len(f) < 4 {
		k.Fatalf("an event of %d frames", len(f))
	}
	word := func(i int) uint64 {
		if len(f[i]) != 8 {
			k.Fatalf("frame %d has %d bytes", i, len(f[i]))
		}
		return binary.NativeEndian.Uint64([]byte(f[i]))
	}
	n := int(word(1))
	if len(f) != 4+n {
		k.Fatalf("an event of %d values has %d frames", n, len(f))
	}
	e := event2{kind: zmq.EventMask(word(0)), local: f[2+n], remote: f[3+n]}
	for i := range n {
		e.values = append(e.values, word(2+i))
	}
	return e
}

// Version 2 has wide numbers, and both ends of a connection.
func TestMonitorSocketVersion2(t *testing.T) {
	wired(t, func(k *kit) {
		for _, c := range []struct{ typ, peer zmq.Type }{{zmq.Pair, zmq.Pair}, {zmq.Push, zmq.Pull}, {zmq.Pub, zmq.Sub}} {
			pull, push := k.open(zmq.Pull), k.open(zmq.Push)
			at := monitored(k, pull, zmq.EventAllV2, 2, c.typ, c.peer)
			to := monitored(k, push, zmq.EventAllV2&^zmq.EventConnectDelayed, 2, c.typ, c.peer)
			endpoint := k.bind(pull)
			k.ok(push.Connect(endpoint))
			for i, kind := range []zmq.EventMask{zmq.EventListening, zmq.EventAccepted, zmq.EventHandshakeSucceeded} {
				e := nextEvent2(k, at)
				if e.kind != kind || e.local != endpoint || len(e.values) != 1 {
					t.Errorf("event %d is %+v, want %v at %s", i, e, kind, endpoint)
				}
				if k.scheme == "tcp" && (i == 0) != (e.remote == "") {
					t.Errorf("event %d comes from %q", i, e.remote)
				}
			}
			for _, kind := range []zmq.EventMask{zmq.EventConnected, zmq.EventHandshakeSucceeded} {
				if e := nextEvent2(k, to); e.kind != kind || e.remote != endpoint || k.scheme == "tcp" && !isPort(e.local) {
					t.Errorf("event %+v, want %v of %s and our own end", e, kind, endpoint)
				}
			}
			k.ok(pull.MonitorSocketVersion("", 0, 2, zmq.Pair))
			if e := nextEvent2(k, at); e.kind != zmq.EventMonitorStopped {
				t.Errorf("the last event is %+v", e)
			}
		}
	})
}

// isPort reports whether an end of a connection is one that the system has chosen.
func isPort(end string) bool {
	host, port, err := net.SplitHostPort(strings.TrimPrefix(end, "tcp://"))
	return err == nil && host != "" && port != "0"
}

// After Close and Disconnect, too, an event says which end was ours. (FAULTS G2)
func TestEndsOfWhatWeEnd(t *testing.T) {
	for name, end := range map[string]func(s *zmq.Socket, endpoint string) error{
		"Disconnect": func(s *zmq.Socket, endpoint string) error { return s.Disconnect(endpoint) },
		"Close":      func(s *zmq.Socket, _ string) error { return s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			k := alone(t, "tcp")
			pull, endpoint := k.bound(zmq.Pull)
			push := k.open(zmq.Push)
			in := monitored(k, push, zmq.EventConnected|zmq.EventDisconnected, 2, zmq.Pair, zmq.Pair)
			events := k.watch(push, zmq.EventDisconnected)
			k.ok(k.dial(push, endpoint))
			k.linked(push, pull)
			came := nextEvent2(k, in)
			k.ok(end(push, endpoint))
			gone := nextEvent2(k, in)
			if came.kind != zmq.EventConnected || gone.kind != zmq.EventDisconnected || gone.local != came.local ||
				gone.remote != endpoint || came.remote != endpoint || !isPort(gone.local) {
				t.Errorf("came as %+v, gone as %+v", came, gone)
			}
			if e := events.next(); !e.Dialled || "tcp://"+e.Local != came.local || "tcp://"+e.Remote != endpoint {
				t.Errorf("event %+v", e)
			}
		})
	}
}

// ReportPipes says how much waits, for each peer.
func TestReportPipes(t *testing.T) {
	k := alone(t, "tcp")
	push := k.open(zmq.Push, zmq.WithLinger(0))
	endpoint := k.endpoint()
	k.ok(push.Connect(endpoint))
	for range 3 {
		k.send(push, "x")
	}
	k.is(push.ReportPipes(), zmq.ErrInvalidOption) // nothing reads it
	in := monitored(k, push, zmq.EventPipesStats, 2, zmq.Pair, zmq.Pair)
	events := k.watch(push, zmq.EventPipesStats)
	lonely := k.open(zmq.Push)
	k.watch(lonely, zmq.EventPipesStats)
	k.is(lonely.ReportPipes(), zmq.ErrAgain)
	k.ok(push.ReportPipes())
	e := nextEvent2(k, in)
	if e.kind != zmq.EventPipesStats || len(e.values) != 2 || e.values[0] != 3 || e.values[1] != 0 {
		t.Errorf("event %+v, want 3 and 0", e)
	}
	if e := events.next(); e.Queued != 3 || e.Unread != 0 || e.Endpoint != endpoint || e.Kind.String() != "PIPES_STATS" {
		t.Errorf("event %+v", e)
	}
	k.unsent(push.Close(), 3)
	k.is(push.ReportPipes(), zmq.ErrClosed)
}

func TestMonitorSocketVersionRefuses(t *testing.T) {
	k := alone(t, "inproc")
	s := k.open(zmq.Pull)
	for i, err := range []error{
		s.MonitorSocketVersion("inproc://m", zmq.EventAll, 3, zmq.Pair),
		s.MonitorSocketVersion("inproc://m", zmq.EventAll, 0, zmq.Pair),
		s.MonitorSocketVersion("inproc://m", zmq.EventAllV2, 1, zmq.Pair),
		s.MonitorSocketVersion("inproc://m", zmq.EventAll, 1, zmq.Pub),
		s.MonitorSocketVersion("inproc://m", zmq.EventAll, 2, zmq.Router),
	} {
		k.is(err, zmq.ErrInvalidOption)
		if i == 2 {
			k.mentions(err, fmt.Sprintf("%#x", uint32(zmq.EventAllV2)))
		}
	}
	k.is(s.MonitorSocketVersion("tcp://127.0.0.1:*", zmq.EventAll, 2, zmq.Push), zmq.ErrInvalidEndpoint)
}
