package zyre

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
)

func TestTalk(t *testing.T) {
	t.Parallel()
	port, ctx := network(t), ztest.Within(t)
	a := begun(t, port, "alice", WithHeader("X-ROLE", "server"), WithHeader("X-V", "1"), WithGroups("room"))
	b := begun(t, port, "bob")
	ea, eb := listen(t, a), listen(t, b)
	enter := eb.expect(Enter)
	if enter.Peer != a.ID() || enter.Name != "alice" || enter.Headers["X-ROLE"] != "server" ||
		enter.Headers["X-V"] != "1" || !strings.HasPrefix(enter.Endpoint, "tcp://127.0.0.1:") {
		t.Errorf("entered: %+v", enter)
	}
	if e := eb.expect(Join); e.Group != "room" || e.Peer != a.ID() {
		t.Errorf("joined: %+v", e)
	}
	ea.expect(Enter)
	if err := b.Whisper(ctx, a.ID(), msg.NewString("psst", "", "two")); err != nil {
		t.Fatal(err)
	}
	if e := ea.expect(Whisper); e.Name != "bob" || !e.Msg.Equal(msg.NewString("psst", "", "two")) {
		t.Errorf("whispered: %+v", e)
	}
	if err := b.Shout(ctx, "room", msg.New()); err != nil {
		t.Fatal(err)
	}
	if e := ea.expect(Shout); e.Group != "room" || e.Msg.Len() != 1 || e.Msg.Size() != 0 {
		t.Errorf("shouted: %+v", e)
	}
	peers := b.Peers()
	if len(peers) != 1 || peers[0].Name != "alice" || len(peers[0].Groups) != 1 || peers[0].Headers["X-V"] != "1" {
		t.Errorf("roster: %+v", peers)
	}
	if ids := b.Members("room"); len(ids) != 1 || ids[0] != a.ID() {
		t.Errorf("members: %v", ids)
	}
	if err := a.Leave("room"); err != nil {
		t.Fatal(err)
	}
	eb.expect(Leave)
	a.Close()
	if e := eb.expect(Exit); e.Peer != a.ID() || e.Reason != Goodbye {
		t.Errorf("exited: %+v", e)
	}
	ea.order(Exit)
	if _, more := <-ea.next; more {
		t.Error("events after the node has stopped")
	}
}

func TestMisuse(t *testing.T) {
	ctx := ztest.Within(t)
	n := begun(t, network(t), "n")
	for _, group := range []string{"", strings.Repeat("x", 256)} {
		if err := n.Join(group); !errors.Is(err, ErrInvalidName) {
			t.Errorf("join %.3q: %v", group, err)
		}
	}
	if err := n.Whisper(ctx, ID{1}, msg.New()); !errors.Is(err, ErrUnknownPeer) {
		t.Errorf("whisper to nobody: %v", err)
	}
	if err := n.Shout(ctx, "nobody's", msg.New()); err != nil {
		t.Errorf("shout to nobody: %v", err)
	}
	n.Close()
	n.Close()
	for what, err := range map[string]error{
		"join": n.Join("g"), "leave": n.Leave("g"), "contest": n.Contest("g"),
		"whisper": n.Whisper(ctx, ID{1}, msg.New()), "shout": n.Shout(ctx, "g", msg.New()),
	} {
		if !errors.Is(err, ErrClosed) || !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s after stop: %v", what, err)
		}
	}
	for range n.Events(ctx) {
		t.Error("an event of a node that has stopped")
	}
}

func TestOptions(t *testing.T) {
	for what, opt := range map[string]Option{
		"uuid": WithUUID(ID{}), "interval": WithInterval(0), "timeouts": WithTimeouts(2*time.Second, time.Second),
		"queue": WithQueue(0), "hwm": WithSendHWM(0), "frames": WithMaxMessage(0, 1), "bytes": WithMaxMessage(1, 0), "peers": WithMaxPeers(0), "linger": WithLinger(-1), "curve": WithCurve(nil, nil),
	} {
		if _, err := New(t.Context(), "x", opt); !errors.Is(err, ErrInvalidOption) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, opt := range map[string]Option{"large": WithHeader("a", strings.Repeat("x", 1<<16)), "group": WithGroups(""), "no name": WithHeader("", "x"), "long name": WithHeader(strings.Repeat("x", 256), "x")} {
		if _, err := New(t.Context(), "x", opt); !errors.Is(err, ErrInvalidName) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := New(t.Context(), strings.Repeat("x", 256)); !errors.Is(err, ErrInvalidName) {
		t.Errorf("a long name: %v", err)
	}
	n, err := New(t.Context(), "", WithoutBeacon(true), WithLoopback(true))
	if err != nil || n.Name() != n.ID().String()[:6] {
		t.Errorf("default name %q, %v", n.Name(), err)
	}
	id, err := ParseID(n.ID().String())
	if err != nil || id != n.ID() {
		t.Errorf("%v is read as %v, %v", n.ID(), id, err)
	}
	if _, err := ParseID("xyz"); err == nil {
		t.Error("xyz is a UUID")
	}
}

// What can't be opened is an error of New, and leaves nothing behind.
func TestStartFails(t *testing.T) {
	t.Parallel()
	port := network(t)
	for _, bind := range []string{"tcp://192.0.2.1:*", "inproc://x", "nonsense"} {
		if _, err := New(t.Context(), "n", WithLoopback(true), WithPort(port), WithBind(bind)); err == nil {
			t.Errorf("%s: made", bind)
		}
	}
}

// The end of New's context is the end of the node.
func TestContextEndsNode(t *testing.T) {
	t.Parallel()
	port := network(t)
	b := begun(t, port, "b")
	eb := listen(t, b)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	a, err := New(ctx, "a", WithLoopback(true), WithPort(port))
	if err != nil {
		t.Fatal(err)
	}
	eb.expect(Enter)
	cancel()
	if e := eb.expect(Exit); e.Reason != Goodbye {
		t.Errorf("exit: %v", e.Reason)
	}
	<-a.life.Done()
}

// A process that is killed says nothing; that its port is closed says it all.
func TestCrashIsSeenSoon(t *testing.T) {
	t.Parallel()
	port := network(t)
	a, b := begun(t, port, "a"), begun(t, port, "b")
	eb := listen(t, b)
	meet(t, a, b)
	a.mu.Lock() // from here on a does nothing by itself
	a.beacon.Silence()
	a.inbox.Close()
	a.mu.Unlock()
	if e := eb.expect(Exit); e.Peer != a.ID() || e.Reason != Unreachable {
		t.Errorf("exit: %+v", e)
	}
}

func TestElection(t *testing.T) {
	t.Parallel()
	port := network(t)
	var nodes []*Node
	for i := range 3 {
		nodes = append(nodes, begun(t, port, "n", WithUUID(ID{byte(3 - i)}), WithContest("G"), WithGroups("G")))
	}
	leads := func(id ID, nodes []*Node) func() bool {
		return func() bool {
			for _, n := range nodes {
				if got, ok := n.Leader("G"); !ok || got != id {
					return false
				}
			}
			return true
		}
	}
	ztest.Eventually(t, "the smallest leads", leads(ID{1}, nodes))
	nodes[2].Close()
	ztest.Eventually(t, "the next one leads", leads(ID{2}, nodes[:2]))
}
