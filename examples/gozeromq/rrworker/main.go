// Rrworker takes requests and answers "World".
//
//	go run ./examples/gozeromq/rrworker [endpoint]
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"github.com/go-zactor/zactor/compat/zmq4"
)

func main() {
	log.SetPrefix("rrworker: ")
	work := flag.Duration("work", time.Second, "how long an answer takes")
	flag.Parse()
	endpoint := "tcp://*:5559"
	if flag.NArg() > 0 {
		endpoint = flag.Arg(0)
	}
	rep := zmq4.NewRep(context.Background())
	defer rep.Close()
	if err := rep.Listen(endpoint); err != nil {
		log.Fatal("listen: ", err)
	}
	for {
		m, err := rep.Recv()
		if err != nil {
			log.Fatal("receive: ", err)
		}
		log.Printf("received request: [%s]", m.Frames[0])
		time.Sleep(*work)
		if err := rep.Send(zmq4.NewMsgString("World")); err != nil {
			log.Fatal("answer: ", err)
		}
	}
}
