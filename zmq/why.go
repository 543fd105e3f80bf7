package zmq

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-zactor/zactor/internal/queue"
)

// This file says why a call waits. Whatever ends by its context or its timeout says
// what it waited for, and what failed last.

// vainError is the error of a call that waited in vain.
type vainError struct {
	call string // "recv on REQ"
	why  string
	err  error // ctx's, or ErrAgain
}

func (e *vainError) Error() string {
	end := strings.TrimPrefix(e.err.Error(), "zmq: ")
	return "zmq: " + e.call + ": " + e.why + " (" + end + ")"
}

func (e *vainError) Unwrap() error { return e.err }

// waited is the error of a call that waited in vain. Of an error that says by itself
// what happened it adds only the call's name.
func (s *Socket) waited(name string, err error, why func() string) error {
	if err == nil || errors.Is(err, ErrClosed) {
		return err
	}
	if text := why(); text != "" {
		return &vainError{call: name + " on " + s.String(), why: text, err: err}
	}
	return s.wrapOp(name, err)
}

// namedEndpoints is how many endpoints a reason names.
const namedEndpoints = 3

// whyNoPeer is why no peer is there, "" when one is.
func (s *Socket) whyNoPeer() string {
	if s.hasPeer() {
		return ""
	}
	list := s.Endpoints()
	if len(list) == 0 {
		return "no peer: the socket is neither bound nor connected"
	}
	var parts []string
	for i, e := range list {
		if i == namedEndpoints {
			parts = append(parts, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		parts = append(parts, e.whyAway())
	}
	return "no peer: " + strings.Join(parts, "; ")
}

// whyAway is one endpoint's part of the reason.
func (i EndpointInfo) whyAway() string {
	switch {
	case i.State == EndpointListening && i.Err != nil:
		return fmt.Sprintf("%s: the last one who came was turned away: %s", i.Endpoint, strings.TrimPrefix(i.Err.Error(), "zmq: "))
	case i.State == EndpointListening:
		return fmt.Sprintf("nobody is connected to %s", i.Endpoint)
	}
	return i.String()
}

func (s *Socket) hasPeer() bool {
	s.peers.mu.Lock()
	defer s.peers.mu.Unlock()
	return s.peers.ready > 0
}

// whyNoMessage is why Recv has nothing to return.
func (s *Socket) whyNoMessage() string { return s.rx.silent(s.whyNoPeer()) }

// whyNoRoom is why Send can't hand over its message.
func (s *Socket) whyNoRoom() string {
	full := s.fullPeers()
	if why := s.whyNoPeer(); why != "" {
		if full > 0 {
			why += fmt.Sprintf("; the queue is at its high-water mark (SNDHWM %d)", s.opts.get().sndHWM)
		}
		return why
	}
	if full > 0 {
		return fmt.Sprintf("%d of %d peers at the high-water mark (SNDHWM %d): they read too slowly, or not at all", full, s.Stats().Connected, s.opts.get().sndHWM)
	}
	return ""
}

// fullPeers is how many peers have no room.
func (s *Socket) fullPeers() (n int) {
	s.peers.each(func(p *queue.Pipe) {
		if p.Status() == queue.Full {
			n++
		}
	})
	return n
}
