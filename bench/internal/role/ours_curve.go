package role

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-zactor/zactor/bench/internal/job"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// Under CURVE an endpoint is told with the server's public key behind a bar, in
// C too.

// curvePull lets every client in, as libzmq does without an authenticator.
func curvePull(j *job.Job) error {
	own, err := cert.New()
	if err != nil {
		return err
	}
	s, err := zmq.NewPull(context.Background(), zmq.WithCurveServer(own), zmq.WithAllowAnyKey(true))
	if err != nil {
		return err
	}
	defer s.Close()
	bound, err := s.Bind(j.Endpoint)
	if err != nil {
		return err
	}
	j.Ready(bound + "|" + own.Public())
	if err := receive(context.Background(), j, s, release); err != nil {
		return err
	}
	return j.Hold()
}

func curvePush(j *job.Job) error {
	endpoint, serverKey, ok := strings.Cut(j.Endpoint, "|")
	if !ok {
		return fmt.Errorf("no key in %q", j.Endpoint)
	}
	own, err := cert.New()
	if err != nil {
		return err
	}
	to := *j
	to.Endpoint = endpoint
	return call(&to, zmq.NewPush, func(ctx context.Context, s *zmq.Socket) error { return sendReused(ctx, j, s) },
		zmq.WithCurveClient(own, serverKey))
}
