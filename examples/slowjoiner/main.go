// Slowjoiner shows what surprises everybody once: a subscriber connects, a publisher
// sends at once, and nothing arrives. A publisher sends only to subscribers it knows
// of, and the subscription is still on its way. Where it matters, the publisher
// waits for it.
//
//	go run ./examples/slowjoiner
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

const messages = 100

func main() {
	fmt.Println("the publisher sends at once:", received(false), "of", messages, "arrive")
	fmt.Println("it waits for its subscriber:", received(true), "of", messages, "arrive")
}

// received counts what a subscriber gets.
func received(wait bool) (n int) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	pub, sub := must(zmq.NewPub(ctx)), must(zmq.NewSub(ctx))
	defer pub.Close()
	defer sub.Close()
	endpoint := must(pub.Bind("tcp://127.0.0.1:*"))
	check(sub.Subscribe("news"))
	check(sub.Connect(endpoint))

	if wait {
		check(pub.WaitSubscribers(ctx, "news", 1))
	}
	for i := range messages {
		check(pub.SendString(ctx, "news", fmt.Sprint(i)))
	}

	check(pub.WaitSubscribers(ctx, "news", 1)) // so that this arrives in any case
	check(pub.SendString(ctx, "news of the end"))
	for m, err := range sub.Messages(ctx) {
		check(err)
		if m.Len() == 1 {
			return n
		}
		n++
	}
	check(errors.New("the end never came"))
	return n
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
