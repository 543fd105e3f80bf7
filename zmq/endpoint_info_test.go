package zmq_test

import (
	"errors"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// becomes waits until the state of an endpoint is as ok wants it.
func (k *kit) becomes(s *zmq.Socket, endpoint string, ok func(zmq.EndpointInfo) bool) zmq.EndpointInfo {
	k.Helper()
	c := make(chan struct{}, 1)
	defer s.Notify(c)()
	for {
		st := s.Endpoint(endpoint)
		if ok(st) {
			return st
		}
		select {
		case <-c:
		case <-k.ctx.Done():
			k.Fatalf("waited in vain; the endpoint is %+v", st)
		}
	}
}

// What is told of an endpoint: nobody there, the peer there, gone, and there again.
func TestEndpointInfo(t *testing.T) {
	networked(t, func(k *kit) {
		endpoint := k.endpoint()
		push := k.open(zmq.Push, zmq.WithReconnectInterval(time.Millisecond, time.Millisecond))
		if st := push.Endpoint(endpoint); st.State != zmq.EndpointOver || st.Err != nil {
			t.Errorf("not connected: %+v", st)
		}
		k.ok(k.dial(push, endpoint))
		st := k.becomes(push, endpoint, func(st zmq.EndpointInfo) bool { return st.Attempts >= 3 })
		if st.Err == nil || st.State == zmq.EndpointReady || st.State == zmq.EndpointOver {
			t.Errorf("nobody there: %+v", st)
		}
		for range 2 {
			pull := k.open(zmq.Pull)
			_, err := k.listen(pull, endpoint)
			k.ok(err)
			st = k.becomes(push, endpoint, func(st zmq.EndpointInfo) bool { return st.State == zmq.EndpointReady })
			if st.Err != nil || st.Attempts != 0 {
				t.Errorf("connected: %+v", st)
			}
			k.ok(pull.Close())
			k.becomes(push, endpoint, func(st zmq.EndpointInfo) bool { return st.State != zmq.EndpointReady && st.Err != nil })
		}
		k.ok(push.Disconnect(endpoint))
		if st := push.Endpoint(endpoint); st.State != zmq.EndpointOver || st.Err != nil {
			t.Errorf("disconnected: %+v", st)
		}
	})
}

// An endpoint with ReconnectStopAfterLoss is tried until a peer is there, and not again
// when that one is gone.
func TestStopAfterLoss(t *testing.T) {
	networked(t, func(k *kit) {
		endpoint := k.endpoint()
		push := k.open(zmq.Push, zmq.WithReconnectInterval(time.Millisecond, time.Millisecond),
			zmq.WithReconnectStop(zmq.ReconnectStopAfterLoss))
		k.ok(k.dial(push, endpoint))
		k.becomes(push, endpoint, func(st zmq.EndpointInfo) bool { return st.Attempts >= 2 })
		pull := k.open(zmq.Pull)
		_, err := k.listen(pull, endpoint)
		k.ok(err)
		k.becomes(push, endpoint, func(st zmq.EndpointInfo) bool { return st.State == zmq.EndpointReady })
		k.ok(pull.Close())
		if st := k.becomes(push, endpoint, func(st zmq.EndpointInfo) bool { return st.State == zmq.EndpointOver }); st.Err == nil {
			t.Errorf("lost: %+v", st)
		}
	})
}

// A REQ whose server dies between request and answer is told so, and may ask the next.
func TestReqFailFast(t *testing.T) {
	for name, opt := range map[string]zmq.Option{"fail fast": zmq.WithReqFailFast(true), "relaxed": zmq.WithReqRelaxed(true)} {
		t.Run(name, func(t *testing.T) {
			over(t, func(k *kit) {
				endpoint := k.endpoint()
				server := func() *zmq.Socket {
					rep := k.open(zmq.Rep)
					_, err := k.listen(rep, endpoint)
					k.ok(err)
					return rep
				}
				rep := server()
				req := k.open(zmq.Req, opt, zmq.WithReconnectInterval(time.Millisecond, time.Millisecond))
				k.ok(k.dial(req, endpoint))
				k.send(req, "ask")
				k.want(rep, "ask")
				k.ok(rep.Close())
				_, err := req.Recv(k.ctx)
				k.is(err, zmq.ErrPeerGone)
				_, err = req.TryRecv() // told once
				k.is(err, zmq.ErrState)
				again := server()
				k.send(req, "ask again")
				k.want(again, "ask again")
				k.send(again, "answer")
				k.want(req, "answer")
			})
		})
	}
}

// Poll says that Recv would return: the error, or the answer that came before the end.
func TestReqFailFastPoll(t *testing.T) {
	over(t, func(k *kit) {
		for _, answered := range []bool{false, true} {
			rep, req := k.pair(zmq.Rep, zmq.Req)
			k.ok(req.Set(zmq.WithReqFailFast(true)))
			k.send(req, "ask")
			k.want(rep, "ask")
			if answered {
				k.send(rep, "answer")
			}
			k.ok(rep.Close())
			p := zmq.NewPoller()
			defer p.Close()
			k.ok(p.Add(req, zmq.PollIn))
			_, err := p.Wait(k.ctx)
			k.ok(err)
			m, err := req.TryRecv()
			switch {
			case answered && (err != nil || m.PopString() != "answer"):
				t.Errorf("the answer is %v, %v", m, err)
			case !answered && !errors.Is(err, zmq.ErrPeerGone):
				t.Errorf("got %v", err)
			}
		}
	})
}

// A request that was not written yet waits for the next connection, and its answer comes.
func TestReqFailFastKeepsWhatWaits(t *testing.T) {
	networked(t, func(k *kit) {
		endpoint := k.endpoint()
		req := k.open(zmq.Req, zmq.WithReqFailFast(true), zmq.WithReconnectInterval(time.Millisecond, time.Millisecond))
		k.ok(k.dial(req, endpoint))
		k.send(req, "ask")
		k.becomes(req, endpoint, func(st zmq.EndpointInfo) bool { return st.Attempts >= 2 })
		rep := k.open(zmq.Rep)
		_, err := k.listen(rep, endpoint)
		k.ok(err)
		k.want(rep, "ask")
		k.send(rep, "answer")
		k.want(req, "answer")
	})
}
