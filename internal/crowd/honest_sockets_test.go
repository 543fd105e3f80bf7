package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// How much one service is: portions of so many messages, none of which is dropped at a
// high-water mark, or so many questions and answers, or visits.
const portion = 100

func portions() int { return ztest.Size(1, 50) }
func trips() int    { return ztest.Size(2, 100) }
func visits() int   { return ztest.Size(2, 20) }

func socketListeners() (all []listener) {
	carriers := func(name string, open func(s *stage, endpoint string) (func(context.Context) error, func(context.Context)), which ...string) {
		for _, c := range which {
			all = append(all, listener{name + " over " + c, func(s *stage) (func(context.Context) error, func(context.Context)) {
				endpoint := c + "://127.0.0.1:*"
				if c == "ipc" {
					endpoint = "ipc://" + s.TempDir() + "/s"
				}
				return open(s, endpoint)
			}})
		}
	}
	for _, p := range []struct {
		taker, giver zmq.Type
		over         []string
	}{
		{zmq.Pull, zmq.Push, []string{"tcp", "ipc", "ws"}}, {zmq.Sub, zmq.Pub, []string{"tcp"}}, {zmq.XSub, zmq.XPub, []string{"tcp"}},
		{zmq.Dish, zmq.Radio, []string{"tcp"}}, {zmq.Gather, zmq.Scatter, []string{"tcp"}}, {zmq.Dealer, zmq.Dealer, []string{"tcp"}},
	} {
		carriers(p.taker.String(), func(s *stage, at string) (func(context.Context) error, func(context.Context)) {
			return taking(s, p.taker, p.giver, at)
		}, p.over...)
	}
	for _, p := range []struct {
		answerer, asker, hostile zmq.Type
		over                     []string
	}{
		{zmq.Rep, zmq.Req, zmq.Dealer, []string{"tcp"}}, {zmq.Router, zmq.Dealer, zmq.Dealer, []string{"tcp", "ipc", "ws"}},
		{zmq.Server, zmq.Client, zmq.Client, []string{"tcp"}}, {zmq.Peer, zmq.Peer, zmq.Peer, []string{"tcp"}},
	} {
		carriers(p.answerer.String(), func(s *stage, at string) (func(context.Context) error, func(context.Context)) {
			return answering(s, p.answerer, p.asker, p.hostile, at)
		}, p.over...)
	}
	for _, p := range []struct {
		publisher, subscriber zmq.Type
		over                  []string
	}{{zmq.Pub, zmq.Sub, []string{"tcp", "ws"}}, {zmq.XPub, zmq.Sub, []string{"tcp"}}, {zmq.Radio, zmq.Dish, []string{"tcp"}}} {
		carriers(p.publisher.String(), func(s *stage, at string) (func(context.Context) error, func(context.Context)) {
			return publishing(s, p.publisher, p.subscriber, at)
		}, p.over...)
	}
	for _, typ := range []zmq.Type{zmq.Pair, zmq.Channel} {
		carriers(typ.String(), func(s *stage, at string) (func(context.Context) error, func(context.Context)) {
			return exclusive(s, typ, at)
		}, "tcp")
	}
	carriers("STREAM", streaming, "tcp")
	carriers("handshakes", visiting, "tcp", "ws")
	return all
}

func (s *stage) socket(typ zmq.Type, opts ...zmq.Option) *zmq.Socket {
	s.Helper()
	sock, err := zmq.New(s.ctx, typ, append([]zmq.Option{zmq.WithLinger(0)}, opts...)...)
	s.ok(err)
	s.Cleanup(func() { sock.Close() })
	return sock
}

func (s *stage) bound(typ zmq.Type, endpoint string, opts ...zmq.Option) (*zmq.Socket, string) {
	s.Helper()
	sock := s.socket(typ, opts...)
	at, err := sock.Bind(endpoint)
	s.ok(err)
	return sock, at
}

func (s *stage) connected(typ zmq.Type, endpoint string, opts ...zmq.Option) *zmq.Socket {
	s.Helper()
	sock := s.socket(typ, opts...)
	s.ok(sock.Connect(endpoint))
	s.ok(sock.WaitConnected(s.ctx, 1))
	return sock
}

// each calls fn with what a socket receives.
func (s *stage) each(sock *zmq.Socket, fn func(m msg.Msg)) {
	s.wg.Go(func() {
		for m, err := range sock.Messages(s.ctx) {
			if err != nil {
				return
			}
			fn(m)
		}
	})
}

// says is a message of one of both, in a group.
func says(who string) msg.Msg {
	m := msg.NewString(who + strings.Repeat("-", 100))
	m.SetGroup("g")
	return m
}

func isHonest(frame []byte) bool { return len(frame) > 0 && frame[0] == 'h' }

// taking: the honest peer's messages arrive, while the other one sends as fast as it can.
func taking(s *stage, taker, giver zmq.Type, endpoint string) (func(context.Context) error, func(context.Context)) {
	sock, at := s.bound(taker, endpoint)
	switch taker {
	case zmq.Sub, zmq.XSub:
		s.ok(sock.Subscribe(""))
	case zmq.Dish:
		s.ok(sock.Join("g"))
	}
	arrived := newTally()
	s.each(sock, func(m msg.Msg) {
		if isHonest(m.Frames[len(m.Frames)-1]) {
			arrived.add()
		}
		m.Release()
	})
	honest, hostile := s.connected(giver, at), s.connected(giver, at)
	if giver == zmq.Pub || giver == zmq.XPub || giver == zmq.Radio {
		for _, p := range []*zmq.Socket{honest, hostile} {
			s.ok(p.WaitSubscribers(s.ctx, "g", 1))
		}
	}
	total := 0
	return func(ctx context.Context) error {
		for range portions() {
			for range portion {
				if err := honest.Send(ctx, says("h")); err != nil {
					return err
				}
			}
			total += portion
			if err := arrived.wait(ctx, total); err != nil {
				return err
			}
		}
		return nil
	}, func(ctx context.Context) { _ = hostile.Send(ctx, says("x")) }
}

// answering: the honest peer's questions are answered, while the other one asks as fast as
// it can and receives nothing.
func answering(s *stage, answerer, asker, hostile zmq.Type, endpoint string) (func(context.Context) error, func(context.Context)) {
	sock, at := s.bound(answerer, endpoint)
	s.each(sock, func(m msg.Msg) { _ = sock.TrySend(m) })
	one, other := s.connected(asker, at), s.connected(hostile, at)
	question := func(from *zmq.Socket) msg.Msg {
		m := msg.NewString("question")
		switch {
		case from == other && answerer == zmq.Rep:
			m = msg.NewString("", "question")
		case from.Type() == zmq.Peer:
			m.SetRoutingID(peerNumber(from))
		}
		return m
	}
	return func(ctx context.Context) error {
		for range trips() {
			if err := one.Send(ctx, question(one)); err != nil {
				return err
			}
			if _, err := one.Recv(ctx); err != nil {
				return err
			}
		}
		return nil
	}, func(ctx context.Context) { _ = other.Send(ctx, question(other)) }
}

// peerNumber is the routing id of a PEER's one peer.
func peerNumber(s *zmq.Socket) (id uint32) {
	for _, p := range s.Peers() {
		for _, b := range p.RoutingID {
			id = id<<8 | uint32(b)
		}
	}
	return id
}

// publishing: the honest subscriber gets what is sent, while the other one subscribes and
// cancels as fast as it can and receives nothing.
func publishing(s *stage, publisher, subscriber zmq.Type, endpoint string) (func(context.Context) error, func(context.Context)) {
	sock, at := s.bound(publisher, endpoint)
	if publisher == zmq.XPub {
		s.each(sock, func(m msg.Msg) { m.Release() })
	}
	one, other := s.connected(subscriber, at), s.connected(subscriber, at)
	wants := func(p *zmq.Socket, topic string, on bool) error {
		switch {
		case subscriber == zmq.Dish && on:
			return p.Join(topic)
		case subscriber == zmq.Dish:
			return p.Leave(topic)
		case on:
			return p.Subscribe(topic)
		}
		return p.Unsubscribe(topic)
	}
	group := "g"
	if subscriber != zmq.Dish {
		group = "h"
	}
	s.ok(wants(one, group, true))
	s.ok(wants(other, group, true))
	s.ok(sock.WaitSubscribers(s.ctx, group, 2))
	topic := 0
	return func(ctx context.Context) error {
			for range portions() {
				for range portion {
					if err := sock.Send(ctx, says("h")); err != nil {
						return err
					}
				}
				for range portion {
					if _, err := one.Recv(ctx); err != nil {
						return err
					}
				}
			}
			return nil
		}, func(context.Context) {
			topic++
			_ = wants(other, fmt.Sprint("topic", topic%1000), topic/1000%2 == 0)
		}
}

// exclusive: the honest peer is the one peer, and others try to be.
func exclusive(s *stage, typ zmq.Type, endpoint string) (func(context.Context) error, func(context.Context)) {
	sock, at := s.bound(typ, endpoint)
	s.each(sock, func(m msg.Msg) { _ = sock.TrySend(m) })
	one := s.connected(typ, at)
	return func(ctx context.Context) error {
			for range trips() {
				if err := one.Send(ctx, says("h")); err != nil {
					return err
				}
				if _, err := one.Recv(ctx); err != nil {
					return err
				}
			}
			return nil
		}, func(ctx context.Context) {
			p, err := zmq.New(ctx, typ, zmq.WithLinger(0))
			if err == nil {
				_ = p.Connect(at)
				_ = p.TrySend(says("x"))
				p.Close()
			}
		}
}

// streaming: the honest peer's bytes come back, while the other one writes and reads
// nothing.
func streaming(s *stage, endpoint string) (func(context.Context) error, func(context.Context)) {
	sock, at := s.bound(zmq.Stream, endpoint)
	s.each(sock, func(m msg.Msg) {
		if len(m.Frames[1]) > 0 {
			_ = sock.TrySend(m)
		}
	})
	one, other := s.dial(at), s.dial(at)
	junk := make([]byte, 1000)
	return func(ctx context.Context) error {
			end, _ := ctx.Deadline()
			_ = one.SetDeadline(end)
			for range trips() {
				if _, err := one.Write([]byte("question")); err != nil {
					return err
				}
				if _, err := io.ReadFull(one, make([]byte, 8)); err != nil {
					return err
				}
			}
			return nil
		}, func(ctx context.Context) {
			stop := context.AfterFunc(ctx, func() { other.Close() })
			defer stop()
			if _, err := other.Write(junk); err != nil && ctx.Err() == nil {
				<-ctx.Done()
			} else if err != nil {
				other = s.dial(at)
			}
		}
}

func (s *stage) dial(endpoint string) net.Conn {
	s.Helper()
	_, addr, _ := strings.Cut(endpoint, "://")
	c, err := net.Dial("tcp", strings.TrimSuffix(addr, "/"))
	if err != nil {
		s.Error(err)
		c, _ = net.Pipe()
	}
	s.Cleanup(func() { c.Close() })
	return c
}

// visiting: the honest peer connects, sends and goes, while the other one connects and
// says nothing sensible.
func visiting(s *stage, endpoint string) (func(context.Context) error, func(context.Context)) {
	sock, at := s.bound(zmq.Pull, endpoint)
	arrived := newTally()
	s.each(sock, func(msg.Msg) { arrived.add() })
	total := 0
	var n atomic.Int64
	open := make([]net.Conn, 200)
	s.Cleanup(func() {
		for _, c := range open {
			if c != nil {
				c.Close()
			}
		}
	})
	_, addr, _ := strings.Cut(at, "://")
	return func(ctx context.Context) error {
			for range visits() {
				push, err := zmq.New(ctx, zmq.Push)
				if err != nil {
					return err
				}
				if err := push.Connect(at); err != nil {
					return err
				}
				err = push.Send(ctx, says("h"))
				if err == nil {
					err = push.Shutdown(ctx)
				}
				push.Close()
				if err != nil {
					return err
				}
			}
			total += visits()
			return arrived.wait(ctx, total)
		}, func(context.Context) {
			at := &open[n.Add(1)%int64(len(open))]
			if *at != nil {
				(*at).Close()
			}
			if *at, _ = net.Dial("tcp", addr); *at != nil && n.Load()%2 == 0 {
				_, _ = (*at).Write([]byte("GET / HTTP/1.1\r\n"))
			}
		}
}
