// Hello is the smallest pair of sockets: a REP that answers, and a REQ that asks.
// They find each other however they are started, and in whatever order; here both
// are in one program.
//
//	go run ./examples/hello
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	server, err := zmq.NewRep(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	endpoint, err := server.Bind("tcp://127.0.0.1:*") // any free port: Bind says which
	if err != nil {
		log.Fatal(err)
	}
	go answer(ctx, server)

	client, err := zmq.NewReq(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if err := client.Connect(endpoint); err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"Ada", "Barbara", "Grace"} {
		if err := client.SendString(ctx, name); err != nil {
			log.Fatal(err)
		}
		greeting, err := client.RecvString(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(greeting)
	}
}

// answer greets whoever asks, until the socket is closed.
func answer(ctx context.Context, server *zmq.Socket) {
	for request, err := range server.Messages(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		if err := server.SendString(ctx, "Hello, "+string(request.Frames[0])+"!"); err != nil {
			return
		}
	}
}
