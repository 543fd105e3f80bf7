package zmq_test

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// How heartbeats go over time is tested in a bubble; here are their bytes, and the
// connections of a real network.

func TestPingBytes(t *testing.T) {
	wired(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull, zmq.WithHeartbeat(time.Millisecond, time.Hour, 1500*time.Millisecond))
		r := k.dialRaw(endpoint)
		r.handshake("PUSH")
		for range 3 {
			r.expect("a PING with a TTL of 15 tenths of a second", "04 07 04 50494e47 000f")
		}
		_ = pull
	})
}

// Each PING has its PONG (RFC 37), also when several come in one write; a peer that
// asks for more than it reads is told of the latest.
func TestPongForEachPing(t *testing.T) {
	wired(t, func(k *kit) {
		_, endpoint := k.bound(zmq.Pull)
		r := k.dialRaw(endpoint)
		r.handshake("PUSH")
		r.write("04 08 04 50494e47 0000 61  04 08 04 50494e47 0000 62  04 07 04 50494e47 0000")
		r.expect("PONG a", "04 06 04 504f4e47 61")
		r.expect("PONG b", "04 06 04 504f4e47 62")
		r.expect("PONG", "04 05 04 504f4e47")
	})
}

// A TTL is sent in tenths of a second, and clamped to what libzmq can keep.
func TestPingTTLIsClamped(t *testing.T) {
	k := alone(t, "tcp")
	for ttl, want := range map[time.Duration]string{
		0: "0000", 99 * time.Millisecond: "0000", 65500 * time.Millisecond: "028f", time.Hour: "028f",
	} {
		_, endpoint := k.bound(zmq.Pull, zmq.WithHeartbeat(time.Millisecond, time.Hour, ttl))
		r := k.dialRaw(endpoint)
		r.handshake("PUSH")
		r.expect("PING", "04 07 04 50494e47", want)
	}
}

// A peer that does not answer is given up, with an event; one that answers is not.
func TestHeartbeatTimeout(t *testing.T) {
	wired(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull, zmq.WithHeartbeat(20*time.Millisecond, 20*time.Millisecond, 0))
		events := k.watch(pull, zmq.EventDisconnected)
		silent := k.dialRaw(endpoint)
		silent.handshake("PUSH")
		e := events.next()
		k.mentions(e.Err, "PING")
		silent.closed()
	})
}

// A peer that reads nothing at all is given up as well: of the local kinds of connection the
// kernel says that bytes stand before the PING, and they are our own READY.
func TestHeartbeatOfAPeerThatNeverReads(t *testing.T) {
	wired(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull, zmq.WithHeartbeat(20*time.Millisecond, 20*time.Millisecond, 0))
		events := k.watch(pull, zmq.EventDisconnected)
		silent := k.dialRaw(endpoint)
		silent.write(greeting3, ready("PUSH"))
		k.mentions(events.next().Err, "PING")
	})
}

// A peer's own TTL binds us, too: when it falls silent it is given up.
func TestPeersTTL(t *testing.T) {
	wired(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		events := k.watch(pull, zmq.EventDisconnected)
		r := k.dialRaw(endpoint)
		r.handshake("PUSH")
		r.write("04 07 04 50494e47 0001") // a tenth of a second
		k.mentions(events.next().Err, "TTL")
		r.closed()
	})
}

// Two sockets that both send heartbeats stay connected.
func TestHeartbeatsAreAnswered(t *testing.T) {
	networked(t, func(k *kit) {
		beat := zmq.WithHeartbeat(2*time.Millisecond, ztest.Patience, ztest.Patience)
		pull, endpoint := k.bound(zmq.Pull, beat)
		push := k.connect(zmq.Push, endpoint, beat)
		k.linked(pull, push)
		for range 20 {
			time.Sleep(2 * time.Millisecond)
			k.send(push, "x")
			k.want(pull, "x")
		}
		if n := pull.Stats().Disconnects + push.Stats().Disconnects; n != 0 {
			t.Errorf("%d disconnects", n)
		}
	})
}
