package session

import (
	"runtime"

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
	if !c.enterHeavy() {
		return 0, ErrClosed
	}
	defer c.leaveHeavy()
	return h.Feed(p)
}

// enterHeavy waits until c may calculate; false when c has ended.
func (c *conn) enterHeavy() bool {
	select {
	case heavy <- struct{}{}:
		c.gated = true
		return true
	case <-c.done:
		return false
	}
}

func (c *conn) leaveHeavy() {
	if c.gated {
		c.gated = false
		<-heavy
	}
}
