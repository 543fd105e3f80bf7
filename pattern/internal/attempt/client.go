package attempt

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/pattern/internal/base"
)

// Client is a Pool that counts what it is asked and tells of attempts that fail, as events
// of a package's own type E.
type Client[E any] struct {
	*feed.Queue[E]
	pool  *Pool
	event func(Failure) E

	calls, answers, failed, retries atomic.Uint64
}

// Counts is what a Client has done.
type Counts struct{ Calls, Answers, Failed, Retries uint64 }

// NewClient makes a Client of a Config, whose Failed is its own. It lives as New says.
func NewClient[E any](ctx context.Context, c Config, events *feed.Queue[E], event func(Failure) E) *Client[E] {
	k := &Client[E]{Queue: events, event: event}
	c.Failed = k.tell
	c.Ended = base.List(c.Package+" client", strings.Join(c.Endpoints, ","), func() any { return k.Counts() })
	k.pool = New(ctx, c)
	return k
}

// ErrLeft is what an Exchange returns, as Final, when who asked does not want the rest of
// the answer: that is neither an answer nor a failure.
var ErrLeft = errors.New("attempt: the rest of the answer is not wanted")

// Do is Pool.Do, counted.
func (k *Client[E]) Do(ctx context.Context, exchange Exchange) error {
	k.calls.Add(1)
	err := k.pool.Do(ctx, exchange)
	switch {
	case err == nil:
		k.answers.Add(1)
	case !errors.Is(err, ErrLeft):
		k.failed.Add(1)
	}
	return err
}

// tell publishes an attempt that failed.
func (k *Client[E]) tell(f Failure) {
	if !f.Last {
		k.retries.Add(1)
	}
	k.Publish(k.event(f))
}

// Counts returns the counters as they stand.
func (k *Client[E]) Counts() Counts {
	return Counts{Calls: k.calls.Load(), Answers: k.answers.Load(), Failed: k.failed.Load(), Retries: k.retries.Load()}
}

// Close ends the questions under way with the package's ErrClosed, and closes the sockets.
func (k *Client[E]) Close() error {
	defer k.Queue.Close()
	return k.pool.Close()
}

// Shutdown waits for the questions under way, at most as long as ctx, and then closes. It
// returns ctx's error when it ended some.
func (k *Client[E]) Shutdown(ctx context.Context) error {
	err := k.pool.Shutdown(ctx)
	_ = k.pool.Close() // waits for the end
	k.Queue.Close()
	return err
}
