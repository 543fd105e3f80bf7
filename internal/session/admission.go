package session

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/budget"
	"github.com/go-zactor/zactor/internal/transport"
)

// admission is where newcomers of one listener get a place for their handshake.
type admission struct {
	mu    sync.Mutex
	table *halfOpen[*conn]
	free  chan struct{} // a token when a newcomer that waits may look again
}

func newAdmission(limit int) *admission {
	if limit <= 0 {
		limit = maxHalfOpen
	}
	return &admission{table: newHalfOpen[*conn](limit), free: make(chan struct{}, 1)}
}

// enter gets c a place. While nobody may be turned out for it, it waits, and who calls
// it accepts nobody else: the kernel's backlog holds them. It returns ctx's error.
func (a *admission) enter(ctx context.Context, c *conn) error {
	from := addressOf(c)
	for {
		out, wait, entered := a.tryEnter(c, from)
		if out != nil {
			out.turnOut()
		}
		if entered {
			return nil
		}
		if err := a.waitFree(ctx, wait); err != nil {
			return err
		}
	}
}

// tryEnter gives c a place if there is one, or that of another, which is to be turned
// out. If it does not, there may be a place after wait, or when a peer leaves or falls
// silent.
func (a *admission) tryEnter(c *conn, from string) (out *conn, wait time.Duration, entered bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.table.full() {
		if out, wait, entered = a.table.makeRoom(from, time.Now(), (*conn).unread); !entered {
			return nil, wait, false
		}
	}
	a.table.enter(c, from)
	return out, 0, true
}

func (a *admission) waitFree(ctx context.Context, wait time.Duration) error {
	var soon <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		soon = t.C
	}
	select {
	case <-a.free:
	case <-soon:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// changed lets a newcomer look again.
func (a *admission) changed() {
	select {
	case a.free <- struct{}{}:
	default:
	}
}

// awaits notes that c's peer is to speak.
func (a *admission) awaits(c *conn) {
	a.mu.Lock()
	a.table.awaits(c, time.Now())
	full := a.table.full()
	a.mu.Unlock()
	if full {
		a.changed()
	}
}

// heard notes that c's peer has spoken. It is false when c has been turned out: then
// the peer must be told nothing more, above all not that it is in.
func (a *admission) heard(c *conn) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.table.heard(c, time.Now())
}

// leave gives c's place back. in says that the handshake succeeded.
func (a *admission) leave(c *conn, in bool) {
	a.mu.Lock()
	a.table.leave(c, in, time.Now())
	a.mu.Unlock()
	a.changed()
}

// crowded reports whether places are getting scarce.
func (a *admission) crowded() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.table.crowded()
}

// all are those whose handshake is under way.
func (a *admission) all() []*conn {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.table.all()
}

// turnOut ends a handshake to make room. The connection below is closed first, so that
// nothing that lies above it writes a farewell that could block.
func (c *conn) turnOut() {
	c.mu.Lock()
	if c.cause == nil {
		c.cause = ErrCrowded
	}
	c.mu.Unlock()
	_ = c.tell(hook("close", c.nc, func() { bottom(c.nc).Close() }))
	c.stop(ErrCrowded)
}

// addressOf is what peers share who count as one: the address, of IPv6 the first 64
// bits, since whoever has one of those addresses has them all; of a local peer its user.
func addressOf(c *conn) string {
	if cred, ok := transport.Credentials(bottom(c.nc)); ok {
		return "user " + strconv.Itoa(int(cred.UID))
	}
	return budget.OriginOf(c.peerAddress())
}

// errTurnedOut ends a handshake whose peer spoke just after it was turned out. The
// connection's cause says why.
var errTurnedOut = errors.New("turned out")
