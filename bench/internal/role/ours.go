package role

import (
	"context"
	"fmt"

	"github.com/go-zactor/zactor/bench/internal/job"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Our side: what the C program does, with each way of ours to hold messages.

// opener makes a socket of one type.
type opener func(context.Context, ...zmq.Option) (*zmq.Socket, error)

// serve binds a socket, tells where, does its work, and holds on.
func serve(j *job.Job, open opener, work func(context.Context, *zmq.Socket) error, opts ...zmq.Option) error {
	return serveResident(j, open, func(ctx context.Context, s *zmq.Socket, _ float64) error { return work(ctx, s) }, opts...)
}

// serveResident is serve for work that wants to know what was resident before
// anyone could come.
func serveResident(j *job.Job, open opener, work func(context.Context, *zmq.Socket, float64) error, opts ...zmq.Option) error {
	s, err := open(context.Background(), opts...)
	if err != nil {
		return err
	}
	defer s.Close()
	bound, err := s.Bind(j.Endpoint)
	if err != nil {
		return err
	}
	base := residentBytes()
	j.Ready(bound)
	if err := work(context.Background(), s, base); err != nil {
		return err
	}
	return j.Hold()
}

// call connects a socket, does its work, and holds on.
func call(j *job.Job, open opener, work func(context.Context, *zmq.Socket) error, opts ...zmq.Option) error {
	s, err := open(context.Background(), opts...)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Connect(j.Endpoint); err != nil {
		return err
	}
	if err := work(context.Background(), s); err != nil {
		return err
	}
	return j.Hold()
}

// receive takes all messages of a run.
func receive(ctx context.Context, j *job.Job, s *zmq.Socket, done func(*msg.Msg)) error {
	return j.OneWay(func() error {
		m, err := s.Recv(ctx)
		if err != nil {
			return err
		}
		if len(m.Frames) != 1 || len(m.Frames[0]) != j.Size {
			return fmt.Errorf("received %v, want %d bytes", m, j.Size)
		}
		done(&m)
		return nil
	})
}

// release and keep are the two things that a receiver may do with a message.
func release(m *msg.Msg) { m.Release() }
func keep(*msg.Msg)      {}

func pullRelease(j *job.Job) error {
	return serve(j, zmq.NewPull, func(ctx context.Context, s *zmq.Socket) error { return receive(ctx, j, s, release) })
}

func pullKeep(j *job.Job) error {
	return serve(j, zmq.NewPull, func(ctx context.Context, s *zmq.Socket) error { return receive(ctx, j, s, keep) })
}

// lendFrom is the size from which a sender that wants speed takes its frames from
// the pool, and spares the copy that SendBytes makes. libzmq's frames are not
// filled either, in no size.
const lendFrom = 8 << 10

func pushReuse(j *job.Job) error {
	return call(j, zmq.NewPush, func(ctx context.Context, s *zmq.Socket) error { return sendReused(ctx, j, s) })
}

func sendReused(ctx context.Context, j *job.Job, s *zmq.Socket) error {
	if j.Size >= lendFrom {
		return sendEach(ctx, j, s, pooled)
	}
	buf := make([]byte, j.Size)
	for range j.Total() {
		if err := s.SendBytes(ctx, buf); err != nil {
			return err
		}
	}
	return nil
}

func pushPlain(j *job.Job) error {
	return call(j, zmq.NewPush, func(ctx context.Context, s *zmq.Socket) error { return sendEach(ctx, j, s, fresh) })
}

// fresh and pooled are the two places that a frame to send comes from.
func fresh(size int) []byte  { return make([]byte, size) }
func pooled(size int) []byte { return msg.Alloc(size) }

func sendEach(ctx context.Context, j *job.Job, s *zmq.Socket, frame func(int) []byte) error {
	for range j.Total() {
		if err := s.Send(ctx, msg.New(frame(j.Size))); err != nil {
			return err
		}
	}
	return nil
}

func rep(j *job.Job) error {
	return serve(j, zmq.NewRep, func(ctx context.Context, s *zmq.Socket) error { return replyAll(ctx, j, s) })
}

// replyAll gives back every request as it came.
func replyAll(ctx context.Context, j *job.Job, s *zmq.Socket) error {
	for range j.Total() {
		m, err := s.Recv(ctx)
		if err != nil {
			return err
		}
		// As in every row called reuse: what was received is given back.
		err = s.SendBytes(ctx, m.Frames...)
		m.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

func req(j *job.Job) error {
	return call(j, zmq.NewReq, func(ctx context.Context, s *zmq.Socket) error { return askAll(ctx, j, s) })
}

// askAll sends the same bytes in every request.
func askAll(ctx context.Context, j *job.Job, s *zmq.Socket) error {
	buf := make([]byte, j.Size)
	return j.RoundTrips(func() error {
		if err := s.SendBytes(ctx, buf); err != nil {
			return err
		}
		m, err := s.Recv(ctx)
		m.Release()
		return err
	})
}
