// Hwclient says "hello" ten times, and prints the answers.
//
//	go run ./examples/gozeromq/hwclient [endpoint]
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	zmq "github.com/go-zactor/zactor/compat/zmq4"
)

func main() {
	endpoint := "tcp://localhost:5555"
	if len(os.Args) > 1 {
		endpoint = os.Args[1]
	}
	if err := ask(endpoint); err != nil {
		log.Fatal("hwclient: ", err)
	}
}

func ask(endpoint string) error {
	req := zmq.NewReq(context.Background(), zmq.WithDialerRetry(time.Second))
	defer req.Close()
	if err := req.Dial(endpoint); err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	for range 10 {
		hello := zmq.NewMsgString("hello")
		fmt.Println("sending", hello)
		if err := req.Send(hello); err != nil {
			return fmt.Errorf("send: %w", err)
		}
		answer, err := req.Recv()
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		fmt.Println("received", answer.String())
	}
	return nil
}
