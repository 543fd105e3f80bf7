package mesh

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/gossip/internal/frame"
)

// FuzzTable has a table live: peers of both kinds come, publish, delete and go, hubs
// answer or are lost, the program puts and deletes, and time passes. After every step
// all bounds hold and all counts are right; in the end another node gets the same table.
func FuzzTable(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x10\x03\x11\x22\x04\x33\x05\x06\x44\x07\x55\x08\x66"))
	f.Add([]byte("\x00\x00\x01\x00\x00\x01\x02\x01\x11\x02\x02\x22\x02\x03\x33\x06\x00\xff\x02\x01\x44\x07\x01\x08\x80\x06\x00\xff"))
	f.Add([]byte("\x03\x00\x00\x09\x00\x00\x02\x03\x11\x05\x01\x04\x08\x00\xff\x03\x00\x00\x02\x03\x12\x09\x00\x00"))
	f.Fuzz(func(t *testing.T, ops []byte) {
		s := newStation(t, func(c *Config) { c.MaxKeys, c.MaxBytes, c.MaxPeers, c.Bar = 20, 200, 4, 0 })
		for i := 0; i+2 < len(ops) && i < 3000; i += 3 {
			s.step(ops[i], ops[i+1], ops[i+2])
			if i%30 == 0 {
				s.check(t)
			}
		}
		s.check(t)
		s.copied(t)
	})
}

// step does one thing.
func (s *station) step(op, who, what byte) {
	id := Link(who%6 + 1) // 5 and 6 are dialled
	key, value := fmt.Sprint("k", what%32), fmt.Sprintf("%0*d", 1+what/16, who)
	switch op % 10 {
	case 0:
		if s.links[id] != nil {
			return
		}
		if id >= 5 {
			s.Dial(id)
		} else {
			s.Accept(s.now, id, fmt.Sprint("address ", id/2))
		}
	case 1, 2: // as a zactor
		s.hear(id, frame.Message{
			Kind: frame.Publish, Key: key, Value: value, Ours: true, Number: uint64(s.now.UnixMicro()) + uint64(what), TTL: uint32(who) * 20,
		})
	case 3:
		s.Linked(s.now, id)
		s.hear(id, frame.Message{Kind: frame.Hello, Ours: what%2 == 0})
	case 4: // as a czmq
		s.hear(id, frame.Message{Kind: frame.Publish, Key: key, Value: value[:len(value)*int(what%3)/2]})
	case 5:
		s.hear(id, frame.Message{Kind: frame.Pong, Ours: what%2 == 0, Number: uint64(what)})
	case 6:
		s.now = s.now.Add(time.Duration(what) * time.Duration(who) * 4 * time.Millisecond)
		s.Tick(s.now)
	case 7:
		if what%2 == 0 {
			s.Hangup(id)
		} else {
			s.Lost(id)
		}
	case 8:
		_ = s.Put(s.now, key, value, time.Duration(who)*100*time.Millisecond)
	case 9:
		if what%2 == 0 {
			s.Delete(s.now, key)
		} else {
			s.hear(id, frame.Message{Kind: frame.Publish, Key: key, Ours: true, Deleted: true, Number: uint64(s.now.UnixMicro()) + uint64(who)})
		}
	}
}

func (s *station) hear(id Link, m frame.Message) {
	if b, err := m.Append(nil); err == nil {
		s.Receive(s.now, id, [][]byte{b})
	}
}

// copied checks that a node that asks for the table has the same one then.
func (s *station) copied(t *testing.T) {
	t.Helper()
	s.Hangup(1)
	for id := range Link(6) {
		s.Hangup(id)
	}
	p := s.host.(*peer)
	p.sent = nil
	s.join(9, "copy")
	c := New(labConfig(), &peer{})
	c.Accept(s.now, 1, "a")
	for _, m := range p.sent {
		c.Receive(s.now, 1, bytesOf(t, m))
	}
	for _, key := range s.Keys() {
		want, _ := s.Get(key)
		if got, ok := c.Get(key); !ok || got.Value != want.Value || got.Stamp != want.Stamp {
			t.Errorf("the copy has %+v, want %+v", got, want)
		}
	}
	if c.Digest() != s.Digest() {
		t.Errorf("digests %x and %x", c.Digest(), s.Digest())
	}
	c.check(t)
	s.check(t)
}
