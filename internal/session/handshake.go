package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/wire"
)

// handshakeRead is how much is read at a time before a peer is known.
const handshakeRead = 1 << 10

// shaking is a handshake that is under way. While it waits for something that may take
// long it has no goroutine with a large stack: see pause.go.
type shaking struct {
	h         *wire.Handshake // nil while the first word is waited for
	mechanism wire.Mechanism
	deadline  time.Time // zero: none
	rest      []byte    // what the peer has sent and h not taken yet
	verdict   Verdict
	asked     atomic.Bool // the authenticator is to answer
	answered  bool        // verdict is what it has said, which nobody has looked at yet
	first     bool        // the peer's first word need not be waited for any more
	greeted   bool        // what h says first has been said
}

// handshake talks until the peer is ready, under one absolute deadline. What is begun by
// one call another goes on with, when it returns a pause.
func (c *conn) handshake() (err error) {
	defer c.leaveHeavy()
	if c.shake == nil {
		if err := c.beginHandshake(); err != nil {
			return err
		}
	}
	defer func() {
		if !pauses(err) {
			c.endHandshake()
		}
	}()
	if err := c.negotiate(c.shake); err != nil {
		return err
	}
	return c.nc.SetDeadline(time.Time{})
}

func (c *conn) beginHandshake() error {
	if c.door == nil { // a newcomer is asked about once it is known: see conn.ask
		if err := c.handler.Welcome(c.pipe); err != nil {
			return err
		}
	}
	s := &shaking{first: !c.canPause()}
	if c.cfg.HandshakeTimeout > 0 {
		s.deadline = time.Now().Add(c.cfg.HandshakeTimeout)
		if err := c.nc.SetDeadline(s.deadline); err != nil {
			return err
		}
	}
	var err error
	if s.mechanism, err = c.cfg.Mechanism(); err != nil {
		return err
	}
	if w, ok := c.nc.(watched); ok && c.door != nil {
		w.Watch(c.waits, c.hears)
	}
	c.shake = s
	return nil
}

func (c *conn) endHandshake() {
	if w, ok := c.nc.(watched); ok && c.door != nil {
		w.Watch(nil, nil)
	}
	if h := c.shake.h; h != nil {
		h.Close()
	} else {
		c.shake.mechanism.Close()
	}
}

// begin makes s.h. What that says first may have been said before.
func (c *conn) begin(s *shaking) *wire.Handshake {
	if s.h != nil {
		return s.h
	}
	s.h = wire.NewHandshake(wire.Config{
		SocketType: c.cfg.SocketType,
		Identity:   c.cfg.Identity,
		Mechanism:  s.mechanism,
		Secure:     c.cfg.Secure,
		Properties: c.cfg.Properties,
		Ours:       c.cfg.Ours,
		HoldReady:  c.door != nil,
		Ask:        c.door != nil,
	})
	if s.greeted {
		s.h.Output()
	}
	return s.h
}

// negotiate moves bytes until h is ready.
func (c *conn) negotiate(s *shaking) (err error) {
	p := words.Get().(*[handshakeRead]byte)
	defer func() {
		s.rest = bytes.Clone(s.rest)
		clear(p[:]) // there may have been credentials
		words.Put(p)
	}()
	if c.tells() && c.quiet(s) {
		return errQuiet // and writes nothing, which would wait for a request
	}
	h := c.begin(s)
	for {
		if out := h.Output(); len(out) > 0 {
			if _, werr := c.nc.Write(out); werr != nil && err == nil {
				err = werr
			}
		}
		if err != nil {
			return err // after what h had to say about it
		}
		switch h.Phase() {
		case wire.Ready:
			return nil
		case wire.Waiting:
			if !s.answered && c.door != nil {
				return errAsks
			}
			err = c.decide(s)
			continue
		case wire.Asking:
			err = c.ask(h, s.verdict)
			continue
		}
		if len(s.rest) == 0 {
			if c.quiet(s) {
				s.h, s.greeted = nil, true
				return errQuiet
			}
			if s.rest, err = c.hear(h, p[:], s.deadline); err != nil {
				return hungUp(h, err)
			}
		}
		n := 0
		n, err = c.feed(h, s.rest)
		s.rest = s.rest[n:]
	}
}

// words is what is read into before a peer is known.
var words = sync.Pool{New: func() any { return new([handshakeRead]byte) }}

// decide does what the authenticator has said. About a peer that we dialled it is asked,
// and waited for.
func (c *conn) decide(s *shaking) error {
	if !s.answered {
		answer := make(chan Verdict, 1)
		c.authorize(s, func(v Verdict) { answer <- v })
		s.verdict = <-answer
	}
	s.answered = false
	err := s.h.Decide(s.verdict.Decision)
	if err != nil && s.verdict.Err != nil {
		err = s.verdict.Err
	}
	return err
}

// ask asks the socket for a place for a newcomer that is known now, before it is told
// that it is in.
func (c *conn) ask(h *wire.Handshake, v Verdict) error {
	c.info = c.peerInfo(h.Result(), v)
	place, err := c.handler.Claim(&link.Peer{Result: h.Result(), Info: c.info, Link: c, Asked: v.Allow, Epoch: v.Epoch, Fresh: c.fresh})
	if err != nil {
		h.Reject(err)
		return err
	}
	c.place = place
	return h.Admit()
}

// hear waits for some bytes of the peer. None and no error: there is something to say
// first.
func (c *conn) hear(h *wire.Handshake, p []byte, deadline time.Time) ([]byte, error) {
	tells := c.tells()
	if c.door != nil && !tells {
		c.waits()
	}
	var b []byte
	var err error
	if h.Holds() {
		b, err = c.hearReady(h, p, deadline)
	} else {
		b, err = c.read(p)
	}
	if err == nil && c.door != nil && !c.door.heard(c) {
		return nil, errTurnedOut
	}
	return b, err
}

// How long a peer of NULL that has not said READY is left without ours; it may be one that
// waits for it. Where the socket may turn it away that costs the peer what it has sent, so
// that it is given more.
const (
	readyWait     = 250 * time.Millisecond
	readyWaitLong = 3 * time.Second
)

func (c *Config) readyWait() time.Duration {
	if c.TurnsAway {
		return readyWaitLong
	}
	return readyWait
}

// hearReady waits for the peer's READY, and lets ours go first when that takes long
// and we have places enough: see wire.Handshake.Holds.
func (c *conn) hearReady(h *wire.Handshake, p []byte, deadline time.Time) ([]byte, error) {
	for {
		soon := time.Now().Add(c.cfg.readyWait())
		if !deadline.IsZero() && deadline.Before(soon) {
			return c.read(p)
		}
		if err := c.nc.SetReadDeadline(soon); err != nil {
			return nil, err
		}
		b, err := c.read(p)
		if uerr := c.nc.SetReadDeadline(deadline); uerr != nil && err == nil {
			err = uerr
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return b, err
		}
		if !c.door.crowded() {
			h.Hurry()
			return nil, nil
		}
	}
}

// read waits for some bytes. A peer that leaves in the middle of a handshake is
// an unexpected end.
func (c *conn) read(p []byte) ([]byte, error) {
	n, err := c.nc.Read(p)
	if n > 0 {
		return p[:n], nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return nil, err
}

// watched is a net.Conn that talks with its peer before ZMTP does, and tells when: waits
// before it waits for the peer, and heard when the peer has spoken, or a write was
// done; costly says that what it does next costs as much as a key agreement.
type watched interface {
	Watch(waits func(), heard func(costly bool))
}

// tells reports that nc is one of those.
func (c *conn) tells() bool {
	_, is := c.nc.(watched)
	return is
}

// waits notes that the peer is to speak.
func (c *conn) waits() {
	c.leaveHeavy()
	c.door.awaits(c)
}

// hears notes that the peer has spoken.
func (c *conn) hears(costly bool) {
	if c.door.heard(c) && costly {
		c.enterHeavy()
	}
}

// hungUp says what it may mean that the peer left in the middle of a handshake.
// A CURVE server answers a HELLO that it can't open with silence, and so its end is
// all that tells a wrong key from a network that is down.
func hungUp(h *wire.Handshake, err error) error {
	if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		return err
	}
	switch {
	case h.AwaitsCurveWelcome():
		return fmt.Errorf("%w: %w", ErrServerKey, err)
	case h.AwaitsVerdict():
		return fmt.Errorf("%w: %w", ErrNoVerdict, err)
	}
	return fmt.Errorf("%w: %w", ErrHungUp, err)
}
