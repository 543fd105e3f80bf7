// Certstore is a server whose keys live in a directory, as czmq's certificate
// files: whose file is put there gets in, and whose file is taken away is out, all
// while the server runs.
//
//	go run ./examples/certstore            # a directory of its own, and Ada comes and goes
//	go run ./examples/certstore -dir keys  # serve a directory until interrupted
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

func main() {
	dir := flag.String("dir", "", "the directory of public certificates")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := play
	if *dir != "" {
		run = serve
	}
	if err := run(ctx, *dir); err != nil {
		log.Fatal(err)
	}
}

// open makes a server that lets in the keys that have a certificate in dir. The end of
// ctx closes the store and the authenticator.
func open(ctx context.Context, dir string) (pull *zmq.Socket, key *cert.Cert, endpoint string, err error) {
	store, err := cert.NewDirStore(ctx, dir)
	if err != nil {
		return nil, nil, "", err
	}
	a, err := auth.New(ctx)
	if err != nil {
		return nil, nil, "", err
	}
	a.Curve(auth.AnyDomain, store)
	if key, err = cert.New(); err != nil {
		return nil, nil, "", err
	}
	if pull, err = zmq.NewPull(ctx, zmq.WithCurveServer(key)); err != nil {
		return nil, nil, "", err
	}
	endpoint, err = pull.Bind("tcp://127.0.0.1:*")
	return pull, key, endpoint, err
}

func serve(ctx context.Context, dir string) error {
	zctx := zmq.NewContext(ctx)
	pull, key, endpoint, err := open(zctx, dir)
	if err != nil {
		return err
	}
	fmt.Printf("serving %s with public key %s; keys in %s\n", endpoint, key.Public(), dir)
	for m, err := range pull.Messages(ctx) {
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return err
		}
		fmt.Printf("%s: %s\n", m.Peer().Vouched("name"), m.PopString())
	}
	return zctx.Close()
}
