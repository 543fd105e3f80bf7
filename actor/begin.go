package actor

import (
	"context"

	"github.com/go-zactor/zactor/msg"
)

// Begin is the first half of Ask: it returns when m is in the mailbox, so that what
// is sent afterwards comes after it. wait is the other half, to be called once, from
// any goroutine.
func (a *Actor) Begin(ctx context.Context, m msg.Msg) (wait func(context.Context) (msg.Msg, error), err error) {
	c := &call{c: make(chan answer, 1)}
	c.tag.Value = c
	if err := a.put(ctx, m, &c.tag); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (msg.Msg, error) {
		select {
		case r := <-c.c:
			return r.m, r.err
		case <-ctx.Done():
			return c.abandon(ctx.Err())
		case <-a.Done():
			return c.abandon(a.stopped())
		}
	}, nil
}
