package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// sent is what the clients know.
type sent struct {
	Sent    int // Shutdown said nil
	Unsent  int // Shutdown said that it was not
	Retries uint64
	Seconds float64
}

func (j *job) clientOptions(at ready) ([]zmq.Option, error) {
	switch j.Mechanism {
	case "plain":
		return []zmq.Option{zmq.WithPlainClient(user, password)}, nil
	case "curve":
		c, err := cert.New()
		return []zmq.Option{zmq.WithCurveClient(c, at.Key)}, err
	}
	return nil, nil
}

// crowd is n clients that come at once.
func crowd(ctx context.Context, j *job, at ready) (sent, error) {
	opts, err := j.clientOptions(at)
	if err != nil {
		return sent{}, err
	}
	var r sent
	var said, unsent atomic.Int64
	var retries atomic.Uint64
	errs := make(chan error, j.N)
	var wg sync.WaitGroup
	start := time.Now()
	for i := range j.N {
		wg.Go(func() {
			again, err := one(ctx, at.Endpoint, fmt.Sprintf("message %d", i), opts)
			retries.Add(again)
			var not *zmq.UnsentError
			switch {
			case err == nil:
				said.Add(1)
			case errors.As(err, &not):
				unsent.Add(1)
			default:
				errs <- err
			}
		})
	}
	wg.Wait()
	r = sent{int(said.Load()), int(unsent.Load()), retries.Load(), time.Since(start).Seconds()}
	select {
	case err = <-errs:
	default:
	}
	return r, err
}

// one is a client: it sends a message and says whether it got there.
func one(ctx context.Context, endpoint, text string, opts []zmq.Option) (retries uint64, err error) {
	s, err := zmq.NewPush(ctx, opts...)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	if err := s.Connect(endpoint); err != nil {
		return 0, err
	}
	if err := s.SendString(ctx, text); err != nil {
		return 0, err
	}
	err = s.Shutdown(ctx)
	return s.Stats().Reconnects, err
}

func clients(j *job, out io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), j.Patience)
	defer cancel()
	r, err := crowd(ctx, j, ready{j.Endpoint, j.Key})
	if err != nil {
		return err
	}
	return say(out, r)
}

// result is both sides'.
type result struct {
	sent
	served
}

// both is server and clients in one process.
func both(j *job, out io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), j.Patience)
	defer cancel()
	p, err := newPull(ctx, j)
	if err != nil {
		return err
	}
	defer p.close()
	r, err := crowd(ctx, j, p.ready)
	if err != nil {
		return err
	}
	last, stop := context.WithTimeout(ctx, settle)
	defer stop()
	p.waitFor(last, r.Sent)
	return say(out, result{r, p.result()})
}

// strangers connect and say nothing, until the input ends.
func strangers(j *job, in io.Reader, out io.Writer) error {
	var wg sync.WaitGroup
	ctx, cancel := context.WithTimeout(context.Background(), j.Patience)
	defer cancel()
	address := strings.TrimPrefix(j.Endpoint, "tcp://")
	var there sync.WaitGroup
	for range j.N {
		there.Add(1)
		wg.Go(func() { silent(ctx, address, j.Stay, sync.OnceFunc(there.Done)) })
	}
	there.Wait()
	if err := say(out, j.N); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, in)
	cancel()
	wg.Wait()
	return err
}

// silent connects, tells that it has, and stays until it is cut.
func silent(ctx context.Context, address string, again bool, there func()) {
	defer there()
	for ctx.Err() == nil {
		nc, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			continue
		}
		there()
		stop := context.AfterFunc(ctx, func() { nc.Close() })
		_, _ = io.Copy(io.Discard, nc)
		stop()
		nc.Close()
		if !again {
			<-ctx.Done()
		}
	}
}
