// Service is a systemd service: systemd opens its socket and starts it with the first
// connection, learns when it is ready, and restarts it when its actor does not answer in
// time any more. The units are in the folder systemd. It runs without systemd too.
//
//	go run ./examples/service 127.0.0.1:8080
//	curl 127.0.0.1:8080
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/actor"
)

// The questions to the counter: one more visit, and how it does.
type (
	Visit  struct{ actor.Answer[int] }
	Health struct{ actor.Answer[bool] }
)

// counter is the actor that the service is about.
func counter(*actor.Context[any]) (actor.Handler[any], error) {
	visits := 0
	return func(_ *actor.Context[any], m any) error {
		switch m := m.(type) {
		case *Visit:
			visits++
			return m.Reply(visits)
		case *Health:
			return m.Reply(true)
		}
		return nil
	}, nil
}

func run(ctx context.Context, address string) error {
	sup, err := actor.NewSupervisor(actor.OneForOne)
	l, err2 := listen(address)
	wait, err3 := patience()
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	count, err := actor.Supervise(sup, "counter", counter, actor.Permanent)
	_, err2 = actor.Supervise(sup, "watchdog", watchdog(count, wait, notify), actor.Permanent)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := actor.Ask(r.Context(), count, &Visit{})
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "visit %d\n", n)
	})}
	ended := make(chan error, 2)
	go func() { ended <- sup.Run(context.WithoutCancel(ctx)) }()
	go func() { ended <- server.Serve(l) }()
	_, err3 = actor.Ask(ctx, count, &Health{}) // once it answers, all is ready
	if err = errors.Join(err, err2, err3); err == nil {
		fmt.Println("listening on", l.Addr())
		err = notify("READY=1")
	}
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-ended: // the supervisor has given up, or the listener
		}
	}
	down, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(err, notify("STOPPING=1"), server.Shutdown(down), sup.Shutdown(down))
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, cmp.Or(append(os.Args, "")[1], "127.0.0.1:8080")); err != nil {
		log.Fatal(err)
	}
}
