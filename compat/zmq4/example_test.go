package zmq4_test

import (
	"context"
	"fmt"

	"github.com/go-zactor/zactor/compat/zmq4"
	"github.com/go-zactor/zactor/zmq"
)

// A program for go-zeromq, with another import.
func Example() {
	ctx := context.Background()
	rep := zmq4.NewRep(ctx)
	defer rep.Close()
	if err := rep.Listen("tcp://127.0.0.1:*"); err != nil {
		panic(err)
	}
	go func() {
		for {
			m, err := rep.Recv()
			if err != nil {
				return
			}
			rep.Send(zmq4.NewMsgString("Hello, " + string(m.Bytes())))
		}
	}()

	req := zmq4.NewReq(ctx)
	defer req.Close()
	if err := req.Dial("tcp://" + rep.Addr().String()); err != nil {
		panic(err)
	}
	if err := req.Send(zmq4.NewMsgString("World")); err != nil {
		panic(err)
	}
	fmt.Println(req.Recv())
	// Output: Msg{Frames:{"Hello, World"}} <nil>
}

// Core is the way to all that go-zeromq does not have.
func ExampleCore() {
	push := zmq4.NewPush(context.Background(), zmq4.WithCore(zmq.WithSendHWM(7)))
	defer push.Close()
	core, err := zmq4.Core(push)
	if err != nil {
		panic(err)
	}
	hwm, err := core.Option("SNDHWM")
	fmt.Println(core.Type(), hwm, core.Stats().Connected, err)
	// Output: PUSH 7 0 <nil>
}
