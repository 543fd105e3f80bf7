package zloop_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

// A loop reacts to messages on sockets and to timers, one at a time.
func ExampleLoop_Reader() {
	ctx := context.Background()
	pull, _ := zmq.NewPull(ctx)
	defer pull.Close()
	_, _ = pull.Bind("inproc://example-reader")
	push, _ := zmq.NewPush(ctx)
	defer push.Close()
	_ = push.Connect("inproc://example-reader")
	_ = push.SendString(ctx, "one")
	_ = push.SendString(ctx, "two")

	loop, err := zloop.New()
	if err != nil {
		log.Fatal(err)
	}
	quiet := loop.After(time.Minute, func() error {
		return errors.New("no message for a minute")
	})
	loop.Reader(pull, func(m msg.Msg) error {
		quiet.Reset(time.Minute)
		s := m.PopString()
		fmt.Println(s)
		if s == "two" {
			return zloop.ErrStop
		}
		return nil
	})
	fmt.Println(loop.Run(ctx))
	// Output:
	// one
	// two
	// <nil>
}

func ExampleLoop_Every() {
	loop, err := zloop.New()
	if err != nil {
		log.Fatal(err)
	}
	n := 0
	loop.Every(time.Millisecond, func() error {
		fmt.Println("tick")
		if n++; n == 2 {
			return zloop.ErrStop
		}
		return nil
	})
	fmt.Println(loop.Run(context.Background()))
	// Output:
	// tick
	// tick
	// <nil>
}

// A ticket watches for an answer that almost always comes.
func ExampleLoop_Ticket() {
	loop, err := zloop.New()
	if err != nil {
		log.Fatal(err)
	}
	timeout := loop.Ticket(time.Minute, func() error {
		return errors.New("no answer")
	})
	answers := make(chan string, 1)
	answers <- "pong"
	zloop.Chan(loop, answers, func(answer string) error {
		timeout.Stop()
		fmt.Println(answer)
		return zloop.ErrStop
	})
	_ = loop.Run(context.Background())
	// Output: pong
}

// Other goroutines do not touch what belongs to the handlers: they post.
func ExampleLoop_Post() {
	loop, err := zloop.New()
	if err != nil {
		log.Fatal(err)
	}
	counts := map[string]int{}
	go func() {
		_ = loop.Post(func() error { counts["posted"]++; return nil })
		_ = loop.Post(func() error { return zloop.ErrStop })
	}()
	_ = loop.Run(context.Background())
	fmt.Println(counts)
	// Output: map[posted:1]
}

func ExampleLoop_Conn() {
	ours, theirs := net.Pipe()
	go func() {
		fmt.Fprint(theirs, "hello")
		_ = theirs.Close()
	}()
	loop, err := zloop.New()
	if err != nil {
		log.Fatal(err)
	}
	loop.Conn(ours, func(p []byte) error {
		fmt.Printf("%s\n", p)
		return nil
	}).OnEnd(func(err error) error {
		fmt.Println("end of stream:", err == io.EOF)
		return zloop.ErrStop
	})
	_ = loop.Run(context.Background())
	_ = ours.Close()
	// Output:
	// hello
	// end of stream: true
}
