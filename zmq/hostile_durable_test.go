package zmq_test

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// A durable subscriber that has subscribed to a million topics comes back with others, or
// gives way to another that is away: what it had is forgotten and its memory free, and
// senders do not stand still meanwhile.
func TestDurableLeavingWithManyTopics(t *testing.T) {
	n := ztest.Size(20_000, 1_000_000)
	for _, c := range []struct {
		name string
		come int // topics of who comes then
		as   string
		goes bool // and goes
	}{
		{"comes back with one", 1, "many", false},
		{"comes back with as many others", n, "many", false},
		{"gives way to one with few", 10, "other", true},
		{"gives way to one with as many", n, "other", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stressSocket(t, t.Context(), zmq.Pub, zmq.WithDurableBounds(10, 0, 0))
			s.SetAwayTopics(n)
			_, addr, _ := strings.Cut(stressBind(t, s, "tcp://127.0.0.1:*"), "://")
			served(t, s, addr, "SUB", func(dst []byte, topic string) []byte { return wire.AppendSubscribe(dst, wire.V31, []byte(topic)) })
			before := ztest.Measure()
			_ = durableRaw(t, s, addr, "many", "topic", n).Close()
			ztest.Eventually(t, "it has gone", func() bool { return len(s.Peers()) == 1 })
			each := int(ztest.Measure().Heap-before.Heap) / n
			if each > 400 {
				t.Errorf("a topic takes %d bytes, 400 are allowed", each)
			}
			alone := sendTimes(t, s, func() bool { return true }, 20_000)
			nc := durableDial(t, addr, c.as, "else", c.come)
			ztest.Eventually(t, "it has come", func() bool { return s.TopicCount() >= n+1+c.come })
			resume := wire.AppendExtension(nil, wire.Numbered(wire.Resume, 0, 0))
			if _, err := nc.Write(resume); err != nil {
				t.Fatal(err)
			}
			if c.goes {
				_ = nc.Close()
			}
			began := time.Now()
			beside := sendTimes(t, s, func() bool { return s.TopicCount() > c.come+1 }, 0)
			freed := time.Since(began)
			if !c.goes { // or what it has is the bytes that the memory is compared with
				_ = nc.Close()
			}
			if after, ok := ztest.Settled(before, uint64(8<<20+400*c.come)); !ok {
				t.Errorf("before %+v, after %+v", before, after)
			}
			ztest.Record(t, "A11", "durable, "+c.name, "%d topics of one peer, %d bytes each, are gone after %v; p99 of Send to another %v, beside their removal %v, longest %v (%d sends)",
				n, each, freed.Round(time.Millisecond), at99(alone), at99(beside), beside[len(beside)-1].Round(time.Microsecond), len(beside))
		})
	}
}

// durableRaw is a durable subscriber that has subscribed, and has said what it has.
func durableRaw(t *testing.T, s *zmq.Socket, addr, name, prefix string, topics int) net.Conn {
	t.Helper()
	had := s.TopicCount()
	nc := durableDial(t, addr, name, prefix, topics)
	ztest.Eventually(t, "its topics are known", func() bool { return s.TopicCount() == had+topics })
	return nc
}

// durableDial connects as a durable subscriber of a name, and subscribes.
func durableDial(t *testing.T, addr, name, prefix string, topics int) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { nc.Close(); <-done })
	meta := wire.AppendProperty(nil, "Socket-Type", []byte("SUB"))
	meta = wire.AppendProperty(meta, "X-Zactor-Durable", []byte(name))
	wants := slices.Concat(speakerGreeting(), wire.AppendCommand(nil, append([]byte("\x05READY"), meta...)))
	for i := range topics {
		wants = wire.AppendSubscribe(wants, wire.V31, fmt.Appendf(nil, "%s%08d", prefix, i))
	}
	go func() {
		defer close(done)
		_, _ = io.Copy(io.Discard, nc)
	}()
	if _, err := nc.Write(wants); err != nil {
		t.Fatal(err)
	}
	return nc
}
