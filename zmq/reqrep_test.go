package zmq_test

import (
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

func TestRequestsAreSpreadOverServers(t *testing.T) {
	over(t, func(k *kit) {
		req, endpoint := k.bound(zmq.Req)
		servers := make([]*zmq.Socket, 3)
		for i := range servers {
			servers[i] = k.connect(zmq.Rep, endpoint)
			k.ok(req.WaitConnected(k.ctx, i+1))
		}
		for i := range 9 {
			k.send(req, fmt.Sprint(i))
			k.want(servers[i%3], fmt.Sprint(i))
			k.send(servers[i%3], "done")
			k.want(req, "done")
		}
		k.ok(servers[2].Close())
		k.until("one has gone", func() bool { return req.Stats().Connected == 2 })
		for i := range 6 {
			k.send(req, fmt.Sprint(i))
			k.want(servers[i%2], fmt.Sprint(i))
			k.send(servers[i%2], "done")
			k.want(req, "done")
		}
	})
}

// A chain of ROUTER and DEALER brings each reply back the way its request came.
func TestEnvelopesOverSeveralHops(t *testing.T) {
	over(t, func(k *kit) {
		rep, last := k.bound(zmq.Rep)
		endpoint := last
		for range 2 {
			front, next := k.bound(zmq.Router)
			back := k.connect(zmq.Dealer, endpoint)
			go func() { _ = zmq.Proxy(k.ctx, front, back, nil) }()
			endpoint = next
		}
		reqs := []*zmq.Socket{k.connect(zmq.Req, endpoint), k.connect(zmq.Req, endpoint)}
		for i := range 10 {
			for n, req := range reqs {
				k.send(req, fmt.Sprint(n, i))
			}
			for range reqs {
				got := k.recv(rep)
				k.send(rep, "re "+got[0])
			}
			for n, req := range reqs {
				k.want(req, fmt.Sprint("re ", n, i))
			}
		}
	})
}

// A reply whose client has gone is dropped and counted, and the server goes on.
func TestReplyToAGonePeerIsDropped(t *testing.T) {
	over(t, func(k *kit) {
		rep, endpoint := k.bound(zmq.Rep)
		gone := k.connect(zmq.Req, endpoint)
		k.send(gone, "ask")
		k.want(rep, "ask")
		k.ok(gone.Close())
		k.until("the client has gone", func() bool { return rep.Stats().Connected == 0 })
		k.send(rep, "too late")
		if n := rep.Stats().Drops.PeerGone; n != 1 {
			t.Errorf("counted %d replies to peers that are gone, want 1", n)
		}
		req := k.connect(zmq.Req, endpoint)
		k.send(req, "ask")
		k.want(rep, "ask")
		k.send(rep, "answer")
		k.want(req, "answer")
	})
}

// Only the peer that has the request may answer it.
func TestRepliesOfOthersAreDropped(t *testing.T) {
	over(t, func(k *kit) {
		req, endpoint := k.bound(zmq.Req)
		asked := k.connect(zmq.Router, endpoint, zmq.WithRoutingID("asked"))
		k.ok(req.WaitConnected(k.ctx, 1))
		other := k.connect(zmq.Router, endpoint, zmq.WithRoutingID("other"))
		k.ok(req.WaitConnected(k.ctx, 2))
		k.send(req, "ask")
		id := k.recv(asked)[0]
		k.send(other, onlyID(k, other), "", "forged")
		k.until("the forged reply has arrived", func() bool { return req.Stats().Unread == 1 })
		k.send(asked, id, "", "true")
		k.want(req, "true")
		if n := req.Stats().Drops.Stale; n != 1 {
			t.Errorf("counted %d stale replies, want 1", n)
		}
	})
}

// Without correlation a reply that is there when the next request is sent is the
// reply to an earlier one, and dropped.
func TestQueuedRepliesAreDroppedByTheNextRequest(t *testing.T) {
	over(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router)
		req := k.connect(zmq.Req, endpoint, zmq.WithReqRelaxed(true))
		k.send(req, "first")
		id := k.recv(router)[0]
		k.send(router, id, "", "late")
		k.until("the reply is there", func() bool { return req.Poll()&zmq.PollIn != 0 })
		k.send(router, id, "", "later")
		k.until("both are there", func() bool { return req.Stats().Unread == 2 })
		k.send(req, "second")
		k.recv(router)
		k.send(router, id, "", "in time")
		k.want(req, "in time")
		if n := req.Stats().Drops.Stale; n != 2 {
			t.Errorf("counted %d stale replies, want 2", n)
		}
	})
}

// A REP that is asked by many answers each of them.
func TestManyClients(t *testing.T) {
	over(t, func(k *kit) {
		rep, endpoint := k.bound(zmq.Rep)
		const clients, rounds = 8, 50
		go func() {
			for range clients * rounds {
				m, err := rep.Recv(k.ctx)
				if err != nil {
					t.Error(err)
					return
				}
				if err := rep.Send(k.ctx, m); err != nil {
					t.Error(err)
				}
			}
		}()
		done := make(chan struct{})
		for c := range clients {
			req := k.connect(zmq.Req, endpoint)
			go func() {
				defer func() { done <- struct{}{} }()
				for i := range rounds {
					text := fmt.Sprint(c, " ", i)
					if err := req.SendString(k.ctx, text); err != nil {
						t.Error(err)
						return
					}
					if got, err := req.RecvString(k.ctx); err != nil || got != text {
						t.Errorf("got %q, %v; want %q", got, err, text)
						return
					}
				}
			}()
		}
		for range clients {
			select {
			case <-done:
			case <-k.ctx.Done():
				t.Fatal("a client hangs")
			}
		}
	})
}
