package remote

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// stuck is an actor that receives nothing until it is released, and then says what.
type stuck struct {
	release chan struct{}
	got     chan string
}

func newStuck() *stuck { return &stuck{make(chan struct{}), make(chan string, 10000)} }

func (s *stuck) run(ctx context.Context, p *actor.Pipe) error {
	p.Ready()
	select {
	case <-s.release:
	case <-ctx.Done():
		return nil
	}
	for m, err := range p.Messages(ctx) {
		if err != nil {
			return err
		}
		s.got <- string(m.Frames[0])
		_ = p.Reply(ctx, msg.New())
	}
	return nil
}

// spaces are three on one network, the first of which has an actor.
func spaces(t testing.TB, name string, fn actor.Func, opts ...actor.Option) (all [3]*Space, a *actor.Actor) {
	t.Helper()
	port := network(t)
	for i := range all {
		all[i], _ = space(t, port, fmt.Sprint("node", i))
	}
	a = spawn(t, name, fn, opts...)
	if err := all[0].Publish(a); err != nil {
		t.Fatal(err)
	}
	return all, a
}

// Who fills its own places with questions, and never waits for an answer, takes none of
// another one's: also a node of the first version, which can't say that it has left.
func TestPlacesOfOnePeer(t *testing.T) {
	st := newStuck()
	all, _ := spaces(t, "it", st.run, actor.WithMailbox(1))
	ctx := ztest.Within(t)
	greedy, err1 := all[1].Find(ctx, "it")
	honest, err2 := all[2].Find(ctx, "it")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	there := all[0].node.ID()
	for i := range 2000 {
		if err := all[1].node.Whisper(ctx, there, (&packet{op: opAsk, id: uint64(1<<40) + uint64(i), name: "it", body: [][]byte{[]byte("greedy")}}).msg()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := greedy.Ask(ctx, msg.NewString("more")); !errors.Is(err, ErrBusy) {
		t.Errorf("over its quota: %v", err)
	}
	if st := all[0].Stats(); st.Held != 1000 || st.HeldBytes == 0 || st.Dropped != 1001 {
		t.Errorf("%d are held, of %d bytes, %d refused", st.Held, st.HeldBytes, st.Dropped)
	}
	answer := make(chan error, 1)
	go func() {
		_, err := honest.Ask(ctx, msg.NewString("honest"))
		answer <- err
	}()
	ztest.Eventually(t, "the honest one has a place", func() bool {
		select {
		case err := <-answer:
			t.Fatalf("the honest one: %v", err)
		default:
		}
		all[0].mu.Lock()
		defer all[0].mu.Unlock()
		for p, l := range all[0].served["it"].lines {
			if p.Name == "node2" && l.waiting+l.open == 1 {
				return true
			}
		}
		return false
	})
	close(st.release)
	if err := <-answer; err != nil {
		t.Errorf("the honest one: %v", err)
	}
	ztest.Eventually(t, "nothing is held", func() bool { st := all[0].Stats(); return st.Held == 0 && st.HeldBytes == 0 })
	before := 0
	for got := <-st.got; got != "honest"; got = <-st.got {
		before++
	}
	if before > 5 {
		t.Errorf("%d of the greedy one's came first", before)
	}
}

// A quota of bytes holds for what waits, and what is in the mailbox, of one peer; one
// message that is larger is taken.
func TestBytesOfOnePeer(t *testing.T) {
	st, port := newStuck(), network(t)
	n, err := zyre.New(context.Background(), "there", zyre.WithLoopback(true), zyre.WithPort(port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	there, err := New(context.Background(), n, WithQuota(100, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { there.Close() })
	here, _ := space(t, port, "here")
	if err := there.Publish(spawn(t, "it", st.run)); err != nil {
		t.Fatal(err)
	}
	ctx := ztest.Within(t)
	ref, err := here.Find(ctx, "it")
	if err != nil {
		t.Fatal(err)
	}
	large := func() msg.Msg { return msg.New(make([]byte, 600<<10)) }
	for range 10 {
		if err := ref.Send(ctx, large()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ref.Ask(ctx, large()); !errors.Is(err, ErrBusy) {
		t.Errorf("ask: %v", err)
	}
	// One is in the mailbox, one waits for room for its bytes, and one behind it if the
	// quota was free by then.
	if s := there.Stats(); s.Dropped < 8 {
		t.Errorf("%+v", s)
	}
	close(st.release)
	<-st.got
	ztest.Eventually(t, "all is given back", func() bool {
		there.mu.Lock()
		defer there.mu.Unlock()
		return there.peers[here.node.ID()].bytes == 0 && len(there.served["it"].lines) == 0
	})
	if _, err := ref.Ask(ctx, msg.New(make([]byte, 2<<20))); err != nil {
		t.Errorf("one that is larger than the quota: %v", err)
	}
	if _, err := New(ctx, n, WithQuota(0, 1)); !errors.Is(err, ErrOption) {
		t.Errorf("New: %v", err)
	}
}

// What a node has sent is delivered after it has gone.
func TestSentAndGone(t *testing.T) {
	st := newStuck()
	all, _ := spaces(t, "it", st.run, actor.WithMailbox(1))
	ctx := ztest.Within(t)
	ref, err := all[1].Find(ctx, "it")
	if err != nil {
		t.Fatal(err)
	}
	const n = 20
	for i := range n {
		if err := ref.Send(ctx, msg.NewString(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	id := all[1].node.ID()
	ztest.Eventually(t, "all is there", func() bool {
		all[0].mu.Lock()
		defer all[0].mu.Unlock()
		_, open := all[0].served["it"].load()
		waiting, _ := all[0].served["it"].load()
		return waiting+open >= n-3 // one is in the mailbox, one is being given
	})
	all[1].node.Close()
	ztest.Eventually(t, "it has gone", func() bool {
		all[0].mu.Lock()
		defer all[0].mu.Unlock()
		return all[0].peers[id] == nil
	})
	close(st.release)
	for i := range n {
		if got := <-st.got; got != fmt.Sprint(i) {
			t.Fatalf("got %q, want %d", got, i)
		}
	}
}

// The lines of peers, against a model: what is counted is what is there, whoever
// sends, leaves, is served or goes, and no peer is over its quota or passed over.
func TestLinesModel(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		ctx, cancel := context.WithCancel(context.Background())
		s := &Space{ctx: ctx, options: options{messages: 5, bytes: 3000}, shares: newShares(3000), peers: map[zyre.ID]*peer{}, served: map[string]*served{}}
		s.joins(&s.gone, "")
		v := &served{space: s, name: "it", wake: make(chan struct{}, 1), lines: map[*peer]*line{}}
		s.served["it"] = v
		fresh := func(i int) *peer {
			p := &peer{Peer: Peer{Name: fmt.Sprint(i)}, asks: map[uint64]*request{}}
			p.ctx, p.cancel = context.WithCancel(ctx)
			s.joins(p, "tcp://10.0.0.1:1")
			return p
		}
		peers := []*peer{fresh(0), fresh(1), fresh(2)}
		var taken []*request
		for id := range uint64(3000) {
			i := rnd.IntN(len(peers))
			p := peers[i]
			switch rnd.IntN(6) {
			case 0, 1:
				r := &request{from: p, packet: packet{op: []op{opSend, opAsk}[rnd.IntN(2)], id: id, body: [][]byte{make([]byte, rnd.IntN(1500))}}}
				s.mu.Lock()
				if v.admit(r) && r.asks() {
					s.open(r)
				}
				s.mu.Unlock()
			case 2:
				r := v.next()
				if r == nil {
					break
				}
				taken = append(taken, r)
			case 3:
				if len(taken) > 0 {
					k := rnd.IntN(len(taken))
					v.done(taken[k])
					taken = append(taken[:k], taken[k+1:]...)
				}
			case 4:
				for _, r := range p.asks { // one of them leaves
					s.lapsed(r)
					break
				}
			case 5:
				if rnd.IntN(10) == 0 {
					s.mu.Lock()
					p.cancel()
					v.depart(p)
					s.parts(p)
					s.mu.Unlock()
					peers[i] = fresh(i)
				}
			}
			check(t, v, append(peers, &s.gone))
		}
		for r := v.next(); r != nil; r = v.next() {
			taken = append(taken, r)
		}
		for _, r := range taken {
			v.done(r)
		}
		for _, p := range append(peers, &s.gone) {
			if p.bytes != 0 || len(p.asks) != 0 {
				t.Fatalf("seed %d: %q keeps %d bytes, %d asks", seed, p.Name, p.bytes, len(p.asks))
			}
		}
		if f := s.shares.Figures(); f.Held.Places != 0 || f.Held.Bytes != 0 {
			t.Fatalf("seed %d: %+v is held", seed, f)
		}
		if len(v.lines) != 0 || len(v.turn) != 0 {
			t.Fatalf("seed %d: %d lines, %d in turn", seed, len(v.lines), len(v.turn))
		}
		cancel()
	}
}

// check compares what is counted with what is there.
func check(t *testing.T, v *served, peers []*peer) {
	t.Helper()
	v.space.mu.Lock()
	defer v.space.mu.Unlock()
	busy := 0
	for _, p := range peers {
		l := v.lines[p]
		if l == nil {
			continue
		}
		n, last := 0, (*request)(nil)
		for r := l.first; r != nil; r = r.next {
			if r.prev != last || !r.waits || r.line != l || r.from != p {
				t.Fatalf("the list of %q is broken", p.Name)
			}
			n, last = n+1, r
		}
		if most := v.space.options.messages; l.waiting+l.open > most {
			t.Fatalf("%q has %d places of %d", p.Name, l.waiting+l.open, most)
		}
		if n != l.waiting || l.last != last || l.open < 0 || p.bytes < 0 {
			t.Fatalf("%q: %d counted, %d there, %d open, %d bytes", p.Name, l.waiting, n, l.open, p.bytes)
		}
		if n > 0 {
			busy++
		}
	}
	if busy != len(v.turn) {
		t.Fatalf("%d lines have something, %d are in turn", busy, len(v.turn))
	}
}

// An answer that is too large for the node that asked is an error there, and not a wait.
func TestAnswerTooLarge(t *testing.T) {
	all, _ := spaces(t, "big", func(ctx context.Context, p *actor.Pipe) error {
		p.Ready()
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			_ = m
			_ = p.Reply(ctx, msg.New(make([][]byte, 2000)...))
		}
		return nil
	})
	ctx := ztest.Within(t)
	r, err := all[1].Find(ctx, "big")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Ask(ctx, msg.NewString("?")); !errors.Is(err, ErrFailed) {
		t.Errorf("asked: %v", err)
	}
	if err := r.Send(ctx, msg.New(make([][]byte, 2000)...)); !errors.Is(err, zyre.ErrTooLarge) {
		t.Errorf("sent: %v", err)
	}
}
