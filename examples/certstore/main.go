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
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

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

func serve(ctx context.Context, out io.Writer, dir string) error {
	zctx := zmq.NewContext(ctx)
	pull, key, endpoint, err := open(zctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "serving %s with public key %s; keys in %s\n", endpoint, key.Public(), dir)
	for m, err := range pull.Messages(ctx) {
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s\n", m.Peer().Vouched("name"), m.PopString())
	}
	return zctx.Close()
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	flags := flag.NewFlagSet("certstore", flag.ContinueOnError)
	dir := flags.String("dir", "", "the directory of public certificates")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir != "" {
		err = serve(ctx, out, *dir)
	} else {
		err = demo(ctx, out)
	}
	if ctx.Err() != nil {
		return nil // Ctrl-C
	}
	return err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
