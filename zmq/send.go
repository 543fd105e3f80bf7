package zmq

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/msg"
)

// errWouldBlock says that nothing was done because nobody has room, or there is
// nothing to take. It never leaves the package.
var errWouldBlock = errors.New("would block")

// outgoing is the sending state of a socket, guarded by sendMu. Which parts are
// used depends on the type's policy.
type outgoing struct {
	balance *pattern.RoundRobin
	pair    *pipe.Pipe // PAIR: the one peer
	fan     fan
	lent    [][]byte // the frames of the SendBytes under way
	route   routes
}

func (o *outgoing) init(row pattern.Row) {
	o.balance = pattern.NewRoundRobin()
	o.fan.init()
	o.route.init()
}

// Send sends a message. It takes ownership of the frames: the caller does not
// change them afterwards. Where the socket type waits at the high-water mark (see
// the package comment) it waits until there is room, ctx ends, the send timeout
// passes (ErrAgain), or the socket closes (ErrClosed). nil means that the message
// is queued whole; with an error nothing of it was sent.
//
// Errors: ErrNotSupported on PULL and SUB, ErrState on REQ and REP when it is not
// time to send, ErrInvalidMessage, ErrMsgTooLarge, ErrHostUnreachable on a ROUTER
// with WithRouterMandatory, ErrAuth when the only peer refused our credentials.
func (s *Socket) Send(ctx context.Context, m msg.Msg) error {
	return s.send(ctx, m.Frames)
}

// SendBytes sends a message of the given frames, which it copies: the caller may
// reuse its buffers at once. Otherwise it is as Send.
func (s *Socket) SendBytes(ctx context.Context, frames ...[]byte) error {
	var p patience
	for {
		s.sendMu.Lock()
		// What is copied here is only the list of frames, so that the caller's own can
		// stay on its stack.
		s.out.lent = append(s.out.lent[:0], frames...)
		k, err := s.put(s.out.lent, true)
		clear(s.out.lent)
		if again, err := s.sent(ctx, &p, k, err); !again {
			return err
		}
	}
}

// SendString sends a message of the given frames; see Send.
func (s *Socket) SendString(ctx context.Context, frames ...string) error {
	return s.send(ctx, msg.NewString(frames...).Frames)
}

// TrySend sends a message if that is possible at once, and returns ErrAgain
// otherwise. With an error the message stays the caller's.
func (s *Socket) TrySend(m msg.Msg) error {
	s.sendMu.Lock()
	kick, err := s.put(m.Frames, false)
	s.sendMu.Unlock()
	kick.run()
	if err == errWouldBlock {
		if err = s.stuck(); err == nil {
			err = ErrAgain
		}
	}
	return verb("send", s.typ, err)
}

// SendBatch sends the messages in order and returns how many were sent; it waits
// like Send for each. The error says why it stopped before the end.
func (s *Socket) SendBatch(ctx context.Context, ms []msg.Msg) (int, error) {
	for n := 0; n < len(ms); {
		k, err := s.tryBatchSend(ms[n:])
		n += k
		if err == errWouldBlock {
			if err = s.Send(ctx, ms[n]); err != nil {
				return n, err
			}
			n++
			continue
		}
		if err != nil {
			return n, verb("send", s.typ, err)
		}
	}
	return len(ms), nil
}

// tryBatchSend sends what there is room for, under one hold of the lock.
func (s *Socket) tryBatchSend(ms []msg.Msg) (n int, err error) {
	var kicks kick
	s.sendMu.Lock()
	for n < len(ms) && err == nil {
		var k kick
		if k, err = s.put(ms[n].Frames, false); err == nil {
			n++
		}
		kicks.merge(k)
	}
	s.sendMu.Unlock()
	kicks.run()
	return n, err
}

func (s *Socket) send(ctx context.Context, frames [][]byte) error {
	var p patience
	for {
		s.sendMu.Lock()
		k, err := s.put(frames, false)
		if again, err := s.sent(ctx, &p, k, err); !again {
			return err
		}
	}
}

// sent ends an attempt to send, with sendMu held on entry and not on return. When
// there was no room it waits for some, and says that the caller may try again.
func (s *Socket) sent(ctx context.Context, p *patience, k kick, err error) (again bool, _ error) {
	if err != errWouldBlock {
		s.sendMu.Unlock()
		k.run()
		if err != nil {
			err = verb("send", s.typ, err)
		}
		return false, err
	}
	w := s.zc.waiters.take()
	s.sends.add(w)
	s.sendMu.Unlock()
	k.run()
	if err := s.stuck(); err != nil {
		s.leaveSends(w)
		return false, verb("send", s.typ, err)
	}
	if err := wait(ctx, w, p.left(s.opts.sendTimeout())); err != nil {
		s.leaveSends(w)
		return false, verb("send", s.typ, err)
	}
	s.zc.waiters.give(w)
	return true, nil
}

// leaveSends takes a sender off the list. All who wait are woken together, so a
// wake-up that came too late need not be passed on.
func (s *Socket) leaveSends(w waiter) {
	s.sendMu.Lock()
	s.sends.remove(w)
	s.sendMu.Unlock()
	s.zc.waiters.give(w)
}

// kick is what has to be set going once no lock is held.
type kick struct {
	one    *pipe.Pipe
	more   []*pipe.Pipe
	resume []*pipe.Pipe // REQ: peers to be let on
}

func (k kick) run() {
	for _, p := range k.resume {
		p.Resume()
	}
	if k.one != nil {
		k.one.Kick()
	}
	for _, p := range k.more {
		p.Kick()
	}
}

func (k *kick) add(p *pipe.Pipe) {
	if k.one == nil {
		k.one = p
		return
	}
	k.more = append(k.more, p)
}

func (k *kick) merge(o kick) {
	if o.one != nil {
		k.add(o.one)
	}
	k.more = append(k.more, o.more...)
	k.resume = append(k.resume, o.resume...)
}

// put queues a message by the type's policy, or says errWouldBlock. Callers hold
// sendMu.
func (s *Socket) put(frames [][]byte, copied bool) (kick, error) {
	if err := s.stuck(); err != nil {
		return kick{}, err
	}
	if err := s.checkMsg(frames); err != nil {
		return kick{}, err
	}
	k, err := s.dispatch(frames, copied)
	if err == nil {
		s.stats.sent(frames)
	}
	return k, err
}

func (s *Socket) dispatch(frames [][]byte, copied bool) (kick, error) {
	switch s.row.Send {
	case pattern.SendBalance:
		return s.putBalanced(nil, frames, copied)
	case pattern.SendFan:
		return s.putFan(frames, copied)
	case pattern.SendUpstream:
		return s.putUpstream(frames, copied)
	case pattern.SendRoute:
		return s.putRoute(frames, copied)
	case pattern.SendRequest:
		return s.putRequest(frames, copied)
	case pattern.SendReply:
		return s.putReply(frames, copied)
	}
	return kick{}, ErrNotSupported
}

// checkMsg refuses what no socket type can send.
func (s *Socket) checkMsg(frames [][]byte) error {
	if len(frames) == 0 {
		return fmt.Errorf("%w: it has no frames, a message has at least one", ErrInvalidMessage)
	}
	limit := s.zc.maxMsg
	if limit <= 0 {
		return nil
	}
	size := 0
	for _, f := range frames {
		size += len(f)
	}
	if size > limit {
		return fmt.Errorf("%w: %d bytes, the context's limit is %d", ErrMsgTooLarge, size, limit)
	}
	return nil
}

// putBalanced gives the message to the peer whose turn it is.
func (s *Socket) putBalanced(pre, frames [][]byte, copied bool) (kick, error) {
	p, k := s.out.balance.Send(pre, frames, copied)
	if p == nil {
		return kick{}, errWouldBlock
	}
	if k {
		return kick{one: p}, nil
	}
	return kick{}, nil
}

// hasRoom is called by a pipe that has room again.
func (s *Socket) hasRoom(p *pipe.Pipe) {
	s.sendMu.Lock()
	if s.row.Send == pattern.SendBalance || s.row.Send == pattern.SendRequest {
		s.out.balance.Unmute(p)
	}
	s.sends.wakeAll()
	s.sendMu.Unlock()
	s.watch.notify()
}
