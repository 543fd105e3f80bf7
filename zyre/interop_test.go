//go:build interop

package zyre

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
)

// python is the interpreter that Debian's python3-zmq is installed for.
const python = "/usr/bin/python3"

// pete is a node in Python, on libzmq. See testdata/zre_peer.py.
type pete struct {
	t    *testing.T
	id   ID
	in   io.WriteCloser
	says chan heardByPete
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
	p := &pete{t: t, id: ID{0xF0, 0x0D}, says: make(chan heardByPete, 1000)}
	cmd := exec.Command(python, "testdata/zre_peer.py", itoa(port), strings.ToLower(p.id.String()), mode)
	out, err1 := cmd.StdoutPipe()
	in, err2 := cmd.StdinPipe()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Skipf("no Python peer: %v", err)
	}
	p.in = in
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(p.says)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var h heardByPete
			if err := json.Unmarshal(lines.Bytes(), &h); err != nil {
				t.Errorf("pete said %q: %v", lines.Text(), err)
			}
			p.says <- h
		}
	}()
	t.Cleanup(func() {
		in.Close()
		timer := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("pete: %v\n%s", err, stderr.String())
		}
		timer.Stop()
	})
	return p
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// heard is the next message of the kind that pete got.
func (p *pete) heard(kind string) heardByPete {
	p.t.Helper()
	timeout := time.After(ztest.Patience)
	for {
		select {
		case h, ok := <-p.says:
			if !ok {
				p.t.Fatalf("pete ended before it heard %s", kind)
			}
			if h.Kind == kind {
				return h
			}
		case <-timeout:
			p.t.Fatalf("pete heard no %s within %v", kind, ztest.Patience)
		}
	}
}

func (p *pete) say(order map[string]any) {
	p.t.Helper()
	b, _ := json.Marshal(order)
	if _, err := p.in.Write(append(b, '\n')); err != nil {
		p.t.Fatal(err)
	}
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
	p.say(map[string]any{"kind": "JOIN", "group": "room"})
	if e := ea.expect(Join); e.Group != "room" || e.Peer != p.id {
		t.Errorf("joined: %+v", e)
	}
	p.say(map[string]any{"kind": "WHISPER", "content": []string{"psst", ""}})
	if e := ea.expect(Whisper); !e.Msg.Equal(msg.NewString("psst", "")) {
		t.Errorf("whispered: %v", e.Msg)
	}
	p.say(map[string]any{"kind": "SHOUT", "group": "room", "content": []string{"hey"}})
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
	p.say(map[string]any{"kind": "PING"})
	p.heard("PING-OK")
	p.heard("PING") // it is silent, and answers

	// Ours has the smaller UUID: his echo makes it the leader, and he passes that on.
	if err := a.Contest("room"); err != nil {
		t.Fatal(err)
	}
	if h := p.heard("ELECT"); h.Group != "room" || h.Node != a.ID().String() {
		t.Errorf("pete heard %+v", h)
	}
	p.say(map[string]any{"kind": "ELECT", "group": "room", "node": a.ID().String()})
	if h := p.heard("LEADER"); h.Group != "room" || h.Node != a.ID().String() {
		t.Errorf("pete heard %+v", h)
	}
	p.say(map[string]any{"kind": "LEADER", "group": "room", "node": a.ID().String()})
	if e := ea.expect(Leader); e.Peer != a.ID() {
		t.Errorf("leader: %+v", e)
	}
	p.say(map[string]any{"kind": "LEAVE", "group": "room"})
	if e := ea.expect(Leave); e.Group != "room" {
		t.Errorf("left: %+v", e)
	}
	if s := a.Stats(); s.StatusMismatch+s.Malformed+s.Gaps+s.Impostor != 0 {
		t.Errorf("%+v", s)
	}
	p.say(map[string]any{"kind": "GOODBYE"})
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
	p.say(map[string]any{"kind": "BEACON"})
	ea.order(Enter)
	before := a.Stats().Goodbyes
	p.say(map[string]any{"kind": "BYE"})
	ztest.Eventually(t, "the goodbye is heard", func() bool { return a.Stats().Goodbyes > before })
	p.heard("PING")
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	ea.none()
	p.in.Close() // now it does leave: its port is closed
	if e := ea.expect(Exit); e.Peer != p.id {
		t.Errorf("exit: %+v", e)
	}
}
