package role

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/go-zactor/zactor/bench/internal/job"
	"github.com/go-zactor/zactor/zmq"
)

// fanOutPub loses nothing: it waits for each subscriber that is full.
func fanOutPub(j *job.Job) error {
	return serve(j, zmq.NewXPub, func(ctx context.Context, s *zmq.Socket) error {
		if err := s.WaitSubscribers(ctx, "", j.Peers); err != nil {
			return err
		}
		buf := make([]byte, j.Size)
		for range j.N {
			if err := s.SendBytes(ctx, buf); err != nil {
				return err
			}
		}
		return nil
	}, zmq.WithXPubNoDrop(true))
}

// fanInPull takes messages from many senders and counts those of each.
func fanInPull(j *job.Job) error {
	return serve(j, zmq.NewPull, func(ctx context.Context, s *zmq.Socket) error {
		got := make(shares, j.Peers)
		for range j.WarmUp() {
			if err := fanInOne(ctx, s, got); err != nil {
				return err
			}
		}
		clear(got)
		start := time.Now()
		for range j.N {
			if err := fanInOne(ctx, s, got); err != nil {
				return err
			}
		}
		j.Tell(j.N, time.Since(start), job.Figure{Name: "all", Value: float64(j.Total())}, got.slowest(j.N))
		return nil
	})
}

func fanInOne(ctx context.Context, s *zmq.Socket, got shares) error {
	m, err := s.Recv(ctx)
	if err != nil {
		return err
	}
	sender := binary.LittleEndian.Uint32(m.Frames[0])
	m.Release()
	if sender >= uint32(len(got)) {
		return fmt.Errorf("message of sender %d, there are %d", sender, len(got))
	}
	got[sender]++
	return nil
}
