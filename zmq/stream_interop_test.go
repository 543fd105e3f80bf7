//go:build interop

package zmq_test

import (
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmq"
)

// streamPeer is a process with a STREAM of libzmq.
type streamPeer struct {
	*proc.Peer
	k *kit
}

func startStreamPeer(k *kit, args ...string) *streamPeer {
	k.Helper()
	return &streamPeer{proc.PythonPeer(k, nil, "testdata/stream_peer.py", args...), k}
}

func (p *streamPeer) want(line string) {
	p.k.Helper()
	if got := p.Line(); got != line {
		p.k.Fatalf("the peer says %q, want %q", got, line)
	}
}

// TestInteropStreamConnects: our STREAM talks to libzmq's, which is bound and ends
// the connection.
func TestInteropStreamConnects(t *testing.T) {
	k := alone(t, "tcp")
	p := startStreamPeer(k, "bind")
	s := k.open(zmq.Stream, zmq.WithReconnectInterval(-1, 0))
	k.ok(s.Connect(p.Line()))
	v, err := s.Option("ROUTING_ID")
	k.ok(err)
	id := v.(string)
	p.want("came 5 True")
	if notice(k, s) != id {
		k.Fatal("it came by another name")
	}
	sent := strings.Repeat("bytes ", 50_000) + "quit"
	k.send(s, id, sent[:100])
	k.send(s, id, sent[100:])
	var got strings.Builder
	for {
		m := k.recv(s)
		if m[1] == "" {
			break
		}
		got.WriteString(m[1])
	}
	if got.String() != strings.ToUpper(sent) {
		k.Errorf("%d bytes came back, of %d", got.Len(), len(sent))
	}
	p.want("saw 300004")
}

// TestInteropStreamBinds: libzmq's STREAM connects to ours, which ends the
// connection.
func TestInteropStreamBinds(t *testing.T) {
	k := alone(t, "tcp")
	s, endpoint := k.bound(zmq.Stream)
	p := startStreamPeer(k, "connect", endpoint)
	id := notice(k, s)
	p.want("came True True")
	got := ""
	for !strings.HasSuffix(got, "second") {
		m := k.recv(s)
		if m[0] != id {
			k.Fatalf("%q is another one than %q", m[0], id)
		}
		got += m[1]
	}
	if got != "first second" {
		k.Errorf("got %q", got)
	}
	k.send(s, id, "thanks, ")
	k.send(s, id, "bye")
	k.send(s, id, "")
	p.want("got thanks, bye")
	k.until("it has gone", func() bool { return s.Stats().Connected == 0 })
}
