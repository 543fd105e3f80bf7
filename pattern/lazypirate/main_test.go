package lazypirate_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/lazypirate"
	"github.com/go-zactor/zactor/zmq"
)

func TestMain(m *testing.M) { proc.Main(m, server) }

// server is a program of its own: it answers at the endpoint of its first argument.
func server() {
	ctx := context.Background()
	rep, err := zmq.NewRep(ctx)
	if err == nil {
		_, err = rep.Bind(os.Args[1])
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	for m, err := range rep.Messages(ctx) {
		if err == nil {
			err = rep.SendString(ctx, "echo "+m.PopString())
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// Encrypted: the caller knows the server by its key.
func TestCurve(t *testing.T) {
	server, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	own, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	ctx := zmq.NewContext(t.Context())
	defer ctx.Close()
	rep, err := zmq.NewRep(ctx, zmq.WithCurveServer(server), zmq.WithAllowAnyKey(true))
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := rep.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for m, err := range rep.Messages(ctx) {
			if err != nil || rep.Send(ctx, m) != nil {
				return
			}
		}
	}()
	c, err := lazypirate.New(ctx, []string{endpoint}, lazypirate.WithCurve(own, server.Public()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if m, err := c.Call(ctx, msg.NewString("secret")); err != nil || m.PopString() != "secret" {
		t.Error(err)
	}
}
