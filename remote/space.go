package remote

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/zyre"
)

// Space is what one node publishes, and what it uses of others. Its methods may be
// called from any goroutine.
type Space struct {
	node    *zyre.Node
	options options
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	tasks   contain.Guard
	fail    context.CancelFunc // ends the space, and waits for nothing
	life    *lifetime.Life
	listed  registry.Entry
	events  *feed.Queue[Event]

	mu      sync.Mutex // guards what follows
	closed  bool
	served  map[string]*served
	refs    map[place]*Remote
	asks    map[uint64]*asking
	lastAsk uint64
	peers   map[zyre.ID]*peer
	lost    lost // at the end
	shares  *shares
	gone    peer          // stands for all that have gone, and whose messages wait
	changed chan struct{} // closed and replaced when a name has come
	stats   Stats
}

// place is where an actor is.
type place struct {
	peer zyre.ID
	name string
}

// Stats counts what a space has done for others, and of them.
type Stats struct {
	Sends     uint64 // messages that were given to actors here
	Asks      uint64 // requests that were begun
	Dropped   uint64 // messages and requests for which there was no room, or whose actor ended first
	NotFound  uint64 // and for actors that are not published
	Denied    uint64 // and of peers that may not use the actor: see WithAllow
	Unknown   uint64 // and whose type the actor's protocol does not have, or can't decode
	Expired   uint64 // requests whose asker waited no longer: they were not begun, or ended
	Malformed uint64 // messages that are not this package's, though they say so
	Stale     uint64 // answers that nobody waits for
	Panics    uint64 // that were contained: each ended what its peer had asked for
	Silenced  uint64 // how often a peer did not answer, and was passed over from then on

	// Of Dropped: what the peers of one address had no share for any more, and what had to
	// make room for others: see WithQuota.
	OverShare, Evicted uint64

	// What peers have here now of what WithQuota bounds for each: messages that wait or are
	// asked and not answered, and the bytes that wait. Dropped is what was refused.
	Held, HeldBytes int
}

// prefix makes a group's name of an actor's.
const prefix = "actor:"

// New makes the space of a node. A node has one. It works until ctx ends, until Close or
// Shutdown, or until the node ends.
//
// Errors: ErrOption, or ctx's, when it has ended already.
func New(ctx context.Context, n *zyre.Node, opts ...Option) (*Space, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("remote: new: %w", err)
	}
	s := &Space{
		node: n, options: options{messages: 1000, bytes: 64 << 20, probe: 250 * time.Millisecond},
		served: map[string]*served{}, refs: map[place]*Remote{}, asks: map[uint64]*asking{},
		peers: map[zyre.ID]*peer{}, changed: make(chan struct{}), events: newFeed(),
	}
	for _, o := range opts {
		if err := o(&s.options); err != nil {
			return nil, err
		}
	}
	s.shares = newShares(s.options.bytes)
	s.joins(&s.gone, "")
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.logEvents()
	events := n.Chan(s.ctx)
	_ = n.Join(versionGroup) // without room for it we are a node of the first version
	lives, fail := context.WithCancel(ctx)
	s.fail = fail
	s.tasks.Go(&s.wg, "remote: follow", func() { s.follow(events) }, s.fail)
	s.listed.Enter(registry.Space, (*subject)(s))
	s.life = lifetime.New(lives, "remote", s.end)
	return s, nil
}

// Publish makes an actor of this program known under its name, until it ends or
// Withdraw. (Actors whose messages are Go values are published by the function.)
//
// Errors: ErrName, ErrPublished, ErrOption, ErrClosed.
func (s *Space) Publish(a *actor.Actor, opts ...PublishOption) error {
	return s.publish(frames{a}, opts)
}

func (s *Space) publish(t target, opts []PublishOption) error {
	v, err := newServed(s, t, opts)
	if err != nil {
		return err
	}
	if err := s.enlist(v); err != nil {
		v.cancel()
		return err
	}
	return nil
}

func (s *Space) enlist(v *served) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.served[v.name] != nil:
		return fmt.Errorf("%w: %q", ErrPublished, v.name)
	}
	if err := s.node.Join(prefix + v.name); err != nil {
		return fmt.Errorf("%w: %w", ErrName, err)
	}
	s.served[v.name] = v
	s.announce()
	v.start()
	return nil
}

// Withdraw ends what Publish did. The actor goes on, and answers what it has. What
// waits for it is refused.
func (s *Space) Withdraw(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.served[name]; v != nil {
		s.withdraw(v)
	}
}

func (s *Space) withdraw(v *served) {
	delete(s.served, v.name)
	v.cancel()
	if !s.closed {
		_ = s.node.Leave(prefix + v.name)
	}
}

// Lookup returns the actor with a name that takes frames, if there is one now: that of
// this space, or else that of the node with the smallest UUID among those that answer.
func (s *Space) Lookup(name string) (Ref, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.lookup(name)
	return r, err == nil
}

// lookup returns ErrNotFound when there is none, and ErrType for a typed one here.
func (s *Space) lookup(name string) (Ref, error) {
	if v := s.served[name]; v != nil {
		f, is := v.target.(frames)
		if !is {
			return nil, errValues
		}
		return f.a, nil
	}
	if all := s.places(name, false); len(all) > 0 {
		return all[0], nil
	}
	return nil, ErrNotFound
}

// places are the actors of a name on other nodes: first those whose nodes answer, in
// the order of their UUIDs. newer has it be those only that know values.
func (s *Space) places(name string, newer bool) (all []*Remote) {
	if s.closed {
		return nil
	}
	var silent []*Remote
	for _, id := range s.node.Members(prefix + name) {
		p := s.peers[id]
		if p == nil || newer && !p.newer {
			continue // its ENTER, or its JOIN, is still on the way to us
		}
		if r := s.remote(place{id, name}); s.mute(p) {
			silent = append(silent, r)
		} else {
			all = append(all, r)
		}
	}
	return append(all, silent...)
}

// remote is the one Remote of a place.
func (s *Space) remote(at place) *Remote {
	r := s.refs[at]
	if r == nil {
		r = &Remote{space: s, peer: at.peer, name: at.name, done: make(chan struct{})}
		s.refs[at] = r
	}
	return r
}

// Find is Lookup that waits until there is one.
//
// Errors: ErrClosed, actor.ErrType for an actor of this space that takes values, or
// ctx's.
func (s *Space) Find(ctx context.Context, name string) (r Ref, err error) {
	return r, s.await(ctx, func() error {
		r, err = s.lookup(name)
		return err
	})
}

// await waits until try, which is called with the lock held, returns something else
// than ErrNotFound.
func (s *Space) await(ctx context.Context, try func() error) error {
	for {
		s.mu.Lock()
		err := try()
		changed := s.changed
		s.mu.Unlock()
		if err != ErrNotFound {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ctx.Done():
			return ErrClosed
		}
	}
}

// announce wakes those who Find.
func (s *Space) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Close withdraws all actors, ends all remote ones for this space, and waits for what
// it has started. The node goes on. It may be called again.
//
// Errors: *UnsentError, for messages of other nodes that actors here had not received.
func (s *Space) Close() error { return s.life.Close() }

// Shutdown is Close for at most as long as ctx, whose error it returns then.
func (s *Space) Shutdown(ctx context.Context) error { return s.life.Shutdown(ctx) }

// end does the work of Close, once.
func (s *Space) end(context.Context) error {
	defer s.fail()
	s.mu.Lock()
	for name := range s.served {
		_ = s.node.Leave(prefix + name)
	}
	_ = s.node.Leave(versionGroup)
	s.giveUp()
	s.shut(ErrClosed)
	s.mu.Unlock()
	s.cancel()
	s.events.Close()
	s.wg.Wait()
	s.listed.Leave()
	return s.tellUnsent()
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
	return s.now()
}

// now is Stats for a caller that holds mu.
func (s *Space) now() Stats {
	st := s.stats
	st.Panics = s.tasks.Panics()
	for _, v := range s.served {
		waiting, open := v.load()
		st.Held += waiting + open
	}
	for _, p := range s.peers {
		st.HeldBytes += p.bytes
	}
	st.HeldBytes += s.gone.bytes
	st.OverShare = s.shares.Figures().OverShare
	return st
}

// follow takes the node's events until it stops, or Close.
func (s *Space) follow(events <-chan zyre.Event) {
	for e := range events {
		if !s.tasks.Step("remote: event", func() { s.take(e) }) && Owns(e) {
			s.tasks.Step("remote: end of a peer", func() { s.spoilt(e) })
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut(ErrLost)
	s.cancel()
}

func (s *Space) take(e zyre.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	contain.Probe("remote: event with the lock held")
	if !s.closed {
		s.event(e)
	}
}

// spoilt ends what a peer has asked for whose message has panicked, and what it was asked:
// it is as if it had gone and come. If the message can be read, who waits for its answer
// is told.
func (s *Space) spoilt(e zyre.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.peers[e.Peer]
	if p == nil || s.closed {
		return
	}
	newer := p.newer
	s.exit(e.Peer, ErrLost)
	s.enter(e.Peer, p.Name, p.Key, p.endpoint)
	p = s.peers[e.Peer]
	p.newer = newer
	if m, err := parse(e.Msg); err == nil && m.op != opReply && m.op != opFailure {
		if r := (&request{packet: m, from: p}); r.asks() {
			s.refuse(r, errSpoilt)
		}
	}
}

func (s *Space) event(e zyre.Event) {
	name, ours := strings.CutPrefix(e.Group, prefix)
	switch {
	case e.Kind == zyre.Enter:
		s.enter(e.Peer, e.Name, e.Key, e.Endpoint)
	case e.Kind == zyre.Exit:
		s.exit(e.Peer, ErrLost)
	case e.Kind == zyre.Evasive && s.peers[e.Peer] != nil:
		s.quieten(s.peers[e.Peer])
	case e.Kind == zyre.Recovered && s.peers[e.Peer] != nil:
		s.hear(s.peers[e.Peer])
	case e.Kind == zyre.Join && e.Group == versionGroup && s.peers[e.Peer] != nil:
		s.peers[e.Peer].newer = true
		s.announce()
	case e.Kind == zyre.Leave && e.Group == versionGroup && s.peers[e.Peer] != nil:
		s.peers[e.Peer].newer = false
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
		for _, v := range s.served {
			v.depart(p)
		}
		s.parts(p)
	}
	for at := range s.refs {
		if at.peer == id {
			s.left(at, why)
		}
	}
	s.lose(id, why)
}

// resync is for events that were lost because this goroutine was starved: what they
// said is in the roster, but answers among them are gone.
func (s *Space) resync() {
	s.loseAll(ErrLost)
	there := map[place]bool{}
	nodes := map[zyre.ID]bool{}
	for _, p := range s.node.Peers() {
		nodes[p.ID] = true
		s.enter(p.ID, p.Name, p.Key, p.Endpoint)
		s.peers[p.ID].newer = slices.Contains(p.Groups, versionGroup)
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
