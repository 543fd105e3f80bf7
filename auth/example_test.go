package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// must keeps the examples short.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// exampleContext is a Context that ends with an example.
func exampleContext() (*zmq.Context, func()) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	zctx := zmq.NewContext(ctx)
	return zctx, func() {
		cancel()
		_ = zctx.Close()
	}
}

// A server lets in whom a store of certificates knows, and sees who it is.
func Example() {
	ctx, end := exampleContext()
	defer end()
	serverKey, alice, stranger := must(cert.New()), must(cert.New()), must(cert.New())
	_ = alice.SetMeta("name", "Alice")

	a := must(auth.New(ctx))
	a.Curve(auth.AnyDomain, cert.NewMemStore(alice))

	server := must(zmq.NewPull(ctx, zmq.WithCurveServer(serverKey)))
	endpoint := must(server.Bind("tcp://127.0.0.1:*"))

	client := must(zmq.NewPush(ctx, zmq.WithCurveClient(alice, serverKey.Public())))
	_ = client.Connect(endpoint)
	_ = client.SendString(ctx, "hello")

	m := must(server.Recv(ctx))
	fmt.Println(m.Peer().Vouched("name"), "says", m.PopString())
	fmt.Println("known by her key:", m.Peer().UserID == alice.Public())

	other := must(zmq.NewPush(ctx, zmq.WithCurveClient(stranger, serverKey.Public())))
	_ = other.Connect(endpoint)
	fmt.Println("the stranger is refused:", errors.Is(other.WaitConnected(ctx, 1), zmq.ErrAuth))
	// Output:
	// Alice says hello
	// known by her key: true
	// the stranger is refused: true
}

// Passwords come from a file as czmq has it, and follow its changes.
func ExampleAuth_PlainFile() {
	ctx, end := exampleContext()
	defer end()
	path := filepath.Join(must(os.MkdirTemp("", "auth")), "passwords")
	defer os.RemoveAll(filepath.Dir(path))
	_ = os.WriteFile(path, []byte("# user=password\nadmin=secret\n"), 0o600)

	a := must(auth.New(ctx))
	if err := a.PlainFile(auth.AnyDomain, path); err != nil {
		log.Fatal(err)
	}
	server := must(zmq.NewPull(ctx, zmq.WithPlainServer()))
	endpoint := must(server.Bind("tcp://127.0.0.1:*"))

	client := must(zmq.NewPush(ctx, zmq.WithPlainClient("admin", "secret")))
	_ = client.Connect(endpoint)
	_ = client.SendString(ctx, "hello")
	m := must(server.Recv(ctx))
	fmt.Println(m.Peer().UserID, "says", m.PopString())
	// Output:
	// admin says hello
}

// Addresses are judged before anything else. A socket that is asked about them
// alone has a domain and no mechanism.
func ExampleAuth_Allow() {
	ctx, end := exampleContext()
	defer end()
	a := must(auth.New(ctx))
	if err := a.Allow("10.0.0.0/8", "ipc"); err != nil {
		log.Fatal(err)
	}
	server := must(zmq.NewPull(ctx, zmq.WithZAPDomain("intake")))
	endpoint := must(server.Bind("tcp://127.0.0.1:*"))

	client := must(zmq.NewPush(ctx))
	_ = client.Connect(endpoint)
	fmt.Println("from loopback:", errors.Is(client.WaitConnected(ctx, 1), zmq.ErrAuth))

	_ = a.Allow("127.0.0.1") // from now on
	_ = client.Connect(endpoint)
	fmt.Println("once it is allowed:", client.WaitConnected(ctx, 1))
	// Output:
	// from loopback: true
	// once it is allowed: <nil>
}

// Revoking a key ends its connections.
func ExampleAuth_Revoke() {
	ctx, end := exampleContext()
	defer end()
	serverKey, bob := must(cert.New()), must(cert.New())
	a := must(auth.New(ctx))
	a.CurveAny(auth.AnyDomain)
	server := must(zmq.NewPull(ctx, zmq.WithCurveServer(serverKey)))
	endpoint := must(server.Bind("tcp://127.0.0.1:*"))
	client := must(zmq.NewPush(ctx, zmq.WithCurveClient(bob, serverKey.Public())))
	_ = client.Connect(endpoint)
	_ = server.WaitConnected(ctx, 1)

	ends := server.Events(ctx, zmq.EventDisconnected) // from here on
	if err := a.Revoke(bob.Public()); err != nil {
		log.Fatal(err)
	}
	for e := range ends {
		fmt.Println(e.Err)
		break
	}
	// Output:
	// zmq: authentication refused: the permission was withdrawn
}

// Decisions are there to be looked at.
func ExampleAuth_Events() {
	ctx, end := exampleContext()
	defer end()
	a := must(auth.New(ctx))
	passwords := new(auth.Passwords)
	_ = passwords.Set("admin", "secret")
	a.Plain(auth.AnyDomain, passwords)
	decisions := a.Events(ctx) // from here on

	server := must(zmq.NewPull(ctx, zmq.WithPlainServer()))
	endpoint := must(server.Bind("tcp://127.0.0.1:*"))
	client := must(zmq.NewPush(ctx, zmq.WithPlainClient("admin", "guess")))
	_ = client.Connect(endpoint)
	for d := range decisions {
		fmt.Println(d.Allowed(), d)
		break
	}
	// Output:
	// false 400 PLAIN user "admin" from 127.0.0.1: wrong user or password
}
