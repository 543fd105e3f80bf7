package observe_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/observe"
	"github.com/go-zactor/zactor/zmq"
)

// TestDemo serves what the pictures in docs/ show: twelve workers and what can go wrong
// with them. It runs only by hand: ZACTOR_DEMO=127.0.0.1:6060 go test ./observe -run Demo
func TestDemo(t *testing.T) {
	addr := os.Getenv("ZACTOR_DEMO")
	if addr == "" {
		t.Skip("only by hand: ZACTOR_DEMO=HOST:PORT")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 45*time.Second)
	defer cancel()
	zctx := zmq.NewContext(ctx)
	defer zctx.Close()
	open := func(typ zmq.Type, name string, opts ...zmq.Option) *zmq.Socket {
		s, err := zmq.New(zctx, typ, append(opts, zmq.WithName(name), zmq.WithLinger(0))...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	jobs, ticks, vault := open(zmq.Push, "jobs"), open(zmq.Pub, "ticks", zmq.WithSendHWM(50)), open(zmq.Rep, "vault")
	at, _ := jobs.Bind("tcp://127.0.0.1:*")
	news, _ := ticks.Bind("tcp://127.0.0.1:*")
	server, _ := cert.New()
	client, _ := cert.New()
	door, _ := vault.Bind("tcp://127.0.0.1:*", zmq.WithCurveServer(server))
	for i := range 12 {
		w := open(zmq.Pull, fmt.Sprintf("worker %d", i+1))
		_ = w.Connect(at)
		sub := open(zmq.Sub, fmt.Sprintf("screen %d", i+1), zmq.WithRecvHWM(20))
		_ = sub.Subscribe("")
		_ = sub.Connect(news)
		go func() {
			for m := range w.Messages(ctx) {
				m.Release()
			}
		}()
		if i == 11 {
			continue // a slow one: it reads nothing
		}
		go func() {
			for m := range sub.Messages(ctx) {
				m.Release()
			}
		}()
	}
	_ = open(zmq.Req, "intruder", zmq.WithCurveClient(client, server.Public())).Connect(door)
	_ = open(zmq.Pull, "cut off").Connect("tcp://127.0.0.1:9")
	go func() {
		for ctx.Err() == nil {
			_ = jobs.SendString(ctx, "job")
			_ = ticks.SendBytes(ctx, make([]byte, 20_000))
			time.Sleep(5 * time.Millisecond)
		}
	}()
	s, err := observe.Serve(ctx, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	<-ctx.Done()
}
