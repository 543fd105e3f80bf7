// Workers puts a supervised pool of actors behind an HTTP handler: requests wait in one
// bounded mailbox, a worker that panics costs only the request in its hands, a client
// that leaves is not worked for, and Ctrl-C answers what was accepted before it ends.
//
//	ZACTOR_OBSERVE=127.0.0.1:6060 go run ./examples/workers # and look at its actors there
//	curl '127.0.0.1:8080/?n=91'
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/actor"
	_ "github.com/go-zactor/zactor/observe" // at ZACTOR_OBSERVE
)

// Factor is a question: the smallest factor of N.
type Factor struct {
	N int
	actor.Answer[int]
}

// worker makes the handler of one life of one worker; what it makes belongs to that.
func worker(*actor.Context[*Factor]) (actor.Handler[*Factor], error) {
	return func(_ *actor.Context[*Factor], q *Factor) error {
		if q.N < 2 {
			panic(fmt.Sprintf("%d has no factors", q.N)) // a fault of ours: the worker is restarted
		}
		for f := 2; q.Context().Err() == nil; f++ {
			if q.N%f == 0 {
				return q.Reply(f)
			}
		}
		return nil // the client has left
	}, nil
}

// handler answers HTTP requests by asking the pool.
func handler(pool *actor.Ref[*Factor]) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.FormValue("n"))
		if err != nil {
			http.Error(w, "n must be a number", http.StatusBadRequest)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		f, err := actor.Ask(ctx, pool, &Factor{N: n})
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable) // busy, late, or a worker's fault
			return
		}
		fmt.Fprintln(w, f)
	}
}

func run(ctx context.Context, address string) error {
	sup, err := actor.NewSupervisor(actor.OneForOne, actor.WithSlog(slog.Default()))
	if err != nil {
		return err
	}
	pool, err := actor.Pool(sup, "workers", 4, actor.Shared[*Factor](), worker, actor.WithMailbox(100), actor.WithOverflow(actor.Fail))
	l, err2 := net.Listen("tcp", address)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	fmt.Println("listening on", l.Addr())
	server := &http.Server{Handler: handler(pool)}
	ended := make(chan error, 2)
	go func() { ended <- sup.Run(context.WithoutCancel(ctx)) }()
	go func() { ended <- server.Serve(l) }()
	select {
	case <-ctx.Done():
	case err = <-ended: // a worker has failed too often, or the listener
	}
	down, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(down), sup.Shutdown(down)) // first who asks, then who answers
}

func main() {
	address := flag.String("http", "127.0.0.1:8080", "where to listen")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *address); err != nil {
		log.Fatal(err)
	}
}
