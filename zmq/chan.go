package zmq

import (
	"context"
	"errors"
	"reflect"
	"sync"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/msg"
)

// channels are the channels that a socket's Chan has given out and still serves, one
// for each context, so that asking for one in a loop costs neither a goroutine nor a
// message.
type channels struct {
	mu   sync.Mutex
	open map[context.Context]chan msg.Msg
}

// get returns the channel of ctx; fresh says that it is new, and that the caller must
// serve it.
func (cs *channels) get(ctx context.Context) (c chan msg.Msg, fresh bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if !reflect.ValueOf(ctx).Comparable() {
		return make(chan msg.Msg), true // it can't be found again
	}
	if c, ok := cs.open[ctx]; ok {
		return c, false
	}
	if cs.open == nil {
		cs.open = map[context.Context]chan msg.Msg{}
	}
	c = make(chan msg.Msg)
	cs.open[ctx] = c
	return c, true
}

// done closes a channel that is served no more.
func (cs *channels) done(ctx context.Context, c chan msg.Msg) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if reflect.ValueOf(ctx).Comparable() {
		delete(cs.open, ctx)
	}
	close(c)
}

// Chan returns a channel of what the socket receives, for use in a select. Asked again
// with the same ctx it returns the same channel, so that it may stand in the select of
// a loop. It is closed when ctx ends, when the socket closes, or when the socket can't
// receive at all (ErrNotSupported, ErrAuth): Recv says which.
//
// The channel is served by one goroutine, which takes one message ahead; when ctx
// ends while nobody takes that one, it is kept for the next receiver. A receive
// timeout is for calls, and does not end the channel.
func (s *Socket) Chan(ctx context.Context) <-chan msg.Msg {
	if !s.addFeed() {
		c := make(chan msg.Msg)
		close(c)
		return c
	}
	c, fresh := s.chans.get(ctx)
	if !fresh {
		s.feeds.Done()
		return c
	}
	go func() {
		defer s.feeds.Done()
		contain.Alone("channel", func() { s.serveChan(ctx, c) }, s.failed)
	}()
	return c
}

// serveChan is owned by ctx, and by the socket, whose Close waits for it. A ctx of the
// program's making that panics does so here, and not where Recv waits with it.
func (s *Socket) serveChan(of context.Context, c chan msg.Msg) {
	defer s.chans.done(of, c)
	ctx, cancel := context.WithCancel(of)
	defer cancel()
	for {
		m, err := s.Recv(ctx)
		if errors.Is(err, ErrAgain) && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return
		}
		select {
		case c <- m:
		case <-ctx.Done():
			s.unread(m)
			return
		case <-s.dying:
			return
		}
	}
}

// addFeed counts a goroutine that close must wait for; false when it is too late.
func (s *Socket) addFeed() bool {
	s.recvMu.Lock()
	defer s.recvMu.Unlock()
	if s.closed.Load() {
		return false
	}
	s.feeds.Add(1)
	return true
}
