package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
)

// heavy bounds how many connections calculate keys at the same time. Every
// stranger may send us a HELLO, and each costs a key agreement and a key pair:
// however many do, half of the processors stay free for the traffic of peers that
// are in already.
var heavy = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))

// feed gives h what the peer has sent. A CURVE server waits for its turn first.
func (c *conn) feed(h *wire.Handshake, p []byte) (int, error) {
	if !h.Costly() {
		return h.Feed(p)
	}
	if !c.enterGate() {
		return 0, ErrClosed
	}
	defer c.leaveGate()
	return h.Feed(p)
}

// enterGate waits until c may calculate; false when c has ended.
func (c *conn) enterGate() bool {
	select {
	case heavy <- struct{}{}:
		c.gated = true
		return true
	case <-c.done:
		return false
	}
}

func (c *conn) leaveGate() {
	if c.gated {
		c.gated = false
		<-heavy
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
	if h.AwaitsCurveWelcome() {
		return fmt.Errorf("%w: %w", ErrServerKey, err)
	}
	return fmt.Errorf("%w: %w", ErrHungUp, err)
}

const (
	farewellTime  = time.Second
	farewellBytes = 32 << 10
)

// farewell lets a peer that was refused read the ERROR command that says so: a
// connection that is closed while input is unread is reset, and a reset destroys
// what is under way. It reads until the peer has closed, within bounds; meanwhile
// the peer counts as half-open.
func (c *conn) farewell(err error) {
	var refused *wire.RefusedError
	if !errors.As(err, &refused) || (refused.Status != "400" && refused.Status != "500") {
		return
	}
	half, ok := c.nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || c.nc.SetReadDeadline(time.Now().Add(farewellTime)) != nil {
		return
	}
	if c.door != nil {
		c.door.awaits(c)
	}
	_, _ = io.CopyN(io.Discard, c.nc, farewellBytes)
}
