package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

var errStranger = errors.New(stranger)

// worker subscribes and then reports, so that nothing is published between the two
// that it would not hear of. It uses each version of the configuration once.
func worker(ctx context.Context, out io.Writer, at places, name string) error {
	sub, err := zmq.NewSub(ctx)
	if err != nil {
		return err
	}
	defer sub.Close()
	if err := errors.Join(sub.Subscribe(topic), sub.Connect(at.configs)); err != nil {
		return err
	}
	// A report that nobody has answered is simply sent again: the options let a REQ
	// do so, and keep a late answer from being taken for that to a later report.
	req, err := zmq.NewReq(ctx, zmq.WithReqRelaxed(true), zmq.WithReqCorrelate(true),
		zmq.WithRecvTimeout(at.interval), zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer req.Close()
	if err := req.Connect(at.reports); err != nil {
		return err
	}
	version := 0
	published := sub.Chan(ctx)
	for {
		text, err := report(ctx, req, name)
		if err != nil {
			return err
		}
		if version, err = use(out, text, version); err != nil {
			return err
		}
		select {
		case m := <-published:
			if m.Len() == 2 {
				if version, err = use(out, m.Frames[1], version); err != nil {
					return err
				}
			}
		case <-time.After(at.interval):
		}
	}
}

// report says that we are here. The centre's answer may have the configuration.
func report(ctx context.Context, req *zmq.Socket, name string) ([]byte, error) {
	if err := req.SendString(ctx, name); err != nil {
		return nil, err
	}
	answer, err := req.Recv(ctx)
	switch {
	case errors.Is(err, zmq.ErrAgain), errors.Is(err, zmq.ErrPeerGone):
		return nil, nil // nobody is there now, or the centre has gone with the report
	case err != nil:
		return nil, err
	case answer.PopString() == stranger:
		return nil, errStranger
	}
	return answer.Pop(), nil
}

// use takes a configuration on, if it is a new one, and returns its version.
func use(out io.Writer, text []byte, version int) (int, error) {
	if text == nil {
		return version, nil
	}
	var c config
	if err := json.Unmarshal(text, &c); err != nil {
		return version, err
	}
	if c.Version != version {
		fmt.Fprintf(out, "configuration %d: rate %g, workers %v\n", c.Version, c.Rate, c.Workers)
	}
	return c.Version, nil
}
