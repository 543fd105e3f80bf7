package demo

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

// Tasks that a worker takes with it when it goes are given out again, and none is
// done by nobody.
func TestWorkSurvivesItsWorker(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), runPatience)
	defer cancel()
	s := sockets{ctx: zmq.NewContext(context.Background())}
	defer s.close()
	push, results, answers := s.open("test", zmq.NewPush), s.open("test", zmq.NewPull), s.open("test", zmq.NewPush)
	at := s.bind(push, anyPort)
	s.connect(answers, s.bind(results, anyPort))
	lazy := s.open("test", zmq.NewPull)
	s.connect(lazy, at)
	if s.err != nil {
		t.Fatal(s.err)
	}
	l, err := zloop.New()
	if err != nil {
		t.Fatal(err)
	}
	w := newWork(l, push)

	if err := push.WaitConnected(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if err := w.issue(); err != nil || w.issued != tasksPerTick {
		t.Fatalf("%d tasks issued, %v", w.issued, err)
	}
	if _, err := lazy.Recv(ctx); err != nil { // it has one in hand, and the others in its queue
		t.Fatal(err)
	}
	lazy.Close()

	diligent := s.open("test", zmq.NewPull)
	s.connect(diligent, at)
	l.Reader(diligent, func(m msg.Msg) error {
		m.Pop()
		x, _ := popNumber(&m)
		if x == 1 {
			answers.TrySend(msg.NewString(msgResult, "1", "2")) // wrong
		}
		return errors.Join(
			answers.TrySend(msg.NewString(msgResult, "x", "y")),
			answers.TrySend(msg.NewString(msgResult, number(x), number(x*x))),
			answers.TrySend(msg.NewString(msgResult, number(x), number(x*x))), // twice
		)
	})
	l.Reader(results, w.done)
	l.Every(time.Millisecond, func() error {
		if w.idle() {
			return zloop.ErrStop
		}
		return nil
	})
	if err := l.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if w.requeued < tasksPerTick || w.issued != tasksPerTick || w.wrong != 1 {
		t.Errorf("%d requeued, %d issued, %d wrong; want %d or more, %[4]d, and 1",
			w.requeued, w.issued, w.wrong, tasksPerTick)
	}
}

func TestWorkWithoutWorkers(t *testing.T) {
	s := sockets{ctx: zmq.NewContext(context.Background())}
	defer s.close()
	push := s.open("test", zmq.NewPush)
	s.bind(push, anyPort)
	if s.err != nil {
		t.Fatal(s.err)
	}
	l, err := zloop.New()
	if err != nil {
		t.Fatal(err)
	}
	w := newWork(l, push)
	if err := w.issue(); err != nil || w.issued != 0 || !w.idle() {
		t.Errorf("%d tasks issued to nobody, %v", w.issued, err)
	}
}

// Sockets are named after whose they are and what for, which is what registry, page and
// errors call them.
func TestSocketsHaveNames(t *testing.T) {
	zctx := zmq.NewContext(t.Context())
	defer zctx.Close()
	s := sockets{ctx: zctx, owner: "node-3"}
	defer s.close()
	if got := s.open("inbox", zmq.NewRouter); s.err != nil || got.String() != `ROUTER "node-3 inbox"` {
		t.Errorf("it is %v (%v)", got, s.err)
	}
}
