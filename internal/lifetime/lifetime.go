// Package lifetime is the one way in which things that run come to their end: by the
// end of the context that they were made with, by Close, or by Shutdown.
package lifetime

import (
	"context"
	"fmt"
	"sync"

	"github.com/go-zactor/zactor/internal/contain"
)

// A Life ends once, whoever asks for it, and everyone who asks waits for that end.
type Life struct {
	name string // of the package, for errors
	end  func(context.Context) error

	mu    sync.Mutex
	ended bool        // guarded by mu; the end has begun
	stop  func() bool // guarded by mu; of AfterFunc

	done chan struct{}
	err  error // valid when done is closed
}

// New returns the life of a thing that lives until ctx ends or it is closed. Then end
// is called once, on a goroutine of its own: it releases everything, waits for what
// belongs to the thing, and gives up what would take longer than the context that it
// is given, which has no end if it is Close that asks.
func New(ctx context.Context, name string, end func(context.Context) error) *Life {
	l := &Life{name: name, end: end, done: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stop = context.AfterFunc(ctx, func() {
		if l.first() {
			l.run(context.WithoutCancel(ctx))
		}
	})
	return l
}

// begin begins the end, if nothing else has.
func (l *Life) begin(ctx context.Context) {
	if l.first() {
		go l.run(ctx)
	}
}

// first reports that nothing has begun the end yet; now the caller has.
func (l *Life) first() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.ended = true
	l.stop()
	return true
}

// run is the end. A panic is its error, and everyone who waits goes on. It is also told
// where nobody may ask for the error.
func (l *Life) run(ctx context.Context) {
	contain.Run(l.name+": close", func() error { return l.end(ctx) }, func(err error) {
		l.err = err
		defer close(l.done)
		_ = contain.Tell(err, contain.Stray)
	}, contain.Stray)
}

// Close ends the thing and returns when it has ended, with what end returned. It may
// be called by many, and more than once.
func (l *Life) Close() error {
	l.begin(context.Background())
	<-l.done
	return l.err
}

// Shutdown is Close for at most as long as ctx. When that is over it returns ctx's
// error, and the end goes on by itself.
func (l *Life) Shutdown(ctx context.Context) error {
	l.begin(ctx)
	select {
	case <-l.done:
		return l.err
	case <-ctx.Done():
	}
	select {
	case <-l.done:
		return l.err
	default:
		return fmt.Errorf("%s: shutdown: %w", l.name, ctx.Err())
	}
}

// Done is closed when the thing has ended.
func (l *Life) Done() <-chan struct{} { return l.done }

// State is a word for people: running, closing or closed.
func (l *Life) State() string {
	if l == nil {
		return "not made"
	}
	select {
	case <-l.done:
		return "closed"
	default:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return "closing"
	}
	return "running"
}
