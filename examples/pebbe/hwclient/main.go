// Hwclient says "Hello" ten times, and waits for each answer, but not for ever.
//
//	go run ./examples/pebbe/hwclient [endpoint]
package main

import (
	"fmt"
	"log"
	"os"
	"syscall"
	"time"

	zmq "github.com/go-zactor/zactor/compat/pebbe"
)

func main() {
	endpoint := "tcp://localhost:5555"
	if len(os.Args) > 1 {
		endpoint = os.Args[1]
	}
	requester, err := zmq.NewSocket(zmq.REQ)
	if err != nil {
		log.Fatal("socket: ", err)
	}
	defer requester.Close()
	if err := requester.SetRcvtimeo(20 * time.Second); err != nil {
		log.Fatal("option: ", err)
	}
	if err := requester.Connect(endpoint); err != nil {
		log.Fatal("connect: ", err)
	}
	for n := range 10 {
		if _, err := requester.Send("Hello", 0); err != nil {
			log.Fatal("send: ", err)
		}
		reply, err := requester.Recv(0)
		if zmq.AsErrno(err) == zmq.Errno(syscall.EAGAIN) {
			log.Fatal("no answer")
		}
		if err != nil {
			log.Fatal("receive: ", err)
		}
		fmt.Println("Received", reply, n)
	}
}
