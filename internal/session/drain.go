package session

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/go-zactor/zactor/internal/transport"
)

// drainLook is how often connections are looked at that are on their way out.
const drainLook = 5 * time.Millisecond

// Pass gives the listener to another process as well.
func (a *Acceptor) Pass(to *net.UnixConn) error { return transport.Pass(to, a.l) }

// Drain stops listening, leaves the address to another process that has the listener
// as well, and lets the connections come to an end: what waits for a peer is written,
// then it is told that nothing more comes, and what it was sending is read to its
// last byte. It returns when all have ended, or with ctx's error.
func (a *Acceptor) Drain(ctx context.Context) error {
	transport.Abandon(a.l)
	if err := a.l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	select {
	case <-a.stopped:
	case <-ctx.Done():
		return ctx.Err()
	}
	asked := map[*conn]bool{}
	tick := time.NewTicker(drainLook)
	defer tick.Stop()
	for {
		conns := a.current()
		if len(conns) == 0 {
			return nil
		}
		for _, c := range conns {
			if c.attached() != nil && !asked[c] {
				asked[c] = true
				a.linger(ctx, c)
				if cw, ok := c.nc.(interface{ CloseWrite() error }); ok {
					_ = cw.CloseWrite()
				} else {
					c.stop(ErrClosed)
				}
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (a *Acceptor) current() []*conn {
	a.mu.Lock()
	defer a.mu.Unlock()
	conns := make([]*conn, 0, len(a.conns))
	for c := range a.conns {
		conns = append(conns, c)
	}
	return conns
}

// finishWriting lets the message under way be written to its end when the peer has said
// that it sends nothing more: it may well read on, and is to have it now and not again
// from the next one who listens there. It takes as long as the peer takes it: one that
// waits no longer closes the connection, and the message is kept. What is behind it stays
// for the next connection.
func (c *conn) finishWriting(err error) {
	if !errors.Is(err, io.EOF) || c.cfg.Raw {
		return
	}
	c.mu.Lock()
	c.finishing.Store(true)
	c.mu.Unlock()
	c.pipe.Out.Pause()
	idle := make(chan struct{})
	go func() { // ends at the latest when stop has ended the writer
		c.writers.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-c.done:
	}
}
