package zmq4_test

import (
	"errors"
	"testing"
	"time"

	zmq "github.com/go-zactor/zactor/compat/pebbe"
)

func TestPoller(t *testing.T) {
	k := newKit(t)
	pull, push := k.pair(zmq.PULL, zmq.PUSH)
	idle := k.open(zmq.PULL)
	p := zmq.NewPoller()
	a, b := p.Add(idle, zmq.POLLIN), p.Add(pull, zmq.POLLIN)
	if got, err := p.Poll(0); len(got) != 0 || err != nil {
		t.Errorf("nothing: %v, %v", got, err)
	}
	if got, err := p.Poll(time.Millisecond); len(got) != 0 || err != nil {
		t.Errorf("nothing for a while: %v, %v", got, err)
	}
	k.send(push, "one", "two")
	got, err := p.Poll(-1)
	if err != nil || len(got) != 1 || got[0] != (zmq.Polled{Socket: pull, Events: zmq.POLLIN}) {
		t.Fatalf("one: %v, %v", got, err)
	}
	if _, err := pull.Recv(0); err != nil {
		t.Fatal(err)
	}
	got, err = p.PollAll(-1) // the second part is still there
	if err != nil || len(got) != 2 || got[0] != (zmq.Polled{Socket: idle}) || got[1].Events != zmq.POLLIN {
		t.Fatalf("all: %v, %v", got, err)
	}
	k.want(pull, "two")
	if was, err := p.Update(a, zmq.POLLIN|zmq.POLLOUT); was != zmq.POLLIN || err != nil {
		t.Errorf("update: %v, %v", was, err)
	}
	if was, err := p.UpdateBySocket(pull, 0); was != zmq.POLLIN || err != nil {
		t.Errorf("update: %v, %v", was, err)
	}
	k.ok(p.Remove(b))
	k.is(p.RemoveBySocket(pull), zmq.ErrorNoSocket)
	k.is(p.Remove(7), zmq.ErrorNoSocket)
	_, err = p.Update(-1, 0)
	k.is(err, zmq.ErrorNoSocket)
	p.Add(push, zmq.POLLOUT)
	if got, err := p.Poll(-1); err != nil || len(got) != 1 || got[0].Socket != push || got[0].Events != zmq.POLLOUT {
		t.Errorf("out: %v, %v", got, err)
	}
	k.ok(push.Close())
	_, err = p.Poll(-1)
	k.is(err, zmq.ErrorSocketClosed)
}

func TestReactor(t *testing.T) {
	k := newKit(t)
	pull, push := k.pair(zmq.PULL, zmq.PUSH)
	r := zmq.NewReactor()
	if err := r.Run(0); err == nil {
		t.Error("it runs with nothing in it")
	}
	enough := errors.New("enough")
	var values, ticks, messages int
	ch := make(chan any, 4)
	ch <- 1
	ch <- 2
	close(ch)
	id := r.AddChannel(ch, 1, func(v any) error { values += v.(int); return nil })
	if err := r.Run(-1); err == nil {
		t.Error("channels, and no interval")
	}
	clock := make(chan time.Time)
	go func() {
		for range 3 {
			clock <- time.Time{}
		}
	}()
	r.AddChannelTime(clock, 0, func(any) error { ticks++; k.send(push, "x"); return nil })
	r.AddSocket(pull, zmq.POLLIN, func(zmq.State) error {
		k.want(pull, "x")
		if messages++; messages == 3 {
			return enough
		}
		return nil
	})
	k.is(r.Run(time.Millisecond), enough)
	if values != 3 || ticks != 3 {
		t.Errorf("values %d, ticks %d", values, ticks)
	}
	r.RemoveChannel(id)
	r.RemoveSocket(pull)
}

func TestMonitor(t *testing.T) {
	k := newKit(t)
	pull := k.open(zmq.PULL)
	k.ok(pull.Monitor("inproc://events", zmq.EVENT_LISTENING|zmq.EVENT_ACCEPTED|zmq.EVENT_HANDSHAKE_SUCCEEDED|zmq.EVENT_DISCONNECTED))
	events := k.open(zmq.PAIR)
	k.ok(events.Connect("inproc://events"))
	k.ok(pull.Bind("tcp://127.0.0.1:*"))
	push := k.open(zmq.PUSH)
	k.ok(push.Connect(k.last(pull)))
	for _, want := range []zmq.Event{zmq.EVENT_LISTENING, zmq.EVENT_ACCEPTED, zmq.EVENT_HANDSHAKE_SUCCEEDED, zmq.EVENT_DISCONNECTED} {
		kind, addr, value, err := events.RecvEvent(0)
		k.ok(err)
		if kind != want || addr == "" || want == zmq.EVENT_LISTENING && value <= 0 {
			t.Errorf("%v at %q with %d, want %v", kind, addr, value, want)
		}
		if want == zmq.EVENT_HANDSHAKE_SUCCEEDED {
			k.ok(push.Close())
		}
	}
}

func TestProxies(t *testing.T) {
	k := newKit(t)
	front, back, capture, control := k.open(zmq.ROUTER), k.open(zmq.DEALER), k.open(zmq.PUSH), k.open(zmq.PAIR)
	for _, s := range []*zmq.Socket{front, back, capture} {
		k.ok(s.Bind("tcp://127.0.0.1:*"))
	}
	k.ok(control.Bind("inproc://control"))
	steer, req, rep, copies := k.open(zmq.PAIR), k.open(zmq.REQ), k.open(zmq.REP), k.open(zmq.PULL)
	k.ok(steer.Connect("inproc://control"))
	k.ok(req.Connect(k.last(front)))
	k.ok(rep.Connect(k.last(back)))
	k.ok(copies.Connect(k.last(capture)))
	done := make(chan error)
	go func() { done <- zmq.ProxySteerable(front, back, capture, control) }()
	k.send(req, "ask")
	k.want(rep, "ask")
	k.send(rep, "answer")
	k.want(req, "answer")
	for _, want := range []string{"ask", "answer"} {
		if m, err := copies.RecvMessage(0); err != nil || m[len(m)-1] != want {
			t.Errorf("captured %q, %v", m, err)
		}
	}
	k.send(steer, "TERMINATE")
	k.ok(<-done)
	go func() { done <- zmq.Proxy(front, back, nil) }()
	k.send(req, "more")
	k.want(rep, "more")
	ended := make(chan error)
	go func() { ended <- k.ctx.Term() }()
	k.is(<-done, zmq.ETERM)
	for _, s := range []*zmq.Socket{front, back, capture, control, steer, req, rep, copies} {
		s.Close()
	}
	k.ok(<-ended)
}
