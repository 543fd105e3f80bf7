//go:build ignore

// This program makes the folders beside it. README.md says how it is run: with the code
// of the version before, of which it uses public names only.
package main

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// at is where nobody is bound, unless the program binds it itself.
const at = "tcp://127.0.0.1:17717"

var ctx = context.Background()

func ok(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func socket(s *zmq.Socket, err error) *zmq.Socket {
	ok(err)
	return s
}

// body is the second frame of message i; the third is empty.
func body(i int) string { return strings.Repeat("x", i) }

func send(s *zmq.Socket, from, to int) {
	for i := from; i < to; i++ {
		ok(s.SendString(ctx, fmt.Sprint(i), body(i), ""))
	}
}

// push fills the log of a connected endpoint, and leaves it as a killed process does.
func push(out string, n int, opts ...zmq.Option) {
	dir, err := os.MkdirTemp("", "before-")
	ok(err)
	s := socket(zmq.NewPush(ctx, append(opts, zmq.WithSendHWM(5), zmq.WithSwap(dir, 16<<10))...))
	ok(s.Connect(at))
	send(s, 0, n)
	ok(os.Rename(filepath.Join(dir, "PUSH-"+url.PathEscape(at)), out))
}

// acknowledged has the first messages received before the others are sent.
func acknowledged(out string, received, n int) {
	dir, err := os.MkdirTemp("", "before-")
	ok(err)
	s := socket(zmq.NewPush(ctx, zmq.WithSwap(dir, 32<<10), zmq.WithSwapSync(true)))
	ok(s.Connect(at))
	pull := socket(zmq.NewPull(ctx))
	_, err = pull.Bind(at)
	ok(err)
	send(s, 0, received)
	for range received {
		_, err := pull.Recv(ctx)
		ok(err)
	}
	for s.Stats().Queued > 0 {
		time.Sleep(time.Millisecond)
	}
	ok(pull.Close())
	for s.Stats().Connected > 0 {
		time.Sleep(time.Millisecond)
	}
	send(s, received, n)
	ok(os.Rename(filepath.Join(dir, "PUSH-"+url.PathEscape(at)), out))
}

// accepted has a subscriber that does not read fall behind, and leaves its folder.
func accepted(out string) {
	ok(os.Mkdir(out, 0o700))
	pub := socket(zmq.NewPub(ctx, zmq.WithSendHWM(1), zmq.WithSendBuffer(1), zmq.WithSwap(out, 0)))
	endpoint, err := pub.Bind("tcp://127.0.0.1:*")
	ok(err)
	sub := socket(zmq.NewSub(ctx, zmq.WithRecvHWM(1), zmq.WithRecvBuffer(1)))
	ok(sub.Subscribe(""))
	ok(sub.Connect(endpoint))
	ok(pub.WaitSubscribers(ctx, "", 1))
	for i := 0; ; i++ {
		send(pub, i, i+1)
		files, err := filepath.Glob(filepath.Join(out, "*", "*.swap"))
		ok(err)
		if fi, err := os.Stat(files[0]); err == nil && fi.Size() > 1000 {
			return
		}
		if i > 1000 {
			log.Fatal("it does not fall behind")
		}
	}
}

// durable keeps messages for a subscriber that is away.
func durable(out string) {
	ok(os.Mkdir(out, 0o700))
	pub := socket(zmq.NewPub(ctx, zmq.WithSwap(out, 0), zmq.WithDurableBounds(10, 0, 0)))
	endpoint, err := pub.Bind("tcp://127.0.0.1:*")
	ok(err)
	sub := socket(zmq.NewSub(ctx, zmq.WithDurable("name")))
	ok(sub.Subscribe(""))
	ok(sub.Connect(endpoint))
	ok(pub.WaitSubscribers(ctx, "", 1))
	ok(sub.Close())
	for pub.Stats().Connected > 0 {
		time.Sleep(time.Millisecond)
	}
	send(pub, 0, 5)
	files, err := filepath.Glob(filepath.Join(out, "PUB-peer-*"))
	ok(err)
	for _, f := range files { // of the accepted peer, which are a case of their own
		ok(os.RemoveAll(f))
	}
}

func main() {
	out := os.Args[1]
	push(filepath.Join(out, "unsynced"), 40)
	push(filepath.Join(out, "synced"), 40, zmq.WithSwapSync(true))
	acknowledged(filepath.Join(out, "acknowledged"), 40, 60)
	acknowledged(filepath.Join(out, "segments"), 110, 140)
	accepted(filepath.Join(out, "accepted"))
	durable(filepath.Join(out, "durable"))
	os.Exit(0) // nothing is closed: it is as if it were killed
}
