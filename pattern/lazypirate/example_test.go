package lazypirate_test

import (
	"context"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/lazypirate"
	"github.com/go-zactor/zactor/zmq"
)

// Of two servers one is not there: the other one answers.
func Example() {
	ctx := zmq.NewContext(context.Background())
	defer ctx.Close()
	server, _ := zmq.NewRep(ctx)
	endpoint, _ := server.Bind("tcp://127.0.0.1:*")
	go func() {
		for m, err := range server.Messages(ctx) {
			if err != nil {
				return
			}
			server.SendString(ctx, "hello, "+m.PopString())
		}
	}()

	caller, _ := lazypirate.New(ctx, []string{"tcp://127.0.0.1:1", endpoint}, lazypirate.WithTimeout(500*time.Millisecond), lazypirate.WithAttempts(100))
	defer caller.Close()
	answer, err := caller.Call(ctx, msg.NewString("world"))
	fmt.Println(answer.PopString(), err)
	// Output: hello, world <nil>
}
