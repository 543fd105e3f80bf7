package remote_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/remote"
	"github.com/go-zactor/zactor/zyre"
)

// An actor of one node is asked from another one. On a network, leave WithLoopback out.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	join := func() (*zyre.Node, *remote.Space) {
		n, err := zyre.New(ctx, "", zyre.WithLoopback(true), zyre.WithPort(5673))
		if err != nil {
			log.Fatal(err)
		}
		space, err := remote.New(ctx, n)
		if err != nil {
			log.Fatal(err)
		}
		return n, space
	}

	here, home := join()
	defer here.Close()
	defer home.Close()
	greeter, err := actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			if err := p.Reply(ctx, msg.NewString("hello "+m.PopString())); err != nil {
				return err
			}
		}
		return nil
	}, actor.WithName("greeter"))
	if err != nil {
		log.Fatal(err)
	}
	if err := home.Publish(greeter); err != nil {
		log.Fatal(err)
	}

	there, abroad := join()
	defer there.Close()
	defer abroad.Close()
	ref, err := abroad.Find(ctx, "greeter")
	if err != nil {
		log.Fatal(err)
	}
	answer, err := ref.Ask(ctx, msg.NewString("Ann"))
	fmt.Println(answer.PopString(), err)

	if err := greeter.Close(); err != nil {
		log.Fatal(err)
	}
	<-ref.Done()
	_, err = ref.Ask(ctx, msg.NewString("Bob"))
	fmt.Println(err)
	// Output:
	// hello Ann <nil>
	// actor: closed
}
