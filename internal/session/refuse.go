package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
)

// This file is how a peer hears that it, or a message of it, was refused: it would else see a
// connection that ends without a word, connect again and lose the next one.

const (
	// tooLargeText begins the reason of such an ERROR.
	tooLargeText = "message too large: "
	// refusalTime is how long what a refused peer still sends is thrown away, so that it
	// can read the ERROR: to close a connection with unread input destroys that.
	refusalTime = time.Second
)

// refuse tells the peer why its connection ends.
func (c *conn) refuse(err error) {
	if !errors.Is(err, ErrTooLarge) || errors.Is(err, ErrRefusedByPeer) || c.cfg.Raw || c.result.Version < wire.V30 {
		return
	}
	reason := tooLargeText + err.Error()
	say := wire.Command{Kind: wire.Error, Data: []byte(reason[:min(len(reason), wire.MaxReason)])}
	if c.pipe.Out.Control(say) {
		c.pipe.Flush()
	}
	if c.nc.SetReadDeadline(time.Now().Add(refusalTime)) == nil {
		_, _ = io.Copy(io.Discard, c.nc)
	}
}

// refusedByPeer is the error for an ERROR that came after the handshake.
func refusedByPeer(reason []byte) error {
	if bytes.HasPrefix(reason, []byte(tooLargeText)) {
		return fmt.Errorf("%w: %w: it said %s", ErrRefusedByPeer, ErrTooLarge, wire.Quote(reason))
	}
	if err := wire.Denied(reason); err != nil {
		return fmt.Errorf("%w: %w", ErrRefusedByPeer, err)
	}
	return fmt.Errorf("%w: it said %s", ErrRefusedByPeer, wire.Quote(reason))
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
