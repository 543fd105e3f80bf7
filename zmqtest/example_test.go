package zmqtest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// A pair of sockets over a network in memory that breaks every connection once.
func Example() {
	network := zmqtest.NewNetwork(1, zmqtest.Faults{Delay: time.Millisecond, Slice: 1})
	ctx := zmq.NewContext(context.Background(), zmq.WithNetwork(network))
	defer ctx.Close()

	pull, _ := zmq.NewPull(ctx)
	pull.Bind("tcp://10.0.0.1:5555")
	push, _ := zmq.NewPush(ctx)
	push.Connect("tcp://10.0.0.1:5555")

	push.SendString(ctx, "before")
	text, _ := pull.RecvString(ctx)
	fmt.Println(text)
	fmt.Println("broken:", network.Reset())
	push.SendString(ctx, "after")
	text, _ = pull.RecvString(ctx)
	fmt.Println(text)
	// Output:
	// before
	// broken: 1
	// after
}

// Two hosts, each with a Context of its own, and a partition between them.
func ExampleNetwork_Partition() {
	network := zmqtest.NewNetwork(1, zmqtest.Faults{})
	server := zmq.NewContext(context.Background(), zmq.WithNetwork(network.Host("10.0.0.1")))
	defer server.Close()
	client := zmq.NewContext(context.Background(), zmq.WithNetwork(network.Host("10.0.0.2")))
	defer client.Close()

	rep, _ := zmq.NewRep(server)
	rep.Bind("tcp://10.0.0.1:5555")
	go func() {
		for m, err := range rep.Messages(server) {
			if err != nil {
				return
			}
			rep.Send(server, m)
		}
	}()
	req, _ := zmq.NewReq(client)
	req.Connect("tcp://10.0.0.1:5555")
	req.WaitConnected(client, 1)

	network.Partition("10.0.0.2")
	req.SendString(client, "is there anybody?")
	time.AfterFunc(10*time.Millisecond, network.Heal)
	answer, _ := req.RecvString(client)
	fmt.Println(answer)
	// Output: is there anybody?
}
