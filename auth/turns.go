package auth

import (
	"context"
	"sync"

	"github.com/go-zactor/zactor/internal/budget"
)

// turns bounds how many checks are under way. Who waits for one is of the address next that
// has the fewest.
type turns struct {
	mu   sync.Mutex
	line *budget.Turns[chan struct{}]
}

// newTurns lets most be under way, all of them of one address while no other asks.
func newTurns(most int) *turns {
	return &turns{line: budget.NewTurns[chan struct{}](most, most)}
}

// wait returns when it is the turn of a check about a peer of an address, or with ctx's
// error. leave is to be called in either case.
func (t *turns) wait(ctx context.Context, address string) (leave func(), err error) {
	mine := make(chan struct{})
	t.mu.Lock()
	turn, now := t.line.Enter(budget.OriginOfHost(address), mine)
	t.mu.Unlock()
	leave = func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if next := t.line.Leave(turn); next != nil {
			close(next.Value)
		}
	}
	if now {
		return leave, nil
	}
	select {
	case <-mine:
		return leave, nil
	case <-ctx.Done():
		return leave, ctx.Err()
	}
}

// figures are how many are under way, and how many wait.
func (t *turns) figures() (held, waiting int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.line.Held(), t.line.Waiting()
}
