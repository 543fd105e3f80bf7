// Hwserver answers "World".
//
//	go run ./examples/pebbe/hwserver [endpoint]
package main

import (
	"fmt"
	"log"
	"os"

	zmq "github.com/go-zactor/zactor/compat/pebbe"
)

func main() {
	endpoint := "tcp://*:5555"
	if len(os.Args) > 1 {
		endpoint = os.Args[1]
	}
	responder, err := zmq.NewSocket(zmq.REP)
	if err != nil {
		log.Fatal("socket: ", err)
	}
	defer responder.Close()
	if err := responder.Bind(endpoint); err != nil {
		log.Fatal("bind: ", err)
	}
	for {
		msg, err := responder.Recv(0)
		if err != nil {
			log.Fatal("receive: ", err)
		}
		fmt.Println("Received", msg)
		if _, err := responder.Send("World", 0); err != nil {
			log.Fatal("answer: ", err)
		}
	}
}
