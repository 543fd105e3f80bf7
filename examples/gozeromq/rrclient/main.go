// Rrclient sends ten requests, and prints the answers.
//
//	go run ./examples/gozeromq/rrclient [endpoint]
package main

import (
	"context"
	"log"
	"os"

	"github.com/go-zactor/zactor/compat/zmq4"
)

func main() {
	log.SetPrefix("rrclient: ")
	endpoint := "tcp://localhost:5559"
	if len(os.Args) > 1 {
		endpoint = os.Args[1]
	}
	req := zmq4.NewReq(context.Background())
	defer req.Close()
	if err := req.Dial(endpoint); err != nil {
		log.Fatal("dial: ", err)
	}
	for i := range 10 {
		if err := req.Send(zmq4.NewMsgString("Hello")); err != nil {
			log.Fatal("send: ", err)
		}
		m, err := req.Recv()
		if err != nil {
			log.Fatal("receive: ", err)
		}
		log.Printf("received reply %d [%s]", i, m.Frames[0])
	}
}
