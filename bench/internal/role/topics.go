package role

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/go-zactor/zactor/bench/internal/job"
	"github.com/go-zactor/zactor/zmq"
)

// One subscriber with many subscriptions (Peers of them), of which every message
// matches one. The publisher tells what they take, and what a message costs that
// nobody wants; the sink tells how fast the messages come, and when it left.

// topicBytes is the length of every topic.
const topicBytes = 16

// topic is the i-th; C has the same.
func topic(b []byte, i int) []byte {
	return fmt.Appendf(b, "%016x", uint64(i+1)*0x9E3779B97F4A7C15)
}

// misses is how many messages are published that nobody wants.
const misses = 300_000

// topicsPayloads are the messages that match, made before anything is measured:
// some thousand different ones, spread over all topics.
func topicsPayloads(j *job.Job) [][]byte {
	list := make([][]byte, min(j.Peers, 4096))
	for i := range list {
		list[i] = append(topic(nil, i*(j.Peers/len(list))), make([]byte, j.Size-topicBytes)...)
	}
	return list
}

// wallClock is the time that two processes share.
func wallClock() float64 { return float64(time.Now().UnixNano()) }

// publisher is what the sequence below needs of a socket.
type publisher struct {
	publish func([]byte) error
	flush   func() error
	event   func() error // waits for one subscription to come or go
}

// measureTopics goes through a subscriber's whole life. base is what was resident
// before it came.
func measureTopics(j *job.Job, base float64, p publisher) error {
	start := time.Now()
	for range j.Peers {
		if err := p.event(); err != nil {
			return err
		}
	}
	subscribed := time.Since(start)
	payloads := topicsPayloads(j)
	bytes := residentBytes() - base
	miss, err := measureMisses(j, p)
	if err != nil {
		return err
	}
	for i := range j.N {
		if err := p.publish(payloads[i%len(payloads)]); err != nil {
			return err
		}
	}
	if err := p.flush(); err != nil {
		return err
	}
	for range j.Peers { // the subscriber leaves
		if err := p.event(); err != nil {
			return err
		}
	}
	fmt.Printf("RESULT subscriptions=%d subscribed=%d bytes=%g miss=%g freed=%.0f\n",
		j.Peers, subscribed.Nanoseconds(), bytes, float64(miss.Nanoseconds())/misses, wallClock())
	return j.Hold()
}

func measureMisses(j *job.Job, p publisher) (time.Duration, error) {
	unwanted := append([]byte("!nobody wants it"), make([]byte, j.Size-topicBytes)...)
	start := time.Now()
	for range misses {
		if err := p.publish(unwanted); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

func topicsPub(j *job.Job) error {
	return serveResident(j, zmq.NewXPub, func(ctx context.Context, s *zmq.Socket, base float64) error {
		return measureTopics(j, base, publisher{
			publish: func(b []byte) error { return s.SendBytes(ctx, b) },
			flush:   func() error { return nil },
			event: func() error {
				m, err := s.Recv(ctx)
				if err == nil && (len(m.Frames) != 1 || len(m.Frames[0]) != 1+topicBytes) {
					return fmt.Errorf("%v is no subscription", m)
				}
				m.Release()
				return err
			},
		})
	}, zmq.WithXPubNoDrop(true))
}

// rawTopics is the floor: a map of whole topics, and one buffered connection.
func rawTopics(j *job.Job) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := residentBytes()
	conns, err := rawAccept(j, l, 1, "XPUB")
	defer closeAll(conns)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	wanted := map[string]struct{}{}
	r, w := bufio.NewReaderSize(conns[0], rawBuffer), bufio.NewWriterSize(conns[0], rawBuffer)
	frame, left := make([]byte, 2+1+topicBytes), 0
	return measureTopics(j, base, publisher{
		publish: func(b []byte) error {
			mu.Lock()
			_, ok := wanted[string(b[:topicBytes])]
			mu.Unlock()
			if !ok {
				return nil
			}
			if _, err := w.Write([]byte{0, byte(len(b))}); err != nil {
				return err
			}
			_, err := w.Write(b)
			return err
		},
		flush: w.Flush,
		event: func() error {
			if left > 0 { // the connection has ended, and all is gone at once
				left--
				return nil
			}
			if _, err := io.ReadFull(r, frame); err == io.EOF {
				left, wanted = len(wanted)-1, nil
				return nil
			} else if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			wanted[string(frame[3:])] = struct{}{}
			return nil
		},
	})
}

// topicsSink subscribes, counts what comes, and leaves.
func topicsSink(j *job.Job) error {
	c, err := dialPeer(j.Endpoint, "SUB")
	if err != nil {
		return err
	}
	defer c.Close()
	if err := subscribeTopics(c, j.Peers); err != nil {
		return err
	}
	elapsed, err := drain([]net.Conn{c}, int64(j.N)*int64(frameBytes(j.Size)))
	if err != nil {
		return err
	}
	closed := wallClock()
	c.Close()
	j.Tell(j.N, elapsed, job.Figure{Name: "closed", Value: closed})
	return j.Hold()
}

func subscribeTopics(c net.Conn, n int) error {
	w := bufio.NewWriterSize(c, rawBuffer)
	var b []byte
	for i := range n {
		b = topic(append(b[:0], 0x00, 1+topicBytes, 0x01), i)
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return w.Flush()
}
