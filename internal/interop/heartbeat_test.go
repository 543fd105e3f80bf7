//go:build interop

package interop

import (
	"slices"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// beat is the heartbeat interval of these tests, and missed the silence that ends
// a connection: more than a busy machine may make of a late answer. A connection
// on which heartbeats are not answered does not live through idle.
const (
	beat   = 100 * time.Millisecond
	missed = time.Second
	idle   = 2500 * time.Millisecond
)

// heartbeating opens a link on which the given sides send heartbeats, with
// their end under watch. It is not a PAIR: one that comes back is refused by
// libzmq as long as it has not noticed that the first connection is gone.
func heartbeating(t *testing.T, our, their setup, weBind bool) (*ourEnd, *theirEnd) {
	t.Helper()
	e := ours{}.open(t, "DEALER", our).(*ourEnd)
	x := theirs{startPeer(t)}.open(t, "DEALER", their).(*theirEnd)
	x.monitor()
	if weBind {
		x.connect(e.bind("tcp://127.0.0.1:*"))
	} else {
		e.connect(x.bind("tcp://127.0.0.1:*"))
	}
	x.events("HANDSHAKE_SUCCEEDED", ztest.Patience)
	return e, x
}

// expectQuiet checks that the connection lives through a time of silence.
func expectQuiet(t *testing.T, e *ourEnd, x *theirEnd) {
	t.Helper()
	if got := x.events("DISCONNECTED", idle); len(got) > 0 {
		t.Fatalf("events on an idle connection: %v", got)
	}
	oneWay(t, e, x)
	oneWay(t, x, e)
}

func eachBinder(t *testing.T, play func(t *testing.T, weBind bool)) {
	t.Run("we bind", func(t *testing.T) { t.Parallel(); play(t, true) })
	t.Run("we connect", func(t *testing.T) { t.Parallel(); play(t, false) })
}

// Their PINGs are answered.
func TestHeartbeatAnswered(t *testing.T) {
	eachBinder(t, func(t *testing.T, weBind bool) {
		e, x := heartbeating(t, setup{}, setup{heartbeat: beat, ttl: missed}, weBind)
		expectQuiet(t, e, x)
	})
}

// Our PINGs are legal, and their PONGs are taken for what they are.
func TestHeartbeatSent(t *testing.T) {
	eachBinder(t, func(t *testing.T, weBind bool) {
		e, x := heartbeating(t, setup{heartbeat: beat, ttl: missed}, setup{}, weBind)
		expectQuiet(t, e, x)
	})
}

func TestHeartbeatBothWays(t *testing.T) {
	eachBinder(t, func(t *testing.T, weBind bool) {
		e, x := heartbeating(t, setup{heartbeat: beat}, setup{heartbeat: beat}, weBind)
		expectQuiet(t, e, x)
	})
}

// A peer that is stopped, and closes nothing, is missed by its heartbeats; once
// it goes on, the connecting side finds it again.
func TestHeartbeatMissed(t *testing.T) {
	eachBinder(t, func(t *testing.T, weBind bool) {
		e, x := heartbeating(t, setup{heartbeat: beat}, setup{heartbeat: beat}, weBind)
		freezeAndThaw(t, e, x)
	})
}

// The same where only the peer sent heartbeats, with a time to live: it is
// their promise to be heard of, and ours to act when they are not.
func TestHeartbeatTTL(t *testing.T) {
	eachBinder(t, func(t *testing.T, weBind bool) {
		e, x := heartbeating(t, setup{}, setup{heartbeat: beat, ttl: missed}, weBind)
		// The TTL is only known from the first PING on.
		if got := x.events("DISCONNECTED", 3*beat); len(got) > 0 {
			t.Fatalf("events on an idle connection: %v", got)
		}
		freezeAndThaw(t, e, x)
	})
}

func freezeAndThaw(t *testing.T, e *ourEnd, x *theirEnd) {
	t.Helper()
	e.awaitPeers(1)
	if err := x.p.Stop(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.p.Continue() })
	e.awaitPeers(0)
	if err := x.p.Continue(); err != nil {
		t.Fatal(err)
	}
	e.awaitPeers(1)
	got := x.events("HANDSHAKE_SUCCEEDED", ztest.Patience)
	if !slices.Contains(got, "DISCONNECTED") || !slices.Contains(got, "HANDSHAKE_SUCCEEDED") {
		t.Fatalf("events after the pause: %v", got)
	}
	oneWay(t, e, x)
}
