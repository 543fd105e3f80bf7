package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// must keeps error handling out of the way of what the examples show.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// A client asks, a server answers.
func Example_requestReply() {
	ctx := context.Background()
	rep := must(zmq.NewRep(ctx))
	defer rep.Close()
	endpoint := must(rep.Bind("tcp://127.0.0.1:*"))
	go func() {
		for m := range rep.Messages(ctx) {
			check(rep.SendString(ctx, "Hello, "+m.PopString()))
		}
	}()

	req := must(zmq.NewReq(ctx))
	defer req.Close()
	check(req.Connect(endpoint))
	check(req.SendString(ctx, "World"))
	fmt.Println(must(req.RecvString(ctx)))
	// Output: Hello, World
}

// A publisher sends news; each subscriber gets what it has subscribed to.
func Example_publishSubscribe() {
	ctx := context.Background()
	pub := must(zmq.NewPub(ctx))
	defer pub.Close()
	endpoint := must(pub.Bind("tcp://127.0.0.1:*"))

	sub := must(zmq.NewSub(ctx))
	defer sub.Close()
	check(sub.Connect(endpoint))
	check(sub.Subscribe("weather."))

	// A publisher drops what nobody wants; so wait until a subscriber does.
	check(pub.WaitSubscribers(ctx, "weather.", 1))
	check(pub.SendString(ctx, "sports.chess", "1-0"))
	check(pub.SendString(ctx, "weather.bern", "sunny"))

	m := must(sub.Recv(ctx))
	fmt.Printf("%s: %s\n", m.Frames[0], m.Frames[1])
	// Output: weather.bern: sunny
}

// A ventilator spreads work over workers, and a sink collects the results.
func Example_pipeline() {
	ctx := context.Background()
	ventilator, sink := must(zmq.NewPush(ctx)), must(zmq.NewPull(ctx))
	defer ventilator.Close()
	defer sink.Close()
	work, results := must(ventilator.Bind("inproc://work")), must(sink.Bind("inproc://results"))

	for range 3 {
		in, out := must(zmq.NewPull(ctx)), must(zmq.NewPush(ctx))
		defer in.Close()
		defer out.Close()
		check(in.Connect(work))
		check(out.Connect(results))
		go func() {
			for m := range in.Messages(ctx) {
				n := 0
				fmt.Sscan(m.PopString(), &n)
				check(out.SendString(ctx, fmt.Sprint(n*n)))
			}
		}()
	}

	for n := range 10 {
		check(ventilator.SendString(ctx, fmt.Sprint(n)))
	}
	sum := 0
	for range 10 {
		n := 0
		fmt.Sscan(must(sink.RecvString(ctx)), &n)
		sum += n
	}
	fmt.Println("sum of squares:", sum)
	// Output: sum of squares: 285
}

// A ROUTER knows its peers by name and chooses whom it talks to.
func Example_router() {
	ctx := context.Background()
	router := must(zmq.NewRouter(ctx, zmq.WithRouterMandatory(true)))
	defer router.Close()
	endpoint := must(router.Bind("tcp://127.0.0.1:*"))

	joe := must(zmq.NewDealer(ctx, zmq.WithRoutingID("joe")))
	defer joe.Close()
	check(joe.Connect(endpoint))
	check(joe.SendString(ctx, "here I am"))

	m := must(router.Recv(ctx))
	from := m.PopString()
	fmt.Printf("%s says: %s\n", from, m.PopString())

	check(router.Send(ctx, msg.NewString(from, "welcome")))
	fmt.Println("joe got:", must(joe.RecvString(ctx)))

	err := router.SendString(ctx, "ann", "welcome")
	fmt.Println("ann is there:", !errors.Is(err, zmq.ErrHostUnreachable))
	// Output:
	// joe says: here I am
	// joe got: welcome
	// ann is there: false
}

// A call ends with its context, or with the socket's timeout.
func Example_timeouts() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	pull := must(zmq.NewPull(context.Background()))
	defer pull.Close()

	_, err := pull.Recv(ctx)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))

	check(pull.Set(zmq.WithRecvTimeout(10 * time.Millisecond)))
	_, err = pull.Recv(context.Background())
	fmt.Println(errors.Is(err, zmq.ErrAgain))

	_, err = pull.TryRecv() // never waits
	fmt.Println(errors.Is(err, zmq.ErrAgain))
	// Output:
	// true
	// true
	// true
}

// Messages is for a loop over everything a socket receives.
func ExampleSocket_Messages() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	pull, push := must(zmq.NewPull(ctx)), must(zmq.NewPush(ctx))
	defer pull.Close()
	defer push.Close()
	check(push.Connect(must(pull.Bind("inproc://messages"))))
	for _, word := range []string{"one", "two", "three"} {
		check(push.SendString(ctx, word))
	}
	for m, err := range pull.Messages(ctx) {
		if errors.Is(err, context.Canceled) {
			break
		}
		check(err)
		fmt.Println(m.PopString())
		if pull.Stats().Received == 3 {
			cancel() // ends the loop
		}
	}
	// Output:
	// one
	// two
	// three
}

// Chan puts a socket into a select.
func ExampleSocket_Chan() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	pull, push := must(zmq.NewPull(ctx)), must(zmq.NewPush(ctx))
	defer pull.Close()
	defer push.Close()
	check(push.Connect(must(pull.Bind("inproc://chan"))))
	check(push.SendString(ctx, "from the socket"))

	select {
	case m := <-pull.Chan(ctx):
		fmt.Println(m.PopString())
	case <-time.After(time.Minute):
		fmt.Println("nothing came")
	}
	// Output: from the socket
}

// Monitor tells what happens to a socket's connections.
func ExampleSocket_Events() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	rep := must(zmq.NewRep(ctx))
	events := rep.Events(ctx, zmq.EventListening|zmq.EventHandshakeSucceeded|zmq.EventDisconnected)
	var watching sync.WaitGroup
	watching.Go(func() {
		for e := range events {
			fmt.Println(e.Kind)
			if e.Kind == zmq.EventDisconnected {
				return
			}
		}
	})
	endpoint := must(rep.Bind("tcp://127.0.0.1:*"))
	req := must(zmq.NewReq(ctx))
	check(req.Connect(endpoint))
	check(req.WaitConnected(ctx, 1))
	check(req.Close())
	watching.Wait()
	check(rep.Close())
	// Output:
	// LISTENING
	// HANDSHAKE_SUCCEEDED
	// DISCONNECTED
}

// Shutdown sends what was accepted, and says how much of it could not be sent.
func ExampleSocket_Shutdown() {
	push := must(zmq.NewPush(context.Background()))
	check(push.Connect("tcp://127.0.0.1:9")) // nobody is there
	check(push.SendString(context.Background(), "hello"))

	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	var unsent *zmq.UnsentError
	if errors.As(push.Shutdown(ctx), &unsent) {
		fmt.Println("not sent:", unsent.N)
	}
	// Output: not sent: 1
}

// An XPUB greets each new subscriber with two messages, which nobody else gets.
func ExampleSocket_TrySendTo() {
	ctx := context.Background()
	xpub, _ := zmq.NewXPub(ctx, zmq.WithXPubVerbose(true)) // hears of each subscription
	defer xpub.Close()
	endpoint, _ := xpub.Bind("tcp://127.0.0.1:*")
	for _, name := range []string{"ann", "bob"} {
		sub, _ := zmq.NewSub(ctx)
		defer sub.Close()
		sub.Subscribe("news")
		sub.Connect(endpoint)
		report, _ := xpub.Recv(ctx) // 1, and the topic
		for _, text := range []string{"welcome", "it rains"} {
			if err := xpub.TrySendTo(report.Peer().ID(), msg.NewString("news", text)); err != nil {
				fmt.Println(err)
			}
		}
		for range 2 {
			m, _ := sub.Recv(ctx)
			fmt.Println(name, m.PopString(), m.PopString())
		}
	}
	// Output:
	// ann news welcome
	// ann news it rains
	// bob news welcome
	// bob news it rains
}
