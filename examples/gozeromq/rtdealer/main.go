// Rtdealer has ten dealers, who ask for work, and a router, who knows each of them
// by name, gives them work, and fires them at random until nobody is left.
//
//	go run ./examples/gozeromq/rtdealer
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/go-zactor/zactor/compat/zmq4"
)

const (
	workers = 10
	fired   = "Fired!"
	harder  = "Work Harder!"
)

func main() {
	longest := flag.Duration("longest", 500*time.Millisecond, "of a task")
	flag.Parse()
	router := zmq4.NewRouter(context.Background(), zmq4.WithID(zmq4.SocketIdentity("router")))
	defer router.Close()
	if err := router.Listen("tcp://127.0.0.1:*"); err != nil {
		log.Fatal("listen: ", err)
	}
	var all sync.WaitGroup
	for i := range workers {
		all.Go(func() { work(i, "tcp://"+router.Addr().String(), *longest) })
	}
	for left := workers; left > 0; {
		m, err := router.Recv()
		if err != nil {
			log.Fatal("receive: ", err)
		}
		order := harder
		if rand.IntN(100) < 30 {
			order = fired
			left--
		}
		if err := router.Send(zmq4.NewMsgFrom(m.Frames[0], nil, []byte(order))); err != nil {
			log.Fatal("send: ", err)
		}
	}
	all.Wait()
	fmt.Println("fired everybody")
}

// work is one dealer's life.
func work(i int, endpoint string, longest time.Duration) {
	dealer := zmq4.NewDealer(context.Background(), zmq4.WithID(zmq4.SocketIdentity(fmt.Sprintf("dealer-%d", i))))
	defer dealer.Close()
	if err := dealer.Dial(endpoint); err != nil {
		log.Fatal("dial: ", err)
	}
	for done := 0; ; done++ {
		if err := dealer.Send(zmq4.NewMsgFrom(nil, []byte("ready"))); err != nil {
			log.Fatal("send: ", err)
		}
		m, err := dealer.Recv()
		if err != nil {
			log.Fatal("receive: ", err)
		}
		if string(m.Frames[1]) == fired {
			fmt.Printf("dealer %d completed %d tasks\n", i, done)
			return
		}
		time.Sleep(rand.N(longest))
	}
}
