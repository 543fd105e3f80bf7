package zmq

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/logs"
)

// ErrPanic is in the Err of an EventPanic and of the event with which a connection ended:
// something panicked that the connection called, our own code or a hook of the
// program's. It was contained: only that connection has ended. The text has the value,
// the log the stack.
var ErrPanic = errors.New("zmq: panic contained")

// panicked is called with each panic that was contained.
func (s *Socket) panicked(endpoint, remote string, p *contain.Panic) {
	s.stats.panics.Add(1)
	_ = contain.Apart("logger", func() { // where one thing has failed already nothing else may
		s.opts.get().lines.Log(logs.Panicked, logs.Err(p), logs.Str("endpoint", endpoint), logs.Str("peer", remote), logs.Str("stack", string(p.Stack)))
	})
	s.monitors.publish(Event{Kind: EventPanic, Endpoint: endpoint, Remote: remote, Err: panicError(p), Time: time.Now()})
}

// failed is panicked for what belongs to no connection: only what panicked has ended.
func (s *Socket) failed(p *contain.Panic) { s.panicked("", "", p) }

func panicError(p *contain.Panic) error { return fmt.Errorf("%w: %w", ErrPanic, p) }
