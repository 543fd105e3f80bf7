// Hwserver answers "World" to whoever says something.
//
//	go run ./examples/gozeromq/hwserver [endpoint]
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"time"

	zmq "github.com/go-zactor/zactor/compat/zmq4"
)

func main() {
	work := flag.Duration("work", time.Second, "how long an answer takes")
	flag.Parse()
	endpoint := "tcp://*:5555"
	if flag.NArg() > 0 {
		endpoint = flag.Arg(0)
	}
	if err := serve(endpoint, *work); err != nil {
		log.Fatal("hwserver: ", err)
	}
}

func serve(endpoint string, work time.Duration) error {
	rep := zmq.NewRep(context.Background())
	defer rep.Close()
	if err := rep.Listen(endpoint); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		m, err := rep.Recv()
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		fmt.Println("received", m)
		time.Sleep(work)
		if err := rep.Send(zmq.NewMsgString("World")); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}
