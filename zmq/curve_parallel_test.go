package zmq

import (
	"bytes"
	"context"
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/msg"
)

// Where sealing and opening is spread over processors, messages keep their order
// and their frames.
func TestCurveOnManyProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	own, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	pull, err := New(ctx, Pull, WithCurveServer(own), WithAllowAnyKey(true))
	if err != nil {
		t.Fatal(err)
	}
	defer pull.Close()
	bound, err := pull.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	push, err := New(ctx, Push, WithCurveClient(own, own.Public()))
	if err != nil {
		t.Fatal(err)
	}
	defer push.Close()
	if err := push.Connect(bound); err != nil {
		t.Fatal(err)
	}
	const messages = 2000
	sent := make(chan error, 1)
	go func() {
		for n := range uint32(messages) {
			if err := push.Send(ctx, mixedMessage(n)); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for n := range uint32(messages) {
		m, err := pull.Recv(ctx)
		if err != nil {
			t.Fatalf("message %d: %v", n, err)
		}
		if !m.Equal(mixedMessage(n)) {
			t.Fatalf("message %d is another one, of %d frames", n, len(m.Frames))
		}
		m.Release()
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

// mixedMessage is the n-th message: its size and number of frames vary.
func mixedMessage(n uint32) msg.Msg {
	first := binary.BigEndian.AppendUint32(nil, n)
	m := msg.New(first)
	for i := range n % 3 {
		m.Append(bytes.Repeat([]byte{byte(n), byte(i)}, int(n%11)*700+1))
	}
	return m
}
