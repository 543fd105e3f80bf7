package zmq_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// A peer that has subscribed to a million topics, or joined as many groups, goes: all of
// it is forgotten and its memory free, and senders do not stand still meanwhile.
func TestLeavingWithManyTopics(t *testing.T) {
	subscribe := func(dst []byte, topic string) []byte { return wire.AppendSubscribe(dst, wire.V31, []byte(topic)) }
	for _, c := range []struct {
		name string
		typ  zmq.Type
		says string
		ask  func(dst []byte, topic string) []byte
		opts []zmq.Option
	}{
		{"pub", zmq.Pub, "SUB", subscribe, nil},
		{"xpub", zmq.XPub, "SUB", subscribe, nil},
		{"manual", zmq.XPub, "SUB", subscribe, []zmq.Option{zmq.WithXPubManual(true)}},
		{"radio", zmq.Radio, "DISH", wire.AppendJoin, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stressSocket(t, t.Context(), c.typ, c.opts...)
			_, addr, _ := strings.Cut(stressBind(t, s, "tcp://127.0.0.1:*"), "://")
			if c.typ == zmq.XPub {
				heedReports(t, s, len(c.opts) > 0)
			}
			n := ztest.Size(20_000, 1_000_000)
			wants := speakerHello(c.says)
			for i := range n {
				wants = c.ask(wants, fmt.Sprintf("topic%08d", i))
			}
			served(t, s, addr, c.says, c.ask)
			before := ztest.Measure()
			nc := subscribedRaw(t, s, addr, wants, fmt.Sprintf("topic%08d", n-1))
			each := int(ztest.Measure().Heap-before.Heap) / n
			if most := 300; each > most && c.typ != zmq.XPub { // what an XPUB's program has to hear comes on top
				t.Errorf("a topic takes %d bytes, %d are allowed", each, most)
			}
			alone := sendTimes(t, s, func() bool { return true }, 20_000)
			_ = nc.Close()
			began := time.Now()
			beside := sendTimes(t, s, func() bool { return len(s.Peers()) > 1 }, 0)
			freed := time.Since(began)
			if after, ok := ztest.Settled(before, 8<<20); !ok {
				t.Errorf("before %+v, after %+v", before, after)
			}
			ztest.Record(t, "A11", c.name, "%d topics of one peer, %d bytes each, are gone after %v; p99 of Send to another %v, beside their removal %v, longest %v (%d sends)",
				n, each, freed.Round(time.Millisecond), at99(alone), at99(beside), beside[len(beside)-1].Round(time.Microsecond), len(beside))
		})
	}
}

// served connects another peer, which has one topic, and reads what is sent for it.
func served(t *testing.T, s *zmq.Socket, addr, says string, ask func(dst []byte, topic string) []byte) {
	nc := subscribedRaw(t, s, addr, ask(speakerHello(says), "sent"), "sent")
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(io.Discard, nc)
	}()
	t.Cleanup(func() { _ = nc.Close(); <-done })
}

// heedReports is the program of an XPUB, which does what its peers ask for.
func heedReports(t *testing.T, s *zmq.Socket, manual bool) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m, err := range s.Messages(ctx) {
			if err != nil {
				return
			}
			if f := m.Frames[0]; manual && f[0] == 1 {
				_ = s.Subscribe(string(f[1:]))
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
}

// subscribedRaw connects with a bare connection that says what it wants, and waits until
// the last of it is entered.
func subscribedRaw(t *testing.T, s *zmq.Socket, addr string, wants []byte, last string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	if _, err := nc.Write(wants); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.WaitSubscribers(ctx, last, 1); err != nil {
		t.Fatal(err)
	}
	return nc
}

// sendTimes sends, to whoever has asked for it, while there is a reason to, at most so many times if that
// is not 0, and returns how long each took, in order.
func sendTimes(t *testing.T, s *zmq.Socket, while func() bool, most int) (took []time.Duration) {
	t.Helper()
	for len(took) == 0 || while() && (most == 0 || len(took) < most) {
		began := time.Now()
		if err := s.Send(t.Context(), toSend(s)); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took
}

// toSend is a message of the topic, or the group, that served is about.
func toSend(s *zmq.Socket) msg.Msg {
	m := msg.NewString("sent")
	if s.Type() == zmq.Radio {
		m.SetGroup("sent")
	}
	return m
}

func at99(sorted []time.Duration) time.Duration { return sorted[len(sorted)*99/100] }
