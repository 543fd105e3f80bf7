package lastvalue_test

import (
	"context"
	"fmt"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/lastvalue"
	"github.com/go-zactor/zactor/zmq"
)

func Example() {
	ctx, stop := context.WithCancel(context.Background())
	cache, err := lastvalue.New(lastvalue.WithBind("tcp://127.0.0.1:*"))
	if err != nil {
		panic(err)
	}
	ended := make(chan error)
	go func() { ended <- cache.Run(ctx) }()
	endpoints, err := cache.Endpoints(ctx)
	if err != nil {
		panic(err)
	}
	cache.Publish(msg.NewString("weather/Bern", "11 degrees"))
	cache.Publish(msg.NewString("weather/Bern", "12 degrees"))
	cache.Publish(msg.NewString("weather/Rome", "25 degrees"))

	late, err := zmq.NewSub(ctx)
	if err != nil {
		panic(err)
	}
	late.Subscribe("weather/")
	late.Connect(endpoints[0])
	for range 2 {
		m, err := late.Recv(ctx)
		fmt.Println(m.PopString(), m.PopString(), err)
	}
	stop()
	fmt.Println(<-ended)
	// Output:
	// weather/Bern 12 degrees <nil>
	// weather/Rome 25 degrees <nil>
	// <nil>
}
