package remote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// served is an actor that others may use. One goroutine gives it what they send, so
// that the order stays and a full mailbox holds up nobody but those who fill it.
type served struct {
	terms
	space  *Space
	name   string
	target target
	wake   chan struct{} // there is something in lines; one slot
	ctx    context.Context
	cancel context.CancelFunc

	lines map[*peer]*line // guarded by space.mu, as is what follows
	turn  []*line         // those that have something, the next one first

	// Of the goroutine that serves.
	backlog backlog
	inHand  *request
}

// target is an actor of either kind, as those see it who are elsewhere.
type target interface {
	unit() actor.Unit
	protocol() *Protocol // nil for one that takes frames
	// tell gives it what was sent.
	tell(ctx context.Context, r *request) error
	// ask gives it what was asked, and returns how to wait for the answer.
	ask(ctx context.Context, r *request) (func(context.Context) ([][]byte, error), error)
}

func newServed(s *Space, t target, opts []PublishOption) (*served, error) {
	v := &served{space: s, name: t.unit().Name(), target: t, wake: make(chan struct{}, 1), lines: map[*peer]*line{}}
	for _, o := range opts {
		if err := o(&v.terms); err != nil {
			return nil, err
		}
	}
	v.ctx, v.cancel = context.WithCancel(s.ctx)
	return v, nil
}

// packet takes a message of a peer. It runs under the space's lock and never waits.
func (s *Space) packet(e zyre.Event) {
	p, err := parse(e.Msg)
	from := s.peers[e.Peer]
	if err != nil || from == nil {
		s.stats.Malformed++
		return
	}
	s.hear(from)
	switch p.op {
	case opReply, opFailure:
		s.answer(e.Peer, p)
	case opCancel:
		if r := from.asks[p.id]; r != nil {
			r.cancel()
		}
	case opPing:
		s.whisper(from, &packet{op: opPong, id: p.id})
	case opPong: // it was heard
	default:
		s.request(&request{packet: p, from: from})
	}
}

// request takes a message for an actor.
func (s *Space) request(r *request) {
	v := s.served[r.name]
	switch {
	case v == nil:
		s.stats.NotFound++
		s.events.Publish(Event{Kind: NotFound, Peer: r.from.Peer, Actor: r.name})
		s.refuse(r, ErrNotFound)
	case r.asks() && r.from.asks[r.id] != nil:
		s.stats.Malformed++ // two questions with one number
	case !v.admit(r):
		s.stats.Dropped++
		s.events.Publish(Event{Kind: Busy, Peer: r.from.Peer, Actor: r.name})
		s.refuse(r, ErrBusy)
	case r.asks():
		s.open(r)
	}
}

// open makes the context of a question.
func (s *Space) open(r *request) {
	if r.left > 0 {
		r.ctx, r.cancel = context.WithTimeout(r.from.ctx, r.left)
	} else {
		r.ctx, r.cancel = context.WithCancel(r.from.ctx)
	}
	r.from.asks[r.id] = r
	r.unlink = contain.AfterFunc(r.ctx, "remote: deadline", func() { s.lapsed(r) }, nil)
}

// refuse answers an Ask in vain; the lock is held.
func (s *Space) refuse(r *request, why error) {
	if r.asks() {
		s.whisper(r.from, failure(r.id, why, nil))
	}
}

// start begins to serve. A hook of the program's that panics, or calls runtime.Goexit,
// costs the message in hand.
func (v *served) start() {
	v.space.wg.Go(func() {
		contain.Run("remote: serve", v.run, func(err error) {
			if err == nil {
				v.space.forgetServed(v)
				return
			}
			if r := v.inHand; r != nil {
				v.inHand = nil
				v.fail(r, err)
			}
			v.start()
		}, nil)
	})
}

// run serves until the actor ends, or is withdrawn.
func (v *served) run() error {
	for {
		for r := v.next(); r != nil; r = v.next() {
			if why := v.over(); why != nil {
				v.fail(r, why)
				return nil
			}
			v.inHand = r
			v.serve(r)
			v.inHand = nil
		}
		select {
		case <-v.wake:
		case <-v.target.unit().Done():
			return nil
		case <-v.ctx.Done():
			return nil
		}
	}
}

// over is why v serves no more: its actor has ended, or is withdrawn. nil: it serves.
func (v *served) over() error {
	select {
	case <-v.target.unit().Done():
		return actor.ErrClosed
	case <-v.ctx.Done():
		return ErrNotFound
	default:
		return nil
	}
}

// forgetServed withdraws an actor that has ended, and refuses what waits for it.
func (s *Space) forgetServed(v *served) {
	why := v.over()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.served[v.name] == v {
		s.withdraw(v)
	}
	v.cancel()
	for _, l := range v.lines {
		for l.first != nil {
			r := l.first
			v.unlist(r)
			s.uncharge(r)
			s.stats.Dropped++
			s.refuse(r, why)
			if r.asks() {
				s.close(r)
			}
		}
	}
}

// serve gives the actor a message.
func (v *served) serve(r *request) {
	if err := v.admits(r.from.Peer); err != nil {
		v.count(func(s *Stats) { s.Denied++ })
		v.space.events.Publish(Event{Kind: Denied, Peer: r.from.Peer, Actor: v.name, Err: err})
		v.fail(r, err)
		return
	}
	if !r.asks() {
		v.give(r)
		return
	}
	answer, err := v.target.ask(r.ctx, r)
	if err != nil {
		v.fail(r, err)
		return
	}
	v.count(func(s *Stats) { s.Asks++ })
	v.space.wg.Go(func() {
		contain.Run("remote: reply", func() error { return v.reply(r, answer) }, func(err error) {
			if err != nil && r.ctx.Err() == nil {
				_ = v.space.node.Whisper(r.ctx, r.from.ID, failure(r.id, err, v.target.protocol()).msg())
			}
			v.done(r)
		}, nil)
	})
}

// give gives the actor what was sent.
func (v *served) give(r *request) {
	err := v.backlog.room(v.ctx, v.target.unit(), r.cost, v.space.options.bytes)
	if err == nil {
		err = v.target.tell(v.ctx, r)
	}
	v.count(func(s *Stats) {
		switch {
		case err == nil:
			s.Sends++
		case errors.Is(err, actor.ErrType):
			s.Unknown++
		default:
			s.Dropped++
			if v.space.closed {
				v.space.lost.add(Unsent{r.from.Name, v.name, 1})
			}
		}
	})
	if errors.Is(err, actor.ErrType) {
		v.space.events.Publish(Event{Kind: Unknown, Peer: r.from.Peer, Actor: v.name, Err: err})
	}
	v.done(r)
}

// fail is for a message that the actor does not get.
func (v *served) fail(r *request, why error) {
	if errors.Is(why, actor.ErrType) {
		v.count(func(s *Stats) { s.Unknown++ })
		v.space.events.Publish(Event{Kind: Unknown, Peer: r.from.Peer, Actor: v.name, Err: why})
	}
	if r.asks() && r.ctx.Err() == nil {
		v.space.mu.Lock()
		v.space.whisper(r.from, failure(r.id, why, nil))
		v.space.mu.Unlock()
	}
	v.done(r)
}

func (v *served) count(f func(*Stats)) {
	v.space.mu.Lock()
	defer v.space.mu.Unlock()
	f(&v.space.stats)
}

// reply waits for an answer and sends it, for as long as the asker waits. Its error is
// to be sent instead.
func (v *served) reply(r *request, answer func(context.Context) ([][]byte, error)) error {
	body, err := answer(r.ctx)
	if r.ctx.Err() != nil {
		v.count(func(s *Stats) { s.Expired++ })
		return nil
	}
	if err == nil {
		err = v.space.node.Whisper(r.ctx, r.from.ID, (&packet{op: opReply, id: r.id, body: body}).msg())
		if !errors.Is(err, zyre.ErrTooLarge) { // the asker has gone, or waits no longer
			return nil
		}
	}
	return err
}

// frames is an Actor, as a target.
type frames struct{ a *actor.Actor }

func (t frames) unit() actor.Unit    { return t.a }
func (t frames) protocol() *Protocol { return nil }

func (t frames) tell(ctx context.Context, r *request) error {
	if r.isTyped() {
		return errFrames
	}
	return t.a.Send(ctx, msg.New(r.body...))
}

func (t frames) ask(ctx context.Context, r *request) (func(context.Context) ([][]byte, error), error) {
	if r.isTyped() {
		return nil, errFrames
	}
	wait, err := t.a.AskAsync(ctx, msg.New(r.body...))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([][]byte, error) {
		m, err := wait(ctx)
		return m.Frames, err
	}, nil
}

var (
	errFrames = fmt.Errorf("%w: the actor takes frames", actor.ErrType)
	errValues = fmt.Errorf("%w: the actor takes values of its protocol", actor.ErrType)
)

// typed is a Ref, as a target.
type typed[M any] struct {
	ref  *actor.Ref[M]
	says *Protocol
}

func (t typed[M]) unit() actor.Unit    { return t.ref }
func (t typed[M]) protocol() *Protocol { return t.says }

func (t typed[M]) tell(ctx context.Context, r *request) error {
	_, m, err := t.decode(r)
	if err != nil {
		return err
	}
	return t.ref.Tell(ctx, m.(M))
}

func (t typed[M]) ask(ctx context.Context, r *request) (func(context.Context) ([][]byte, error), error) {
	e, m, err := t.decode(r)
	if err != nil {
		return nil, err
	}
	if e.ask == nil {
		return nil, fmt.Errorf("%w: %q is no question", actor.ErrType, r.typ)
	}
	wait, err := e.ask(ctx, t.ref, m)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([][]byte, error) {
		answer, err := wait(ctx)
		if err != nil {
			return nil, err
		}
		data, err := marshal(t.says.codec, answer)
		return [][]byte{data}, err
	}, nil
}

// decode makes a message of what has come, if the protocol has its type.
func (t typed[M]) decode(r *request) (*entry, any, error) {
	e := t.says.byName[r.typ]
	switch {
	case !r.isTyped():
		return nil, nil, errValues
	case r.codec != t.says.codec.Name:
		return nil, nil, fmt.Errorf("%w: the codec is %q here, and not %q", actor.ErrType, t.says.codec.Name, r.codec)
	case e == nil:
		return nil, nil, fmt.Errorf("%w: the actor's protocol has no %q", actor.ErrType, r.typ)
	}
	m, err := e.decode(t.says.codec, r.body[0], r.from.Peer)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %q: %w", actor.ErrType, r.typ, err)
	}
	return e, m, nil
}

func marshal(c Codec, v any) (data []byte, err error) {
	err = contain.Try("encode an answer", func() (err error) { data, err = c.Marshal(v); return err })
	return data, err
}

// backlog is what was sent, is in the actor's mailbox, and was not received yet: its
// bytes are bounded too.
type backlog struct {
	sizes []int
	bytes int
}

// backlogPause is how often it is looked whether an actor has received something, while
// more bytes are in its mailbox than may be.
const backlogPause = 10 * time.Millisecond

// room waits until the mailbox has fewer than so many bytes in it that came from here,
// and counts one more.
func (b *backlog) room(ctx context.Context, u actor.Unit, size, most int) error {
	for {
		n := min(len(b.sizes), u.Stats().Mailbox) // those at the end are still there, at most
		for _, gone := range b.sizes[:len(b.sizes)-n] {
			b.bytes -= gone
		}
		b.sizes = b.sizes[len(b.sizes)-n:]
		if n == 0 || b.bytes+size <= most {
			b.sizes = append(b.sizes, size)
			b.bytes += size
			return nil
		}
		t := time.NewTimer(backlogPause)
		select {
		case <-t.C:
		case <-u.Done():
			t.Stop()
			return actor.ErrClosed
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
}
