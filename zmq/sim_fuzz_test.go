package zmq_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/vectors"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// fuzzTypes are sockets whose readers differ: boundaries only, a routing id in
// front, subscriptions looked at as they come.
var fuzzTypes = []struct {
	typ  zmq.Type
	peer string
}{{zmq.Pull, "PUSH"}, {zmq.Router, "DEALER"}, {zmq.XPub, "XSUB"}, {zmq.Rep, "REQ"}}

// FuzzSocketInput feeds bytes to a live socket after a good handshake. However the
// network slices them, the same comes out; nothing panics, memory is bounded by what
// was sent, and an honest peer goes on talking.
func FuzzSocketInput(f *testing.F) {
	v := vectors.Load(f)
	for name, text := range v.Frames {
		for typ := range fuzzTypes {
			if !strings.HasPrefix(name, "greeting") {
				f.Add(uint8(typ), uint16(len(name)), vectors.Bytes(f, text))
			}
		}
	}
	stream, _, _ := cutStream()
	messages := stream[len(speakerHello("PUSH")):]
	for typ := range fuzzTypes {
		f.Add(uint8(typ), uint16(3), messages)
		f.Add(uint8(typ), uint16(1000), slices.Concat(messages, messages, wire.AppendSubscribe(nil, wire.V31, []byte("a")), messages))
		f.Add(uint8(typ), uint16(1), slices.Concat([]byte("\x01\x01a"), bytes.Repeat(wire.AppendPing(nil, 0, []byte("c")), 20), []byte("\x01\x01b"),
			wire.AppendPing(nil, 5, nil), []byte("\x00\x01c")))
	}
	groups := slices.Concat(wire.AppendJoin(nil, "g"), wire.AppendJoin(nil, strings.Repeat("g", 255)), wire.AppendLeave(nil, "g"), messages)
	for typ := range fuzzTypes {
		f.Add(uint8(typ), uint16(9), groups) // which only a RADIO understands
	}
	f.Fuzz(func(t *testing.T, typ uint8, slice uint16, data []byte) {
		if len(data) > 64<<10 {
			return
		}
		k := fuzzTypes[int(typ)%len(fuzzTypes)]
		whole := fuzzOnce(t, k.typ, k.peer, zmqtest.Faults{Buffer: 1 << 20}, data)
		sliced := fuzzOnce(t, k.typ, k.peer, zmqtest.Faults{Slice: int(slice)%2000 + 1}, data)
		if !slices.Equal(whole, sliced) {
			t.Errorf("in one piece %q, in slices %q", whole, sliced)
		}
	})
}

// fuzzOnce sends data to a fresh socket and returns what it received.
func fuzzOnce(t *testing.T, typ zmq.Type, peer string, faults zmqtest.Faults, data []byte) (got []string) {
	t.Helper()
	simulate(t, uint64(len(data)), faults, func(s *sim) {
		hwm := 3
		if typ == zmq.XPub {
			hwm = 0 // at the mark it drops, which depends on who is faster
		}
		k := s.bound(typ, zmq.WithRecvHWM(hwm), zmq.WithMaxMsgSize(1<<20))
		raw := s.raw(peer)
		before := allocated()
		s.wg.Go(func() {
			_, _ = raw.Write(data)
			_ = raw.(interface{ CloseWrite() error }).CloseWrite()
		})
		for {
			ctx, cancel := context.WithTimeout(s.ctx, time.Minute) // of a time that only passes when nothing else happens
			m, err := k.Recv(ctx)
			cancel()
			if err != nil {
				break
			}
			if typ == zmq.Router {
				m.Pop() // made up by chance
			}
			got = append(got, fmt.Sprintf("%q", m.Frames))
			if typ == zmq.Rep {
				if err := k.Send(s.ctx, m.Clone()); err != nil {
					s.Fatal(err)
				}
			}
			m.Release()
		}
		if used := allocated() - before; used > uint64(64*len(data))+4<<20 {
			s.Errorf("%d bytes made us allocate %d", len(data), used)
		}
		s.honest(k)
	})
	runtime.KeepAlive(data)
	return got
}

// honest checks that k still serves those who behave.
func (s *sim) honest(k *zmq.Socket) {
	s.Helper()
	switch k.Type() {
	case zmq.Pull, zmq.Router:
		from := s.connected(map[zmq.Type]zmq.Type{zmq.Pull: zmq.Push, zmq.Router: zmq.Dealer}[k.Type()])
		if err := from.SendString(s.ctx, "honest"); err != nil {
			s.Fatal(err)
		}
		m, err := k.Recv(s.ctx)
		if err != nil || string(m.Frames[m.Len()-1]) != "honest" {
			s.Errorf("the honest peer said %v, %v", m, err)
		}
	case zmq.XPub:
		sub := s.connected(zmq.Sub)
		if err := sub.Subscribe("honest"); err != nil {
			s.Fatal(err)
		}
		if err := k.WaitSubscribers(s.ctx, "honest", 1); err != nil {
			s.Fatal(err)
		}
		if err := k.SendString(s.ctx, "honest"); err != nil {
			s.Fatal(err)
		}
		if m, err := sub.RecvString(s.ctx); err != nil || m != "honest" {
			s.Errorf("the honest peer heard %v, %v", m, err)
		}
	case zmq.Rep:
		req := s.connected(zmq.Req)
		if err := req.SendString(s.ctx, "honest"); err != nil {
			s.Fatal(err)
		}
		m, err := k.Recv(s.ctx)
		if err == nil {
			err = k.Send(s.ctx, m)
		}
		if err != nil {
			s.Fatal(err)
		}
		if m, err := req.RecvString(s.ctx); err != nil || m != "honest" {
			s.Errorf("the honest peer heard %v, %v", m, err)
		}
	}
}

// Messages with PINGs strewn in anywhere are the messages without them: short and
// long frames, few PINGs and many, in slices that cut anywhere, and more than a
// receive buffer holds.
func TestSimPingsWithinMessages(t *testing.T) {
	seed := ztest.Seed(t)
	for i := range ztest.Size(12, 2000) {
		rng := stressRand(seed+uint64(i), 3)
		k := fuzzTypes[rng.IntN(2)]
		var stream []byte
		var want []string
		for range 1 + rng.IntN(12) {
			frames := make([][]byte, 1+rng.IntN(6))
			for i := range frames {
				for range rng.IntN(2) * rng.IntN(1+rng.IntN(2000)) {
					stream = wire.AppendPing(stream, 0, make([]byte, rng.IntN(16)))
				}
				frames[i] = bytes.Repeat([]byte{byte(rng.Uint32())}, rng.IntN(1+rng.IntN(1<<rng.IntN(19))))
				var flags byte
				if i+1 < len(frames) {
					flags = wire.FlagMore
				}
				stream = append(wire.AppendHeader(stream, flags, len(frames[i])), frames[i]...)
			}
			want = append(want, fmt.Sprintf("%q", frames))
		}
		faults := zmqtest.Faults{Slice: []int{0, 100, 5000, 100_000}[rng.IntN(4)], Buffer: []int{1000, 64 << 10, 8 << 20}[rng.IntN(3)]}
		simulate(t, seed, faults, func(s *sim) {
			socket := s.bound(k.typ, zmq.WithRecvHWM(2))
			raw := s.raw(k.peer)
			s.wg.Go(func() { _, _ = io.Copy(io.Discard, raw) })
			s.wg.Go(func() { _, _ = raw.Write(stream) })
			for i, w := range want {
				m, err := socket.Recv(s.ctx)
				if err != nil {
					s.Fatal(err)
				}
				if k.typ == zmq.Router {
					m.Pop()
				}
				if got := fmt.Sprintf("%q", m.Frames); got != w {
					s.Fatalf("message %d: %.200s, want %.200s", i, got, w)
				}
				if rng.IntN(2) == 0 {
					m.Release()
				}
			}
		})
		if t.Failed() {
			t.Fatalf("in round %d", i)
		}
	}
}
