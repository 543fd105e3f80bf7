package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// crowded is a space without a node, whose quota is ten messages of some bytes a peer.
func crowded(t *testing.T) (s *Space, send func(p *peer) bool, enter func(name, endpoint string) *peer) {
	t.Helper()
	size := (&packet{name: "it", body: [][]byte{make([]byte, 1000)}}).size()
	s = &Space{options: options{messages: 1000, bytes: 10 * size}, events: newFeed(), peers: map[zyre.ID]*peer{}, served: map[string]*served{}, changed: make(chan struct{})}
	s.ctx = t.Context()
	s.shares = newShares(s.options.bytes)
	s.joins(&s.gone, "")
	v := &served{space: s, name: "it", wake: make(chan struct{}, 1), lines: map[*peer]*line{}}
	s.served["it"] = v
	last := byte(0)
	return s, func(p *peer) bool {
			dropped := s.stats.Dropped
			s.request(&request{from: p, packet: packet{op: opSend, name: "it", body: [][]byte{make([]byte, 1000)}}})
			return s.stats.Dropped == dropped
		}, func(name, endpoint string) *peer {
			last++
			id := zyre.ID{last}
			s.enter(id, name, "", endpoint)
			return s.peers[id]
		}
}

// Who comes with many nodes from one address has the quotas of four, and a newcomer of
// another address has its own. (IPv6: a /64 is one address.)
func TestQuotaOfAnAddress(t *testing.T) {
	for _, from := range []string{"tcp://10.0.0.1:%d", "tcp://[2001:db8::%d]:1"} {
		s, send, enter := crowded(t)
		least := 10
		var all []*peer
		for i := range 20 {
			p := enter(fmt.Sprint("greedy", i), fmt.Sprintf(from, i+1))
			all = append(all, p)
			for range 10 {
				send(p)
			}
		}
		for _, p := range all {
			least = min(least, p.share.Used().Places)
		}
		f, st := s.shares.Figures(), s.stats
		if f.Held.Places != 10*addressQuotas || st.Dropped != 200-10*addressQuotas || f.OverShare+st.Evicted != st.Dropped {
			t.Errorf("%s: %d of 200 are held, %d of them is its share; %+v", from, f.Held.Places, 10*addressQuotas, st)
		}
		if least == 0 { // among themselves they share what is theirs
			t.Errorf("%s: one of them has nothing", from)
		}
		honest := enter("honest", "tcp://10.0.0.2:1")
		for i := range 10 {
			if !send(honest) {
				t.Errorf("%s: the honest node's message %d was refused", from, i)
			}
		}
	}
}

// When many addresses have taken all there is, one more still has its share: the others
// give way, those with the most first, and what was counted is given back when they go.
func TestQuotaOfAll(t *testing.T) {
	s, send, enter := crowded(t)
	for i := range 2 * allQuotas {
		p := enter(fmt.Sprint("greedy", i), fmt.Sprintf("tcp://10.0.1.%d:1", i+1))
		for range 10 {
			send(p)
		}
	}
	honest := enter("honest", "tcp://10.0.0.2:1")
	for i := range 4 {
		if !send2(s, honest) {
			t.Errorf("the honest node's message %d was refused", i)
		}
	}
	if s.stats.Evicted == 0 || honest.bytes != 4*s.options.bytes/10 {
		t.Errorf("%d had to make room, the honest one has %d bytes", s.stats.Evicted, honest.bytes)
	}
	if held := s.shares.Figures().Held.Bytes; held > allQuotas*s.options.bytes {
		t.Errorf("%d bytes are held", held)
	}
	v := s.served["it"]
	for id, p := range s.peers {
		s.exit(id, ErrLost)
		if p.bytes != 0 || v.lines[p] != nil {
			t.Errorf("%s has gone, and keeps %d bytes", p.Name, p.bytes)
		}
	}
	for r := v.next(); r != nil; r = v.next() {
		v.done(r)
	}
	if f := s.shares.Figures(); f.Held.Places != 0 || f.Held.Bytes != 0 || s.shares.Addresses() > 1 {
		t.Errorf("all have gone, and %+v are held, %d addresses", f.Held, s.shares.Addresses())
	}
}

// send2 sends, and reports whether it was the sender's own that was refused.
func send2(s *Space, p *peer) bool {
	before := p.bytes
	s.request(&request{from: p, packet: packet{op: opSend, name: "it", body: [][]byte{make([]byte, 1000)}}})
	return p.bytes > before
}

// A question that has to make room is answered, with ErrBusy.
func TestQuotaEvictsQuestions(t *testing.T) {
	s, _, enter := crowded(t)
	greedy := enter("greedy", "tcp://10.0.0.1:1")
	s.request(&request{from: greedy, packet: packet{op: opAsk, id: 7, name: "it", body: [][]byte{make([]byte, 1000)}}})
	r := greedy.asks[7]
	if r == nil {
		t.Fatal("it was not asked")
	}
	s.closed = true // there is no node to answer by
	s.evict(greedy.share)
	if greedy.asks[7] != nil || greedy.bytes != 0 || !errors.Is(r.ctx.Err(), context.Canceled) || s.stats.Evicted != 1 {
		t.Errorf("it holds %d bytes, %d questions", greedy.bytes, len(greedy.asks))
	}
}

// While this node is behind with its events, a flood of one peer takes no question of
// another from it: that is answered, and it is the flood that loses.
func TestFloodLosesNoQuestion(t *testing.T) {
	st := newStuck()
	close(st.release)
	all, _ := spaces(t, "it", st.run)
	ctx := ztest.Within(t)
	honest, err := all[2].Find(ctx, "it")
	if err != nil {
		t.Fatal(err)
	}
	here := all[0]
	came := here.node.Chan(ctx) // another reader, which is not behind
	here.mu.Lock()
	unlock := sync.OnceFunc(here.mu.Unlock)
	defer unlock()
	flooding, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		for flooding.Err() == nil {
			_ = all[1].node.Whisper(flooding, here.node.ID(), msg.NewString("junk"))
		}
	}()
	answer, asked := make(chan error, 1), false
	for e := range came {
		if !asked && here.node.Stats().EventsLost > 0 {
			asked = true
			go func() {
				_, err := honest.Ask(ctx, msg.NewString("question"))
				answer <- err
			}()
		}
		if e.Kind == zyre.Whisper && e.Name == "node2" {
			break
		}
	}
	stop()
	unlock()
	if err := <-answer; err != nil {
		t.Errorf("the honest one: %v", err)
	}
}
