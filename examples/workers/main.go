// Workers puts a supervised pool of actors behind an HTTP handler: requests wait in one
// bounded mailbox, a worker that panics costs only the request in its hands, a client
// that leaves is not worked for, and Ctrl-C answers what was accepted before it ends.
//
//	go run ./examples/workers 127.0.0.1:8080
//	curl '127.0.0.1:8080/?n=91'
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/actor"
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
		f := 2
		for ; q.N%f != 0; f++ {
			if f%1e6 == 0 && q.Context().Err() != nil {
				return nil // the client has left
			}
		}
		return q.Reply(f)
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
	sup, err := actor.NewSupervisor(actor.OneForOne)
	if err != nil {
		return err
	}
	pool, err := actor.Pool(sup, "workers", 4, actor.Shared[*Factor](), worker, actor.WithMailbox(100), actor.WithOverflow(actor.Fail))
	l, err2 := net.Listen("tcp", address)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	server := &http.Server{Handler: handler(pool)}
	ended := make(chan error, 2)
	go func() { ended <- sup.Run(context.WithoutCancel(ctx)) }()
	go func() { ended <- server.Serve(l) }()
	fmt.Println("listening on", l.Addr())
	select {
	case <-ctx.Done():
	case err = <-ended: // the pool has failed too often, or the listener
	}
	down, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(down), sup.Shutdown(down)) // first who asks, then who answers
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, cmp.Or(append(os.Args, "")[1], "127.0.0.1:8080")); err != nil {
		log.Fatal(err)
	}
}
