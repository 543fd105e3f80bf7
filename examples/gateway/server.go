package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/go-zactor/zactor/zmq"
)

// serve runs n servers and says how many moves they had.
func serve(ctx context.Context, out io.Writer, at places, n int) error {
	var running errgroup.Group
	had := make([]int, n)
	for i := range n {
		running.Go(func() (err error) {
			had[i], err = server(ctx, at)
			return err
		})
	}
	if err := running.Wait(); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d servers had %d to %d moves each\n", n, slices.Min(had), slices.Max(had))
	return nil
}

// server is one of them: it enters the hall, takes moves until the game ends, tells all
// others how many it had, and leaves when it has heard from all of them.
func server(ctx context.Context, at places) (had int, err error) {
	mouth, ears, err := enter(ctx, at)
	if err != nil {
		return 0, err
	}
	defer mouth.Close()
	defer ears.Close()
	pull, err := zmq.NewPull(ctx)
	if err != nil {
		return 0, err
	}
	defer pull.Close()
	if err := pull.Connect(at.moves); err != nil {
		return 0, err
	}
	m, err := pull.Recv(ctx)
	for ; err == nil && m.PopString() != "end"; m, err = pull.Recv(ctx) {
		had++
	}
	if err != nil {
		return had, err
	}
	servers, err := strconv.Atoi(m.PopString())
	if err := errors.Join(err, mouth.SendString(ctx, "result", strconv.Itoa(had))); err != nil {
		return had, err
	}
	for range servers {
		if _, err := ears.Recv(ctx); err != nil {
			return had, err
		}
	}
	return had, nil
}

// enter comes into the hall, and returns when all can be heard. That is when the own
// subscription to a word that nobody else uses has gone through the hall, all the
// way round from the ears to the mouth: others were before it.
func enter(ctx context.Context, at places) (mouth, ears *zmq.Socket, err error) {
	if mouth, err = zmq.NewPub(ctx); err != nil {
		return nil, nil, err
	}
	if ears, err = zmq.NewSub(ctx); err != nil {
		mouth.Close()
		return nil, nil, err
	}
	word := fmt.Sprint(rand.Uint64())
	err = errors.Join(ears.Subscribe("result"), ears.Subscribe(word), ears.Connect(at.listen), mouth.Connect(at.talk))
	if err == nil {
		err = mouth.WaitSubscribers(ctx, word, 1)
	}
	if err != nil {
		mouth.Close()
		ears.Close()
	}
	return mouth, ears, err
}
