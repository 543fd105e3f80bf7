package zmq

import (
	"context"
	"errors"
	"iter"

	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/yield"
	"github.com/go-zactor/zactor/msg"
)

// incoming is the receiving state of a socket, guarded by recvMu.
type incoming struct {
	none  bool // the type only sends. Never changed, as plain
	plain bool // messages pass as they are
	fair  *pattern.FairQueue
	now   taken // the message that is being looked at
	front front
	spare spareWaiter
	turns yield.Turns
}

// Recv takes the next message. It waits until there is one, ctx ends, the receive
// timeout passes (ErrAgain), or the socket closes (ErrClosed). Messages come
// from the peers in turn, one each. The frames belong to the caller.
//
// What is there is returned even when ctx has ended: what is ready beats a context that
// has ended.
//
// Errors: ErrNotSupported on PUSH and PUB, ErrState on REQ and REP when it is not
// time to receive, ErrAuth when the only peer refused our credentials, ErrPeerGone on
// a REQ with WithReqFailFast.
func (s *Socket) Recv(ctx context.Context) (msg.Msg, error) {
	var p callTimeout
	var w waiter
	for {
		s.lockRecv()
		m, resume, err := s.tryRecv()
		if err != errWouldBlock {
			more := s.more()
			s.in.spare.give(w)
			s.recvMu.Unlock()
			if resume != nil || more {
				s.received(resume, more)
			}
			if err != nil {
				err = s.wrapOp("recv", err)
			}
			return m, err
		}
		if w == nil {
			w = s.in.spare.take()
		}
		waits := resume == nil && s.usable() == nil && s.arrive.wait(w)
		s.recvMu.Unlock()
		if !waits {
			s.received(resume, false)
			if err := s.usable(); err != nil {
				return msg.Msg{}, s.wrapOp("recv", err)
			}
			continue
		}
		if s.usable() != nil { // closed between the look and the wait
			s.arrive.leave(w)
			w = nil
			continue
		}
		if err = s.wait(ctx, w, p.left(s.opts.recvTimeout())); err != nil {
			s.arrive.leave(w)
			return msg.Msg{}, s.waited("recv", err, s.whyNoMessage)
		}
	}
}

// lockRecv locks recvMu for a receiver. When those whom it has woken should run first it
// lets them: see pattern.FairQueue.PauseDue.
func (s *Socket) lockRecv() {
	s.recvMu.Lock()
	if !s.out.none && s.in.fair.Visited() { // who only receives has answered nobody
		s.pause()
	}
}

func (s *Socket) pause() {
	s.merge()
	if s.in.fair.PauseDue() && (s.in.fair.Few() || s.in.turns.Due()) {
		s.in.fair.Paused()
		s.recvMu.Unlock()
		s.in.turns.Give(s.arrive.fresh.Load)
		s.recvMu.Lock()
	}
}

// more reports whether another receiver waits and there may be something for it.
func (s *Socket) more() bool {
	return s.arrive.blocked.Load() > 0 && (!s.in.fair.Empty() || s.arrive.fresh.Load() || !s.in.front.empty())
}

// received does what may not be done under recvMu: it lets the peer on whose
// queue has room again, and wakes the next receiver when there is more.
func (s *Socket) received(resume *queue.Pipe, more bool) {
	if resume != nil {
		resume.Resume()
	}
	if more {
		s.arrive.pass()
	}
}

// TryRecv takes the next message if there is one, and returns ErrAgain otherwise.
func (s *Socket) TryRecv() (msg.Msg, error) {
	for {
		s.lockRecv()
		m, resume, err := s.tryRecv()
		more := s.more()
		s.recvMu.Unlock()
		s.received(resume, more)
		if err != errWouldBlock {
			return m, s.wrapOp("recv", err)
		}
		if resume != nil {
			continue // an empty queue was reported; others may have something
		}
		if err := s.usable(); err != nil {
			return msg.Msg{}, s.wrapOp("recv", err)
		}
		return msg.Msg{}, ErrAgain
	}
}

// RecvString takes the next message and returns its first frame as a string.
func (s *Socket) RecvString(ctx context.Context) (string, error) {
	m, err := s.Recv(ctx)
	if err != nil {
		return "", err
	}
	str := m.PopString()
	m.Release()
	return str, nil
}

// RecvBatch fills ms with as many messages as are there, at least one: it waits
// like Recv for the first. It returns how many it took.
func (s *Socket) RecvBatch(ctx context.Context, ms []msg.Msg) (int, error) {
	if len(ms) == 0 {
		return 0, nil
	}
	m, err := s.Recv(ctx)
	if err != nil {
		return 0, err
	}
	ms[0] = m
	n := 1
	for n < len(ms) {
		k, resume, err := s.tryBatch(ms[n:])
		n += k
		s.received(resume, false)
		if err != nil || k == 0 && resume == nil {
			break
		}
	}
	s.arrive.pass()
	return n, nil
}

// tryBatch takes messages under one hold of the lock, until a peer has to be let on.
func (s *Socket) tryBatch(ms []msg.Msg) (n int, resume *queue.Pipe, err error) {
	s.lockRecv()
	defer s.recvMu.Unlock()
	for n < len(ms) && resume == nil {
		if ms[n], resume, err = s.tryRecv(); err != nil {
			return n, resume, err
		}
		n++
	}
	return n, resume, nil
}

// Messages returns an iterator over what the socket receives. It ends when the
// socket closes, or after yielding the error that ended it: ctx's, ErrAgain when the
// receive timeout has passed, ErrAuth, or one of the socket's type or state.
func (s *Socket) Messages(ctx context.Context) iter.Seq2[msg.Msg, error] {
	return func(yield func(msg.Msg, error) bool) {
		for {
			m, err := s.Recv(ctx)
			if errors.Is(err, ErrClosed) {
				return
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// tryRecv takes a message, or says errWouldBlock. resume is a peer that must be
// let on once the lock is gone; then there may be more even so.
func (s *Socket) tryRecv() (msg.Msg, *queue.Pipe, error) {
	if s.closed.Load() {
		return msg.Msg{}, nil, s.closedErr()
	}
	if s.in.plain && s.in.front.empty() {
		return s.tryFair()
	}
	first := s.in.front.first()
	if first != nil && first.given {
		return s.in.front.pop().m, nil, nil
	}
	if err := s.rx.mayRecv(); err != nil {
		return msg.Msg{}, nil, err
	}
	ok, resume := first != nil, (*queue.Pipe)(nil)
	if ok {
		s.in.now = s.in.front.pop()
	} else {
		ok, resume = s.fetch()
	}
	if !ok && resume == nil && s.rx.deserted() {
		if ok, resume = s.fetch(); !ok && resume == nil { // what came before that counts
			return msg.Msg{}, nil, s.rx.giveUp()
		}
	}
	if !ok {
		return msg.Msg{}, resume, errWouldBlock
	}
	t := &s.in.now
	m := t.m
	s.stats.received(&m)
	s.rx.took(t)
	*t = taken{}
	return m, resume, nil
}

// tryFair is tryRecv on the shortest way: for the types that take messages as
// they come.
func (s *Socket) tryFair() (msg.Msg, *queue.Pipe, error) {
	s.merge()
	m, from, resume := s.in.fair.Next(0)
	if from == nil {
		return msg.Msg{}, resume, errWouldBlock
	}
	s.stats.received(&m)
	return m, resume, nil
}

// merge takes the pipes that became readable into the fair queue.
func (s *Socket) merge() {
	if !s.arrive.fresh.Load() {
		return
	}
	s.arrive.mu.Lock()
	for i, p := range s.arrive.newly {
		s.in.fair.Add(p)
		s.arrive.newly[i] = nil
	}
	s.arrive.newly = s.arrive.newly[:0]
	s.arrive.fresh.Store(false)
	s.arrive.mu.Unlock()
}

// fetch takes the next message that this socket's type lets through; it is in s.in.now
// then, where no allocation of its own is needed for a policy to look at it.
func (s *Socket) fetch() (ok bool, resume *queue.Pipe) {
	for {
		s.merge()
		t := &s.in.now
		t.m, t.from, resume = s.in.fair.Next(s.kind.lead)
		if t.from == nil {
			return false, resume
		}
		if s.rx.open(t) {
			return true, resume
		}
		t.m.Release()
		*t = taken{}
		if resume != nil {
			return false, resume
		}
	}
}

// arrived is called by a pipe that has something to read.
func (s *Socket) arrived(p *queue.Pipe) {
	if s.in.none {
		s.discard(p)
		return
	}
	s.arrive.add(p)
	s.watch.notify()
}

// discard drops what an inproc peer has sent that nobody will receive, as an XSUB
// may to a PUB.
func (s *Socket) discard(p *queue.Pipe) {
	s.recvMu.Lock()
	n, resume := p.In.Discard()
	s.recvMu.Unlock()
	s.stats.dropN(dropUnwanted, n)
	if resume {
		p.Resume()
	}
}
