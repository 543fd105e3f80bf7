package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"

	"github.com/go-zactor/zactor/zmq"
)

// serve runs n servers and says how many moves they had.
func serve(ctx context.Context, n int) {
	var running sync.WaitGroup
	had := make([]int, n)
	for i := range n {
		running.Go(func() { had[i] = play(ctx) })
	}
	running.Wait()
	fmt.Printf("%d servers had %d to %d moves each\n", n, slices.Min(had), slices.Max(had))
}

// play is one server: it enters the hall, takes moves until the game ends, tells all
// others how many it had, and leaves when it has heard from all of them.
func play(ctx context.Context) (had int) {
	mouth, ears := enter(ctx)
	defer mouth.Close()
	defer ears.Close()
	pull := must(zmq.NewPull(ctx))
	defer pull.Close()
	check(pull.Connect(*moves))
	m := must(pull.Recv(ctx))
	for ; m.PopString() != "end"; m = must(pull.Recv(ctx)) {
		had++
	}
	check(mouth.SendString(ctx, "result", strconv.Itoa(had)))
	for range must(strconv.Atoi(m.PopString())) {
		must(ears.Recv(ctx))
	}
	return had
}

// enter comes into the hall, and returns when all can be heard. That is when the own
// subscription to a word that nobody else uses has gone through the hall, all the
// way round from the ears to the mouth: others were before it.
func enter(ctx context.Context) (mouth, ears *zmq.Socket) {
	mouth, ears = must(zmq.NewPub(ctx)), must(zmq.NewSub(ctx))
	word := fmt.Sprint(rand.Uint64())
	check(ears.Subscribe("result"))
	check(ears.Subscribe(word))
	check(ears.Connect(*listen))
	check(mouth.Connect(*talk))
	check(mouth.WaitSubscribers(ctx, word, 1))
	return mouth, ears
}
