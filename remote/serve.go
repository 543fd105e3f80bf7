package remote

import (
	"context"
	"errors"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

const (
	queueSize = 1000 // requests that wait for one actor
	openAsks  = 1000 // and that it has and has not answered
)

// served is an actor that others may use. One goroutine gives it what they send, so
// that the order stays and a full mailbox holds up nobody but those who fill it.
type served struct {
	space  *Space
	actor  *actor.Actor
	queue  chan request
	open   chan struct{} // a place for each request that is not answered
	ctx    context.Context
	cancel context.CancelFunc
}

type request struct {
	packet
	from *peer
	peer zyre.ID
}

func newServed(s *Space, a *actor.Actor) *served {
	v := &served{space: s, actor: a, queue: make(chan request, queueSize), open: make(chan struct{}, openAsks)}
	v.ctx, v.cancel = context.WithCancel(s.ctx)
	return v
}

// packet takes a message of a peer. It runs under the space's lock and never waits.
func (s *Space) packet(e zyre.Event) {
	p, err := parse(e.Msg)
	from := s.peers[e.Peer]
	switch {
	case err != nil || from == nil:
		s.stats.Malformed++
	case p.op == opSend || p.op == opAsk:
		s.request(request{packet: p, from: from, peer: e.Peer})
	case s.asks[p.id] == nil || s.asks[p.id].peer != e.Peer:
		s.stats.Stale++
	case p.op == opReply:
		s.answer(p.id, answered{m: msg.New(p.body...)})
	default:
		s.answer(p.id, answered{err: p.err()})
	}
}

func (s *Space) request(r request) {
	v := s.served[r.name]
	if v == nil {
		s.stats.NotFound++
		s.refuse(r, ErrNotFound)
		return
	}
	select {
	case v.queue <- r:
	default:
		s.stats.Dropped++
		s.refuse(r, ErrBusy)
	}
}

// refuse answers an Ask in vain, if there is room for that at once; the lock is held.
func (s *Space) refuse(r request, why error) {
	if r.op == opAsk {
		ended, cancel := context.WithCancel(s.ctx)
		cancel() // what needs no waiting succeeds
		_ = s.node.Whisper(ended, r.peer, failure(r, why))
	}
}

func failure(r request, why error) msg.Msg {
	p := packet{op: opFailure, id: r.id, fault: faultOf(why), text: why.Error()}
	return p.msg()
}

// run serves until the actor ends, or is withdrawn.
func (v *served) run() {
	for {
		select {
		case r := <-v.queue:
			v.serve(r)
		case <-v.actor.Done():
			v.space.ended(v)
			return
		case <-v.ctx.Done():
			return
		}
	}
}

// ended withdraws an actor that has ended.
func (s *Space) ended(v *served) {
	s.mu.Lock()
	current := s.served[v.actor.Name()] == v
	s.mu.Unlock()
	if current {
		s.Withdraw(v.actor.Name())
	}
	for {
		select {
		case r := <-v.queue:
			s.refuse(r, actor.ErrClosed)
		default:
			return
		}
	}
}

func (v *served) serve(r request) {
	m := msg.New(r.body...)
	if r.op == opSend {
		if v.actor.Send(v.ctx, m) == nil {
			v.count(func(s *Stats) { s.Sends++ })
		}
		return
	}
	select {
	case v.open <- struct{}{}:
	default:
		v.count(func(s *Stats) { s.Dropped++ })
		v.space.refuse(r, ErrBusy)
		return
	}
	wait, err := v.actor.AskAsync(v.ctx, m)
	if err != nil {
		<-v.open
		v.space.refuse(r, err)
		return
	}
	v.count(func(s *Stats) { s.Asks++ })
	v.space.wg.Go(func() { v.reply(r, wait) })
}

func (v *served) count(f func(*Stats)) {
	v.space.mu.Lock()
	defer v.space.mu.Unlock()
	f(&v.space.stats)
}

// reply waits for an answer and sends it, for as long as the asker is there.
func (v *served) reply(r request, wait func(context.Context) (msg.Msg, error)) {
	defer func() { <-v.open }()
	m, err := wait(r.from.ctx)
	if r.from.ctx.Err() != nil && errors.Is(err, r.from.ctx.Err()) {
		return
	}
	p := packet{op: opReply, id: r.id, body: m.Frames}
	out := p.msg()
	if err != nil {
		out = failure(r, err)
	}
	_ = v.space.node.Whisper(r.from.ctx, r.peer, out)
}
