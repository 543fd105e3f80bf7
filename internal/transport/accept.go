package transport

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
)

const (
	acceptPauseMin = 5 * time.Millisecond
	acceptPauseMax = time.Second
)

// AcceptLoop hands every connection of l to handle, one after the other, until
// l is closed or ctx ends, which closes l. handle must not block.
//
// When a connection cannot be accepted, onError hears of it and the loop
// pauses, 5 ms at first and twice that each time up to a second. That holds
// for every error: out of descriptors or buffers, the next attempt fails at
// once as well and would eat a processor; and no error but a closed listener
// is a reason to leave a server deaf for ever. onError also hears of a Close that panics
// when ctx ends, from another goroutine; the loop has not returned then.
func AcceptLoop(ctx context.Context, l Listener, handle func(net.Conn), onError func(error)) {
	closed := make(chan struct{})
	end := func() {
		defer close(closed)
		if p := contain.Apart("close of the listener", func() { _ = l.Close() }); p != nil {
			onError(p)
		}
	}
	stop := contain.AfterFunc(ctx, "end of a listener", end, contain.Stray)
	defer func() {
		switch {
		case !stop():
			<-closed
		case ctx.Err() != nil:
			end() // a pause saw the end of ctx before it had come here
		}
	}()
	pause := acceptPauseMin
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			pause = acceptPauseMin
			handle(c)
			continue
		case errors.Is(err, net.ErrClosed):
			return
		}
		onError(err)
		if !sleep(ctx, pause) {
			return
		}
		pause = min(2*pause, acceptPauseMax)
	}
}

// sleep reports whether d passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
