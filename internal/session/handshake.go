package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
)

// handshakeRead is how much is read at a time before a peer is known.
const handshakeRead = 1 << 10

// handshake talks until the peer is ready, under one absolute deadline.
func (c *conn) handshake(ctx context.Context) (_ wire.Result, _ Verdict, _ []byte, err error) {
	ctx, end := c.abortable(ctx)
	defer end()
	if c.door == nil { // a newcomer is asked about once it is known: see conn.ask
		if err := c.host.Welcome(c.pipe); err != nil {
			return wire.Result{}, Verdict{}, nil, err
		}
	}
	defer c.leaveHeavy()
	if w, ok := c.nc.(watched); ok && c.door != nil {
		w.Watch(c.waits, c.hears)
		defer w.Watch(nil, nil)
	}
	var deadline time.Time
	if c.cfg.HandshakeTimeout > 0 {
		deadline = time.Now().Add(c.cfg.HandshakeTimeout)
		if err := c.nc.SetDeadline(deadline); err != nil {
			return wire.Result{}, Verdict{}, nil, err
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, deadline, os.ErrDeadlineExceeded)
		defer cancel()
	}
	mechanism, err := c.cfg.Mechanism()
	if err != nil {
		return wire.Result{}, Verdict{}, nil, err
	}
	h := wire.NewHandshake(wire.Config{
		SocketType: c.cfg.SocketType,
		Identity:   c.cfg.Identity,
		Mechanism:  mechanism,
		Secure:     c.cfg.Secure,
		Properties: c.cfg.Properties,
		Ours:       c.cfg.Ours,
		HoldReady:  c.door != nil,
		Ask:        c.door != nil,
	})
	defer h.Close()
	verdict, rest, err := c.negotiate(ctx, h, deadline)
	if err != nil {
		return wire.Result{}, Verdict{}, nil, err
	}
	if err := c.nc.SetDeadline(time.Time{}); err != nil {
		return wire.Result{}, Verdict{}, nil, err
	}
	return h.Result(), verdict, rest, nil
}

// negotiate moves bytes for h until it is ready.
func (c *conn) negotiate(ctx context.Context, h *wire.Handshake, deadline time.Time) (v Verdict, rest []byte, err error) {
	p := make([]byte, handshakeRead)
	for {
		if out := h.Output(); len(out) > 0 {
			if _, werr := c.nc.Write(out); werr != nil && err == nil {
				err = werr
			}
		}
		if err != nil {
			return v, nil, err // after what h had to say about it
		}
		switch h.Phase() {
		case wire.Ready:
			return v, rest, nil
		case wire.Waiting:
			v = c.cfg.Authorize(ctx, h.Credentials(), c.nc)
			if err = h.Decide(v.Decision); err != nil && v.Err != nil {
				err = v.Err
			}
			continue
		case wire.Asking:
			err = c.ask(h, v)
			continue
		}
		if len(rest) == 0 {
			if rest, err = c.hear(h, p, deadline); err != nil {
				return v, nil, hungUp(h, err)
			}
		}
		n := 0
		n, err = c.feed(h, rest)
		rest = rest[n:]
	}
}

// ask asks the socket for a place for a newcomer that is known now, before it is told
// that it is in.
func (c *conn) ask(h *wire.Handshake, v Verdict) error {
	c.info = c.peerInfo(h.Result(), v)
	place, err := c.host.Claim(&Peer{Result: h.Result(), Info: c.info, Link: c, Asked: v.Allow, Epoch: v.Epoch, Fresh: c.fresh})
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
	_, tells := c.nc.(watched)
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

// readyPatience is how long a peer of NULL that has not said READY is left without
// ours. It may be one that waits for it.
const readyPatience = 3 * time.Second

// hearReady waits for the peer's READY, and lets ours go first when that takes long
// and we have places enough: see wire.Handshake.Holds.
func (c *conn) hearReady(h *wire.Handshake, p []byte, deadline time.Time) ([]byte, error) {
	for {
		soon := time.Now().Add(readyPatience)
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

// abortable makes a context that stop ends, too. end must be called.
func (c *conn) abortable(ctx context.Context) (_ context.Context, end func()) {
	ctx, cancel := context.WithCancel(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		cancel()
	}
	c.abort = cancel
	return ctx, func() {
		cancel()
		c.mu.Lock()
		c.abort = nil
		c.mu.Unlock()
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
