package meter

import (
	"context"
	"time"

	"github.com/go-zactor/zactor/cmd/zactor/internal/chart"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// lat measures round trips. A peer elsewhere gets as many messages as -n says and none to
// warm up, since libzmq's local_lat counts them.
func lat(ctx context.Context, app *cli.App, f flags) (result, error) {
	r, err := newRig(ctx, app, f)
	if err != nil {
		return result{}, err
	}
	defer r.close()
	warm := 0
	if f.connect == "" {
		warm = min(f.count/10, 1000)
		echo, err := r.bound(zmq.Rep)
		if err != nil {
			return result{}, err
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			answer(ctx, echo, 0, nil)
		}()
		defer func() { echo.Close(); <-ended }()
	}
	s, err := r.connected(ctx, zmq.Req)
	if err != nil {
		return result{}, err
	}
	h := new(chart.Hist)
	p := app.Progress("lat", uint64(f.count+warm), cli.Messages)
	defer p.Stop()
	start := time.Now()
	for i := range f.count + warm {
		if i == warm {
			start = time.Now()
		}
		took, err := trip(ctx, s, f.size)
		if err != nil {
			return result{}, late(err, i, f.count+warm)
		}
		if i >= warm {
			h.Add(took)
		}
		p.Add(1)
	}
	got := r.result("lat")
	got.Taken, got.hist = time.Since(start), h
	got.Rate = float64(f.count) / got.Taken.Seconds()
	return got, nil
}

func trip(ctx context.Context, s *zmq.Socket, size int) (time.Duration, error) {
	m := msg.New(msg.Alloc(size))
	start := time.Now()
	if err := s.Send(ctx, m); err != nil {
		return 0, err
	}
	m, err := s.Recv(ctx)
	took := time.Since(start)
	m.Release()
	return took, err
}

// answer sends back what comes, n times or until the socket closes.
func answer(ctx context.Context, s *zmq.Socket, n int, moved func()) (got int, err error) {
	for got = 0; n == 0 || got < n; got++ {
		m, err := s.Recv(ctx)
		if err != nil {
			return got, err
		}
		if err := s.Send(ctx, m); err != nil {
			return got, err
		}
		if moved != nil {
			moved()
		}
	}
	return got, nil
}
