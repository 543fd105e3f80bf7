package session

import (
	"errors"
	"net"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/transport"
)

// This file is how the handshake of a newcomer waits for what may take long: its peer's
// first word, for which whoever connects and says nothing makes us wait, and the
// authenticator's. There may be thousands of them, and the stack of a handshake is large.
// So the goroutine ends there. Another one, that does nothing else, waits for the first
// word, and none for the authenticator.

var (
	// errQuiet and errAsks are no errors: a handshake has come to where it pauses.
	errQuiet = errors.New("the peer has not said a word")
	errAsks  = errors.New("the authenticator is to be asked")
)

func pauses(err error) bool { return err == errQuiet || err == errAsks }

// canPause reports whether the peer's first word can be waited for without reading it.
func (c *conn) canPause() bool {
	if _, rests := c.nc.(holder); !rests && !onDescriptor(c.nc) {
		return false
	}
	return c.door != nil && onDescriptor(bottom(c.nc)) && !holdsBelow(c.nc)
}

// holdsBelow reports whether a connection that nc lies on may have bytes of the peer which
// the descriptor has given already, as one that another protocol was spoken on before.
func holdsBelow(nc net.Conn) bool {
	for !onDescriptor(nc) {
		above, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			return true
		}
		nc = above.NetConn()
		if r, ok := nc.(holder); !onDescriptor(nc) && (!ok || r.Holds()) {
			return true
		}
	}
	return false
}

// onDescriptor reports whether transport.Await waits for nc.
func onDescriptor(nc net.Conn) bool {
	switch nc.(type) {
	case *net.TCPConn, *net.UnixConn:
		return transport.CanAwait
	}
	return false
}

// quiet reports, once, that the peer has not said a word yet.
func (c *conn) quiet(s *shaking) bool {
	if s.first {
		return false
	}
	s.first = true
	c.waits()
	return !transport.Readable(bottom(c.nc))
}

// pause has others wait for what c waits for. Its handshake has no goroutine any more.
func (a *Acceptor) pause(c *conn, why error) {
	if why == errQuiet {
		go a.await(c, bottom(c.nc))
		return
	}
	s := c.shake
	contain.Run("authenticator", func() error {
		c.authorize(s, func(v Verdict) {
			s.verdict, s.answered = v, true
			a.goOn(c)
		})
		return nil
	}, func(err error) {
		if err != nil && s.asked.Swap(false) {
			c.endHandshake()
			a.opened(c, nil, c.tell(err))
		}
	}, c.panicked)
}

// await waits until the peer has said something, or there is no more of it. It is as
// shallow as can be: its stack is all that a silent peer has.
func (a *Acceptor) await(c *conn, nc net.Conn) {
	defer a.resume(c) // whatever happens: what there is to say of the peer, a read says
	contain.Probe("first word")
	transport.Await(nc)
}

// resume is await's end.
func (a *Acceptor) resume(c *conn) {
	if p := recover(); p != nil {
		c.panicked(contain.Caught("first word", p))
	}
	go a.goOn(c)
}

// authorize asks the authenticator. then is called once, in a goroutine of its own.
func (c *conn) authorize(s *shaking, then func(Verdict)) {
	s.asked.Store(true)
	abort := c.handler.Authorize(c.cfg.Authority, s.h.Credentials(), c.nc, s.deadline, func(v Verdict) {
		if s.asked.Swap(false) {
			c.setAbort(s, nil)
			then(v)
		}
	})
	c.setAbort(s, abort)
}

// setAbort says how the question that is open is ended, which it is at once when the
// connection is.
func (c *conn) setAbort(s *shaking, abort func()) {
	c.mu.Lock()
	if !s.asked.Load() {
		abort = nil // there has been an answer
	}
	c.abort = abort
	stopped := c.stopped
	c.mu.Unlock()
	if stopped && abort != nil {
		abort()
	}
}
