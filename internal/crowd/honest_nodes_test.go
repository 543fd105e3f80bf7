package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/gossip"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/remote"
	"github.com/go-zactor/zactor/zmqtest"
	"github.com/go-zactor/zactor/zyre"
	"github.com/go-zactor/zactor/zyretest"
)

func nodeListeners() []listener {
	return []listener{{"gossip", gossiping}, {"zyre", whispering}, {"remote", asking}}
}

// gossiping: what the honest node publishes is known at the hub, while the other one
// publishes as fast as it can.
func gossiping(s *stage) (func(context.Context) error, func(context.Context)) {
	node := func() *gossip.Node {
		n, err := gossip.New(s.ctx)
		s.ok(err)
		s.Cleanup(func() { n.Close() })
		return n
	}
	hub, one, other := node(), node(), node()
	at, err := hub.Bind("tcp://127.0.0.1:*")
	s.ok(err)
	s.ok(one.Connect(at))
	s.ok(other.Connect(at))
	round, junk := 0, 0
	return func(ctx context.Context) error {
			for range ztest.Size(2, 20) {
				round++
				if err := one.Publish("honest", fmt.Sprint(round), 0); err != nil {
					return err
				}
				for known := ""; known != fmt.Sprint(round); runtime.Gosched() {
					if t, ok := hub.Get("honest"); ok {
						known = t.Value
					}
					if ctx.Err() != nil {
						return ctx.Err()
					}
				}
			}
			return nil
		}, func(context.Context) {
			junk++
			_ = other.Publish(fmt.Sprint("junk", junk%50_000), fmt.Sprint(junk), 0)
		}
}

// lan are three nodes on a LAN, which have seen each other.
func (s *stage) lan() (nodes [3]*zyre.Node, events [3]<-chan zyre.Event) {
	lan := zyretest.NewLAN(zmqtest.Seed(s.T), zmqtest.Faults{})
	for i := range nodes {
		var err error
		nodes[i], err = zyre.New(s.ctx, fmt.Sprint("node", i), lan.Host(fmt.Sprint("10.0.0.", i+1))...)
		s.ok(err)
		s.Cleanup(func() { nodes[i].Close() })
	}
	for i, n := range nodes {
		events[i] = n.Chan(s.ctx)
		for len(n.Peers()) < 2 {
			<-events[i]
		}
	}
	return nodes, events
}

// whispering: the honest node's whispers are answered, while the other one whispers as fast
// as it can.
func whispering(s *stage) (func(context.Context) error, func(context.Context)) {
	nodes, events := s.lan()
	here, one, other := nodes[0], nodes[1], nodes[2]
	s.wg.Go(func() {
		for e := range events[0] {
			if e.Kind == zyre.Whisper && e.Peer == one.ID() {
				_ = here.Whisper(s.ctx, e.Peer, e.Msg)
			}
		}
	})
	return func(ctx context.Context) error {
		for range trips() {
			if err := one.Whisper(ctx, here.ID(), says("h")); err != nil {
				return err
			}
			for answered := false; !answered; {
				select {
				case e := <-events[1]:
					answered = e.Kind == zyre.Whisper
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		return nil
	}, func(ctx context.Context) { _ = other.Whisper(ctx, here.ID(), says("x")) }
}

// asking: the honest node's questions to an actor are answered, while the other one sends to
// it as fast as it can.
func asking(s *stage) (func(context.Context) error, func(context.Context)) {
	nodes, _ := s.lan()
	var spaces [3]*remote.Space
	for i, n := range nodes {
		var err error
		spaces[i], err = remote.New(s.ctx, n)
		s.ok(err)
		s.Cleanup(func() { spaces[i].Close() })
	}
	echo, err := actor.Spawn(s.ctx, func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			_ = p.Reply(ctx, m)
		}
		return nil
	}, actor.WithName("echo"))
	s.ok(err)
	s.Cleanup(func() { echo.Close() })
	s.ok(spaces[0].Publish(echo))
	one, err := spaces[1].Find(s.ctx, "echo")
	s.ok(err)
	other, err := spaces[2].Find(s.ctx, "echo")
	s.ok(err)
	return func(ctx context.Context) error {
		for range trips() {
			if _, err := one.Ask(ctx, msg.NewString("question")); err != nil {
				return err
			}
		}
		return nil
	}, func(ctx context.Context) { _ = other.Send(ctx, says("x")) }
}
