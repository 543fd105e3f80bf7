// Psenvpub publishes two messages a second, each in an envelope that says what it is
// about.
//
//	go run ./examples/gozeromq/psenvpub [endpoint]
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"github.com/go-zactor/zactor/compat/zmq4"
)

func main() {
	every := flag.Duration("every", time.Second, "the time between two rounds")
	flag.Parse()
	endpoint := "tcp://*:5563"
	if flag.NArg() > 0 {
		endpoint = flag.Arg(0)
	}
	pub := zmq4.NewPub(context.Background())
	defer pub.Close()
	if err := pub.Listen(endpoint); err != nil {
		log.Fatal("psenvpub: listen: ", err)
	}
	a := zmq4.NewMsgFrom([]byte("A"), []byte("We don't want to see this"))
	b := zmq4.NewMsgFrom([]byte("B"), []byte("We would like to see this"))
	for {
		for _, m := range []zmq4.Msg{a, b} {
			if err := pub.Send(m); err != nil {
				log.Fatal("psenvpub: send: ", err)
			}
		}
		time.Sleep(*every)
	}
}
