package zmq

import (
	"context"
	"testing"
	"time"
	"fmt"

	"github.com/go-zactor/zactor/msg"
)

func TestSmoke(t *testing.T) {
	for _, ep := range []string{"tcp://127.0.0.1:*", "ipc://*", "inproc://a"} {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		pull, err := NewPull(ctx)
		if err != nil { t.Fatal(err) }
		b, err := pull.Bind(ep)
		if err != nil { t.Fatal(err) }
		push, err := NewPush(ctx)
		if err != nil { t.Fatal(err) }
		if err := push.Connect(b); err != nil { t.Fatal(err) }
		go func() {
			for i := range 10000 {
				if err := push.SendString(ctx, fmt.Sprint(i), "x"); err != nil { t.Error(err); return }
			}
		}()
		for i := range 10000 {
			m, err := pull.Recv(ctx)
			if err != nil { t.Fatal(ep, i, err) }
			if string(m.Frames[0]) != fmt.Sprint(i) || len(m.Frames) != 2 { t.Fatal(i, m) }
		}
		push.Close(); pull.Close()
		rep, _ := NewRep(ctx); b, _ = rep.Bind(ep)
		req, _ := NewReq(ctx); req.Connect(b)
		for range 100 {
			if err := req.SendString(ctx, "hi"); err != nil { t.Fatal(err) }
			s, err := rep.RecvString(ctx); if err != nil || s != "hi" { t.Fatal(s, err) }
			if err := rep.Send(ctx, msg.NewString("yo")); err != nil { t.Fatal(err) }
			s, err = req.RecvString(ctx); if err != nil || s != "yo" { t.Fatal(s, err) }
		}
		req.Close(); rep.Close()
		pub, _ := NewPub(ctx); b, _ = pub.Bind(ep)
		sub, _ := NewSub(ctx); sub.Connect(b); sub.Subscribe("a")
		if err := pub.WaitSubscribers(ctx, "a", 1); err != nil { t.Fatal(err) }
		pub.SendString(ctx, "b"); pub.SendString(ctx, "abc")
		if s, err := sub.RecvString(ctx); err != nil || s != "abc" { t.Fatal(s, err) }
		pub.Close(); sub.Close()
		router, _ := NewRouter(ctx); b, _ = router.Bind(ep)
		dealer, _ := NewDealer(ctx, WithRoutingID("joe")); dealer.Connect(b)
		dealer.SendString(ctx, "1", "2")
		m, err := router.Recv(ctx)
		if err != nil || m.Len() != 3 || string(m.Frames[0]) != "joe" { t.Fatal(m, err) }
		router.Send(ctx, m)
		m, err = dealer.Recv(ctx)
		if err != nil || m.Len() != 2 { t.Fatal(m, err) }
		router.Close(); dealer.Close()
		cancel()
	}
}
