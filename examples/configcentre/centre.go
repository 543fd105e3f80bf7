package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// centre answers reports, and publishes once all have come.
func centre(ctx context.Context, out io.Writer, at places, names []string) error {
	rep, err := zmq.NewRep(ctx)
	if err != nil {
		return err
	}
	defer rep.Close()
	pub, err := zmq.NewPub(ctx)
	if err != nil {
		return err
	}
	defer pub.Close()
	_, err = rep.Bind(at.reports)
	_, err2 := pub.Bind(at.configs)
	text, err3 := json.Marshal(config{Version: 1, Rate: 2.5, Workers: names})
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	missing := map[string]bool{} // by the names on the list
	for _, name := range names {
		missing[name] = true
	}
	left := len(names)
	for m, err := range rep.Messages(ctx) {
		if err != nil {
			return err
		}
		name := m.PopString()
		away, known := missing[name]
		answer := msg.NewString(welcome)
		switch {
		case !known:
			answer = msg.NewString(stranger)
		case left == 0: // it may have missed what was published
			answer.Append(text)
		}
		if err := rep.Send(ctx, answer); err != nil {
			return err
		}
		if away {
			fmt.Fprintln(out, name, "has come")
			missing[name] = false
			if left--; left == 0 {
				if err := publish(ctx, pub, text, len(names)); err != nil {
					return err
				}
				fmt.Fprintln(out, "all have come, configuration published")
			}
		}
	}
	return nil
}

// publish waits a little for subscriptions that are still on their way, though who
// misses this can get it with its next report.
func publish(ctx context.Context, pub *zmq.Socket, text []byte, n int) error {
	patience, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = pub.WaitSubscribers(patience, topic, n)
	return pub.SendBytes(ctx, []byte(topic), text)
}
