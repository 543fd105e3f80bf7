package queue

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

func frames(parts ...string) [][]byte { return msg.NewString(parts...).Frames }

// pair is two joined pipes.
func pair(sendA, recvB int) (a, b *Pipe, ea, eb *ear) {
	ea, eb = &ear{}, &ear{}
	a = NewJoinable(ea, Limits{SendHWM: sendA, RecvHWM: 1000})
	b = NewJoinable(eb, Limits{SendHWM: 1000, RecvHWM: recvB})
	a.SetOrigin(&buf.Origin{})
	b.SetOrigin(&buf.Origin{})
	return a, b, ea, eb
}

// fill puts messages until one is refused, and counts them.
func fill(p *Pipe, most int) int {
	for n := range most {
		if s, _ := p.Put(nil, frames(fmt.Sprint(n)), false); s != OK {
			return n
		}
	}
	return most
}

// libzmq's account over inproc: both marks together; none at all when either side
// has none.
func TestJoinedMarks(t *testing.T) {
	for _, tt := range []struct{ send, recv, want int }{{1000, 1000, 2000}, {1, 1, 2}, {3, 4, 7}, {1, 0, 9999}, {0, 1, 9999}} {
		a, b, _, _ := pair(tt.send, tt.recv)
		Join(a, b)
		if n := fill(a, 9999); n != tt.want {
			t.Errorf("marks %d and %d: %d messages, not %d", tt.send, tt.recv, n, tt.want)
		}
	}
}

// A writer that was refused is let on when half of the mark has been taken, not
// before, and is told once.
func TestHysteresis(t *testing.T) {
	a, b, ea, _ := pair(5, 5)
	Join(a, b)
	fill(a, 99)
	for i := range 10 {
		_, ok, resume := b.In.Next(0)
		if !ok {
			t.Fatal("empty too soon")
		}
		if resume {
			b.Resume()
		}
		if want := min(1, (i+1)/5); ea.writable != want {
			t.Errorf("after %d messages the writer was told %d times, not %d", i+1, ea.writable, want)
		}
	}
}

// What was queued before the peers met arrives first, and what one leaves behind
// when they part stays readable.
func TestJoinMovesPartKeeps(t *testing.T) {
	a, b, _, eb := pair(10, 10)
	a.Put(nil, frames("early"), false)
	Join(a, b)
	a.Put(nil, frames("late"), false)
	if eb.readable == 0 {
		t.Error("the reader was not told")
	}
	Part(a, b)
	if s, _ := a.Put(nil, frames("kept"), false); s != OK || a.Out.Pending() != 1 {
		t.Errorf("after parting: %v, %d pending", s, a.Out.Pending())
	}
	if s, _ := b.Put(nil, frames("lost"), false); s != Closed {
		t.Errorf("the other side still sends: %v", s)
	}
	for _, want := range []string{"early", "late"} {
		if m, ok, _ := b.In.Next(0); !ok || string(m.Frames[0]) != want {
			t.Errorf("got %q, not %q", m.Frames, want)
		}
	}
}

// messages makes some of many shapes.
func messages(rng *rand.Rand, n int) (all [][][]byte) {
	for range n {
		var m [][]byte
		for range 1 + rng.IntN(4) {
			f := make([]byte, []int{0, 1, 255, 256, 3000, refMin - 1, refMin, 70_000}[rng.IntN(8)])
			for i := range f {
				f[i] = byte(rng.Uint32())
			}
			m = append(m, f)
		}
		all = append(all, m)
	}
	return all
}

func take(t *testing.T, o *Outbox) []byte {
	t.Helper()
	var b Batch
	if more, _ := o.Take(&b); !more {
		return nil
	}
	return slices.Concat(b.Iov...)
}

// What is put comes out as one stream of ZMTP frames, whole and in order, whether
// it was copied or not.
func TestEncodedStream(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, copied := range []bool{false, true} {
		p := New(&ear{}, Limits{})
		p.Out.Attach(func() {}, false)
		all := messages(rng, 60)
		pre := frames("id", "")
		for _, m := range all {
			if s, _ := p.Put(pre, m, copied); s != OK {
				t.Fatal(s)
			}
		}
		stream := take(t, &p.Out)
		for i, want := range all {
			got, size := decode(stream)
			stream = stream[size:]
			if !msg.New(got...).Equal(msg.New(append(slices.Clone(pre), want...)...)) {
				t.Fatalf("copied %v: message %d differs", copied, i)
			}
		}
		if len(stream) > 0 {
			t.Errorf("%d bytes are left", len(stream))
		}
	}
}

// A connection that breaks after any number of bytes: messages that are not out to their
// last byte wait for the next one, in front of newer ones, the one that was cut from its
// beginning.
func TestRestoreAtEveryByte(t *testing.T) {
	all := [][][]byte{frames("one"), frames("two", "parts"), {make([]byte, 300)}, frames(""), frames("last")}
	var ends []int // of each message in the stream
	stream := []byte{}
	for _, m := range all {
		for i, f := range m {
			var flags byte
			if i+1 < len(m) {
				flags = wire.FlagMore
			}
			stream = append(wire.AppendHeader(stream, flags, len(f)), f...)
		}
		ends = append(ends, len(stream))
	}
	for written := range len(stream) + 1 {
		p := New(&ear{}, Limits{})
		p.Out.Attach(func() {}, false)
		for _, m := range all {
			p.Put(nil, m, true)
		}
		var b Batch
		p.Out.Take(&b)
		p.Put(nil, frames("newer"), false)
		whole := 0
		for whole < len(ends) && ends[whole] <= written {
			whole++
		}
		var r Reach
		r.To(b.Iov, int64(written))
		if r.Whole != whole {
			t.Fatalf("%d bytes are %d messages, not %d", written, r.Whole, whole)
		}
		want := 0 // the end of the message under way
		for i := 0; want < written; i++ {
			want = ends[i]
		}
		if got := r.Boundary(b.Iov, int64(written)); got != int64(want) {
			t.Fatalf("the message at %d bytes ends at %d, not %d", written, got, want)
		}
		if lost, _ := p.Out.Restore(&b, Written{Whole: whole, Begun: want > written}, KeepAll); lost != 0 {
			t.Fatalf("after %d bytes %d are lost", written, lost)
		}
		p.Out.Attach(func() {}, false)
		rest := take(t, &p.Out)
		newer := append(wire.AppendHeader(nil, 0, 5), "newer"...)
		from := 0
		if whole > 0 {
			from = ends[whole-1]
		}
		if !bytes.Equal(rest, append(bytes.Clone(stream[from:]), newer...)) {
			t.Fatalf("after %d bytes the next connection gets something else", written)
		}
	}
}

// A message that is cut on one connection after another is given up, so that what waits
// behind it gets through; another one that is written meanwhile, or was not begun, starts
// the count anew.
func TestCutAgainAndAgain(t *testing.T) {
	p := New(&ear{}, Limits{})
	var b Batch
	cut := func(w Written, keep Keep) int {
		t.Helper()
		p.Out.Attach(func() {}, false)
		p.Out.Take(&b)
		lost, _ := p.Out.Restore(&b, w, keep)
		return lost
	}
	fill(p, 10)
	for i, w := range []Written{{0, true}, {0, true}, {0, false}, {0, true}, {1, true}, {0, true}, {0, true}, {0, true}} {
		if lost := cut(w, KeepAll); lost != 0 {
			t.Fatalf("step %d: %d are lost", i, lost)
		}
	}
	if lost := cut(Written{0, true}, KeepAll); lost != 1 || p.Out.Pending() != 8 {
		t.Errorf("%d are lost, %d wait", lost, p.Out.Pending())
	}
	if lost := cut(Written{0, true}, KeepUncut); lost != 1 || p.Out.Pending() != 7 {
		t.Errorf("%d that were refused are lost, %d wait", lost, p.Out.Pending())
	}
	if lost := cut(Written{2, true}, KeepNothing); lost != 5 || p.Out.Pending() != 0 {
		t.Errorf("%d are lost without a next connection, %d wait", lost, p.Out.Pending())
	}
}

// A peer that wants messages gets those that waited as bytes, and the reverse.
func TestConversion(t *testing.T) {
	all := messages(rand.New(rand.NewPCG(3, 4)), 20)
	p := New(&ear{}, Limits{})
	for _, m := range all {
		p.Put(nil, m, true)
	}
	p.Out.Attach(func() {}, true)
	var b Batch
	p.Out.Take(&b)
	for i, m := range b.Msgs {
		if !m.Equal(msg.New(all[i]...)) {
			t.Fatalf("message %d differs", i)
		}
	}
	if b.N != len(all) || len(b.Msgs) != len(all) {
		t.Fatalf("%d, %d messages of %d", b.N, len(b.Msgs), len(all))
	}
	p.Out.Restore(&b, Written{Whole: 5}, KeepAll)
	p.Out.Attach(func() {}, false)
	stream := take(t, &p.Out)
	for i, want := range all[5:] {
		got, size := decode(stream)
		stream = stream[size:]
		if !msg.New(got...).Equal(msg.New(want...)) {
			t.Fatalf("message %d differs on the way back", 5+i)
		}
	}
}

// The mark counts what is not written to its last byte, and gives room back as it is.
func TestSendMark(t *testing.T) {
	e := &ear{}
	p := New(e, Limits{SendHWM: 3})
	if n := fill(p, 99); n != 3 {
		t.Fatalf("%d messages before there is a peer", n)
	}
	if !p.Out.Attach(func() {}, false) {
		t.Error("nobody starts a writer for what waits")
	}
	var b Batch
	if _, writable := p.Out.Take(&b); writable {
		t.Error("one that was refused is told of room that is none")
	}
	if n := p.Out.Pending(); n != 3 || fill(p, 1) != 0 {
		t.Errorf("%d pending while they are being written", n)
	}
	if !p.Out.Wrote(2, 2) || p.Out.Pending() != 1 {
		t.Error("what is out makes no room")
	}
	if n := fill(p, 99); n != 2 {
		t.Errorf("%d more are taken for 2 that are out", n)
	}
	select {
	case <-p.Out.Idle():
		t.Error("idle while writing")
	default:
	}
	if _, writable := p.Out.Take(&b); !writable {
		t.Error("one that was refused is not told of the room")
	}
	if p.Out.Take(&b); p.Out.Pending() != 0 {
		t.Error("something is pending when all is written")
	}
	<-p.Out.Idle()
}

// One that was refused because of what was being written hears of it when the writer ends,
// however that is.
func TestRoomWhenTheWriterEnds(t *testing.T) {
	for what, end := range map[string]func(o *Outbox, b *Batch) bool{
		"all is written": func(o *Outbox, b *Batch) bool { _, writable := o.Take(b); return writable },
		"it is given up": func(o *Outbox, b *Batch) bool { _, writable := o.Restore(b, Written{}, KeepNothing); return writable },
		"some are kept": func(o *Outbox, b *Batch) bool {
			_, writable := o.Restore(b, Written{Whole: 1}, KeepAll)
			return writable
		},
	} {
		p := New(&ear{}, Limits{SendHWM: 2})
		fill(p, 2)
		p.Out.Attach(func() {}, false)
		var b Batch
		p.Out.Take(&b)
		if fill(p, 1) != 0 || !end(&p.Out, &b) {
			t.Errorf("%s: one that was refused is not told", what)
		}
	}
}

func TestByteBounds(t *testing.T) {
	p := New(&ear{}, Limits{SendBytes: 1000, RecvBytes: 1000})
	for range 4 {
		p.Put(nil, [][]byte{make([]byte, 300)}, false)
	}
	if s, _ := p.Put(nil, frames("x"), false); s != Full {
		t.Errorf("1200 bytes wait, and one more was %v", s)
	}
	for range 4 {
		p.In.PutMsg(msg.New(make([]byte, 300)))
	}
	if p.In.Room() != 0 {
		t.Error("there is room beyond the bound")
	}
	resumed := false
	for range 4 {
		_, _, resume := p.In.Next(0)
		resumed = resumed || resume
	}
	if !resumed || p.In.Room() == 0 {
		t.Error("the reader is not let on")
	}
}

// PONGs do not pile up, and commands without a peer are dropped.
func TestControl(t *testing.T) {
	p := New(&ear{}, Limits{})
	p.Out.Control(wire.Command{Kind: wire.Subscribe})
	p.Out.Attach(func() {}, false)
	for i := range 100 {
		p.Out.Control(wire.Command{Kind: wire.Pong, Data: []byte{byte(i)}})
	}
	p.Out.Control(wire.Command{Kind: wire.Subscribe})
	var b Batch
	p.Out.Take(&b)
	if len(b.Control) != 17 || b.Control[15].Data[0] != 99 {
		t.Fatalf("%v", b.Control)
	}
	for i, c := range b.Control[:15] {
		if c.Data[0] != byte(i) {
			t.Errorf("PONG %d answers PING %d", i, c.Data[0])
		}
	}
}

// Ring against a slice.
func TestRingModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	ring := Ring{Link: func(p *Pipe) *Link { return &p.SendLink }}
	var model []*Pipe // from the head on
	all := make([]*Pipe, 10)
	for i := range all {
		all[i] = &Pipe{}
	}
	for range 20_000 {
		p := all[rng.IntN(len(all))]
		at := slices.Index(model, p)
		switch rng.IntN(3) {
		case 0:
			if ring.Add(p); at < 0 {
				model = append(model, p)
			}
		case 1:
			if ring.Remove(p); at >= 0 {
				model = slices.Delete(model, at, at+1)
			}
		case 2:
			if ring.Turn(); len(model) > 0 {
				model = append(model[1:], model[0])
			}
		}
		var got []*Pipe
		ring.All(func(p *Pipe) { got = append(got, p) })
		if !slices.Equal(got, model) || ring.Len() != len(model) || ring.Has(p) != slices.Contains(model, p) {
			t.Fatalf("%d pipes, not %d", len(got), len(model))
		}
	}
}
