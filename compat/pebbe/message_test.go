package zmq4_test

import (
	"errors"
	"syscall"
	"testing"
	"time"

	zmq "github.com/go-zactor/zactor/compat/pebbe"
)

const eagain = zmq.Errno(syscall.EAGAIN)

// Parts are sent one by one and received one by one.
func TestParts(t *testing.T) {
	k := newKit(t)
	pull, push := k.pair(zmq.PULL, zmq.PUSH)
	for i, part := range []string{"one", "", "three"} {
		flags := zmq.SNDMORE
		if i == 2 {
			flags = 0
		}
		if n, err := push.Send(part, flags); n != len(part) || err != nil {
			t.Fatalf("sent %d, %v", n, err)
		}
	}
	for i, want := range []string{"one", "", "three"} {
		got, err := pull.Recv(0)
		k.ok(err)
		more, err := pull.GetRcvmore()
		k.ok(err)
		if got != want || more != (i < 2) {
			t.Errorf("part %d is %q, more: %v", i, got, more)
		}
	}
}

// SendMessage takes what there is; RecvMessage takes what is left of a message.
func TestMessages(t *testing.T) {
	k := newKit(t)
	pull, push := k.pair(zmq.PULL, zmq.PUSH)
	buf := []byte("bytes")
	n, err := push.SendMessage("a", []string{"b", "c"}, buf, [][]byte{[]byte("d")}, 7, nil, []string{})
	if n != 3+5+1+1+5 || err != nil {
		t.Errorf("sent %d, %v", n, err)
	}
	copy(buf, "XXXXX") // it was copied
	if first, err := pull.Recv(0); first != "a" || err != nil {
		t.Errorf("received %q, %v", first, err)
	}
	k.want(pull, "b", "c", "bytes", "d", "7", "<nil>")
	if n, err := push.SendMessage(); n != 0 || err != nil {
		t.Errorf("nothing: %d, %v", n, err)
	}
	_, err = push.Send("x", zmq.SNDMORE)
	k.ok(err)
	k.send(push, "y")
	k.want(pull, "x", "y")
	_, err = push.SendBytes([]byte("z"), 0)
	k.ok(err)
	if b, err := pull.RecvBytes(0); string(b) != "z" || err != nil {
		t.Errorf("received %q, %v", b, err)
	}
	k.send(push, "p", "q")
	if b, err := pull.RecvMessageBytes(0); len(b) != 2 || string(b[1]) != "q" || err != nil {
		t.Errorf("received %q, %v", b, err)
	}
}

// A call that may not wait, or whose time is over, returns EAGAIN.
func TestAgain(t *testing.T) {
	k := newKit(t)
	pull, push := k.open(zmq.PULL), k.open(zmq.PUSH)
	_, err := pull.Recv(zmq.DONTWAIT)
	k.is(err, eagain)
	k.ok(pull.SetRcvtimeo(time.Millisecond))
	_, err = pull.Recv(0)
	k.is(err, eagain)
	_, err = pull.RecvMessage(0)
	k.is(err, eagain)
	_, err = push.SendMessageDontwait("x")
	k.is(err, eagain)
	k.ok(push.SetSndtimeo(time.Millisecond))
	_, err = push.Send("x", 0)
	k.is(err, eagain)
	if zmq.AsErrno(err) != eagain || !errors.Is(err, syscall.EAGAIN) || err.Error() != syscall.EAGAIN.Error() {
		t.Errorf("EAGAIN is %v", err)
	}
}

// A message whose last part finds no room keeps the others for the next attempt.
func TestPartsWait(t *testing.T) {
	k := newKit(t)
	push := k.open(zmq.PUSH)
	_, err := push.Send("a", zmq.SNDMORE|zmq.DONTWAIT)
	k.ok(err)
	_, err = push.Send("b", zmq.DONTWAIT)
	k.is(err, eagain)
	pull := k.open(zmq.PULL)
	k.ok(pull.Bind("tcp://127.0.0.1:*"))
	k.ok(push.Connect(k.last(pull)))
	_, err = push.Send("b", 0)
	k.ok(err)
	k.want(pull, "a", "b")
}

// REQ and REP in strict turn, errors as numbers.
func TestTurns(t *testing.T) {
	k := newKit(t)
	rep, req := k.pair(zmq.REP, zmq.REQ)
	_, err := req.Recv(0)
	k.is(err, zmq.EFSM)
	_, err = rep.Send("x", 0)
	k.is(err, zmq.EFSM)
	k.send(req, "ask")
	_, err = req.SendMessage("again")
	k.is(err, zmq.EFSM)
	k.want(rep, "ask")
	k.send(rep, "answer")
	k.want(req, "answer")
}

func TestErrors(t *testing.T) {
	k := newKit(t)
	pull, push, router := k.open(zmq.PULL), k.open(zmq.PUSH), k.open(zmq.ROUTER)
	_, err := pull.Send("x", 0)
	k.is(err, zmq.ENOTSUP)
	_, err = push.Recv(0)
	k.is(err, zmq.ENOTSUP)
	k.ok(router.SetRouterMandatory(1))
	_, err = router.SendMessage("nobody", "x")
	k.is(err, zmq.EHOSTUNREACH)
	k.is(pull.Bind("carrier://x"), zmq.EPROTONOSUPPORT)
	k.is(pull.Connect("tcp://"), zmq.Errno(syscall.EINVAL))
	k.is(pull.Bind("udp://127.0.0.1:5555"), zmq.ENOCOMPATPROTO)
	k.ok(pull.Bind("tcp://127.0.0.1:*"))
	k.is(k.open(zmq.PULL).Bind(k.last(pull)), zmq.EADDRINUSE)
	k.is(pull.Unbind("tcp://127.0.0.1:1"), zmq.Errno(syscall.ENOENT))
	k.is(pull.Disconnect("tcp://127.0.0.1:1"), zmq.Errno(syscall.ENOENT))
	k.is(pull.SetSndhwm(-1), zmq.Errno(syscall.EINVAL))
	_, err = k.ctx.NewSocket(zmq.Type(99))
	k.is(err, zmq.Errno(syscall.EINVAL))
	k.ok(pull.Close())
	k.ok(pull.Close())
	_, err = pull.Recv(0)
	k.is(err, zmq.ErrorSocketClosed)
	_, err = pull.GetType()
	k.is(err, zmq.ErrorSocketClosed)
	if zmq.AsErrno(errors.New("other")) != 0 || zmq.Error(int(zmq.ETERM)) != "Context was terminated" {
		t.Error("numbers and texts do not fit")
	}
}

// The context's end is ETERM for calls that wait and for later ones; Term waits for Close.
func TestTerm(t *testing.T) {
	k := newKit(t)
	pull, sub := k.open(zmq.PULL), k.open(zmq.SUB)
	waits := make(chan error)
	go func() { _, err := pull.Recv(0); waits <- err }()
	polls := make(chan error)
	go func() {
		p := zmq.NewPoller()
		p.Add(sub, zmq.POLLIN)
		_, err := p.Poll(-1)
		polls <- err
	}()
	ended := make(chan error, 1)
	go func() { ended <- k.ctx.Term() }()
	k.is(<-waits, zmq.ETERM)
	k.is(<-polls, zmq.ETERM)
	_, err := pull.Recv(zmq.DONTWAIT)
	k.is(err, zmq.ETERM)
	_, err = k.ctx.NewSocket(zmq.PULL)
	k.is(err, zmq.ErrorContextClosed)
	select {
	case <-ended:
		t.Error("Term has not waited for the sockets")
	default:
	}
	k.ok(pull.Close())
	k.ok(sub.Close())
	k.ok(<-ended)
}

// Close returns at once; what was sent still arrives, and Term waits for that.
func TestCloseSends(t *testing.T) {
	k := newKit(t)
	gone := k.open(zmq.PULL)
	k.ok(gone.Bind("tcp://127.0.0.1:*"))
	endpoint := k.last(gone)
	k.ok(gone.Unbind(endpoint))
	ctx, err := zmq.NewContext()
	k.ok(err)
	push, err := ctx.NewSocket(zmq.PUSH)
	k.ok(err)
	k.ok(push.Connect(endpoint))
	k.send(push, "last words")
	k.ok(push.Close()) // nobody is there
	ended := make(chan error, 1)
	go func() { ended <- ctx.Term() }()
	pull := k.open(zmq.PULL)
	k.ok(pull.Bind(endpoint))
	k.want(pull, "last words")
	k.ok(<-ended)
}

func TestString(t *testing.T) {
	k := newKit(t)
	s := k.open(zmq.DEALER)
	k.ok(s.SetIdentity("joe"))
	if got := s.String(); got != `Socket(DEALER,"joe")` {
		t.Error(got)
	}
	k.ok(s.Close())
	if got := s.String(); got != "Socket(CLOSED)" {
		t.Error(got)
	}
	for got, want := range map[string]string{
		zmq.REQ.String(): "REQ", zmq.STREAM.String(): "STREAM", zmq.Type(-1).String(): "<INVALID>",
		(zmq.DONTWAIT | zmq.SNDMORE).String(): "DONTWAIT|SNDMORE", zmq.Flag(0).String(): "<NONE>",
		zmq.POLLIN.String(): "POLLIN", zmq.EVENT_ALL.String(): "EVENT_ALL", zmq.CURVE.String(): "CURVE",
		(zmq.EVENT_CONNECTED | zmq.EVENT_CLOSED).String(): "EVENT_CONNECTED|EVENT_CLOSED", zmq.Mechanism(9).String(): "<INVALID>",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestMetadata(t *testing.T) {
	k := newKit(t)
	router, dealer := k.open(zmq.ROUTER), k.open(zmq.DEALER)
	k.ok(dealer.SetIdentity("joe"))
	k.ok(router.Bind("tcp://127.0.0.1:*"))
	k.ok(dealer.Connect(k.last(router)))
	names := []string{"Socket-Type", "Identity", "Peer-Address", "X-None"}
	want := map[string]string{"Socket-Type": "DEALER", "Identity": "joe", "Peer-Address": "127.0.0.1"}
	k.send(dealer, "one")
	k.send(dealer, "two", "parts")
	id, meta, err := router.RecvWithMetadata(0, names...)
	k.ok(err)
	same(t, meta, want)
	if id != "joe" {
		t.Errorf("from %q", id)
	}
	b, meta, err := router.RecvBytesWithMetadata(0, names...) // of the same message
	k.ok(err)
	same(t, meta, want)
	if string(b) != "one" {
		t.Errorf("received %q", b)
	}
	parts, meta, err := router.RecvMessageWithMetadata(0, names...)
	k.ok(err)
	same(t, meta, want)
	if len(parts) != 3 {
		t.Errorf("received %q", parts)
	}
}

func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, v := range want {
		if got[name] != v {
			t.Errorf("%s is %q, want %q", name, got[name], v)
		}
	}
}
