// Actors shares work among actors: a PUSH hands out numbers, each worker takes
// those that come to it and PUSHes the squares on, and a PULL adds them up.
//
//	go run ./examples/actors
package main

import (
	"context"
	"fmt"
	"log"
	"strconv"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/zmq"
)

const (
	workers = 3
	numbers = 1000
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	tasks, at := bound(zmq.NewPush(ctx))
	defer tasks.Close()
	results, to := bound(zmq.NewPull(ctx))
	defer results.Close()
	for range workers {
		w, err := actor.Spawn(ctx, worker(at, to))
		if err != nil {
			log.Fatal(err)
		}
		defer w.Close()
	}
	// PUSH deals its messages out in turn, to those who are there.
	if err := tasks.WaitConnected(ctx, workers); err != nil {
		log.Fatal(err)
	}
	go deal(ctx, tasks)
	sum, done := 0, map[string]int{}
	for range numbers {
		m, err := results.Recv(ctx)
		if err != nil {
			log.Fatal(err)
		}
		square, _ := strconv.Atoi(m.PopString())
		sum += square
		done[m.PopString()]++
	}
	fmt.Printf("the squares from 1 to %d add up to %d; %d workers took part\n", numbers, sum, len(done))
}

func deal(ctx context.Context, tasks *zmq.Socket) {
	for i := range numbers {
		if err := tasks.SendString(ctx, strconv.Itoa(i+1)); err != nil {
			log.Fatal(err)
		}
	}
}

// bound opens a socket for others to connect to.
func bound(s *zmq.Socket, err error) (*zmq.Socket, string) {
	if err != nil {
		log.Fatal(err)
	}
	endpoint, err := s.Bind("tcp://127.0.0.1:*")
	if err != nil {
		log.Fatal(err)
	}
	return s, endpoint
}
