package meter

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"github.com/go-zactor/zactor/cmd/zactor/internal/chart"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

const (
	batchSize = 256
	stampSize = 8  // of the time in a message, in nanoseconds since the start
	stampStep = 64 // every so many messages have one
)

// tput measures how many messages a second get through.
func tput(ctx context.Context, app *cli.App, f flags) (result, error) {
	r, err := newRig(ctx, app, f)
	if err != nil {
		return result{}, err
	}
	defer r.close()
	if f.connect != "" {
		return tputFar(ctx, r)
	}
	in, err := r.bound(zmq.Pull)
	if err != nil {
		return result{}, err
	}
	out, err := r.connected(ctx, zmq.Push)
	if err != nil {
		return result{}, err
	}
	return r.run(ctx, "tput", out, []*zmq.Socket{in})
}

// fan measures how many messages a second get from one to all.
func fan(ctx context.Context, app *cli.App, f flags) (result, error) {
	if f.subs < 1 {
		return result{}, cli.Usage("", "--subs %d: must be 1 to 100000", f.subs)
	}
	r, err := newRig(ctx, app, f)
	if err != nil {
		return result{}, err
	}
	defer r.close()
	out, err := r.bound(zmq.Pub, zmq.WithXPubNoDrop(true))
	if err != nil {
		return result{}, err
	}
	var subs []*zmq.Socket
	for range f.subs {
		s, err := r.connected(ctx, zmq.Sub)
		if err != nil {
			return result{}, err
		}
		if err := s.Subscribe(""); err != nil {
			return result{}, err
		}
		subs = append(subs, s)
	}
	wait, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	if err := out.WaitSubscribers(wait, "", f.subs); err != nil {
		return result{}, err
	}
	got, err := r.run(ctx, "fan", out, subs)
	got.Subs = f.subs
	return got, err
}

// run sends to all of in, and measures until each has all.
func (r *rig) run(ctx context.Context, name string, out *zmq.Socket, in []*zmq.Socket) (result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := r.app.Progress(name, uint64(r.f.count*len(in)), cli.Messages)
	defer p.Stop()
	hists := make([]chart.Hist, len(in))
	start := time.Now()
	var wg sync.WaitGroup
	for i, s := range in {
		wg.Go(func() {
			if err := r.drain(ctx, s, &hists[i], start, p); err != nil {
				cancel(err)
			}
		})
	}
	if err := r.pour(ctx, out, start); err != nil {
		cancel(err)
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return result{}, err
	}
	got := r.result(name)
	got.Taken = time.Since(start)
	got.Rate = float64(r.f.count*len(in)) / got.Taken.Seconds()
	got.Bytes = got.Rate * float64(r.f.size)
	got.hist = &hists[0]
	for i := range hists[1:] {
		got.hist.Merge(&hists[1+i])
	}
	return got, nil
}

// pour sends all messages. Some say when they were sent.
func (r *rig) pour(ctx context.Context, out *zmq.Socket, start time.Time) error {
	batch := make([]msg.Msg, 0, batchSize)
	for sent := 0; sent < r.f.count; {
		batch = batch[:0]
		for i := range min(batchSize, r.f.count-sent) {
			m := msg.New(msg.Alloc(r.f.size))
			if r.f.size >= stampSize {
				stamp := uint64(0)
				if (sent+i)%stampStep == 0 {
					stamp = uint64(time.Since(start))
				}
				binary.LittleEndian.PutUint64(m.Frames[0], stamp)
			}
			batch = append(batch, m)
		}
		n, err := out.SendBatch(ctx, batch)
		if sent += n; err != nil {
			return late(err, sent, r.f.count)
		}
	}
	return nil
}

// drain takes all messages.
func (r *rig) drain(ctx context.Context, s *zmq.Socket, h *chart.Hist, start time.Time, p *cli.Progress) error {
	batch := make([]msg.Msg, batchSize)
	for got := 0; got < r.f.count; {
		n, err := s.RecvBatch(ctx, batch)
		if err != nil {
			return late(err, got, r.f.count)
		}
		now := time.Since(start)
		for _, m := range batch[:n] {
			if len(m.Frames[0]) >= stampSize {
				if stamp := binary.LittleEndian.Uint64(m.Frames[0]); stamp > 0 {
					h.Add(now - time.Duration(stamp))
				}
			}
			m.Release()
		}
		got += n
		p.Add(uint64(n))
	}
	return nil
}

// tputFar sends to a peer elsewhere. What it measures is how fast that one takes it, with
// what the system has in its buffers at the end.
func tputFar(ctx context.Context, r *rig) (result, error) {
	out, err := r.connected(ctx, zmq.Push)
	if err != nil {
		return result{}, err
	}
	p := r.app.Progress("tput", uint64(r.f.count), cli.Messages)
	defer p.Stop()
	start := time.Now()
	batch := make([]msg.Msg, 0, batchSize)
	for sent := 0; sent < r.f.count; {
		batch = batch[:0]
		for range min(batchSize, r.f.count-sent) {
			m := msg.New(msg.Alloc(r.f.size))
			clear(m.Frames[0])
			batch = append(batch, m)
		}
		n, err := out.SendBatch(ctx, batch)
		p.Add(uint64(n))
		if sent += n; err != nil {
			return result{}, late(err, sent, r.f.count)
		}
	}
	wait, cancel := context.WithTimeout(ctx, r.f.timeout)
	defer cancel()
	if err := out.Shutdown(wait); err != nil {
		return result{}, err
	}
	got := r.result("tput")
	got.Taken = time.Since(start)
	got.Rate = float64(r.f.count) / got.Taken.Seconds()
	got.Bytes = got.Rate * float64(r.f.size)
	return got, nil
}
