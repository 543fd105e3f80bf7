// Curve is the smallest secured pair: a server that lets one key in, and the client
// that has it. Everything between them is encrypted, and each knows who the other
// is.
//
//	go run ./examples/curve
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// open is the server: it lets in who has the key of client.
func open(zctx *zmq.Context, own, client *cert.Cert) (pull *zmq.Socket, endpoint string, err error) {
	a, err := auth.New(zctx)
	if err != nil {
		return nil, "", err
	}
	a.Curve(auth.AnyDomain, cert.NewMemStore(client))
	if pull, err = zmq.NewPull(zctx, zmq.WithCurveServer(own)); err != nil {
		return nil, "", err
	}
	endpoint, err = pull.Bind("tcp://127.0.0.1:*")
	return pull, endpoint, err
}

func run(ctx context.Context, out io.Writer, _ []string) error {
	zctx := zmq.NewContext(ctx) // the authenticator serves the sockets of its Context
	defer zctx.Close()
	server, err := cert.New()
	ada, err2 := cert.New()
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	if err := ada.SetMeta("name", "Ada"); err != nil {
		return err
	}
	pull, endpoint, err := open(zctx, server, ada)
	if err != nil {
		return err
	}
	push, err := zmq.NewPush(zctx, zmq.WithCurveClient(ada, server.Public()))
	if err != nil {
		return err
	}
	if err := errors.Join(push.Connect(endpoint), push.SendString(ctx, "hello, in secret")); err != nil {
		return err
	}
	m, err := pull.Recv(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s over %s: %s\n", m.Peer().Vouched("name"), m.Peer().Mechanism, m.PopString())
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
