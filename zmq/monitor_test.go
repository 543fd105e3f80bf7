package zmq_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// The sequences of events are libzmq's (zmq_socket_monitor(3)).

func TestEventsOfABoundSocket(t *testing.T) {
	networked(t, func(k *kit) {
		pull := k.open(zmq.Pull)
		events := k.watch(pull, zmq.EventAll)
		endpoint := k.bind(pull)
		push := k.connect(zmq.Push, endpoint)
		list := events.sequence(zmq.EventListening, zmq.EventAccepted, zmq.EventHandshakeSucceeded)
		for _, e := range list {
			if e.Endpoint != endpoint || e.Err != nil || e.Time.IsZero() {
				t.Errorf("event %+v is not of %s", e, endpoint)
			}
		}
		if list[0].Value == 0 || list[1].Value == 0 {
			t.Error("an event has no descriptor")
		}
		if k.scheme == "tcp" && (list[1].Remote == "" || list[1].Remote != list[2].Remote) {
			t.Errorf("the peer is %q and then %q", list[1].Remote, list[2].Remote)
		}
		k.ok(push.Close())
		if e := events.sequence(zmq.EventDisconnected)[0]; e.Err == nil {
			t.Errorf("event %+v does not say why", e)
		}
	})
}

func TestEventsOfAConnectedSocket(t *testing.T) {
	networked(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		push := k.open(zmq.Push, zmq.WithReconnectInterval(5*time.Millisecond, 0))
		events := k.watch(push, zmq.EventAll)
		k.ok(k.dial(push, endpoint))
		start := func() {
			t.Helper()
			if k.scheme != "ipc" {
				events.sequence(zmq.EventConnectDelayed)
			}
		}
		start()
		events.sequence(zmq.EventConnected, zmq.EventHandshakeSucceeded)
		k.ok(pull.Close())
		events.sequence(zmq.EventDisconnected)
		for range 3 {
			e := events.sequence(zmq.EventConnectRetried)[0]
			if e.RetryIn <= 0 || e.Value != uint32(e.RetryIn.Milliseconds()) || e.Endpoint != endpoint {
				t.Errorf("event %+v", e)
			}
			start()
			events.sequence(zmq.EventClosed)
		}
		pull = k.open(zmq.Pull)
		_, err := k.listen(pull, endpoint)
		k.ok(err)
		for {
			e := events.next()
			if e.Kind == zmq.EventConnected {
				break
			}
			if e.Kind&(zmq.EventConnectRetried|zmq.EventConnectDelayed|zmq.EventClosed) == 0 {
				t.Fatalf("event %v while nobody was there", e)
			}
		}
		events.sequence(zmq.EventHandshakeSucceeded)
	})
}

func TestEventsOfARefusedConnection(t *testing.T) {
	networked(t, func(k *kit) {
		push := k.open(zmq.Push, zmq.WithReconnectInterval(4*time.Millisecond, 0))
		events := k.watch(push, zmq.EventAll)
		k.ok(k.dial(push, k.endpoint()))
		for range 3 {
			if k.scheme != "ipc" {
				events.sequence(zmq.EventConnectDelayed)
			}
			e := events.sequence(zmq.EventClosed, zmq.EventConnectRetried)
			if e[0].Err == nil || !errors.Is(e[1].Err, e[0].Err) && e[1].Err == nil {
				t.Errorf("events %v do not say why", e)
			}
			if d := e[1].RetryIn; d < 2*time.Millisecond || d >= 6*time.Millisecond {
				t.Errorf("the next attempt is in %v, want 4ms give or take a half", d)
			}
		}
	})
}

// With a maximum the distance doubles up to it.
func TestBackoff(t *testing.T) {
	k := alone(t, "ipc")
	push := k.open(zmq.Push, zmq.WithReconnectInterval(time.Millisecond, 8*time.Millisecond))
	events := k.watch(push, zmq.EventConnectRetried)
	k.ok(push.Connect(k.endpoint()))
	for _, want := range []time.Duration{1, 2, 4, 8, 8, 8} {
		want *= time.Millisecond
		if d := events.next().RetryIn; d < want/2 || d >= want*3/2 {
			t.Errorf("waits %v, want %v give or take a half", d, want)
		}
	}
}

func TestEventsOfAnUnresolvableName(t *testing.T) {
	k := alone(t, "tcp")
	push := k.open(zmq.Push, zmq.WithReconnectInterval(time.Millisecond, 0))
	events := k.watch(push, zmq.EventAll&^zmq.EventConnectDelayed)
	k.ok(push.Connect("tcp://no-such-host.invalid:5555"))
	for range 2 {
		e := events.sequence(zmq.EventConnectRetried)[0]
		k.mentions(e.Err, "no-such-host.invalid")
	}
}

func TestEventsOfAStrangerWhoLeaves(t *testing.T) {
	wired(t, func(k *kit) {
		pull := k.open(zmq.Pull)
		events := k.watch(pull, zmq.EventAll)
		r := k.dialRaw(k.bind(pull))
		events.sequence(zmq.EventListening, zmq.EventAccepted)
		k.ok(r.nc.Close())
		e := events.sequence(zmq.EventHandshakeFailedNoDetail, zmq.EventDisconnected)
		if e[0].Value != uint32(syscall.EPIPE) && e[0].Value != uint32(syscall.ECONNRESET) {
			t.Errorf("the value is %d", e[0].Value)
		}
	})
}

func TestEventsOfMismatchedTypes(t *testing.T) {
	wired(t, func(k *kit) {
		pub := k.open(zmq.Pub)
		push := k.open(zmq.Push)
		at, to := k.watch(pub, zmq.EventAll), k.watch(push, zmq.EventAll&^zmq.EventConnectDelayed)
		k.ok(push.Connect(k.bind(pub), zmq.WithReconnectInterval(-1, 0)))
		e := at.sequence(zmq.EventListening, zmq.EventAccepted, zmq.EventDisconnected)
		k.mentions(e[2].Err, "PUSH")
		to.sequence(zmq.EventConnected, zmq.EventDisconnected)
	})
}

func TestEventsOfABrokenProtocol(t *testing.T) {
	wired(t, func(k *kit) {
		for _, c := range []struct {
			name, bytes string
			code        uint32
		}{
			{"another mechanism", signature + "03 01 504c41494e" + strings.Repeat("00", 15) + strings.Repeat("00", 32), 0x11000002},
			{"another command first", greeting3 + "04 05 0450494e47", 0x10000001},
			{"a message before READY", greeting3 + "00 01 78", 0x10000001},
		} {
			pull := k.open(zmq.Pull)
			events := k.watch(pull, zmq.EventAll)
			r := k.dialRaw(k.bind(pull))
			r.write(c.bytes)
			e := events.sequence(zmq.EventListening, zmq.EventAccepted, zmq.EventHandshakeFailedProtocol, zmq.EventDisconnected)[2]
			var proto *zmq.ProtocolError
			if e.Value != c.code || !errors.As(e.Err, &proto) || proto.Code != c.code || proto.Reason == "" {
				t.Errorf("%s: event %+v, want code %#x", c.name, e, c.code)
			}
			r.closed()
		}
	})
}

func TestEventsOfUnbindAndClose(t *testing.T) {
	networked(t, func(k *kit) {
		pull := k.open(zmq.Pull)
		events := k.watch(pull, zmq.EventAll)
		endpoint := k.bind(pull)
		events.sequence(zmq.EventListening)
		k.ok(pull.Unbind(endpoint))
		if e := events.sequence(zmq.EventClosed)[0]; e.Endpoint != endpoint {
			t.Errorf("event %+v", e)
		}
		k.ok(pull.Close())
		events.sequence(zmq.EventMonitorStopped)
		if _, more := <-events.c; more {
			t.Error("an event after MONITOR_STOPPED")
		}
	})
}

// A monitor gets the kinds that it asked for, from the call on; its end is its
// context's, or that of the loop over it.
func TestMonitorMaskAndEnd(t *testing.T) {
	k := alone(t, "tcp")
	pull := k.open(zmq.Pull)
	ctx, cancel := context.WithCancel(k.ctx)
	defer cancel()
	events := pull.Events(ctx, zmq.EventListening)
	first, second := k.bind(pull), k.bind(pull)
	n := 0
	for e := range events {
		if e.Kind != zmq.EventListening || e.Endpoint != []string{first, second}[n] {
			t.Errorf("event %v", e)
		}
		if n++; n == 2 {
			cancel()
		}
	}
	k.bind(pull)
	for e := range pull.Events(ctx, zmq.EventAll) {
		t.Errorf("a monitor whose context had ended got %v", e)
	}
}

// A monitor that is slow loses events, which are counted, and holds nothing up.
func TestSlowMonitor(t *testing.T) {
	k := alone(t, "ipc")
	pull := k.open(zmq.Pull)
	_ = pull.Events(k.ctx, zmq.EventAll) // never read
	for range 600 {
		k.ok(pull.Unbind(k.bind(pull)))
	}
	if n := pull.Stats().EventsLost; n == 0 {
		t.Error("no event was lost; the test has no point")
	}
}

func TestNoEventsInProcess(t *testing.T) {
	k := alone(t, "inproc")
	pull := k.open(zmq.Pull)
	events := k.watch(pull, zmq.EventAll)
	push := k.joined(zmq.Push, k.bind(pull))
	k.ok(push.Close())
	k.ok(pull.Close())
	events.sequence(zmq.EventMonitorStopped)
}

// libzmq's form: a PAIR of two-frame messages, the numbers in the byte order of
// the machine.
func TestMonitorSocket(t *testing.T) {
	wired(t, func(k *kit) {
		pull := k.open(zmq.Pull)
		k.ok(pull.MonitorSocket("inproc://monitor", zmq.EventAll))
		pair := k.joined(zmq.Pair, "inproc://monitor")
		endpoint := k.bind(pull)
		push := k.joined(zmq.Push, endpoint)
		k.ok(push.Close())
		next := func(kind zmq.EventMask, at string) (value uint32) {
			t.Helper()
			m, err := pair.Recv(k.ctx)
			k.ok(err)
			if m.Len() != 2 || len(m.Frames[0]) != 6 || string(m.Frames[1]) != at {
				t.Fatalf("event message %q, want six bytes and %q", text(m), at)
			}
			if got := zmq.EventMask(binary.NativeEndian.Uint16(m.Frames[0])); got != kind {
				t.Fatalf("event %v, want %v", got, kind)
			}
			return binary.NativeEndian.Uint32(m.Frames[0][2:])
		}
		if next(zmq.EventListening, endpoint) == 0 || next(zmq.EventAccepted, endpoint) == 0 {
			t.Error("an event has no descriptor")
		}
		next(zmq.EventHandshakeSucceeded, endpoint)
		next(zmq.EventDisconnected, endpoint)

		k.ok(pull.MonitorSocket("inproc://another", zmq.EventListening|zmq.EventMonitorStopped)) // replaces the first
		next(zmq.EventMonitorStopped, "")
		pair = k.joined(zmq.Pair, "inproc://another")
		endpoint = k.bind(pull)
		next(zmq.EventListening, endpoint)
		k.ok(pull.Unbind(endpoint)) // not asked for
		k.ok(pull.MonitorSocket("", 0))
		next(zmq.EventMonitorStopped, "")
		k.silent(pair)

		k.ok(pull.MonitorSocket("inproc://unasked", zmq.EventListening))
		pair = k.joined(zmq.Pair, "inproc://unasked")
		k.ok(pull.MonitorSocket("inproc://last", zmq.EventListening|zmq.EventMonitorStopped))
		k.silent(pair) // MONITOR_STOPPED is told to those who ask for it
		pair = k.joined(zmq.Pair, "inproc://last")
		k.ok(pull.Close())
		next(zmq.EventMonitorStopped, "")
	})
}

func TestMonitorSocketRefuses(t *testing.T) {
	k := alone(t, "inproc")
	pull, endpoint := k.bound(zmq.Pull)
	for _, bad := range []string{"tcp://127.0.0.1:*", "ipc://x", "x"} {
		err := pull.MonitorSocket(bad, zmq.EventAll)
		k.is(err, zmq.ErrInvalidEndpoint)
		k.mentions(err, bad)
	}
	k.is(pull.MonitorSocket(endpoint, zmq.EventAll), zmq.ErrAddrInUse)
}

func TestEventText(t *testing.T) {
	e := zmq.Event{Kind: zmq.EventConnectRetried, Endpoint: "tcp://a:1", Remote: "b", RetryIn: 1500 * time.Microsecond, Err: os.ErrClosed}
	if got, want := e.String(), "CONNECT_RETRIED tcp://a:1 peer b retry in 2ms: file already closed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := (zmq.EventConnected | zmq.EventMonitorStopped).String(), "CONNECTED|MONITOR_STOPPED"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The handshake events have what a program needs to decide: a peer that is no
// ZeroMQ peer at all shows up as such.
func TestEventsOfHTTP(t *testing.T) {
	k := alone(t, "tcp")
	pull := k.open(zmq.Pull)
	endpoint := k.bind(pull)
	events := k.watch(pull, zmq.EventAll)
	nc, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "tcp://"))
	k.ok(err)
	defer nc.Close()
	_, err = nc.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	k.ok(err)
	e := events.sequence(zmq.EventAccepted, zmq.EventHandshakeFailedProtocol, zmq.EventDisconnected)
	if e[1].Err == nil {
		t.Error("the event does not say why")
	}
}
