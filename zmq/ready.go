package zmq

import (
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// Poll reports what would not block right now: PollIn that Recv would return at
// once, PollOut that Send would. A closed socket reports both, so that the next
// call returns ErrClosed.
func (s *Socket) Poll() PollEvents {
	if s.usable() != nil {
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

func (s *Socket) look() (ok bool, resumes []*queue.Pipe) {
	if first := s.in.front.first(); first != nil && first.given {
		return true, nil
	}
	if s.rx.mayRecv() != nil {
		return false, nil
	}
	for s.in.front.empty() {
		ok, resume := s.fetch()
		if resume != nil {
			resumes = append(resumes, resume)
		}
		if !ok {
			if resume == nil {
				return s.rx.deserted(), resumes // then Recv has an error to tell
			}
			continue
		}
		s.in.front.add(s.in.now)
		s.in.now = taken{}
	}
	return true, resumes
}

func (s *Socket) writable() bool {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	return s.tx.writable()
}

// Notify sends on c, without blocking, whenever the answer of Poll may have grown,
// and once when the socket closes. stop ends that.
func (s *Socket) Notify(c chan<- struct{}) (stop func()) { return s.watch.add(c) }

// unread puts messages that were taken back in front, to be received again.
func (s *Socket) unread(ms ...msg.Msg) {
	s.recvMu.Lock()
	s.in.front.putBack(ms)
	s.recvMu.Unlock()
	s.arrive.pass()
	s.watch.notify()
}
