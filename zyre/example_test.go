package zyre_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// Two nodes of one host meet in a room. On a network, leave WithLoopback out.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	start := func(name string) *zyre.Node {
		n, err := zyre.New(ctx, name, zyre.WithLoopback(true), zyre.WithPort(5672), zyre.WithGroups("room"))
		if err != nil {
			log.Fatal(err)
		}
		return n
	}
	alice := start("alice")
	defer alice.Close()
	events := alice.Events(ctx)
	bob := start("bob")
	defer bob.Close()

	for e := range events {
		switch e.Kind {
		case zyre.Enter:
			fmt.Println(e.Name, "is there")
		case zyre.Join:
			if err := alice.Whisper(ctx, e.Peer, msg.NewString("welcome to the "+e.Group)); err != nil {
				log.Fatal(err)
			}
			for w := range bob.Events(ctx) {
				if w.Kind == zyre.Join {
					_ = bob.Shout(ctx, "room", msg.NewString("hello everybody"))
					break
				}
			}
		case zyre.Shout:
			fmt.Println(e.Name, "says", e.Msg.PopString())
			return
		}
	}
	// Output:
	// bob is there
	// bob says hello everybody
}
