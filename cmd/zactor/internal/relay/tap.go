package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-zactor/zactor/cmd/zactor/internal/record"
	"github.com/go-zactor/zactor/zmq"
)

// tapEndpoint is where the copies go, within the proxy's own Context.
const tapEndpoint = "inproc://zactor-proxy-capture"

// tap writes what is sent to the socket that it returns to the file. finish is to be
// called when nothing more comes; it waits for the rest and says what went wrong. fail is
// called when the file can't be written.
func (f flags) tap(zctx *zmq.Context, fail context.CancelFunc) (copies *zmq.Socket, finish func() error, err error) {
	if f.capture == "" {
		return nil, func() error { return nil }, nil
	}
	file, err := os.OpenFile(f.capture, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("--capture: %w", err)
	}
	in, err := zmq.NewPull(zctx)
	if err == nil {
		_, err = in.Bind(tapEndpoint)
	}
	if err == nil {
		copies, err = zmq.NewPush(zctx)
	}
	if err == nil {
		err = copies.Connect(tapEndpoint)
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	written := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		err := write(ctx, in, file)
		if err != nil {
			fail() // else the proxy would wait for room for its copies
		}
		written <- err
	}()
	return copies, func() error {
		wait, stop := context.WithTimeout(ctx, drainTime)
		defer stop()
		sent := copies.Shutdown(wait) // now what was copied is in in's queue
		cancel()
		return errors.Join(sent, <-written, file.Close())
	}, nil
}

// write writes what comes, and when ctx ends what is left.
func write(ctx context.Context, in *zmq.Socket, to io.Writer) error {
	w := record.NewWriter(to)
	defer in.Close()
	for {
		m, err := in.Recv(ctx) // what is ready beats the end of ctx
		if ctx.Err() != nil && err != nil {
			return w.Flush()
		}
		if err != nil {
			return errors.Join(err, w.Flush())
		}
		e := record.Of(m)
		e.Peer = "" // it is the proxy's own
		if err := w.Write(e); err != nil {
			return err
		}
	}
}
