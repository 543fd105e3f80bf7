package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/zmq"
)

// server squares numbers, on a port that only its beacon tells.
func server(ctx context.Context, out io.Writer, r *beacon.Roster, name, endpoint string) error {
	rep, err := zmq.NewRep(ctx)
	if err != nil {
		return err
	}
	defer rep.Close()
	at, err := rep.Bind(endpoint)
	if err != nil {
		return err
	}
	if err := r.Announce(ctx, beacon.Peer{ID: name, Endpoints: []string{at}}); err != nil {
		return err
	}
	fmt.Fprintln(out, name, "is there")
	for m, err := range rep.Messages(ctx) {
		if err != nil {
			return err
		}
		x, _ := strconv.Atoi(m.PopString()) // 0 is as good as any other
		if err := rep.SendString(ctx, strconv.Itoa(x*x)); err != nil {
			return err
		}
	}
	return nil
}
