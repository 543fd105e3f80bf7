//go:build interop

package interop

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// What libzmq's monitor reports of a peer that is ours is what it reports of
// one of its own kind, event by event.
func TestTheirMonitor(t *testing.T) {
	bound := []string{"ACCEPTED", "HANDSHAKE_SUCCEEDED"}
	connecting := map[string][]string{
		"tcp": {"CONNECT_DELAYED", "CONNECTED", "HANDSHAKE_SUCCEEDED"},
		"ipc": {"CONNECTED", "HANDSHAKE_SUCCEEDED"},
	}
	watcher, control := theirs{startPeer(t)}, theirs{startPeer(t)}
	for _, tr := range transports {
		for _, other := range []side{ours{}, control} {
			t.Run(fmt.Sprintf("%s/%s connects", tr.name, other.name()), func(t *testing.T) {
				x, e := watched(t, watcher), other.open(t, "PAIR", setup{})
				e.connect(x.bind(tr.endpoint(t)))
				expectEvents(t, x, append([]string{"LISTENING"}, bound...)...)
				e.close()
				expectEvents(t, x, "DISCONNECTED")
			})
			t.Run(fmt.Sprintf("%s/%s binds", tr.name, other.name()), func(t *testing.T) {
				x, e := watched(t, watcher), other.open(t, "PAIR", setup{})
				x.connect(e.bind(tr.endpoint(t)))
				expectEvents(t, x, connecting[tr.name]...)
				e.close()
				expectEvents(t, x, "DISCONNECTED")
			})
		}
	}
}

func watched(t *testing.T, s theirs) *theirEnd {
	t.Helper()
	x := s.open(t, "PAIR", setup{}).(*theirEnd)
	x.monitor()
	return x
}

// expectEvents waits for the last of the events, and compares all up to it.
func expectEvents(t *testing.T, x *theirEnd, want ...string) {
	t.Helper()
	if got := x.events(want[len(want)-1], ztest.Patience); !slices.Equal(got, want) {
		t.Fatalf("events %v, want %v", got, want)
	}
}

// socketTypes are the eleven classic types.
var socketTypes = []string{"PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB"}

// legal tells whether two types may talk to one another, by the table of pairs.
func legal(a, b string) bool {
	return slices.ContainsFunc(pairings, func(p pairing) bool {
		return p.left == a && p.right == b || p.left == b && p.right == a
	})
}

// Two types that have nothing to say to each other never become connected, on
// either side's word.
func TestMismatchRefused(t *testing.T) {
	watcher := theirs{startPeer(t)}
	for _, our := range socketTypes {
		for _, their := range socketTypes {
			if legal(our, their) {
				continue
			}
			t.Run(our+"-"+their, func(t *testing.T) {
				x := watcher.open(t, their, setup{}).(*theirEnd)
				x.monitor()
				e := ours{}.open(t, our, setup{}).(*ourEnd)
				e.connect(x.bind("tcp://127.0.0.1:*"))
				refused(t, e, x)
			})
		}
	}
}

// The same where they connect to us, for one pair: the code is not the same.
func TestMismatchRefusedByBound(t *testing.T) {
	x := theirs{startPeer(t)}.open(t, "PUSH", setup{}).(*theirEnd)
	x.monitor()
	e := ours{}.open(t, "PUB", setup{}).(*ourEnd)
	x.connect(e.bind("tcp://127.0.0.1:*"))
	refused(t, e, x)
}

func refused(t *testing.T, e *ourEnd, x *theirEnd) {
	t.Helper()
	got := x.events("DISCONNECTED", ztest.Patience)
	got = append(got, x.events("", 10*time.Millisecond)...)
	if !slices.Contains(got, "DISCONNECTED") || slices.Contains(got, "HANDSHAKE_SUCCEEDED") {
		t.Fatalf("their events: %v", got)
	}
	if n := e.peers(); n != 0 {
		t.Fatalf("we count %d peers", n)
	}
}
