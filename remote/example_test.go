package remote_test

import (
	"context"
	"errors"
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
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
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

// Deposit is told, Withdraw is asked.
type (
	Deposit  struct{ Amount int }
	Withdraw struct {
		Amount int
		actor.Answer[int]
	}
)

var errPoor = errors.New("not enough")

// Both programs have the protocol.
var bank = remote.NewProtocol(remote.JSON,
	remote.Message[Deposit]("deposit"),
	remote.Question[*Withdraw]("withdraw"),
	remote.Failure("poor", errPoor),
)

// A typed actor of one node is told and asked from another one.
func ExamplePublish() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	join := func() (*zyre.Node, *remote.Space) {
		n, err := zyre.New(ctx, "", zyre.WithLoopback(true), zyre.WithPort(5675))
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
	account, err := actor.New(ctx, func(*actor.Context[any]) (actor.Handler[any], error) {
		balance := 0
		return func(_ *actor.Context[any], m any) error {
			switch m := m.(type) {
			case Deposit:
				balance += m.Amount
			case *Withdraw:
				if m.Amount > balance {
					return m.Fail(errPoor)
				}
				balance -= m.Amount
				return m.Reply(balance)
			}
			return nil
		}, nil
	}, actor.WithName("account"))
	if err != nil {
		log.Fatal(err)
	}
	if err := remote.Publish(home, account, bank); err != nil {
		log.Fatal(err)
	}

	there, abroad := join()
	defer there.Close()
	defer abroad.Close()
	accounts, err := remote.Find[any](ctx, abroad, "account", bank)
	if err != nil {
		log.Fatal(err)
	}
	if err := accounts.Tell(ctx, Deposit{Amount: 100}); err != nil {
		log.Fatal(err)
	}
	left, err := remote.Ask(ctx, accounts, &Withdraw{Amount: 30})
	fmt.Println(left, err)
	_, err = remote.Ask(ctx, accounts, &Withdraw{Amount: 80})
	fmt.Println(err, errors.Is(err, errPoor))
	// Output:
	// 70 <nil>
	// not enough true
}
