package zmq

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// This file adds a socket type, to show that it takes a row and a policy, and nothing
// else: one that sends to the peer that has written last.

// lastWriter is the type's number.
var lastWriter = func() Type {
	kinds = append(kinds, kind{name: "LAST", policy: newLast, speaks: "DEALER"})
	return Type(len(kinds) - 1)
}()

// last is both sides of the type.
type last struct {
	baseSender
	baseReceiver
	from atomic.Pointer[queue.Pipe]
}

func newLast(s *Socket) (sender, receiver) {
	l := &last{baseSender: baseSender{s}}
	return l, l
}

func (l *last) took(t *taken) { l.from.Store(t.from) }

func (l *last) put(frames [][]byte, copied bool) (flush, error) {
	p := l.from.Load()
	if p == nil {
		return flush{}, ErrHostUnreachable
	}
	status, wants := p.Put(nil, frames, copied)
	switch status {
	case queue.OK:
		return flushOf(p, wants), nil
	case queue.Full:
		return flush{}, errWouldBlock
	}
	return flush{}, ErrHostUnreachable
}

func (l *last) remove(p *queue.Pipe) { l.from.CompareAndSwap(p, nil) }

func TestNewType(t *testing.T) {
	for _, endpoint := range []string{"tcp://127.0.0.1:*", "inproc://last"} {
		t.Run(endpoint[:3], func(t *testing.T) {
			ctx := NewContext(t.Context())
			s, err := New(ctx, lastWriter)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			bound, err := s.Bind(endpoint)
			if err != nil {
				t.Fatal(err)
			}
			var peers [2]*Socket
			for i := range peers {
				if peers[i], err = New(ctx, Dealer); err != nil {
					t.Fatal(err)
				}
				defer peers[i].Close()
				if err := peers[i].Connect(bound); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.WaitConnected(ctx, 2); err != nil {
				t.Fatal(err)
			}
			if err := s.TrySend(msg.NewString("to nobody")); !errors.Is(err, ErrHostUnreachable) {
				t.Errorf("before anybody has written: %v", err)
			}
			for _, i := range []int{0, 1, 1, 0} {
				if err := peers[i].SendString(ctx, "question"); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Recv(ctx); err != nil {
					t.Fatal(err)
				}
				if err := s.SendString(ctx, "answer"); err != nil {
					t.Fatal(err)
				}
				if got, err := peers[i].RecvString(ctx); err != nil || got != "answer" {
					t.Fatalf("peer %d: %q, %v", i, got, err)
				}
			}
			if _, err := peers[0].TryRecv(); !errors.Is(err, ErrAgain) {
				t.Errorf("the other peer got something: %v", err)
			}
			if st := s.Stats(); st.Sent != 4 || st.Received != 4 || s.Type().String() != "LAST" {
				t.Errorf("%v: sent %d, received %d", s, st.Sent, st.Received)
			}
		})
	}
}
