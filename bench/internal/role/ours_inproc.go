package role

import (
	"context"

	"github.com/go-zactor/zactor/bench/internal/job"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// inproc joins two sockets of this process, of which the second works in a
// goroutine of its own.
func inproc(j *job.Job, here, there opener, work, other func(context.Context, *zmq.Socket) error) error {
	ctx := zmq.NewContext(context.Background())
	near, err := here(ctx)
	if err != nil {
		return err
	}
	defer near.Close()
	if _, err := near.Bind(j.Endpoint); err != nil {
		return err
	}
	far, err := there(ctx)
	if err != nil {
		return err
	}
	defer far.Close()
	if err := far.Connect(j.Endpoint); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- other(ctx, far) }()
	if err := work(ctx, near); err != nil {
		return err
	}
	return <-done
}

// inprocOneWay sends every message from a goroutine and receives it here.
func inprocOneWay(j *job.Job, frame func(int) []byte, done func(*msg.Msg)) error {
	return inproc(j, zmq.NewPull, zmq.NewPush,
		func(ctx context.Context, s *zmq.Socket) error { return receive(ctx, j, s, done) },
		func(ctx context.Context, s *zmq.Socket) error { return sendEach(ctx, j, s, frame) })
}

func inprocPlain(j *job.Job) error { return inprocOneWay(j, fresh, keep) }
func inprocReuse(j *job.Job) error { return inprocOneWay(j, pooled, release) }

// batchLength is how many messages the batch calls are given room for.
const batchLength = 64

func inprocBatch(j *job.Job) error {
	return inproc(j, zmq.NewPull, zmq.NewPush,
		func(ctx context.Context, s *zmq.Socket) error { return receiveBatches(ctx, j, s) },
		func(ctx context.Context, s *zmq.Socket) error { return sendBatches(ctx, j, s) })
}

func sendBatches(ctx context.Context, j *job.Job, s *zmq.Socket) error {
	batch := make([]msg.Msg, batchLength)
	for left := j.Total(); left > 0; left -= len(batch) {
		batch = batch[:min(left, batchLength)]
		for i := range batch {
			batch[i] = msg.New(pooled(j.Size))
		}
		if _, err := s.SendBatch(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// receiveBatches takes batches, and gives their messages out one by one.
func receiveBatches(ctx context.Context, j *job.Job, s *zmq.Socket) error {
	var batch [batchLength]msg.Msg
	next, end := 0, 0
	return j.OneWay(func() (err error) {
		if next == end {
			next = 0
			if end, err = s.RecvBatch(ctx, batch[:]); err != nil {
				return err
			}
		}
		batch[next].Release()
		next++
		return nil
	})
}

func inprocAsk(j *job.Job) error {
	return inproc(j, zmq.NewReq, zmq.NewRep,
		func(ctx context.Context, s *zmq.Socket) error { return askAll(ctx, j, s) },
		func(ctx context.Context, s *zmq.Socket) error { return replyAll(ctx, j, s) })
}
