package zloop

import (
	"errors"
	"os"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Receiver is what a Reader reads from: a *zmq.Socket, an *actor.Actor, an
// *actor.Pipe, or a type of your own.
type Receiver interface {
	// TryRecv returns the next message, or at once an error: one that matches
	// os.ErrDeadlineExceeded, as zmq.ErrAgain does, when there is none now.
	TryRecv() (msg.Msg, error)
	zmq.Pollable
}

// Sender is what a Writer writes to: whatever can tell that there is room.
type Sender interface {
	zmq.Pollable
}

// Reader calls fn with each message that r receives.
//
// A receiver that reports an error ends its handle: see WithOnEnd. When one
// receiver is registered twice, each message goes to one of the two handlers.
func (l *Loop) Reader(r Receiver, fn func(msg.Msg) error) *Handle {
	if isNil(r) || fn == nil {
		return l.refusedHandle(r, "Reader")
	}
	return l.add(r, reader{r: r, fn: fn}, r.Notify)
}

type reader struct {
	passive
	r  Receiver
	fn func(msg.Msg) error
}

func (s reader) turn() (ran bool, ended, err error) {
	m, err := s.r.TryRecv()
	if err == nil {
		return true, nil, s.fn(m)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || s.r.Poll()&zmq.PollIn == 0 {
		return false, nil, nil // nothing, or not the moment, as for a REP that owes an answer
	}
	return false, err, nil
}

// Writer calls fn in every pass in which w could send. It is level-triggered: a
// handler that has nothing to send must stop its handle, or it is called again
// and again. A closed sender counts as ready, so that the handler's next send
// tells it.
func (l *Loop) Writer(w Sender, fn func() error) *Handle {
	if isNil(w) || fn == nil {
		return l.refusedHandle(w, "Writer")
	}
	return l.add(w, writer{w: w, fn: fn}, w.Notify)
}

type writer struct {
	passive
	w  Sender
	fn func() error
}

func (s writer) turn() (ran bool, ended, err error) {
	if s.w.Poll()&zmq.PollOut == 0 {
		return false, nil, nil
	}
	return true, nil, s.fn()
}
