package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// demo lets Ada try, come, and go.
func demo(ctx context.Context, out io.Writer) error {
	dir, err := os.MkdirTemp("", "certstore")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	zctx := zmq.NewContext(ctx)
	pull, key, endpoint, err := open(zctx, dir)
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
	push, err := zmq.NewPush(zctx, zmq.WithCurveClient(ada, key.Public()))
	if err != nil {
		return err
	}
	defer push.Close()

	if err := push.Connect(endpoint); err != nil {
		return err
	}
	fmt.Fprintln(out, "a stranger is refused:", errors.Is(push.WaitConnected(ctx, 1), zmq.ErrAuth))

	file := filepath.Join(dir, "ada")
	if err := ada.SavePublic(file); err != nil {
		return err
	}
	if err := admitted(ctx, push, endpoint); err != nil {
		return err
	}
	if err := push.SendString(ctx, "hello"); err != nil {
		return err
	}
	m, err := pull.Recv(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "the certificate is there: %s says %s\n", m.Peer().Vouched("name"), m.PopString())

	ends := pull.Events(ctx, zmq.EventDisconnected) // from here on
	if err := os.Remove(file); err != nil {
		return err
	}
	for e := range ends {
		fmt.Fprintln(out, "the certificate is gone, and so is the peer:", errors.Is(e.Err, zmq.ErrAuth))
		break
	}
	return zctx.Close()
}

// admitted connects until the store has seen the new file.
func admitted(ctx context.Context, push *zmq.Socket, endpoint string) error {
	for {
		if err := push.Connect(endpoint); err != nil {
			return err
		}
		if err := push.WaitConnected(ctx, 1); !errors.Is(err, zmq.ErrAuth) {
			return err
		}
	}
}
