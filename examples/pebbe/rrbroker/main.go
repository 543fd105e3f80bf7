// Rrbroker stands between clients and workers: it moves requests one way and answers the
// other, with a Poller.
//
//	go run ./examples/pebbe/rrbroker [frontend backend]
package main

import (
	"log"
	"os"

	zmq "github.com/go-zactor/zactor/compat/pebbe"
)

func main() {
	endpoints := []string{"tcp://*:5559", "tcp://*:5560"}
	if len(os.Args) > 2 {
		endpoints = os.Args[1:]
	}
	frontend, backend := bound(zmq.ROUTER, endpoints[0]), bound(zmq.DEALER, endpoints[1])
	defer frontend.Close()
	defer backend.Close()
	poller := zmq.NewPoller()
	poller.Add(frontend, zmq.POLLIN)
	poller.Add(backend, zmq.POLLIN)
	for {
		ready, err := poller.Poll(-1)
		if err != nil {
			log.Fatal("poll: ", err)
		}
		for _, item := range ready {
			to := frontend
			if item.Socket == frontend {
				to = backend
			}
			move(item.Socket, to)
		}
	}
}

func bound(typ zmq.Type, endpoint string) *zmq.Socket {
	s, err := zmq.NewSocket(typ)
	if err != nil {
		log.Fatal("socket: ", err)
	}
	if err := s.Bind(endpoint); err != nil {
		log.Fatal("bind: ", err)
	}
	return s
}

// move passes one message on, part by part.
func move(from, to *zmq.Socket) {
	for {
		part, err := from.RecvBytes(0)
		if err != nil {
			log.Fatal("receive: ", err)
		}
		more, err := from.GetRcvmore()
		if err != nil {
			log.Fatal("more: ", err)
		}
		flags := zmq.Flag(0)
		if more {
			flags = zmq.SNDMORE
		}
		if _, err := to.SendBytes(part, flags); err != nil {
			log.Fatal("send: ", err)
		}
		if !more {
			return
		}
	}
}
