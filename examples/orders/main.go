// Orders is a service as it runs in production: encrypted, only for clients whose
// certificates are in a folder, supervised, with a log, metrics and health, and a stop that
// finishes what it has in hand.
//
//	zactor cert new /tmp/orders/server && mkdir /tmp/orders/clients
//	go run ./examples/orders -keys /tmp/orders
//	curl 127.0.0.1:6060/healthz
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

type config struct {
	endpoint, admin, keys string
	log                   *slog.Logger
	ready                 func(endpoint, admin string)
}

func run(ctx context.Context, c config) error {
	zctx := zmq.NewContext(context.WithoutCancel(ctx)) // outlives the signal: answers go out
	defer zctx.Close()
	own, err := cert.Load(filepath.Join(c.keys, "server_secret"))
	if err != nil {
		return err
	}
	trusted, err := cert.NewDirStore(zctx, filepath.Join(c.keys, "clients"), cert.WithSlog(c.log))
	if err != nil {
		return err
	}
	defer trusted.Close()
	a, err := auth.New(zctx, auth.WithSlog(c.log))
	if err != nil {
		return err
	}
	a.Curve(auth.AnyDomain, trusted)

	s := &server{c: c, zctx: zctx, own: own, bound: make(chan string, 1)}
	sup, err := actor.NewSupervisor(actor.OneForOne, actor.WithSlog(c.log))
	if err != nil {
		return err
	}
	if _, err := sup.Add("orders", actor.ServiceFunc(s), actor.Permanent); err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.admin)
	if err != nil {
		return err
	}
	admin := &http.Server{Handler: adminPages(), ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 2)
	go func() { ended <- sup.Run(ctx) }()
	go func() { ended <- admin.Serve(l) }()
	select {
	case endpoint := <-s.bound:
		c.ready(endpoint, l.Addr().String())
		err = <-ended // nil: the signal, and all is finished
	case err = <-ended:
	}
	return errors.Join(err, admin.Close(), sup.Close())
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := config{log: slog.New(slog.NewJSONHandler(os.Stderr, nil))}
	flag.StringVar(&c.endpoint, "bind", "tcp://*:5555", "where clients come")
	flag.StringVar(&c.admin, "admin", "127.0.0.1:6060", "where /metrics and /healthz are")
	flag.StringVar(&c.keys, "keys", "keys", "the folder of server_secret and clients/")
	flag.Parse()
	c.ready = func(endpoint, admin string) { c.log.Info("ready", "endpoint", endpoint, "admin", admin) }
	if err := run(ctx, c); err != nil {
		c.log.Error("ended", "error", err)
		os.Exit(1)
	}
}
