// Curve is the smallest secured pair: a server that lets one key in, and the client
// that has it. Everything between them is encrypted, and each knows who the other
// is.
//
//	go run ./examples/curve
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	zctx := zmq.NewContext(ctx) // the authenticator serves the sockets of its Context

	server, err := cert.New()
	if err != nil {
		return err
	}
	ada, err := cert.New()
	if err != nil {
		return err
	}
	if err := ada.SetMeta("name", "Ada"); err != nil {
		return err
	}
	a, err := auth.New(zctx)
	if err != nil {
		return err
	}
	defer a.Close()
	a.Curve(auth.AnyDomain, cert.NewMemStore(ada)) // whom the server lets in

	pull, err := zmq.NewPull(zctx, zmq.WithCurveServer(server))
	if err != nil {
		return err
	}
	defer pull.Close()
	endpoint, err := pull.Bind("tcp://127.0.0.1:*")
	if err != nil {
		return err
	}
	push, err := zmq.NewPush(zctx, zmq.WithCurveClient(ada, server.Public()))
	if err != nil {
		return err
	}
	defer push.Close()
	if err := push.Connect(endpoint); err != nil {
		return err
	}
	if err := push.SendString(ctx, "hello, in secret"); err != nil {
		return err
	}
	m, err := pull.Recv(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%s over %s: %s\n", m.Peer().Vouched("name"), m.Peer().Mechanism, m.PopString())
	return nil
}
