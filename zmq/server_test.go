package zmq_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// onePartTypes are those whose messages have one frame, with a type to talk to.
var onePartTypes = []struct {
	from, to zmq.Type
	limited  bool // it waits at the high-water mark
}{
	{zmq.Client, zmq.Server, true},
	{zmq.Scatter, zmq.Gather, true},
	{zmq.Channel, zmq.Channel, true},
	{zmq.Server, zmq.Client, true},
	{zmq.Peer, zmq.Peer, true},
	{zmq.Radio, zmq.Dish, false},
}

// addressTo makes m go to the only peer of a SERVER or PEER.
func addressTo(k *kit, s *zmq.Socket, m *msg.Msg) {
	k.Helper()
	switch s.Type() {
	case zmq.Server, zmq.Peer:
		k.ok(s.WaitConnected(k.ctx, 1))
		id := uint32(0)
		for _, b := range s.Peers()[0].RoutingID {
			id = id<<8 | uint32(b)
		}
		m.SetRoutingID(id)
	case zmq.Radio:
		m.SetGroup("g")
	}
}

func TestOnePartRefusesOthers(t *testing.T) {
	over(t, func(k *kit) {
		for _, tt := range onePartTypes {
			to, from := k.pair(tt.to, tt.from)
			if tt.to == zmq.Dish {
				k.ok(to.Join("g"))
				k.ok(from.WaitSubscribers(k.ctx, "g", 1))
			}
			for _, frames := range [][]string{{"a", "b"}, {"", "", ""}} {
				m := msg.NewString(frames...)
				addressTo(k, from, &m)
				k.is(from.Send(k.ctx, m), zmq.ErrInvalidMessage)
				k.is(from.TrySend(m), zmq.ErrInvalidMessage)
				_, err := from.SendBatch(k.ctx, []msg.Msg{m})
				k.is(err, zmq.ErrInvalidMessage)
				k.is(from.SendString(k.ctx, frames...), zmq.ErrInvalidMessage)
				k.is(from.SendBytes(k.ctx, []byte("a"), []byte("b")), zmq.ErrInvalidMessage)
			}
			m := msg.Msg{}
			addressTo(k, from, &m)
			k.is(from.Send(k.ctx, m), zmq.ErrInvalidMessage)
			m = msg.NewString("one")
			addressTo(k, from, &m)
			k.ok(from.Send(k.ctx, m))
			k.want(to, "one")
			if st := from.Stats(); st.Sent != 1 || st.SentBytes != 3 {
				k.Errorf("%v: %d messages of %d bytes sent", from.Type(), st.Sent, st.SentBytes)
			}
			if st := to.Stats(); st.Received != 1 || st.ReceivedBytes != 3 {
				k.Errorf("%v: %d messages of %d bytes received", to.Type(), st.Received, st.ReceivedBytes)
			}
		}
	})
}

// A full peer is waited for, and nothing is dropped, reordered or doubled.
func TestOnePartWaitsAtTheMark(t *testing.T) {
	over(t, func(k *kit) {
		for _, tt := range onePartTypes {
			if !tt.limited {
				continue
			}
			to, endpoint := k.bound(tt.to, zmq.WithRecvHWM(3), zmq.WithRecvBuffer(16<<10))
			from := k.connect(tt.from, endpoint, zmq.WithSendHWM(3), zmq.WithSendBuffer(16<<10))
			k.linked(to, from)
			body := make([]byte, 16<<10)
			const n = 100 // more than all buffers on the way can hold
			all := k.blocked(func() error {
				for i := range n {
					m := msg.New(append([]byte(fmt.Sprintf("%04d", i)), body...))
					addressTo(k, from, &m)
					if err := from.Send(k.ctx, m); err != nil {
						return err
					}
				}
				return nil
			})
			for i := range n {
				if got := k.recv(to); len(got) != 1 || got[0][:4] != fmt.Sprintf("%04d", i) {
					k.Fatalf("%v: message %d is %.8q", to.Type(), i, got)
				}
			}
			k.ok(k.result(all))
			if d := from.Stats().Drops.Total() + to.Stats().Drops.Total(); d != 0 {
				k.Errorf("%v: %d drops", from.Type(), d)
			}
		}
	})
}

// A SERVER answers whom it has heard from, in any order, and knows nobody else.
func TestServerRouting(t *testing.T) {
	over(t, func(k *kit) {
		server, endpoint := k.bound(zmq.Server)
		const n = 5
		var clients []*zmq.Socket
		for i := range n {
			c := k.connect(zmq.Client, endpoint)
			k.send(c, fmt.Sprint(i))
			clients = append(clients, c)
		}
		ids := map[uint32]bool{}
		var asked []msg.Msg
		for range n {
			m, err := server.Recv(k.ctx)
			k.ok(err)
			if id := m.RoutingID(); id == 0 || ids[id] {
				k.Fatalf("routing id %d, after %v", id, ids)
			}
			ids[m.RoutingID()] = true
			asked = append(asked, m)
		}
		for i := range asked { // the last first
			m := asked[n-1-i]
			reply := msg.NewString("re " + string(m.Frames[0]))
			reply.SetRoutingID(m.RoutingID())
			k.ok(server.Send(k.ctx, reply))
		}
		for i, c := range clients {
			k.want(c, fmt.Sprintf("re %d", i))
		}
		stranger := msg.NewString("x")
		for _, id := range []uint32{0, 1, 0xFFFFFFFF} {
			if ids[id] {
				continue
			}
			stranger.SetRoutingID(id)
			k.is(server.Send(k.ctx, stranger), zmq.ErrHostUnreachable)
			k.is(server.TrySend(stranger), zmq.ErrHostUnreachable)
		}
		k.is(server.SendString(k.ctx, "nobody"), zmq.ErrHostUnreachable)
		if server.Poll()&zmq.PollOut == 0 {
			k.Error("a SERVER can always send")
		}
	})
}

// A received message goes back as it is.
func TestServerEchoesTheMessage(t *testing.T) {
	over(t, func(k *kit) {
		server, client := k.pair(zmq.Server, zmq.Client)
		for i := range 300 {
			k.send(client, fmt.Sprint(i))
			m, err := server.Recv(k.ctx)
			k.ok(err)
			k.ok(server.Send(k.ctx, m))
			k.want(client, fmt.Sprint(i))
		}
	})
}

// Who is gone can't be reached, also by those who wait for room.
func TestServerPeerGone(t *testing.T) {
	over(t, func(k *kit) {
		server, endpoint := k.bound(zmq.Server, zmq.WithSendHWM(1))
		client := k.connect(zmq.Client, endpoint, zmq.WithRecvHWM(1))
		k.send(client, "hello")
		m, err := server.Recv(k.ctx)
		k.ok(err)
		reply := func() msg.Msg {
			r := msg.New(make([]byte, 1<<20))
			r.SetRoutingID(m.RoutingID())
			return r
		}
		late := k.blocked(func() error {
			for {
				if err := server.Send(k.ctx, reply()); err != nil {
					return err
				}
			}
		})
		k.ok(client.Close())
		k.is(k.result(late), zmq.ErrHostUnreachable)
		k.is(server.TrySend(reply()), zmq.ErrHostUnreachable)
	})
}

// The same client is another peer when it comes again.
func TestServerNewConnectionNewNumber(t *testing.T) {
	networked(t, func(k *kit) {
		server, endpoint := k.bound(zmq.Server)
		seen := map[uint32]bool{}
		for range 3 {
			c := k.connect(zmq.Client, endpoint)
			k.send(c, "x")
			m, err := server.Recv(k.ctx)
			k.ok(err)
			if seen[m.RoutingID()] {
				k.Fatalf("number %d was used before", m.RoutingID())
			}
			seen[m.RoutingID()] = true
			k.ok(c.Close())
		}
	})
}

// A SERVER that connects keeps the number of that endpoint when it is dialled again.
func TestServerThatConnects(t *testing.T) {
	networked(t, func(k *kit) {
		client, endpoint := k.bound(zmq.Client)
		server := k.connect(zmq.Server, endpoint)
		k.linked(client, server)
		k.send(client, "one")
		first, err := server.Recv(k.ctx)
		k.ok(err)
		k.ok(client.Close())
		client = k.open(zmq.Client)
		k.until("the endpoint is free", func() bool {
			_, err := k.listen(client, endpoint)
			return err == nil
		})
		k.send(client, "two")
		second, err := server.Recv(k.ctx)
		k.ok(err)
		if first.RoutingID() != second.RoutingID() {
			k.Errorf("%d became %d", first.RoutingID(), second.RoutingID())
		}
		k.ok(server.Send(k.ctx, second))
		k.want(client, "two")
	})
}

func TestServerFairness(t *testing.T) {
	over(t, func(k *kit) {
		server, endpoint := k.bound(zmq.Server)
		flood, rare := k.connect(zmq.Client, endpoint), k.connect(zmq.Client, endpoint)
		for range 200 {
			k.send(flood, "flood")
		}
		k.send(rare, "rare")
		k.ok(server.WaitConnected(k.ctx, 2))
		k.until("all have arrived", func() bool { return server.Stats().Unread == 201 })
		for i := range 4 {
			if k.recv(server)[0] == "rare" {
				return
			}
			if i == 3 {
				k.Fatal("the flood is heard first")
			}
		}
	})
}

func TestConnectPeer(t *testing.T) {
	over(t, func(k *kit) {
		bound, endpoint := k.bound(zmq.Peer)
		s := k.open(zmq.Peer)
		opts := []zmq.Option{}
		if k.scheme == "curve" {
			opts = append(opts, zmq.WithCurveClient(clientKeys(), serverKeys().Public()))
		}
		id, err := s.ConnectPeer(endpoint, opts...)
		k.ok(err)
		if id == 0 {
			k.Fatal("number 0")
		}
		m := msg.NewString("to you") // before there is anybody, as likely as not
		m.SetRoutingID(id)
		k.ok(s.Send(k.ctx, m))
		got, err := bound.Recv(k.ctx)
		k.ok(err)
		k.ok(bound.Send(k.ctx, got))
		back, err := s.Recv(k.ctx)
		k.ok(err)
		if back.RoutingID() != id || string(back.Frames[0]) != "to you" {
			k.Errorf("%q from %d, want %d", back.Frames, back.RoutingID(), id)
		}
		_, err = s.ConnectPeer(endpoint, append(opts, zmq.WithImmediate(true))...)
		k.is(err, zmq.ErrInvalidOption)
		_, err = s.ConnectPeer("tcp://*:1")
		k.is(err, zmq.ErrInvalidEndpoint)
		_, err = k.open(zmq.Server).ConnectPeer(endpoint)
		k.is(err, zmq.ErrNotSupported)
	})
}

func TestDisconnectPeer(t *testing.T) {
	over(t, func(k *kit) {
		server, endpoint := k.bound(zmq.Server)
		c := k.connect(zmq.Client, endpoint, zmq.WithReconnectInterval(-1, 0))
		k.send(c, "x")
		m, err := server.Recv(k.ctx)
		k.ok(err)
		k.ok(server.DisconnectPeer(m.RoutingID()))
		k.until("the client is gone", func() bool { return server.Stats().Connected == 0 })
		k.is(server.TrySend(m), zmq.ErrHostUnreachable)
		k.is(server.DisconnectPeer(m.RoutingID()), zmq.ErrHostUnreachable)
		k.is(server.DisconnectPeer(0), zmq.ErrHostUnreachable)
		k.is(c.DisconnectPeer(1), zmq.ErrNotSupported)

		bound, endpoint := k.bound(zmq.Peer)
		s := k.open(zmq.Peer)
		opts := []zmq.Option{}
		if k.scheme == "curve" {
			opts = append(opts, zmq.WithCurveClient(clientKeys(), serverKeys().Public()))
		}
		id, err := s.ConnectPeer(endpoint, opts...)
		k.ok(err)
		k.linked(bound, s)
		k.ok(s.DisconnectPeer(id))
		k.until("both are gone", func() bool { return s.Stats().Connected+bound.Stats().Connected == 0 })
		k.is(s.Disconnect(endpoint), zmq.ErrNoEndpoint)
		k.ok(s.Close())
		k.is(s.DisconnectPeer(id), zmq.ErrClosed)
	})
}

// What these types can't do they say.
func TestOnePartDirections(t *testing.T) {
	k := alone(t, "inproc")
	for typ, way := range map[zmq.Type]string{zmq.Scatter: "out", zmq.Gather: "in", zmq.Radio: "out", zmq.Dish: "in"} {
		s := k.open(typ)
		if way == "in" {
			k.is(s.SendString(k.ctx, "x"), zmq.ErrNotSupported)
			k.is(s.TrySend(msg.NewString("x")), zmq.ErrNotSupported)
		} else {
			_, err := s.Recv(k.ctx)
			k.is(err, zmq.ErrNotSupported)
		}
	}
	for _, typ := range []zmq.Type{zmq.Client, zmq.Scatter, zmq.Channel} {
		s := k.open(typ)
		k.is(s.TrySend(msg.NewString("nobody is there")), zmq.ErrAgain)
		if s.Poll() != 0 {
			k.Errorf("%v without a peer: %v", typ, s.Poll())
		}
		ctx, cancel := context.WithCancel(k.ctx)
		cancel()
		k.is(s.SendString(ctx, "x"), context.Canceled)
	}
}

// SCATTER and CLIENT spread over their peers in strict turn.
func TestOnePartBalance(t *testing.T) {
	over(t, func(k *kit) {
		for from, to := range map[zmq.Type]zmq.Type{zmq.Scatter: zmq.Gather, zmq.Client: zmq.Server} {
			s := k.open(from)
			var sinks []*zmq.Socket
			for range 3 {
				sink, endpoint := k.bound(to)
				k.ok(k.dial(s, endpoint))
				sinks = append(sinks, sink)
			}
			k.ok(s.WaitConnected(k.ctx, 3))
			for i := range 30 {
				k.send(s, fmt.Sprint(i))
			}
			for i := range 30 {
				k.want(sinks[i%3], fmt.Sprint(i))
			}
		}
	})
}

func TestChannelHasOnePeer(t *testing.T) {
	over(t, func(k *kit) {
		a, endpoint := k.bound(zmq.Channel)
		b := k.connect(zmq.Channel, endpoint)
		k.linked(a, b)
		other := k.connect(zmq.Channel, endpoint)
		k.send(b, "one")
		k.want(a, "one")
		k.send(a, "two")
		k.want(b, "two")
		if n := a.Stats().Connected; n != 1 {
			k.Errorf("%d peers", n)
		}
		k.ok(other.Set(zmq.WithLinger(0)))
		k.ok(other.Close())
		k.ok(b.Close())
		next := k.connect(zmq.Channel, endpoint)
		k.ok(next.WaitConnected(k.ctx, 1))
		k.send(next, "three")
		k.want(a, "three")
	})
}
