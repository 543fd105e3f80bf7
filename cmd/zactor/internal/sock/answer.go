package sock

import (
	"context"
	"errors"
	"io"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// ask sends each request and prints its reply.
func (r *runner) ask(ctx context.Context) error {
	next, stop, err := r.source()
	if err != nil {
		return err
	}
	defer stop()
	for asked := 0; ; {
		ms, err := next(ctx)
		for _, m := range ms {
			if asked > 0 {
				if err := r.pause(ctx); err != nil {
					return err
				}
			}
			if err := r.turn(ctx, m); err != nil {
				return err
			}
			if asked++; asked == r.count {
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *runner) turn(ctx context.Context, m msg.Msg) error {
	r.watch.For("a peer that answers")
	defer r.watch.For("")
	if err := r.socket.Send(ctx, m); err != nil {
		return err
	}
	r.watch.For("the reply")
	reply, err := r.socket.Recv(ctx)
	if err != nil {
		return err
	}
	r.watch.Moved(1)
	return r.print(reply)
}

func (r *runner) print(m msg.Msg) error {
	if _, err := r.out.Write(r.show(nil, m)); err != nil {
		return err
	}
	return r.out.Flush()
}

// answer answers each message that comes.
func (r *runner) answer(ctx context.Context) error {
	answer, stop, err := r.answers()
	if err != nil {
		return err
	}
	defer stop()
	for got := 0; ; {
		r.watch.For("messages")
		m, err := r.socket.Recv(ctx)
		if err != nil {
			return r.enough(err, got)
		}
		r.watch.Moved(1)
		r.watch.For("")
		got++
		if err := answer(ctx, m); err != nil {
			return err
		}
		if got == r.count {
			return nil
		}
	}
}

// answers is how a message is answered.
func (r *runner) answers() (func(context.Context, msg.Msg) error, func(), error) {
	switch {
	case r.exec != "":
		return r.execute, func() {}, nil
	case r.echo:
		return func(ctx context.Context, m msg.Msg) error {
			if err := r.print(m); err != nil {
				return err
			}
			return r.reply(ctx, m)
		}, func() {}, nil
	}
	return r.fromSource()
}

// fromSource answers with what -D says, or with the next message of the source.
func (r *runner) fromSource() (func(context.Context, msg.Msg) error, func(), error) {
	if len(r.data) > 0 {
		fixed, err := r.message()
		return func(ctx context.Context, m msg.Msg) error {
			if err := r.print(m); err != nil {
				return err
			}
			return r.reply(ctx, fixed.Clone())
		}, func() {}, err
	}
	next, stop, err := r.source()
	var ready []msg.Msg
	return func(ctx context.Context, m msg.Msg) error {
		if err := r.print(m); err != nil {
			return err
		}
		for len(ready) == 0 {
			var err error
			if ready, err = next(ctx); errors.Is(err, io.EOF) && len(ready) == 0 {
				return cli.Failed("--echo, --exec CMD and -D TEXT answer every one", "a request has come, and the input for replies has ended")
			} else if err != nil && len(ready) == 0 {
				return err
			}
		}
		reply := ready[0]
		ready = ready[1:]
		return r.reply(ctx, reply)
	}, stop, err
}

// reply sends an answer. That the peer has gone meanwhile is worth a note: others are
// there.
func (r *runner) reply(ctx context.Context, m msg.Msg) error {
	if r.kind.typ == zmq.Stream && len(m.Frames) == 2 && len(m.Frames[1]) == 0 {
		return nil // a peer has come or gone; sent, it would end the connection
	}
	err := r.socket.Send(ctx, m)
	if errors.Is(err, zmq.ErrHostUnreachable) {
		r.app.Note("an answer is lost: %v", err)
		return nil
	}
	return err
}
