package zmq_test

import (
	"context"
	"fmt"
	"io"
	"net"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// A STREAM talks to plain programs: here to a TCP connection of package net.
func ExampleNewStream() {
	ctx := context.Background()
	s := must(zmq.NewStream(ctx))
	defer s.Close()
	endpoint := must(s.Bind("tcp://127.0.0.1:*"))

	plain := must(net.Dial("tcp", endpoint[len("tcp://"):]))
	defer plain.Close()
	m := must(s.Recv(ctx))
	id := m.PopString()
	fmt.Printf("a connection has come, with %q\n", m.PopString())

	check(s.SendString(ctx, id, "hello, "))
	check(s.SendString(ctx, id, "plain program"))
	check(s.SendString(ctx, id, "")) // ends the connection
	fmt.Printf("%s\n", must(io.ReadAll(plain)))
	// Output:
	// a connection has come, with ""
	// hello, plain program
}

// A SERVER knows its clients by number.
func ExampleNewServer() {
	ctx := context.Background()
	server := must(zmq.NewServer(ctx))
	defer server.Close()
	endpoint := must(server.Bind("inproc://numbers"))

	for _, name := range []string{"ann", "joe"} {
		client := must(zmq.NewClient(ctx))
		defer client.Close()
		check(client.Connect(endpoint))
		check(client.SendString(ctx, name))

		asked := must(server.Recv(ctx))
		reply := msg.NewString("hello " + string(asked.Frames[0]))
		reply.SetRoutingID(asked.RoutingID())
		check(server.Send(ctx, reply))
		fmt.Println(must(client.RecvString(ctx)))
	}
	// Output:
	// hello ann
	// hello joe
}

// A CLIENT sends and receives as it likes; unlike a REQ it does not take turns.
func ExampleNewClient() {
	ctx := context.Background()
	server, client := must(zmq.NewServer(ctx)), must(zmq.NewClient(ctx))
	defer server.Close()
	defer client.Close()
	check(client.Connect(must(server.Bind("tcp://127.0.0.1:*"))))
	for _, word := range []string{"one", "two"} {
		check(client.SendString(ctx, word))
	}
	for range 2 {
		check(server.Send(ctx, must(server.Recv(ctx)))) // back to where it came from
	}
	fmt.Println(must(client.RecvString(ctx)), must(client.RecvString(ctx)))
	// Output: one two
}

// A RADIO sends to whoever has joined a group.
func ExampleNewRadio() {
	ctx := context.Background()
	radio, dish := must(zmq.NewRadio(ctx)), must(zmq.NewDish(ctx))
	defer radio.Close()
	defer dish.Close()
	check(dish.Connect(must(radio.Bind("tcp://127.0.0.1:*"))))
	check(dish.Join("news"))

	check(radio.WaitSubscribers(ctx, "news", 1)) // it drops what nobody wants
	for _, group := range []string{"sports", "news"} {
		m := msg.NewString("about " + group)
		m.SetGroup(group)
		check(radio.Send(ctx, m))
	}
	m := must(dish.Recv(ctx))
	fmt.Printf("%s: %s\n", m.Group(), m.Frames[0])
	// Output: news: about news
}

// A DISH that is bound to a udp endpoint hears datagrams; the address could be that
// of a multicast group.
func ExampleNewDish() {
	ctx := context.Background()
	radio, dish := must(zmq.NewRadio(ctx)), must(zmq.NewDish(ctx))
	defer radio.Close()
	defer dish.Close()
	check(dish.Join("time"))
	check(radio.Connect(must(dish.Bind("udp://127.0.0.1:*"))))

	m := msg.NewString("12:00")
	m.SetGroup("time")
	check(radio.Send(ctx, m))
	fmt.Println(must(dish.RecvString(ctx)))
	// Output: 12:00
}

// SCATTER and GATHER are a pipeline of messages of one frame.
func ExampleNewScatter() {
	ctx := context.Background()
	scatter, gather := must(zmq.NewScatter(ctx)), must(zmq.NewGather(ctx))
	defer scatter.Close()
	defer gather.Close()
	check(scatter.Connect(must(gather.Bind("inproc://work"))))
	check(scatter.SendString(ctx, "work"))
	fmt.Println(must(gather.RecvString(ctx)))
	fmt.Println(scatter.SendString(ctx, "two", "frames"))
	// Output:
	// work
	// zmq: invalid message: 2 frames; a message of a SCATTER has one (send on SCATTER)
}

// A GATHER collects from all its peers in turn.
func ExampleNewGather() {
	ctx := context.Background()
	gather := must(zmq.NewGather(ctx))
	defer gather.Close()
	endpoint := must(gather.Bind("inproc://results"))
	for n := range 3 {
		worker := must(zmq.NewScatter(ctx))
		defer worker.Close()
		check(worker.Connect(endpoint))
		check(worker.SendString(ctx, fmt.Sprint("result ", n)))
	}
	for range 3 {
		fmt.Println(must(gather.RecvString(ctx)))
	}
	// Unordered output:
	// result 0
	// result 1
	// result 2
}

// A PEER gets the number of whom it connects to at once.
func ExampleNewPeer() {
	ctx := context.Background()
	here, there := must(zmq.NewPeer(ctx)), must(zmq.NewPeer(ctx))
	defer here.Close()
	defer there.Close()
	id := must(here.ConnectPeer(must(there.Bind("tcp://127.0.0.1:*"))))

	m := msg.NewString("ping")
	m.SetRoutingID(id)
	check(here.Send(ctx, m))
	check(there.Send(ctx, must(there.Recv(ctx))))
	back := must(here.Recv(ctx))
	fmt.Println(back.PopString(), back.RoutingID() == id)
	// Output: ping true
}

// A CHANNEL is a PAIR for messages of one frame.
func ExampleNewChannel() {
	ctx := context.Background()
	a, b := must(zmq.NewChannel(ctx)), must(zmq.NewChannel(ctx))
	defer a.Close()
	defer b.Close()
	check(b.Connect(must(a.Bind("inproc://channel"))))
	check(a.SendString(ctx, "tick"))
	fmt.Println(must(b.RecvString(ctx)))
	check(b.SendString(ctx, "tock"))
	fmt.Println(must(a.RecvString(ctx)))
	// Output:
	// tick
	// tock
}

// A DGRAM sends to addresses, and says where a datagram came from.
func ExampleNewDgram() {
	ctx := context.Background()
	s := must(zmq.NewDgram(ctx))
	defer s.Close()
	endpoint := must(s.Bind("udp://127.0.0.1:*"))

	plain := must(net.Dial("udp", endpoint[len("udp://"):]))
	defer plain.Close()
	must(plain.Write([]byte("ping")))
	m := must(s.Recv(ctx))
	fmt.Println(string(m.Frames[0]) == plain.LocalAddr().String(), string(m.Frames[1]))
	check(s.Send(ctx, m))
	b := make([]byte, 10)
	fmt.Println(string(b[:must(plain.Read(b))]))
	// Output:
	// true ping
	// ping
}
