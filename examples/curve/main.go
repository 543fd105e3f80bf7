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
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	zctx := zmq.NewContext(ctx) // the authenticator serves the sockets of its Context

	server, ada := must(cert.New()), must(cert.New())
	check(ada.SetMeta("name", "Ada"))

	a := must(auth.New(zctx))
	a.Curve(auth.AnyDomain, cert.NewMemStore(ada)) // whom the server lets in

	pull := must(zmq.NewPull(zctx, zmq.WithCurveServer(server)))
	endpoint := must(pull.Bind("tcp://127.0.0.1:*"))

	push := must(zmq.NewPush(zctx, zmq.WithCurveClient(ada, server.Public())))
	check(push.Connect(endpoint))
	check(push.SendString(ctx, "hello, in secret"))

	m := must(pull.Recv(ctx))
	fmt.Printf("%s over %s: %s\n", m.Peer().Vouched("name"), m.Peer().Mechanism, m.PopString())
	check(zctx.Close())
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
