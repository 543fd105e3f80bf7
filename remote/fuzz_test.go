package remote

import (
	"context"
	"testing"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// FuzzSpace has a peer send whatever it likes: messages in any order, deadlines,
// cancellations, answers to what was not asked. Nothing of it is left when the peer goes.
func FuzzSpace(f *testing.F) {
	n, err := zyre.New(context.Background(), "fuzzed", zyre.WithLoopback(true), zyre.WithPort(network(f)), zyre.WithLinger(time.Millisecond))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { n.Close() })
	s, err := New(context.Background(), n, WithQuota(20, 10000))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	a, err := actor.Spawn(context.Background(), echo, actor.WithName("frames"), actor.WithOverflow(actor.DropNew))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = a.Close() })
	if err := s.Publish(a); err != nil {
		f.Fatal(err)
	}
	if err := Publish(s, account(f, "values", newTeller(), actor.WithOverflow(actor.DropNew)), bank); err != nil {
		f.Fatal(err)
	}
	body := [][]byte{[]byte(`{"Amount":1}`)}
	for _, p := range []packet{
		{op: opSend, name: "frames", body: body},
		{op: opAsk, id: 1, name: "frames", body: body},
		{op: opTimedAsk, id: 2, left: 1, name: "frames"},
		{op: opTell, name: "values", codec: "json", typ: "deposit", body: body},
		{op: opQuestion, id: 3, left: 1 << 40, name: "values", codec: "json", typ: "withdraw", body: body},
		{op: opCancel, id: 3}, {op: opPing}, {op: opPong}, {op: opReply, id: 3}, {op: opFailure, id: 3, err: "poor"},
	} {
		b, err := p.msg().MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, b)
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		var id zyre.ID
		id[0] = 1
		event := func(e zyre.Event) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.event(e)
		}
		event(zyre.Event{Kind: zyre.Enter, Peer: id, Name: "fuzzer"})
		s.mu.Lock()
		p := s.peers[id]
		s.mu.Unlock()
		for _, b := range [][]byte{one, two, one} {
			var m msg.Msg
			if m.UnmarshalBinary(b) != nil {
				continue
			}
			if e := (zyre.Event{Kind: zyre.Whisper, Peer: id, Msg: m}); Owns(e) {
				event(e)
			}
		}
		event(zyre.Event{Kind: zyre.Exit, Peer: id})
		ztest.Eventually(t, "nothing is left", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(p.asks) == 0 && p.bytes == 0 && s.gone.bytes == 0 && len(s.served["frames"].lines)+len(s.served["values"].lines) == 0
		})
	})
}
