package zmq_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// A ROUTER asks whether one peer has room, before it makes the message.
func ExampleSocket_HasRoom() {
	ctx := context.Background()
	router := must(zmq.NewRouter(ctx, zmq.WithSendHWM(2), zmq.WithLinger(0)))
	defer router.Close()
	// Named beforehand, the peer has a queue before it is there.
	check(router.Connect("tcp://127.0.0.1:9", zmq.WithConnectRoutingID("joe")))
	for {
		room := must(router.HasRoom([]byte("joe")))
		fmt.Println("room for joe:", room)
		if !room {
			break
		}
		check(router.SendString(ctx, "joe", "work"))
	}
	_, err := router.HasRoom([]byte("ann"))
	fmt.Println("ann is there:", !errors.Is(err, zmq.ErrHostUnreachable))
	// Output:
	// room for joe: true
	// room for joe: true
	// room for joe: false
	// ann is there: false
}

// Whose turn it is on a REQ and a REP, without a call that fails out of turn.
func ExampleSocket_Turn() {
	ctx := context.Background()
	rep, req := must(zmq.NewRep(ctx)), must(zmq.NewReq(ctx))
	defer rep.Close()
	defer req.Close()
	check(req.Connect(must(rep.Bind("inproc://turn"))))
	say := func(when string) {
		fmt.Printf("%s: REQ sends %v, REP sends %v\n", when, req.Turn() == zmq.PollOut, rep.Turn() == zmq.PollOut)
	}
	say("at first")
	check(req.SendString(ctx, "question"))
	must(rep.RecvString(ctx))
	say("asked")
	check(rep.SendString(ctx, "answer"))
	must(req.RecvString(ctx))
	say("answered")
	// Output:
	// at first: REQ sends true, REP sends false
	// asked: REQ sends false, REP sends true
	// answered: REQ sends true, REP sends false
}

// parts is what a face in another language, which is given a message part by part, keeps
// of it until the last one.
type parts struct {
	s    *zmq.Socket
	kept msg.Msg
}

// send takes a part. The first is refused when there is no room for a message: nobody else
// takes the place while one thread uses the socket, and so the last part finds it.
func (p *parts) send(part string, more bool) error {
	if p.kept.Len() == 0 && p.s.Poll()&zmq.PollOut == 0 {
		return zmq.ErrAgain
	}
	p.kept.AppendString(part)
	if more {
		return nil
	}
	m := p.kept
	p.kept = msg.Msg{}
	return p.s.TrySend(m)
}

// A place for a multipart message is there before its first part, or the first part is
// refused: no message is begun that can't be ended.
func Example_multipart() {
	ctx := context.Background()
	push := must(zmq.NewPush(ctx, zmq.WithSendHWM(1), zmq.WithLinger(0)))
	defer push.Close()
	check(push.Connect("tcp://127.0.0.1:9")) // nobody is there: one message may wait
	face := &parts{s: push}
	fmt.Println(face.send("head", true), face.send("body", false))
	fmt.Println(errors.Is(face.send("next head", true), zmq.ErrAgain))
	// Output:
	// <nil> <nil>
	// true
}

// Whom a message is from: an identity that can be compared, and all that the peer has
// told. What it says of itself is not vouched for; UserID is, by the authenticator.
func Example_peer() {
	ctx := context.Background()
	pull := must(zmq.NewPull(ctx))
	defer pull.Close()
	endpoint := must(pull.Bind("tcp://127.0.0.1:*"))
	push := must(zmq.NewPush(ctx, zmq.WithMetadata("X-Role", "camera")))
	defer push.Close()
	check(push.Connect(endpoint))
	check(push.SendString(ctx, "one"))
	check(push.SendString(ctx, "two"))

	first, second := must(pull.Recv(ctx)).Peer(), must(pull.Recv(ctx)).Peer()
	fmt.Println("the same peer:", first.ID() == second.ID())
	fmt.Println(first.Properties()["Socket-Type"], first.Property("X-Role"), first.Mechanism)
	fmt.Println("by its descriptor:", first.FD() == pull.Peers()[0].FD && first.ID() == pull.Peers()[0].ID)
	// Output:
	// the same peer: true
	// PUSH camera NULL
	// by its descriptor: true
}

// Of what kind an error of an endpoint is, without reading its text.
func ExampleEndpointError() {
	ctx := context.Background()
	pull := must(zmq.NewPull(ctx))
	defer pull.Close()
	endpoint := must(pull.Bind("tcp://127.0.0.1:*"))
	other := must(zmq.NewPull(ctx))
	defer other.Close()
	for _, e := range []string{endpoint, "tcp://127.0.0.1", "carrier-pigeon://roof"} {
		_, err := other.Bind(e)
		var wrong *zmq.EndpointError
		if errors.As(err, &wrong) {
			fmt.Println(wrong.Op, wrong.Kind)
		}
	}
	// Output:
	// bind in use
	// bind syntax
	// bind transport
}
