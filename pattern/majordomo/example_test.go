package majordomo_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/majordomo"
)

// A broker, a worker and a client; each of them would be a program.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)

	broker, _ := majordomo.NewBroker(majordomo.WithBind("tcp://127.0.0.1:*"))
	go func() { ended <- broker.Run(ctx) }()
	endpoints, _ := broker.Endpoints(ctx)

	worker, _ := majordomo.NewWorker(endpoints[0], "upper", func(ctx context.Context, r *majordomo.Request) (msg.Msg, error) {
		return msg.New(bytes.ToUpper(r.Body.Pop())), nil
	})
	go func() { ended <- worker.Run(ctx) }()

	client, _ := majordomo.NewClient(ctx, endpoints)
	answer, err := client.Call(ctx, "upper", msg.NewString("hello"))
	fmt.Println(answer.PopString(), err)

	cancel()
	fmt.Println(<-ended, <-ended, client.Close())
	// Output:
	// HELLO <nil>
	// <nil> <nil> <nil>
}
