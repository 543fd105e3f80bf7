package lastvalue

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/internal/base"
	"github.com/go-zactor/zactor/zmq"
)

// Run binds, and serves subscribers until ctx ends: then it lets what was sent go out for a
// second, and returns nil. The values stay; it may be called again when it has returned.
// When ctx has a zmq.Context, that has the sockets.
//
// Errors: those of Bind, Connect and of options; *zmq.UnsentError for messages that
// subscribers did not take in that second; ErrRunning.
func (c *Cache) Run(ctx context.Context) error {
	if !c.running.TryLock() {
		return ErrRunning
	}
	defer c.running.Unlock()
	defer base.List("lastvalue cache", strings.Join(c.c.bind, ","), func() any { return c.Stats() })()
	r := &run{c: c, ready: make(chan struct{}, 1)}
	defer r.end()
	if err := r.open(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(err, r.close())
	}
	c.begin(r)
	err := r.serve(ctx)
	c.ended()
	return errors.Join(err, r.close())
}

// begin lets publishers send.
func (c *Cache) begin(r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.xpub, c.bound = r.xpub, r.bound
	c.subs, c.walking = map[msg.PeerID]*subscriber{}, map[*subscriber]struct{}{}
	close(c.opened)
}

// ended lets no one send any more.
func (c *Cache) ended() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.subs {
		c.forget(s)
	}
	c.xpub, c.opened = nil, make(chan struct{})
}

// run is one Run.
type run struct {
	c       *Cache
	xpub    *zmq.Socket
	sources []*zmq.Socket
	bound   addresses
	ready   chan struct{}
	stops   []func() // of Notify
}

func (r *run) open(ctx context.Context) (err error) {
	c := r.c.c
	r.xpub, err = r.socket(ctx, zmq.XPub, c.server, zmq.WithXPubManual(true), zmq.WithMaxTopic(maxTopic), zmq.WithLinger(time.Second))
	if err != nil {
		return err
	}
	if len(c.source) > 0 {
		if err := r.source(ctx, c.client, nil, c.source); err != nil {
			return err
		}
	}
	if len(c.sourceBind) > 0 {
		if err := r.source(ctx, c.server, c.sourceBind, nil); err != nil {
			return err
		}
	}
	r.bound.subscribers, err = bind(r.xpub, c.bind)
	return err
}

// socket makes a socket that wakes the loop.
func (r *run) socket(ctx context.Context, typ zmq.Type, security []zmq.Option, opts ...zmq.Option) (*zmq.Socket, error) {
	s, err := zmq.New(ctx, typ, append(append(opts, security...), r.c.c.Socket...)...)
	if err == nil {
		r.stops = append(r.stops, s.Notify(r.ready))
	}
	return s, err
}

// source opens a socket for what others publish.
func (r *run) source(ctx context.Context, security []zmq.Option, binds, connects []string) error {
	s, err := r.socket(ctx, zmq.Sub, security)
	if err != nil {
		return err
	}
	r.sources = append(r.sources, s)
	if err := s.Subscribe(""); err != nil {
		return err
	}
	for _, endpoint := range connects {
		if err := s.Connect(endpoint); err != nil {
			return err
		}
	}
	bound, err := bind(s, binds)
	r.bound.sources = append(r.bound.sources, bound...)
	return err
}

func bind(s *zmq.Socket, endpoints []string) (all []string, err error) {
	for _, endpoint := range endpoints {
		bound, err := s.Bind(endpoint)
		if err != nil {
			return nil, err
		}
		all = append(all, bound)
	}
	return all, nil
}

func (r *run) close() (err error) {
	for _, s := range r.sources {
		err = errors.Join(err, s.Close())
	}
	if r.xpub != nil {
		err = errors.Join(err, r.xpub.Close())
	}
	return err
}

func (r *run) end() {
	for _, stop := range r.stops {
		stop()
	}
}

// burst is how many messages of a socket are taken before it is another one's turn.
const burst = 256

func (r *run) serve(ctx context.Context) error {
	for {
		more, err := r.take(r.xpub, r.report)
		for _, s := range r.sources {
			if err != nil {
				break
			}
			var m bool
			m, err = r.take(s, r.value)
			more = more || m
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if r.c.walk() || more {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.ready:
		}
	}
}

// take works on a burst of messages, and reports whether there may be more.
func (r *run) take(s *zmq.Socket, fn func(msg.Msg)) (more bool, err error) {
	for range burst {
		m, err := s.TryRecv()
		if errors.Is(err, zmq.ErrAgain) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		fn(m)
		m.Release()
	}
	return true, nil
}

// report takes what subscribers say of their subscriptions. Whatever else they may have
// sent is none of ours.
func (r *run) report(m msg.Msg) {
	if len(m.Frames) != 1 || len(m.Frames[0]) == 0 {
		return
	}
	prefix, peer := string(m.Frames[0][1:]), m.Peer()
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	switch m.Frames[0][0] {
	case 1:
		r.c.subscribed(peer, prefix)
	case 0:
		r.c.cancelled(peer, prefix)
	}
}

// value takes what a source has published.
func (r *run) value(m msg.Msg) {
	frames := m.Clone().Frames // what was read together is not kept together
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	if err := r.c.publish(frames); err != nil {
		r.c.stats.Refused-- // refuse counts it
		r.c.refuse(topicOf(m), m.Peer().RemoteAddr, err)
	}
}

func topicOf(m msg.Msg) string {
	if len(m.Frames) == 0 {
		return ""
	}
	return string(m.Frames[0][:min(len(m.Frames[0]), maxTopic)])
}
