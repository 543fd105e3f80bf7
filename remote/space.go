package remote

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// Space is what one node publishes, and what it uses of others. Its methods may be
// called from any goroutine.
type Space struct {
	node   *zyre.Node
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup
	life   *lifetime.Life

	mu      sync.Mutex // guards what follows
	closed  bool
	served  map[string]*served
	refs    map[place]*Remote
	asks    map[uint64]*asking
	lastAsk uint64
	peers   map[zyre.ID]*peer
	changed chan struct{} // closed and replaced when a name has come
	stats   Stats
}

// place is where an actor is.
type place struct {
	peer zyre.ID
	name string
}

// peer is a node that is there: what it asked for ends when it goes.
type peer struct {
	ctx    context.Context
	cancel context.CancelFunc
}

// asking is an Ask under way: from whom the answer may come.
type asking struct {
	peer   zyre.ID
	answer chan answered // room for one
}

type answered struct {
	m   msg.Msg
	err error
}

// Stats counts what a space has done for others.
type Stats struct {
	Sends     uint64 // messages that were given to actors here
	Asks      uint64 // requests that were begun
	Dropped   uint64 // messages and requests for which there was no room
	NotFound  uint64 // and for actors that are not published
	Malformed uint64 // messages that are not this package's, though they say so
	Stale     uint64 // answers that nobody waits for
}

// prefix makes a group's name of an actor's.
const prefix = "actor:"

// New makes the space of a node. A node has one. It works until ctx ends, until Close or
// Shutdown, or until the node ends.
//
// Errors: ctx's, when it has ended already.
func New(ctx context.Context, n *zyre.Node) (*Space, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("remote: new: %w", err)
	}
	s := &Space{
		node:   n,
		served: map[string]*served{}, refs: map[place]*Remote{}, asks: map[uint64]*asking{},
		peers: map[zyre.ID]*peer{}, changed: make(chan struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	events := n.Chan(s.ctx)
	s.wg.Go(func() { s.follow(events) })
	s.life = lifetime.New(ctx, "remote", s.end)
	return s, nil
}

// Publish makes an actor of this program known under its name, until it ends or
// Withdraw.
//
// Errors: ErrName, ErrPublished, ErrClosed.
func (s *Space) Publish(a *actor.Actor) error {
	name := a.Name()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.served[name] != nil:
		return fmt.Errorf("%w: %q", ErrPublished, name)
	}
	if err := s.node.Join(prefix + name); err != nil {
		return fmt.Errorf("%w: %w", ErrName, err)
	}
	v := newServed(s, a)
	s.served[name] = v
	s.announce()
	s.wg.Go(v.run)
	return nil
}

// Withdraw ends what Publish did. The actor goes on.
func (s *Space) Withdraw(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.served[name]
	if v == nil {
		return
	}
	delete(s.served, name)
	v.cancel()
	if !s.closed {
		_ = s.node.Leave(prefix + name)
	}
}

// Lookup returns the actor with a name, if there is one now: that of this space, or
// else that of the node with the smallest UUID.
func (s *Space) Lookup(name string) (Ref, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lookup(name)
}

func (s *Space) lookup(name string) (Ref, bool) {
	if v := s.served[name]; v != nil {
		return v.actor, true
	}
	if s.closed {
		return nil, false
	}
	for _, id := range s.node.Members(prefix + name) {
		if s.peers[id] == nil {
			continue // its ENTER is still on the way to us
		}
		at := place{id, name}
		r := s.refs[at]
		if r == nil {
			r = &Remote{space: s, peer: id, name: name, done: make(chan struct{})}
			s.refs[at] = r
		}
		return r, true
	}
	return nil, false
}

// Find is Lookup that waits until there is one.
//
// Errors: ErrClosed, or ctx's.
func (s *Space) Find(ctx context.Context, name string) (Ref, error) {
	for {
		s.mu.Lock()
		r, ok := s.lookup(name)
		changed := s.changed
		s.mu.Unlock()
		if ok {
			return r, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.ctx.Done():
			return nil, ErrClosed
		}
	}
}

// announce wakes those who Find.
func (s *Space) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Close withdraws all actors, ends all remote ones for this space, and waits for what
// it has started. The node goes on. It may be called again, and returns nil.
func (s *Space) Close() error { return s.life.Close() }

// Shutdown is Close for at most as long as ctx, whose error it returns then.
func (s *Space) Shutdown(ctx context.Context) error { return s.life.Shutdown(ctx) }

// end does the work of Close, once.
func (s *Space) end(context.Context) error {
	s.mu.Lock()
	for name := range s.served {
		_ = s.node.Leave(prefix + name)
	}
	s.shut(ErrClosed)
	s.mu.Unlock()
	s.cancel()
	s.wg.Wait()
	return nil
}

// shut ends everything.
func (s *Space) shut(why error) {
	s.closed = true
	for at, r := range s.refs {
		r.end(why)
		delete(s.refs, at)
	}
	for id := range s.peers {
		s.exit(id, why)
	}
	for _, v := range s.served {
		v.cancel()
	}
	clear(s.served)
}

// Stats returns the counters.
func (s *Space) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// expect enters an Ask.
func (s *Space) expect(from zyre.ID) (uint64, <-chan answered, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, nil, ErrClosed
	}
	s.lastAsk++
	a := &asking{peer: from, answer: make(chan answered, 1)}
	s.asks[s.lastAsk] = a
	return s.lastAsk, a.answer, nil
}

func (s *Space) forget(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asks, id)
}

// follow takes the node's events until it stops, or Close.
func (s *Space) follow(events <-chan zyre.Event) {
	for e := range events {
		s.mu.Lock()
		if !s.closed {
			s.event(e)
		}
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut(ErrLost)
	s.cancel()
}

func (s *Space) event(e zyre.Event) {
	name, ours := strings.CutPrefix(e.Group, prefix)
	switch {
	case e.Kind == zyre.Enter:
		p := &peer{}
		p.ctx, p.cancel = context.WithCancel(s.ctx)
		s.peers[e.Peer] = p
		s.announce()
	case e.Kind == zyre.Exit:
		s.exit(e.Peer, ErrLost)
	case e.Kind == zyre.Join && ours:
		s.announce()
	case e.Kind == zyre.Leave && ours:
		s.left(place{e.Peer, name}, nil)
	case e.Kind == zyre.Lost:
		s.resync()
	case Owns(e):
		s.packet(e)
	}
}

func (s *Space) left(at place, why error) {
	if r := s.refs[at]; r != nil {
		r.end(why)
		delete(s.refs, at)
	}
}

// exit ends all that a peer had of us, and we of it.
func (s *Space) exit(id zyre.ID, why error) {
	if p := s.peers[id]; p != nil {
		p.cancel()
		delete(s.peers, id)
	}
	for at := range s.refs {
		if at.peer == id {
			s.left(at, why)
		}
	}
	for n, a := range s.asks {
		if a.peer == id {
			s.answer(n, answered{err: why})
		}
	}
}

func (s *Space) answer(n uint64, a answered) {
	s.asks[n].answer <- a // its only one
	delete(s.asks, n)
}

// resync is for events that were lost because this goroutine was starved: what they
// said is in the roster, but answers among them are gone.
func (s *Space) resync() {
	for n := range s.asks {
		s.answer(n, answered{err: ErrLost})
	}
	there := map[place]bool{}
	nodes := map[zyre.ID]bool{}
	for _, p := range s.node.Peers() {
		nodes[p.ID] = true
		for _, g := range p.Groups {
			there[place{p.ID, strings.TrimPrefix(g, prefix)}] = true
		}
	}
	for id := range s.peers {
		if !nodes[id] {
			s.exit(id, ErrLost)
		}
	}
	for at := range s.refs {
		if !there[at] {
			s.left(at, nil)
		}
	}
	s.announce()
}
