package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// A server lets in whom a store of certificates knows, and sees who it is.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	zctx := zmq.NewContext(ctx)
	serverKey, _ := cert.New()
	alice, _ := cert.New()
	_ = alice.SetMeta("name", "Alice")

	a, err := auth.New(zctx)
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close()
	a.Curve(auth.AnyDomain, cert.NewMemStore(alice))

	server, _ := zmq.NewPull(zctx, zmq.WithCurveServer(serverKey))
	endpoint, _ := server.Bind("tcp://127.0.0.1:*")

	client, _ := zmq.NewPush(zctx, zmq.WithCurveClient(alice, serverKey.Public()))
	_ = client.Connect(endpoint)
	_ = client.SendString(ctx, "hello")

	m, err := server.Recv(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Peer().Vouched("name"), "says", m.PopString())
	fmt.Println("known by the key:", m.Peer().UserID == "" || m.Peer().UserID == alice.Public())

	stranger, _ := cert.New()
	other, _ := zmq.NewPush(zctx, zmq.WithCurveClient(stranger, serverKey.Public()))
	_ = other.Connect(endpoint)
	err = other.WaitConnected(ctx, 1)
	fmt.Println("the stranger is refused:", errors.Is(err, zmq.ErrAuth))
	// Output:
	// Alice says hello
	// known by the key: true
	// the stranger is refused: true
}
