package main

import (
	"context"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Our side: what the C program does, with each way of ours to hold messages.

// opener makes a socket of one type.
type opener func(context.Context, ...zmq.Option) (*zmq.Socket, error)

// serve binds a socket, tells where, does its work, and holds on.
func serve(j *job, open opener, work func(context.Context, *zmq.Socket) error, opts ...zmq.Option) error {
	s, err := open(context.Background(), opts...)
	if err != nil {
		return err
	}
	defer s.Close()
	bound, err := s.Bind(j.endpoint)
	if err != nil {
		return err
	}
	j.ready(bound)
	if err := work(context.Background(), s); err != nil {
		return err
	}
	return j.hold()
}

// call connects a socket, does its work, and holds on.
func call(j *job, open opener, work func(context.Context, *zmq.Socket) error) error {
	s, err := open(context.Background())
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Connect(j.endpoint); err != nil {
		return err
	}
	if err := work(context.Background(), s); err != nil {
		return err
	}
	return j.hold()
}

// receive takes all messages of a run.
func receive(ctx context.Context, j *job, s *zmq.Socket, done func(*msg.Msg)) error {
	return j.oneWay(func() error {
		m, err := s.Recv(ctx)
		done(&m)
		return err
	})
}

// release and keep are the two things that a receiver may do with a message.
func release(m *msg.Msg) { m.Release() }
func keep(*msg.Msg)      {}

func pullRelease(j *job) error {
	return serve(j, zmq.NewPull, func(ctx context.Context, s *zmq.Socket) error { return receive(ctx, j, s, release) })
}

func pullKeep(j *job) error {
	return serve(j, zmq.NewPull, func(ctx context.Context, s *zmq.Socket) error { return receive(ctx, j, s, keep) })
}

// pooledFrom is the size from which a program that cares fills pooled frames
// instead of having its buffer copied.
const pooledFrom = 8 << 10

// lendFrom is the size from which a sender that wants speed takes its frames from
// the pool, and spares the copy that SendBytes makes. libzmq's frames are not
// filled either, in no size.
const lendFrom = 8 << 10

func pushReuse(j *job) error {
	return call(j, zmq.NewPush, func(ctx context.Context, s *zmq.Socket) error {
		if j.size >= lendFrom {
			return sendEach(ctx, j, s, pooled)
		}
		buf := make([]byte, j.size)
		for range j.total() {
			if err := s.SendBytes(ctx, buf); err != nil {
				return err
			}
		}
		return nil
	})
}

func pushPlain(j *job) error {
	return call(j, zmq.NewPush, func(ctx context.Context, s *zmq.Socket) error { return sendEach(ctx, j, s, fresh) })
}

// fresh and pooled are the two places that a frame to send comes from.
func fresh(size int) []byte  { return make([]byte, size) }
func pooled(size int) []byte { return msg.Alloc(size) }

func sendEach(ctx context.Context, j *job, s *zmq.Socket, frame func(int) []byte) error {
	for range j.total() {
		if err := s.Send(ctx, msg.New(frame(j.size))); err != nil {
			return err
		}
	}
	return nil
}

func rep(j *job) error {
	return serve(j, zmq.NewRep, func(ctx context.Context, s *zmq.Socket) error { return replyAll(ctx, j, s) })
}

// replyAll gives back every request as it came.
func replyAll(ctx context.Context, j *job, s *zmq.Socket) error {
	for range j.total() {
		m, err := s.Recv(ctx)
		if err != nil {
			return err
		}
		if err := s.Send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func req(j *job) error {
	return call(j, zmq.NewReq, func(ctx context.Context, s *zmq.Socket) error { return askAll(ctx, j, s) })
}

// askAll sends the same bytes in every request.
func askAll(ctx context.Context, j *job, s *zmq.Socket) error {
	buf := make([]byte, j.size)
	return j.roundTrips(func() error {
		if err := s.SendBytes(ctx, buf); err != nil {
			return err
		}
		m, err := s.Recv(ctx)
		m.Release()
		return err
	})
}

// fanOutPub loses nothing: it waits for each subscriber that is full.
func fanOutPub(j *job) error {
	return serve(j, zmq.NewXPub, func(ctx context.Context, s *zmq.Socket) error {
		if err := s.WaitSubscribers(ctx, "", j.peers); err != nil {
			return err
		}
		buf := make([]byte, j.size)
		for range j.n {
			if err := s.SendBytes(ctx, buf); err != nil {
				return err
			}
		}
		return nil
	}, zmq.WithXPubNoDrop(true))
}
