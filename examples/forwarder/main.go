// Forwarder carries news out of a house: it subscribes inside, publishes outside,
// and passes subscriptions the other way, so that only what a subscriber outside wants
// leaves the publisher.
//
//	go run ./examples/forwarder relay
//	go run ./examples/forwarder publisher
//	go run ./examples/forwarder subscriber B   # as many as you like
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

var (
	inside  = flag.String("inside", "tcp://127.0.0.1:5561", "where the publisher is")
	outside = flag.String("outside", "tcp://127.0.0.1:5562", "where the relay publishes")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch topic := cmp.Or(flag.Arg(1), "B"); flag.Arg(0) {
	case "relay":
		relay(ctx)
	case "publisher":
		publisher(ctx, topic)
	case "subscriber":
		subscriber(ctx, topic)
	default:
		log.Fatal("usage: forwarder relay | publisher|subscriber [topic]")
	}
}

func relay(ctx context.Context) {
	in, out := must(zmq.NewXSub(ctx)), must(zmq.NewXPub(ctx))
	defer in.Close()
	defer out.Close()
	check(in.Connect(*inside))
	must(out.Bind(*outside))
	if err := zmq.Proxy(ctx, in, out, nil); ctx.Err() == nil {
		check(err)
	}
}

// publisher waits until a subscriber wants the topic, wherever it is, and then tells of
// it and of another one.
func publisher(ctx context.Context, topic string) {
	pub := must(zmq.NewPub(ctx))
	defer pub.Close() // waits until all has been sent
	must(pub.Bind(*inside))
	check(pub.WaitSubscribers(ctx, topic, 1))
	for i := range 5 {
		check(pub.SendString(ctx, "another topic", "nobody wants to see this"))
		check(pub.SendString(ctx, topic, fmt.Sprint("news ", i+1)))
	}
}

func subscriber(ctx context.Context, topic string) {
	sub := must(zmq.NewSub(ctx))
	defer sub.Close()
	check(sub.Subscribe(topic))
	check(sub.Connect(*outside))
	for range 5 {
		m := must(sub.Recv(ctx))
		fmt.Printf("[%s] %s\n", m.PopString(), m.PopString())
	}
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	switch {
	case errors.Is(err, context.Canceled): // Ctrl-C, which is no failure
		os.Exit(0)
	case err != nil:
		log.Fatal(err)
	}
}
