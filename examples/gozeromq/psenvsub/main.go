// Psenvsub subscribes to what comes in envelopes that begin with B.
//
//	go run ./examples/gozeromq/psenvsub [endpoint]
package main

import (
	"context"
	"log"
	"os"

	"github.com/go-zactor/zactor/compat/zmq4"
)

func main() {
	log.SetPrefix("psenvsub: ")
	endpoint := "tcp://localhost:5563"
	if len(os.Args) > 1 {
		endpoint = os.Args[1]
	}
	sub := zmq4.NewSub(context.Background())
	defer sub.Close()
	if err := sub.Dial(endpoint); err != nil {
		log.Fatal("dial: ", err)
	}
	if err := sub.SetOption(zmq4.OptionSubscribe, "B"); err != nil {
		log.Fatal("subscribe: ", err)
	}
	for {
		m, err := sub.Recv()
		if err != nil {
			log.Fatal("receive: ", err)
		}
		log.Printf("[%s] %s", m.Frames[0], m.Frames[1])
	}
}
