//go:build interop

package zyre

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
)

// pete is a node in Python, on libzmq. See testdata/zre_peer.py.
type pete struct {
	*proc.Peer
	t  *testing.T
	id ID
}

// heardByPete is a message of ours as it has read it.
type heardByPete struct {
	Kind     string
	Key      string
	Seq      uint16
	UUID     string
	Port     int
	Endpoint string
	Groups   []string
	Group    string
	Status   int
	Name     string
	Node     string
	Headers  map[string]string
	Content  []string
}

func startPete(t *testing.T, port int, mode string) *pete {
	t.Helper()
	id := ID{0xF0, 0x0D}
	return &pete{proc.PythonPeer(t, nil, "testdata/zre_peer.py", itoa(port), strings.ToLower(id.String()), mode), t, id}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// heard is the next message of the kind that pete got.
func (p *pete) heard(kind string) (h heardByPete) {
	p.t.Helper()
	text := p.Want(fmt.Sprintf(`{"kind": %q,`, kind))
	if err := json.Unmarshal([]byte("{"+text), &h); err != nil {
		p.t.Fatalf("pete said %q: %v", text, err)
	}
	return h
}

func TestInteropClear(t *testing.T) { interop(t, "clear") }

func TestInteropCurve(t *testing.T) { interop(t, "curve", WithCurve(newKey(t), nil)) }

// interop plays every message of ZRE both ways with a peer on libzmq.
func interop(t *testing.T, mode string, opts ...Option) {
	port, ctx := network(t), ztest.Within(t)
	p := startPete(t, port, mode)
	ready := p.heard("READY")
	opts = append(opts, WithUUID(ID{1}), WithHeader("X-ROLE", "server"), WithTimeouts(500*time.Millisecond, 20*time.Second))
	a := begun(t, port, "alice", append(opts, WithGroups("room"))...)
	ea := listen(t, a)
	hello := p.heard("HELLO")
	if hello.Seq != 1 || hello.Name != "alice" || hello.Endpoint != a.Endpoint() || !slices.Equal(hello.Groups, []string{"room"}) ||
		hello.Status != 1 || hello.Headers["X-ROLE"] != "server" || hello.UUID != a.ID().String() {
		t.Errorf("pete heard %+v", hello)
	}
	enter := ea.expect(Enter)
	if enter.Peer != p.id || enter.Name != "pete" || enter.Headers["X-LANG"] != "python" || enter.Key != ready.Key {
		t.Errorf("entered: %+v", enter)
	}
	p.Say(map[string]any{"kind": "JOIN", "group": "room"})
	if e := ea.expect(Join); e.Group != "room" || e.Peer != p.id {
		t.Errorf("joined: %+v", e)
	}
	p.Say(map[string]any{"kind": "WHISPER", "content": []string{"psst", ""}})
	if e := ea.expect(Whisper); !e.Msg.Equal(msg.NewString("psst", "")) {
		t.Errorf("whispered: %v", e.Msg)
	}
	p.Say(map[string]any{"kind": "SHOUT", "group": "room", "content": []string{"hey"}})
	if e := ea.expect(Shout); !e.Msg.Equal(msg.NewString("hey")) || e.Group != "room" {
		t.Errorf("shouted: %+v", e)
	}
	if err := errors.Join(a.Whisper(ctx, p.id, msg.New()), a.Shout(ctx, "room", msg.NewString("all", "of you")), a.Join("attic"), a.Leave("attic")); err != nil {
		t.Fatal(err)
	}
	if h := p.heard("WHISPER"); !slices.Equal(h.Content, []string{""}) || h.Seq != 2 {
		t.Errorf("pete heard %+v", h)
	}
	if h := p.heard("SHOUT"); !slices.Equal(h.Content, []string{"all", "of you"}) || h.Group != "room" {
		t.Errorf("pete heard %+v", h)
	}
	if h := p.heard("JOIN"); h.Group != "attic" || h.Status != 2 {
		t.Errorf("pete heard %+v", h)
	}
	if h := p.heard("LEAVE"); h.Group != "attic" || h.Status != 3 {
		t.Errorf("pete heard %+v", h)
	}
	p.Say(map[string]any{"kind": "PING"})
	p.heard("PING-OK")
	p.heard("PING") // it is silent, and answers

	// Ours has the smaller UUID: his echo makes it the leader, and he passes that on.
	if err := a.Contest("room"); err != nil {
		t.Fatal(err)
	}
	if h := p.heard("ELECT"); h.Group != "room" || h.Node != a.ID().String() {
		t.Errorf("pete heard %+v", h)
	}
	p.Say(map[string]any{"kind": "ELECT", "group": "room", "node": a.ID().String()})
	if h := p.heard("LEADER"); h.Group != "room" || h.Node != a.ID().String() {
		t.Errorf("pete heard %+v", h)
	}
	p.Say(map[string]any{"kind": "LEADER", "group": "room", "node": a.ID().String()})
	if e := ea.expect(Leader); e.Peer != a.ID() {
		t.Errorf("leader: %+v", e)
	}
	p.Say(map[string]any{"kind": "LEAVE", "group": "room"})
	if e := ea.expect(Leave); e.Group != "room" {
		t.Errorf("left: %+v", e)
	}
	if s := a.Stats(); s.StatusMismatch+s.Malformed+s.Gaps+s.Impostor != 0 {
		t.Errorf("%+v", s)
	}
	p.Say(map[string]any{"kind": "GOODBYE"})
	if e := ea.expect(Exit); e.Reason != Goodbye {
		t.Errorf("exit: %v", e.Reason)
	}
}

// Its goodbye beacon alone evicts nobody while it lives; its closed port does.
func TestInteropGoodbyeBeacon(t *testing.T) {
	port := network(t)
	p := startPete(t, port, "clear")
	p.heard("READY")
	a := begun(t, port, "alice")
	ea := listen(t, a)
	p.Say(map[string]any{"kind": "BEACON"})
	ea.order(Enter)
	before := a.Stats().Goodbyes
	p.Say(map[string]any{"kind": "BYE"})
	ztest.Eventually(t, "the goodbye is heard", func() bool { return a.Stats().Goodbyes > before })
	p.heard("PING")
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	ea.none()
	p.Hangup() // now it does leave: its port is closed
	if e := ea.expect(Exit); e.Peer != p.id {
		t.Errorf("exit: %+v", e)
	}
}
