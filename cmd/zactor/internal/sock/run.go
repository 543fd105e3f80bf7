package sock

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/cmd/zactor/internal/form"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// errEnough ends a command that has done what it was to do.
var errEnough = errors.New("enough")

// do does what the flags say. The end of ctx is the user's wish, and no error where no
// number of messages was asked for.
func (r *runner) do(ctx context.Context) error {
	err := r.work(ctx)
	switch {
	case errors.Is(err, errEnough):
		return nil
	case ctx.Err() != nil && r.count > 0:
		return cli.Failed("-n says how many are wanted; without it what has come will do", "interrupted before there were %d messages", r.count)
	case ctx.Err() != nil:
		return nil
	}
	return r.explain(err)
}

func (r *runner) work(ctx context.Context) error {
	switch {
	case r.kind.typ == zmq.Req:
		return r.ask(ctx)
	case r.kind.typ == zmq.Rep, r.echo, r.exec != "":
		return r.answer(ctx)
	case r.kind.sends && (!r.kind.recvs || r.sendOnly):
		return r.send(ctx)
	case r.kind.sends && !r.recvOnly:
		return r.talk(ctx)
	}
	return r.receive(ctx)
}

// talk sends what there is to send, and prints what comes until there is enough of it.
func (r *runner) talk(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		if err := r.send(ctx); err != nil {
			cancel(err)
		}
	}()
	err := r.receive(ctx)
	if errors.Is(err, errEnough) && (len(r.data) > 0 || r.file != "") {
		<-sent // what it was told to send has an end
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause // the sender's, or the user's
	}
	cancel(err)
	<-sent
	return err
}

// receive prints what comes.
func (r *runner) receive(ctx context.Context) error {
	r.watch.For("messages")
	batch := make([]msg.Msg, batchSize)
	var line []byte
	for got := 0; ; {
		n, err := r.socket.RecvBatch(ctx, r.most(batch, got))
		if err != nil {
			return r.enough(err, got)
		}
		for i := range batch[:n] {
			line = r.show(line[:0], batch[i])
			batch[i].Release()
			if _, err := r.out.Write(line); err != nil {
				return err
			}
		}
		got += n
		r.watch.Moved(n)
		if err := r.out.Flush(); err != nil {
			return err
		}
		if got == r.count && r.count > 0 {
			return errEnough
		}
	}
}

// show is a message as it is printed. Of a STREAM, in the forms for people, that is what
// came and not the peer's id.
func (r *runner) show(line []byte, m msg.Msg) []byte {
	if r.kind.typ != zmq.Stream || len(m.Frames) != 2 {
		return r.format.Append(line, m)
	}
	select {
	case r.firsts <- bytes.Clone(m.Frames[0]):
	default:
	}
	if r.format != form.Text && r.format != form.Safe && r.format != form.Raw {
		return r.format.Append(line, m)
	}
	if len(m.Frames[1]) == 0 {
		return line // a peer has come or gone
	}
	return r.format.Append(line, msg.New(m.Frames[1]))
}

// batchSize is how many messages are taken at once.
const batchSize = 256

// most is the part of a batch that there may still be.
func (r *runner) most(batch []msg.Msg, got int) []msg.Msg {
	if r.count > 0 {
		return batch[:min(len(batch), r.count-got)]
	}
	return batch
}

// enough is the error of waiting in vain, or nil where what has come will do: no number
// was asked for, and something came.
func (r *runner) enough(err error, got int) error {
	switch {
	case !errors.Is(err, zmq.ErrAgain):
		return err
	case r.count == 0 && got > 0:
		return nil
	case r.count > 0:
		return fmt.Errorf("%d of %d messages: %w", got, r.count, err)
	}
	return err
}
