package zmq_test

import (
	"context"
	"fmt"
	"log"

	"github.com/go-zactor/zactor/zmq"
)

// Over WebSocket, sockets are used as over tcp. A browser may be the other side: see
// examples/websocket.
func Example_websocket() {
	ctx := context.Background()
	rep, err := zmq.NewRep(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer rep.Close()
	endpoint, err := rep.Bind("ws://127.0.0.1:*/greetings")
	if err != nil {
		log.Fatal(err)
	}
	req, err := zmq.NewReq(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer req.Close()
	if err := req.Connect(endpoint); err != nil {
		log.Fatal(err)
	}
	if err := req.SendString(ctx, "hello"); err != nil {
		log.Fatal(err)
	}
	m, err := rep.Recv(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.PopString())
	// Output: hello
}
