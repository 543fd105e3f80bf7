package zmq_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// extensionEnds are sockets that ask for extension commands, and what a peer says that it
// is and can do.
var extensionEnds = []struct {
	typ        zmq.Type
	opts       []zmq.Option
	peer       string
	properties [][2]string
}{
	{zmq.Pub, []zmq.Option{zmq.WithDurableBounds(20, 2000, time.Minute)}, "SUB",
		[][2]string{{"X-Zactor-Durable", "fuzzer"}, {"X-Zactor-Gaps", "1"}}},
	{zmq.Sub, []zmq.Option{zmq.WithDurable("ours"), zmq.WithGapNotices(true)}, "PUB", [][2]string{{"X-Zactor-Durable", "7"}}},
	{zmq.Push, []zmq.Option{zmq.WithRequeue(true)}, "PULL", [][2]string{{"X-Zactor-Again", "1"}}},
	{zmq.Pull, []zmq.Option{zmq.WithRequeue(true)}, "PUSH", [][2]string{{"X-Zactor-Again", "1"}}},
}

// extensionSeeds are streams of commands that a peer of each kind may send, right and wrong.
func extensionSeeds() (list [][]byte) {
	command := func(kind wire.CommandKind, numbers ...uint64) []byte {
		return wire.AppendExtension(nil, wire.Numbered(kind, numbers...))
	}
	all := wire.AppendSubscribe(nil, wire.V31, nil)
	stored := appendMsg(nil, []byte("again"), []byte("x"))
	return [][]byte{
		slices.Concat(all, command(wire.Resume, 0, 0), command(wire.Taken, 1), command(wire.Taken, 1<<63), command(wire.Resume, 3, 9)),
		slices.Concat(command(wire.Resume, 1, 1<<64-1), all, command(wire.Taken, 0)),
		slices.Concat(command(wire.Begin, 5, 0, 0), appendMsg(nil, []byte("a")), command(wire.Missed, 1, 7), appendMsg(nil, []byte("b")),
			command(wire.Missed, 0, 1<<63), command(wire.Begin, 5, 1<<64-1, 1<<64-1)),
		slices.Concat(appendMsg(nil, []byte("a")), wire.AppendExtension(nil, wire.Command{Kind: wire.Again, Data: stored}),
			wire.AppendExtension(nil, wire.Command{Kind: wire.Again, Data: stored[:3]}), appendMsg(nil, []byte("b"))),
		slices.Concat(wire.AppendExtension(nil, wire.Command{Kind: wire.Unheeded, Data: []byte("\x01aToo many")}), command(wire.Begin, 1)),
		slices.Concat(command(wire.Begin, 1, 2, 3), command(wire.Resume, 1, 2), command(wire.Again), command(wire.Unheeded), command(wire.Missed)),
	}
}

// FuzzExtensions has a peer that may send extension commands send anything, twice: as it
// comes, and again under its name after it has gone. Nothing panics, memory is bounded by
// what was sent, what is kept stays within its bounds, and an honest peer is served.
func FuzzExtensions(f *testing.F) {
	for _, seed := range extensionSeeds() {
		for end := range extensionEnds {
			f.Add(uint8(end), uint16(len(seed)/2), seed)
		}
	}
	f.Fuzz(func(t *testing.T, end uint8, slice uint16, data []byte) {
		if len(data) > 16<<10 {
			return
		}
		e := extensionEnds[int(end)%len(extensionEnds)]
		faults := zmqtest.Faults{Buffer: 1 << 16, Slice: int(slice) % 300}
		simulate(t, uint64(len(data)), faults, func(s *sim) {
			k := s.bound(e.typ, append([]zmq.Option{zmq.WithMaxMsgSize(1 << 20), zmq.WithRecvHWM(5), zmq.WithSendHWM(5)}, e.opts...)...)
			before := allocated()
			for range 2 {
				extensionPeer(s, k, e.peer, e.properties, data)
			}
			if used := allocated() - before; used > uint64(128*len(data))+8<<20 {
				s.Errorf("%d bytes made us allocate %d", len(data), used)
			}
			if st := k.Stats(); st.Panics != 0 || st.Kept > 20 {
				s.Errorf("%d panics, %d kept", st.Panics, st.Kept)
			}
			extensionHonest(s, k)
		})
		runtime.KeepAlive(data)
	})
}

// extensionPeer comes, says its piece while the socket does what it does, and goes.
func extensionPeer(s *sim, k *zmq.Socket, peer string, properties [][2]string, data []byte) {
	c, err := s.net.Dial(s.ctx, simEndpoint)
	if err != nil {
		s.Fatal(err)
	}
	meta := wire.AppendProperty(nil, "Socket-Type", []byte(peer))
	for _, p := range properties {
		meta = wire.AppendProperty(meta, p[0], []byte(p[1]))
	}
	_, _ = c.Write(slices.Concat(speakerGreeting(), wire.AppendCommand(nil, append([]byte("\x05READY"), meta...))))
	s.wg.Go(func() { _, _ = io.Copy(io.Discard, c) })
	synctest.Wait()
	s.wg.Go(func() { _, _ = c.Write(data) })
	for i := range 30 {
		switch k.Type() {
		case zmq.Pub, zmq.Push:
			_ = k.TrySend(msg.New([]byte(fmt.Sprint("message ", i)))) // what has no room is not the matter of this test
		default:
			if m, err := k.TryRecv(); err == nil {
				m.Release()
			}
		}
		time.Sleep(5 * time.Millisecond) // of the bubble's
	}
	synctest.Wait()
	c.Close()
	for k.Stats().Connected > 0 {
		if m, err := k.TryRecv(); err == nil {
			m.Release()
		}
		time.Sleep(time.Millisecond)
	}
}

// extensionHonest lets two of ours speak with each other beside.
func extensionHonest(s *sim, k *zmq.Socket) {
	s.Helper()
	other := map[zmq.Type]zmq.Type{zmq.Pub: zmq.Sub, zmq.Sub: zmq.Pub, zmq.Push: zmq.Pull, zmq.Pull: zmq.Push}[k.Type()]
	var opts []zmq.Option
	if other == zmq.Sub {
		opts = append(opts, zmq.WithDurable("honest"))
	}
	peer := s.open(other, opts...)
	from, to := peer, k
	if k.Type() == zmq.Pub || k.Type() == zmq.Push {
		from, to = k, peer
	}
	if to.Type() == zmq.Sub {
		if err := to.Subscribe(""); err != nil {
			s.Fatal(err)
		}
	}
	if err := peer.Connect(simEndpoint); err != nil {
		s.Fatal(err)
	}
	s.linked(from)
	// What the peers before have subscribed to may stand in the index still, so that it does
	// not tell when the honest one has. A second of the bubble's is enough for an answer.
	for range 100 {
		if extensionHeard(s, from, to) {
			return
		}
	}
	s.Fatalf("%v: no message of an honest peer arrives", k.Type())
}

// extensionHeard sends a message, and reports whether it comes within a second.
func extensionHeard(s *sim, from, to *zmq.Socket) bool {
	ctx, end := context.WithTimeout(s.ctx, time.Second)
	defer end()
	_ = from.SendString(ctx, "honest") // without room it is sent the next time
	for {
		m, err := to.Recv(ctx)
		if err != nil {
			return false
		}
		if bytes.Equal(m.Frames[0], []byte("honest")) {
			return true
		}
	}
}

// topicEnds are sockets to which a peer says what it wants.
var topicEnds = []struct {
	typ  zmq.Type
	opts []zmq.Option
	peer string
}{
	{zmq.Radio, nil, "DISH"}, {zmq.XPub, []zmq.Option{zmq.WithXPubManual(true)}, "SUB"},
	{zmq.Pub, nil, "SUB"}, {zmq.XPub, []zmq.Option{zmq.WithXPubVerboser(true)}, "XSUB"},
}

// FuzzTopics has a peer subscribe and join as it likes. However the network slices it, the
// same messages go to it; when it has gone an honest peer is served.
func FuzzTopics(f *testing.F) {
	joins := slices.Concat(wire.AppendJoin(nil, "a"), wire.AppendJoin(nil, "ab"), wire.AppendLeave(nil, "a"), wire.AppendJoin(nil, ""),
		wire.AppendLeave(nil, "never"), wire.AppendJoin(nil, "a"), wire.AppendJoin(nil, "a"), wire.AppendLeave(nil, "a"))
	subs := slices.Concat(wire.AppendSubscribe(nil, wire.V31, []byte("a")), []byte("\x00\x02\x01b\x00\x02\x01a\x00\x02\x00a"),
		[]byte("\x04\x0a\x09SUBSCRIBE\x04\x0d\x06CANCELa"), []byte("\x00\x01\x01\x00\x01\x00"))
	for end := range topicEnds {
		for _, seed := range [][]byte{joins, subs, slices.Concat(joins, subs), joins[:len(joins)-1]} {
			f.Add(uint8(end), uint16(7), seed)
		}
	}
	f.Fuzz(func(t *testing.T, end uint8, slice uint16, data []byte) {
		if len(data) > 16<<10 {
			return
		}
		e := topicEnds[int(end)%len(topicEnds)]
		whole := topicsOnce(t, e.typ, e.opts, e.peer, zmqtest.Faults{Buffer: 1 << 20}, data)
		sliced := topicsOnce(t, e.typ, e.opts, e.peer, zmqtest.Faults{Slice: int(slice)%500 + 1}, data)
		if !slices.Equal(whole, sliced) {
			t.Errorf("in one piece %q, in slices %q", whole, sliced)
		}
	})
}

// topicsOnce returns which of some topics a peer gets that has sent data; nil if it was cut
// off.
func topicsOnce(t *testing.T, typ zmq.Type, opts []zmq.Option, peer string, faults zmqtest.Faults, data []byte) (got []string) {
	t.Helper()
	simulate(t, 1, faults, func(s *sim) {
		k := s.bound(typ, append([]zmq.Option{zmq.WithSendHWM(0)}, opts...)...)
		raw := s.raw(peer)
		s.wg.Go(func() { _, _ = raw.Write(data) })
		synctest.Wait()
		topicReports(k)
		_ = s.heard(raw)
		probes := []string{"", "a", "ab", "b", "never", "\x00", string(data[:min(len(data), 3)])}
		for i, probe := range probes {
			m := msg.NewString(probe + fmt.Sprintf("|%d|", i))
			if typ == zmq.Radio {
				if len(probe) > 15 || bytes.IndexByte([]byte(probe), 0) >= 0 || probe == "" {
					continue
				}
				m = msg.NewString(fmt.Sprintf("|%d|", i))
				m.SetGroup(probe)
			}
			if err := k.TrySend(m); err != nil {
				s.Fatal(err)
			}
		}
		heard := s.heard(raw)
		if k.Stats().Connected > 0 {
			for i := range probes {
				if bytes.Contains(heard, fmt.Appendf(nil, "|%d|", i)) {
					got = append(got, probes[i])
				}
			}
		}
		raw.Close()
		for k.Stats().Connected > 0 {
			time.Sleep(time.Millisecond)
		}
		topicReports(k)
		if st := k.Stats(); st.Panics != 0 {
			s.Errorf("%d panics", st.Panics)
		}
		topicHonest(s, k)
	})
	return got
}

// topicReports lets a program answer an XPUB's reports, which with XPUB_MANUAL is what
// makes them count.
func topicReports(k *zmq.Socket) {
	for k.Type() == zmq.XPub {
		m, err := k.TryRecv()
		if err != nil {
			return
		}
		if f := m.Frames[0]; len(f) > 0 && f[0] == 1 {
			_ = k.Subscribe(string(f[1:])) // refused without XPUB_MANUAL
		} else if len(f) > 0 {
			_ = k.Unsubscribe(string(f[1:]))
		}
		m.Release()
	}
}

func topicHonest(s *sim, k *zmq.Socket) {
	s.Helper()
	if k.Type() != zmq.Radio {
		sub := s.connected(zmq.Sub)
		if err := sub.Subscribe("honest"); err != nil {
			s.Fatal(err)
		}
		s.linked(sub)
		for got := ""; got != "honest"; {
			synctest.Wait()
			topicReports(k)
			if err := k.TrySend(msg.NewString("honest")); err != nil {
				s.Fatal(err)
			}
			if m, err := sub.TryRecv(); err == nil {
				got = m.PopString()
			}
			time.Sleep(time.Millisecond)
		}
		return
	}
	dish := s.connected(zmq.Dish)
	if err := dish.Join("honest"); err != nil {
		s.Fatal(err)
	}
	if err := k.WaitSubscribers(s.ctx, "honest", 1); err != nil {
		s.Fatal(err)
	}
	m := msg.NewString("heard")
	m.SetGroup("honest")
	if err := k.Send(s.ctx, m); err != nil {
		s.Fatal(err)
	}
	if text, err := dish.RecvString(s.ctx); err != nil || text != "heard" {
		s.Errorf("the honest DISH heard %q, %v", text, err)
	}
}
