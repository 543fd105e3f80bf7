package zmq

import (
	"context"
	"errors"

	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/msg"
)

// Poll reports what would not block right now: PollIn that Recv would return at
// once, PollOut that Send would. A closed socket reports both, so that the next
// call returns ErrClosed.
func (s *Socket) Poll() PollEvents {
	if s.stuck() != nil {
		return PollIn | PollOut
	}
	var e PollEvents
	if s.readable() {
		e |= PollIn
	}
	if s.writable() {
		e |= PollOut
	}
	return e
}

// readable looks whether there is a message, and keeps it for Recv.
func (s *Socket) readable() bool {
	s.recvMu.Lock()
	ok, resumes := s.look()
	s.recvMu.Unlock()
	for _, p := range resumes {
		p.Resume()
	}
	return ok
}

func (s *Socket) look() (ok bool, resumes []*pipe.Pipe) {
	if len(s.in.returned) > 0 {
		return true, nil
	}
	if s.mayRecv() != nil {
		return false, nil
	}
	for s.in.ahead.from == nil {
		t, resume := s.fetch()
		if resume != nil {
			resumes = append(resumes, resume)
		}
		if t.from == nil {
			if resume == nil {
				return false, resumes
			}
			continue
		}
		s.in.ahead = t
	}
	return true, resumes
}

func (s *Socket) writable() bool {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	switch s.row.Send {
	case pattern.SendBalance, pattern.SendDatagram:
		return s.out.balance.CanSend()
	case pattern.SendFan, pattern.SendUpstream, pattern.SendStream, pattern.SendNumber, pattern.SendGroup:
		return true
	case pattern.SendRoute:
		return s.canRoute()
	case pattern.SendRequest:
		return s.turn.maySend(s.opts.get().reqRelaxed) && s.out.balance.CanSend()
	case pattern.SendReply:
		return s.turn.mayReply()
	}
	return false
}

// canRoute: a ROUTER drops what it cannot deliver, so it can always send; with
// WithRouterMandatory some peer must have room.
func (s *Socket) canRoute() bool {
	if !s.opts.get().routerMandatory {
		return true
	}
	for _, p := range s.out.route.byID {
		if p.Status() == pipe.OK {
			return true
		}
	}
	return false
}

// Notify sends on c, without blocking, whenever the answer of Poll may have grown,
// and once when the socket closes. stop ends that.
func (s *Socket) Notify(c chan<- struct{}) (stop func()) { return s.watch.add(c) }

// Chan returns a channel of what the socket receives, for use in a select. It is
// closed when ctx ends or the socket closes. One message is taken ahead; when ctx
// ends while nobody takes it, it is kept for the next receiver.
func (s *Socket) Chan(ctx context.Context) <-chan msg.Msg {
	c := make(chan msg.Msg)
	if !s.addFeed() {
		close(c)
		return c
	}
	go func() {
		defer s.feeds.Done()
		defer close(c)
		for {
			m, err := s.Recv(ctx)
			if errors.Is(err, ErrAgain) && ctx.Err() == nil {
				continue // a receive timeout is for calls, not for a stream
			}
			if err != nil {
				return
			}
			select {
			case c <- m:
			case <-ctx.Done():
				s.unread(m)
				return
			case <-s.dying:
				return
			}
		}
	}()
	return c
}

// addFeed counts a goroutine that close must wait for; false when it is too late.
func (s *Socket) addFeed() bool {
	s.recvMu.Lock()
	defer s.recvMu.Unlock()
	if s.closed.Load() {
		return false
	}
	s.feeds.Add(1)
	return true
}

// unread puts messages that were taken back in front, to be received again.
func (s *Socket) unread(ms ...msg.Msg) {
	s.recvMu.Lock()
	s.in.returned = append(append([]msg.Msg(nil), ms...), s.in.returned...)
	s.recvMu.Unlock()
	s.arrive.pass()
	s.watch.notify()
}

// ended reports whether err means no more than that the caller or the socket has
// ended.
func ended(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, ErrClosed)
}
