package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// How much one service is: portions of so many messages, none of which is dropped at a
// high-water mark, or so many questions and answers, or visits. At full size it lasts for many
// time slices of the kernel and of Go's scheduler, however soon each answer comes: one of a
// few tells who had the processor when it began.
const portion = 100

func portions() int         { return ztest.Size(1, 1000) }
func rated() int            { return ztest.Size(1, 50) } // portions, where the network's rate bounds them
func (s *stage) trips() int { return ztest.Size(2, 1000*s.longer()) }
func visits() int           { return ztest.Size(2, 20) }

// longer makes services that go through no kernel last as long as others.
func (s *stage) longer() int {
	if s.carrier == "inproc" {
		return 20
	}
	return 1
}

func socketListeners() (all []listener) {
	over := func(l listener, carriers ...string) {
		for _, c := range carriers {
			l := l
			serve := l.serve
			l.name, l.local = l.name+" over "+c, c == "inproc"
			l.serve = func(s *stage) place { s.carrier = c; return serve(s) }
			all = append(all, l)
		}
	}
	for _, p := range []struct {
		taker, giver zmq.Type
		carriers     []string
	}{
		{zmq.Pull, zmq.Push, []string{"tcp", "ipc", "ws", "inproc"}}, {zmq.Sub, zmq.Pub, []string{"tcp"}}, {zmq.XSub, zmq.XPub, []string{"tcp"}},
		{zmq.Dish, zmq.Radio, []string{"tcp"}}, {zmq.Gather, zmq.Scatter, []string{"tcp"}}, {zmq.Dealer, zmq.Dealer, []string{"tcp"}},
	} {
		over(taking(p.taker, p.giver), p.carriers...)
	}
	for _, p := range []struct {
		answerer, asker, hostile zmq.Type
		carriers                 []string
	}{
		{zmq.Rep, zmq.Req, zmq.Dealer, []string{"tcp"}}, {zmq.Router, zmq.Dealer, zmq.Dealer, []string{"tcp", "ipc", "ws", "inproc"}},
		{zmq.Server, zmq.Client, zmq.Client, []string{"tcp"}}, {zmq.Peer, zmq.Peer, zmq.Peer, []string{"tcp"}},
	} {
		over(answering(p.answerer, p.asker, p.hostile), p.carriers...)
	}
	for _, p := range []struct {
		publisher, subscriber zmq.Type
		carriers              []string
	}{{zmq.Pub, zmq.Sub, []string{"tcp", "ws"}}, {zmq.XPub, zmq.Sub, []string{"tcp"}}, {zmq.Radio, zmq.Dish, []string{"tcp"}}} {
		over(publishing(p.publisher, p.subscriber), p.carriers...)
	}
	for _, typ := range []zmq.Type{zmq.Pair, zmq.Channel} {
		over(exclusive(typ), "tcp")
	}
	over(streaming(), "tcp")
	over(visiting(), "tcp", "ws")
	for _, l := range rawListeners() {
		over(l, "tcp")
	}
	return all
}

// endpoint is where a socket of this stage's carrier binds.
func (s *stage) endpoint() string {
	switch s.carrier {
	case "ipc":
		return "ipc://" + s.TempDir() + "/s"
	case "inproc":
		return fmt.Sprint("inproc://honest-", names.Add(1))
	}
	return s.carrier + "://127.0.0.1:*"
}

var names atomic.Int64

func (s *stage) socket(typ zmq.Type, opts ...zmq.Option) *zmq.Socket {
	s.Helper()
	sock, err := zmq.New(s.ctx, typ, append([]zmq.Option{zmq.WithLinger(0)}, opts...)...)
	s.ok(err)
	s.Cleanup(func() { sock.Close() })
	return sock
}

func (s *stage) bound(typ zmq.Type, opts ...zmq.Option) (*zmq.Socket, string) {
	s.Helper()
	sock := s.socket(typ, opts...)
	at, err := sock.Bind(s.endpoint())
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

// counted is a server's answer to "wait n": it comes when so many have arrived. To "have n"
// it comes at once.
func counted(arrived *tally) func(ctx context.Context, what string, n int) error {
	return func(ctx context.Context, what string, n int) error {
		if what == "have" {
			ended, cancel := context.WithCancel(ctx)
			cancel()
			ctx = ended
		}
		return arrived.wait(ctx, n)
	}
}

// taking: the honest peer's messages arrive, while the other one sends as fast as it can.
func taking(taker, giver zmq.Type) listener {
	peer := func(s *stage, at string) *zmq.Socket {
		p := s.connected(giver, at)
		if giver == zmq.Pub || giver == zmq.XPub || giver == zmq.Radio {
			s.ok(p.WaitSubscribers(s.ctx, "g", 1))
		}
		return p
	}
	return listener{
		name: taker.String(),
		serve: func(s *stage) place {
			sock, at := s.bound(taker)
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
			return place{at, counted(arrived)}
		},
		honest: func(s *stage, at string, tell teller) service {
			return sends(peer(s, at), tell)
		},
		hostile: func(s *stage, at string) attack {
			p := peer(s, at)
			return func(ctx context.Context) { _ = p.Send(ctx, says("x")) }
		},
	}
}

// sends is a service of portions that are sent and arrive.
func sends(one *zmq.Socket, tell teller) service {
	total := 0
	return func(ctx context.Context) error {
		for range portions() {
			for range portion {
				if err := one.Send(ctx, says("h")); err != nil {
					return err
				}
			}
			total += portion
			if err := tell(ctx, "wait", total); err != nil {
				return err
			}
		}
		return nil
	}
}

// answering: the honest peer's questions are answered, while the other one asks as fast as
// it can and receives nothing.
func answering(answerer, asker, hostile zmq.Type) listener {
	question := func(from *zmq.Socket) msg.Msg {
		m := msg.NewString("question")
		switch {
		case from.Type() == zmq.Dealer && answerer == zmq.Rep:
			m = msg.NewString("", "question")
		case from.Type() == zmq.Peer:
			m.SetRoutingID(peerNumber(from))
		}
		return m
	}
	return listener{
		name:  answerer.String(),
		serve: func(s *stage) place { return echoing(s, answerer) },
		honest: func(s *stage, at string, _ teller) service {
			one := s.connected(asker, at)
			return func(ctx context.Context) error { return s.asks(ctx, one, question) }
		},
		hostile: func(s *stage, at string) attack {
			other := s.connected(hostile, at)
			return func(ctx context.Context) { _ = other.Send(ctx, question(other)) }
		},
	}
}

// echoing is a server that answers with what it is sent.
func echoing(s *stage, typ zmq.Type) place {
	sock, at := s.bound(typ)
	s.each(sock, func(m msg.Msg) { _ = sock.TrySend(m) })
	return place{at: at}
}

// asks has its questions answered, one after the other.
func (s *stage) asks(ctx context.Context, one *zmq.Socket, question func(*zmq.Socket) msg.Msg) error {
	for range s.trips() {
		if err := one.Send(ctx, question(one)); err != nil {
			return err
		}
		if _, err := one.Recv(ctx); err != nil {
			return err
		}
	}
	return nil
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
func publishing(publisher, subscriber zmq.Type) listener {
	group := "h"
	if subscriber == zmq.Dish {
		group = "g"
	}
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
	return listener{
		name: publisher.String(),
		serve: func(s *stage) place {
			sock, at := s.bound(publisher)
			if publisher == zmq.XPub {
				s.each(sock, func(m msg.Msg) { m.Release() })
			}
			return place{at, func(ctx context.Context, what string, n int) error {
				if what == "wait" {
					return sock.WaitSubscribers(ctx, group, n)
				}
				for range n {
					if err := sock.Send(ctx, says("h")); err != nil {
						return err
					}
				}
				return nil
			}}
		},
		honest: func(s *stage, at string, tell teller) service {
			one := s.connected(subscriber, at)
			s.ok(wants(one, group, true))
			s.ok(tell(s.ctx, "wait", 1))
			return func(ctx context.Context) error {
				for range portions() {
					if err := tell(ctx, "send", portion); err != nil {
						return err
					}
					for range portion {
						if _, err := one.Recv(ctx); err != nil {
							return err
						}
					}
				}
				return nil
			}
		},
		hostile: func(s *stage, at string) attack {
			other, topic := s.connected(subscriber, at), 0
			s.ok(wants(other, group, true))
			return func(context.Context) {
				topic++
				_ = wants(other, fmt.Sprint("topic", topic%1000), topic/1000%2 == 0)
			}
		},
	}
}

// exclusive: the honest peer is the one peer, and others try to be.
func exclusive(typ zmq.Type) listener {
	return listener{
		name:  typ.String(),
		serve: func(s *stage) place { return echoing(s, typ) },
		honest: func(s *stage, at string, _ teller) service {
			one := s.connected(typ, at)
			return func(ctx context.Context) error {
				return s.asks(ctx, one, func(*zmq.Socket) msg.Msg { return says("h") })
			}
		},
		hostile: func(_ *stage, at string) attack {
			return func(ctx context.Context) {
				p, err := zmq.New(ctx, typ, zmq.WithLinger(0))
				if err == nil {
					_ = p.Connect(at)
					_ = p.TrySend(says("x"))
					p.Close()
				}
			}
		},
	}
}

// streaming: the honest peer's bytes come back, while the other one writes and reads
// nothing.
func streaming() listener {
	return listener{
		name: "STREAM",
		serve: func(s *stage) place {
			sock, at := s.bound(zmq.Stream)
			s.each(sock, func(m msg.Msg) {
				if len(m.Frames[1]) == 0 || sock.TrySend(m) != nil {
					m.Release()
				}
			})
			return place{at: at}
		},
		honest: func(s *stage, at string, _ teller) service {
			one := s.dial(at)
			return func(ctx context.Context) error {
				end, _ := ctx.Deadline()
				_ = one.SetDeadline(end)
				for range s.trips() {
					if _, err := one.Write([]byte("question")); err != nil {
						return err
					}
					if _, err := io.ReadFull(one, make([]byte, 8)); err != nil {
						return err
					}
				}
				return nil
			}
		},
		hostile: func(s *stage, at string) attack { return s.writes(at, nil, make([]byte, 1000)) },
	}
}

// writes connects, says something, writes the same again and again, and reads nothing. When
// it is cut it comes again.
func (s *stage) writes(at string, first, again []byte) attack {
	var c net.Conn
	return func(ctx context.Context) {
		if c == nil {
			c = s.dial(at)
			_, _ = c.Write(first)
		}
		conn := c
		stop := context.AfterFunc(ctx, func() { _ = conn.SetWriteDeadline(time.Unix(1, 0)) })
		_, err := conn.Write(again)
		if err != nil || !stop() { // a part of it may be written: what follows would be another thing
			conn.Close()
			c = nil
		}
	}
}

func (s *stage) dial(endpoint string) net.Conn {
	s.Helper()
	c, err := net.Dial("tcp", hostPort(endpoint))
	if err != nil {
		s.Error(err)
		c, _ = net.Pipe()
	}
	s.Cleanup(func() { c.Close() })
	return c
}

func hostPort(endpoint string) string {
	_, addr, _ := strings.Cut(endpoint, "://")
	return strings.TrimSuffix(addr, "/")
}

// visiting: the honest peer connects, sends and goes, while the other one connects and
// says nothing sensible.
func visiting() listener {
	return listener{
		name: "handshakes",
		serve: func(s *stage) place {
			sock, at := s.bound(zmq.Pull)
			arrived := newTally()
			s.each(sock, func(msg.Msg) { arrived.add() })
			return place{at, counted(arrived)}
		},
		honest: func(_ *stage, at string, tell teller) service {
			total := 0
			return func(ctx context.Context) error {
				for range visits() {
					if err := visit(ctx, at); err != nil {
						return err
					}
				}
				total += visits()
				return tell(ctx, "wait", total)
			}
		},
		hostile: func(s *stage, at string) attack {
			n, open := 0, make([]net.Conn, 200)
			s.Cleanup(func() {
				for _, c := range open {
					if c != nil {
						c.Close()
					}
				}
			})
			return func(context.Context) {
				n++
				c := &open[n%len(open)]
				if *c != nil {
					(*c).Close()
				}
				if *c, _ = net.Dial("tcp", hostPort(at)); *c != nil && n%2 == 0 {
					_, _ = (*c).Write([]byte("GET / HTTP/1.1\r\n"))
				}
			}
		},
	}
}

// visit connects, sends one message and goes.
func visit(ctx context.Context, at string) error {
	push, err := zmq.New(ctx, zmq.Push)
	if err != nil {
		return err
	}
	defer push.Close()
	if err := push.Connect(at); err != nil {
		return err
	}
	if err := push.Send(ctx, says("h")); err != nil {
		return err
	}
	return push.Shutdown(ctx)
}
