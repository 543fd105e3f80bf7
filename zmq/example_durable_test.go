package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// A subscriber that was away gets what it missed, and hears what is not kept any more.
func ExampleWithDurable() {
	ctx := context.Background()
	pub := must(zmq.NewPub(ctx, zmq.WithDurableBounds(3, 1<<20, time.Hour)))
	defer pub.Close()
	endpoint := must(pub.Bind("tcp://127.0.0.1:*"))

	// The same id, whether it is the same program or its successor.
	subscribe := func() *zmq.Socket {
		sub := must(zmq.NewSub(ctx, zmq.WithDurable("billing")))
		check(sub.Subscribe("")) // before Connect
		return sub
	}
	sub := subscribe()
	check(sub.Connect(endpoint))
	check(pub.WaitSubscribers(ctx, "", 1))
	check(pub.SendString(ctx, "order 1"))
	fmt.Println(must(sub.RecvString(ctx)))
	for pub.Stats().Kept > 0 { // until the publisher has heard that it was taken
		time.Sleep(time.Millisecond)
	}
	check(sub.Close())

	for i := 2; i <= 6; i++ {
		check(pub.SendString(ctx, fmt.Sprint("order ", i)))
	}
	sub = subscribe()
	defer sub.Close()
	gaps := sub.Events(ctx, zmq.EventGap)
	check(sub.Connect(endpoint))
	for e := range gaps {
		var missed *zmq.MissedError
		fmt.Println(errors.As(e.Err, &missed), e.Value, "missed")
		break
	}
	for range 3 {
		fmt.Println(must(sub.RecvString(ctx)))
	}
	// Output:
	// order 1
	// true 2 missed
	// order 4
	// order 5
	// order 6
}

// A message that was under way to a worker that died goes to another one.
func ExampleWithRequeue() {
	ctx := context.Background()
	push := must(zmq.NewPush(ctx, zmq.WithRequeue(true)))
	defer push.Close()
	endpoint := must(push.Bind("tcp://127.0.0.1:*"))
	pull := must(zmq.NewPull(ctx, zmq.WithRequeue(true)))
	defer pull.Close()
	check(pull.Connect(endpoint))
	check(push.SendString(ctx, "job"))
	m := must(pull.Recv(ctx))
	fmt.Println(m.PopString(), "may have been done before:", m.Redelivered())
	// Output:
	// job may have been done before: false
}

// The spare gets messages only while the first choice is full or gone.
func ExampleWithPeerPriority() {
	ctx := context.Background()
	near, far := must(zmq.NewPull(ctx)), must(zmq.NewPull(ctx))
	defer near.Close()
	defer far.Close()
	push := must(zmq.NewPush(ctx))
	defer push.Close()
	check(push.Connect(must(near.Bind("tcp://127.0.0.1:*")), zmq.WithPeerPriority(2)))
	check(push.Connect(must(far.Bind("tcp://127.0.0.1:*")), zmq.WithPeerPriority(1)))
	check(push.WaitConnected(ctx, 2))
	check(push.SendString(ctx, "one"))
	check(push.SendString(ctx, "two"))
	fmt.Println(must(near.RecvString(ctx)), must(near.RecvString(ctx)))
	// Output:
	// one two
}
