package session

import (
	"context"
	"io"
	"net"
	"os"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
)

// handshakeRead is how much is read at a time before a peer is known.
const handshakeRead = 1 << 10

// handshake talks until the peer is ready, under one absolute deadline.
func (c *conn) handshake(ctx context.Context) (_ wire.Result, _ Verdict, _ []byte, err error) {
	ctx, end := c.abortable(ctx)
	defer end()
	if err := c.host.Welcome(c.pipe); err != nil {
		return wire.Result{}, Verdict{}, nil, err
	}
	if c.cfg.HandshakeTimeout > 0 {
		deadline := time.Now().Add(c.cfg.HandshakeTimeout)
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
	})
	defer h.Close()
	verdict, rest, err := c.negotiate(ctx, h)
	if err != nil {
		return wire.Result{}, Verdict{}, nil, err
	}
	if err := c.nc.SetDeadline(time.Time{}); err != nil {
		return wire.Result{}, Verdict{}, nil, err
	}
	return h.Result(), verdict, rest, nil
}

// negotiate moves bytes for h until it is ready.
func (c *conn) negotiate(ctx context.Context, h *wire.Handshake) (v Verdict, rest []byte, err error) {
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
		}
		if len(rest) == 0 {
			if rest, err = read(c.nc, p); err != nil {
				return v, nil, hungUp(h, err)
			}
		}
		n := 0
		n, err = c.feed(h, rest)
		rest = rest[n:]
	}
}

// read waits for some bytes. A peer that leaves in the middle of a handshake is
// an unexpected end.
func read(nc net.Conn, p []byte) ([]byte, error) {
	n, err := nc.Read(p)
	if n > 0 {
		return p[:n], nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return nil, err
}
