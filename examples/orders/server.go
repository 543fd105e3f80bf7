package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// server answers orders. Each life of it has a socket of its own.
type server struct {
	c      config
	zctx   *zmq.Context
	own    *cert.Cert
	bound  chan string
	orders int
}

// Run serves until ctx ends, and then answers what has arrived.
func (s *server) Run(ctx context.Context) error {
	rep, err := zmq.NewRep(s.zctx, zmq.WithName("orders"), zmq.WithSlog(s.c.log),
		zmq.WithCurveServer(s.own), zmq.WithLinger(5*time.Second))
	if err != nil {
		return err
	}
	endpoint, err := rep.Bind(s.c.endpoint)
	if err != nil {
		return errors.Join(err, rep.Close())
	}
	select {
	case s.bound <- endpoint:
	default: // a later life
	}
	for m, err := range rep.Messages(ctx) {
		if err != nil {
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			return errors.Join(err, rep.Close()) // waits until the last answer is out
		}
		s.orders++
		s.c.log.Info("order", "from", m.Peer().Vouched("name"), "number", s.orders)
		answer := fmt.Sprintf("order %d: %s, %s", s.orders, m.PopString(), "thank you")
		if err := rep.SendString(s.zctx, answer); err != nil {
			return errors.Join(err, rep.Close())
		}
	}
	return rep.Close()
}
