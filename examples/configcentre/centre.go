package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// centre answers reports, and publishes once all have come.
func centre(ctx context.Context, names []string) {
	rep, pub := must(zmq.NewRep(ctx)), must(zmq.NewPub(ctx))
	defer rep.Close()
	defer pub.Close()
	must(rep.Bind(*reports))
	must(pub.Bind(*configs))
	text := must(json.Marshal(config{Version: 1, Rate: 2.5, Workers: names}))
	missing := map[string]bool{} // by the names on the list
	for _, name := range names {
		missing[name] = true
	}
	left := len(names)
	for m, err := range rep.Messages(ctx) {
		if ctx.Err() != nil {
			return
		}
		check(err)
		name := m.PopString()
		away, known := missing[name]
		switch {
		case !known:
			check(rep.SendString(ctx, stranger))
		case left == 0: // it may have missed what was published
			check(rep.Send(ctx, msg.New([]byte(welcome), text)))
		default:
			check(rep.SendString(ctx, welcome))
		}
		if away {
			fmt.Println(name, "has come")
			missing[name] = false
			if left--; left == 0 {
				publish(ctx, pub, text, len(names))
			}
		}
	}
}

// publish waits a little for subscriptions that are still on their way, though who
// misses this can get it with its next report.
func publish(ctx context.Context, pub *zmq.Socket, text []byte, n int) {
	patience, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = pub.WaitSubscribers(patience, topic, n)
	check(pub.SendBytes(ctx, []byte(topic), text))
	fmt.Println("all have come, configuration published")
}
