package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/gossip"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/remote"
	"github.com/go-zactor/zactor/zyre"
)

func nodeListeners() []listener { return []listener{gossiping(), whispering(), asking()} }

// gossiping: what the honest node publishes is known at the hub, while the other one
// publishes as fast as it can.
func gossiping() listener {
	node := func(s *stage) *gossip.Node {
		n, err := gossip.New(s.ctx)
		s.ok(err)
		s.Cleanup(func() { n.Close() })
		return n
	}
	linked := func(s *stage, at string) *gossip.Node {
		n := node(s)
		s.ok(n.Connect(at))
		return n
	}
	return listener{
		name: "gossip",
		serve: func(s *stage) place {
			hub := node(s)
			at, err := hub.Bind("tcp://127.0.0.1:*")
			s.ok(err)
			return place{at, func(ctx context.Context, _ string, n int) error {
				return poll(ctx, func() bool {
					t, _ := hub.Get("honest")
					return t.Value == strconv.Itoa(n)
				})
			}}
		},
		honest: func(s *stage, at string, tell teller) service {
			one, round := linked(s, at), 0
			return func(ctx context.Context) error {
				for range visits() {
					round++
					if err := one.Publish("honest", strconv.Itoa(round), 0); err != nil {
						return err
					}
					if err := tell(ctx, "wait", round); err != nil {
						return err
					}
				}
				return nil
			}
		},
		hostile: func(s *stage, at string) attack {
			other, junk := linked(s, at), 0
			return func(context.Context) {
				junk++
				_ = other.Publish(fmt.Sprint("junk", junk%50_000), strconv.Itoa(junk), 0)
			}
		},
	}
}

// poll looks until something holds. Where nothing tells when it does, this is the
// resolution of the measure.
func poll(ctx context.Context, holds func() bool) error {
	t := time.NewTicker(200 * time.Microsecond)
	defer t.Stop()
	for !holds() {
		select {
		case <-t.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// udpPort finds a port for those of this host that are to meet.
func (s *stage) udpPort() string {
	s.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		s.Skipf("no UDP on the loopback: %v", err)
	}
	defer c.Close()
	return strconv.Itoa(c.LocalAddr().(*net.UDPAddr).Port)
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// node is one of a LAN on the loopback, which is a port.
func (s *stage) node(name, at string) (*zyre.Node, <-chan zyre.Event) {
	s.Helper()
	n, err := zyre.New(s.ctx, name, zyre.WithLoopback(true), zyre.WithPort(number(at)), zyre.WithLinger(0))
	s.ok(err)
	s.Cleanup(func() { n.Close() })
	return n, n.Chan(s.ctx)
}

const serving = "serving" // the name of the node that serves

// met is the node that serves, when it has been met.
func (s *stage) met(events <-chan zyre.Event) zyre.ID {
	s.Helper()
	for e := range events {
		if e.Kind == zyre.Enter && e.Name == serving {
			return e.Peer
		}
	}
	s.Fatal("the events have ended")
	return zyre.ID{}
}

// whispering: the honest node's whispers are answered, while the other one whispers as fast
// as it can.
func whispering() listener {
	return listener{
		name: "zyre",
		serve: func(s *stage) place {
			at := s.udpPort()
			here, events := s.node(serving, at)
			s.wg.Go(func() {
				for e := range events {
					if e.Kind == zyre.Whisper && e.Name == "honest" {
						_ = here.Whisper(s.ctx, e.Peer, e.Msg)
					}
				}
			})
			return place{at: at}
		},
		honest: func(s *stage, at string, _ teller) service {
			one, events := s.node("honest", at)
			there := s.met(events)
			return func(ctx context.Context) error {
				for range s.trips() {
					if err := one.Whisper(ctx, there, says("h")); err != nil {
						return err
					}
					if err := whispered(ctx, events); err != nil {
						return err
					}
				}
				return nil
			}
		},
		hostile: func(s *stage, at string) attack {
			other, events := s.node("hostile", at)
			there := s.met(events)
			return func(ctx context.Context) { _ = other.Whisper(ctx, there, says("x")) }
		},
	}
}

func whispered(ctx context.Context, events <-chan zyre.Event) error {
	for {
		select {
		case e := <-events:
			if e.Kind == zyre.Whisper {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// asking: the honest node's questions to an actor are answered, while the other one sends to
// it as fast as it can.
func asking() listener {
	space := func(s *stage, name, at string) *remote.Space {
		n, _ := s.node(name, at)
		sp, err := remote.New(s.ctx, n)
		s.ok(err)
		s.Cleanup(func() { sp.Close() })
		return sp
	}
	found := func(s *stage, name, at string) remote.Ref {
		ref, err := space(s, name, at).Find(s.ctx, "echo")
		s.ok(err)
		return ref
	}
	return listener{
		name: "remote",
		serve: func(s *stage) place {
			at := s.udpPort()
			sp := space(s, serving, at)
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
			s.ok(sp.Publish(echo))
			return place{at: at}
		},
		honest: func(s *stage, at string, _ teller) service {
			one := found(s, "honest", at)
			return func(ctx context.Context) error {
				for range s.trips() {
					if _, err := one.Ask(ctx, msg.NewString("question")); err != nil {
						return err
					}
				}
				return nil
			}
		},
		hostile: func(s *stage, at string) attack {
			other := found(s, "hostile", at)
			return func(ctx context.Context) { _ = other.Send(ctx, says("x")) }
		},
	}
}
