//go:build interop

package zmq4_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/go-zactor/zactor/compat/zmq4"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// A subscriber of a node's blocks and transactions: it checks each body, and that the
// numbers of a topic have no gap, until the node begins anew with a lower one.
type subscriber struct {
	*kit
	sub      zmq4.Socket
	next     map[string]uint32
	restarts map[string]int
}

func (s *subscriber) recv() {
	s.Helper()
	m, err := s.sub.Recv()
	s.ok(err)
	if len(m.Frames) != 3 || len(m.Frames[2]) != 4 {
		s.Fatalf("received %d frames", len(m.Frames))
	}
	topic, n := string(m.Frames[0]), binary.LittleEndian.Uint32(m.Frames[2])
	switch topic {
	case "rawblock":
		if want := bytes.Repeat(m.Frames[2], 50000+int(n%7)); !bytes.Equal(m.Frames[1], want) {
			s.Fatalf("block %d has %d bytes, of other content", n, len(m.Frames[1]))
		}
	case "hashtx":
		if len(m.Frames[1]) != 32 {
			s.Fatalf("a hash of %d bytes", len(m.Frames[1]))
		}
	default:
		s.Fatalf("received %q, which was not subscribed to", topic)
	}
	want, known := s.next[topic]
	switch {
	case known && n < want:
		s.restarts[topic]++
	case known && n > want:
		s.Errorf("%s: %d to %d are missing", topic, want, n-1)
	}
	s.next[topic] = n + 1
}

// The node is restarted twice; the subscriber goes on, and misses nothing while the node
// is up.
func TestInteropBitcoind(t *testing.T) {
	k := newKit(t)
	at := proc.TCP(t, 1)[0]
	node := proc.Python("testdata/bitcoind.py")
	s := &subscriber{kit: k, sub: k.open(zmq4.NewSub), next: map[string]uint32{}, restarts: map[string]int{}}
	for _, topic := range []string{"rawblock", "hashtx"} {
		k.ok(s.sub.SetOption(zmq4.OptionSubscribe, topic))
	}
	p := node(t, at)
	p.Expect("^up$")
	k.ok(s.sub.Dial(at))
	for restart := range 3 {
		for s.restarts["rawblock"] < restart || s.restarts["hashtx"] < restart {
			s.recv()
		}
		for range 200 {
			s.recv()
		}
		p.Kill()
		if restart < 2 {
			p = node(t, at)
		}
	}
}
