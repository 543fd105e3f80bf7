package clone_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/pattern/clone"
	"github.com/go-zactor/zactor/zmq"
)

func TestMain(m *testing.M) { proc.Main(m, server) }

// beats are short, so that who stands still is taken for gone soon.
var beats = clone.WithHeartbeat(50*time.Millisecond, 10)

// server is a program of its own, at the endpoint of its first argument.
func server() {
	s, err := clone.NewServer(clone.WithBind(os.Args[1]), beats)
	if err == nil {
		fmt.Println("ready")
		err = s.Run(context.Background())
	}
	fmt.Println(err)
	os.Exit(1)
}

// base is an endpoint whose port, and the two above it, were free a moment ago.
func base(t *testing.T) string {
	t.Helper()
	for range 100 {
		at := proc.TCP(t, 1)[0]
		s, err := clone.NewServer(clone.WithBind(at), beats)
		if err != nil {
			continue // the last ports
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		c, err := clone.NewClient(ctx, []string{at}, beats)
		if err != nil {
			t.Fatal(err)
		}
		synced := make(chan struct{})
		go func() {
			if c.WaitSynced(ctx) == nil {
				close(synced)
			}
		}()
		select {
		case <-synced:
			cancel()
			<-ended
			c.Close()
			return at
		case <-ended: // a port was taken
			cancel()
			c.Close()
		}
	}
	t.Fatal("no three ports in a row are free")
	return ""
}

// Encrypted, in all three connections.
func TestCurve(t *testing.T) {
	at := base(t)
	own, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	mine, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s, err := clone.NewServer(clone.WithBind(at), clone.WithCurveServer(own), clone.WithSocket(zmq.WithAllowAnyKey(true)), beats)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	c, err := clone.NewClient(ctx, []string{at}, clone.WithCurveClient(mine, own.Public()), beats)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Set(ctx, "k", []byte("secret")); err != nil {
		t.Error(err)
	}
	if v, _ := c.Get("k"); string(v) != "secret" {
		t.Errorf("%q", v)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
