package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/zmq"
)

// server squares numbers, on a port that only its beacon tells.
func server(ctx context.Context, r *beacon.Roster, name string) {
	rep := must(zmq.NewRep(ctx))
	defer rep.Close()
	at := must(rep.Bind("tcp://*:*"))
	check(r.Announce(ctx, beacon.Peer{ID: name, Endpoints: []string{at}}))
	fmt.Println(name, "is there")
	for m, err := range rep.Messages(ctx) {
		x, _ := strconv.Atoi(m.PopString()) // 0 is as good as any other
		if err != nil || rep.SendString(ctx, strconv.Itoa(x*x)) != nil {
			return
		}
	}
}
