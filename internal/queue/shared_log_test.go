package queue

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// castMember is one reader of a log, with what it must get and what it has got.
type castMember struct {
	p         *Pipe
	out       Batch
	want, got []uint32
}

func newCastMember(hwm int) *castMember {
	m := &castMember{p: New(&ear{}, Limits{SendHWM: hwm})}
	m.p.Out.Attach(func() {}, false)
	return m
}

// read takes once what there is, as a writer does; false when there was nothing.
func (m *castMember) read(t *testing.T) bool {
	t.Helper()
	more, _ := m.p.Out.Take(&m.out)
	if !more {
		return false
	}
	n := 0
	for stream := slices.Concat(m.out.Iov...); len(stream) > 0; n++ {
		frames, size := decode(stream)
		stream = stream[size:]
		m.got = append(m.got, binary.BigEndian.Uint32(frames[len(frames)-1]))
	}
	if n != m.out.N {
		t.Fatalf("a batch of %d messages says that it has %d", n, m.out.N)
	}
	return true
}

// castMessage is the n-th message, of one of several sizes.
func castMessage(n uint32) [][]byte {
	last := make([]byte, 4+int(n%7)*int(n%5)*5000)
	binary.BigEndian.PutUint32(last, n)
	if n%3 == 0 {
		return [][]byte{[]byte("topic"), last}
	}
	return [][]byte{last}
}

// Whatever goes to all, to one alone, or to a part of them, each member gets what
// was meant for it in order, and no more than its mark allows.
func TestSharedLogModel(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 7))
		var c SharedLog
		all := make([]*castMember, 1+rng.IntN(5))
		for i := range all {
			all[i] = newCastMember(1 + rng.IntN(40))
		}
		for n := uint32(1); n < 600; n++ {
			m := all[rng.IntN(len(all))]
			switch rng.IntN(8) {
			case 0, 1:
				m.read(t)
			case 2:
				if s, _ := m.p.Put(nil, castMessage(n), true); s == OK {
					m.want = append(m.want, n)
				}
			case 3:
				c.End()
				for _, m := range all {
					if c.Join(m.p) != OK {
						c.End()
						break
					}
				}
			default:
				castToAll(t, &c, all, n)
			}
			for _, m := range all {
				if waits, mark := m.p.Out.Pending(), m.p.Out.hwm; waits > mark {
					t.Fatalf("%d messages wait, the mark is %d", waits, mark)
				}
			}
		}
		c.End()
		castCheck(t, &c, all)
	}
}

// castToAll puts one message into the log, if there is room and all read it.
func castToAll(t *testing.T, c *SharedLog, all []*castMember, n uint32) {
	t.Helper()
	if !c.Open() {
		return
	}
	full := slices.ContainsFunc(all, func(m *castMember) bool { return m.p.Status() != OK })
	switch s := c.Room(); s {
	case OK:
		if full {
			t.Fatal("there is room in the log, and a member is full")
		}
		c.Put(castMessage(n))
		for _, m := range all {
			m.want = append(m.want, n)
		}
		c.Wake(func(*Pipe) {})
	case Full:
		if !full {
			t.Fatal("the log is full, and no member is")
		}
	case Closed: // one was given a message alone, and reads no more
		c.End()
	}
}

// castCheck reads all to the end: nothing is missing, and only the publisher holds
// the last block.
func castCheck(t *testing.T, c *SharedLog, all []*castMember) {
	t.Helper()
	for i, m := range all {
		for m.read(t) {
		}
		if !slices.Equal(m.got, m.want) {
			t.Fatalf("member %d got %v, not %v", i, m.got, m.want)
		}
	}
	if c.tail != nil && c.tail.refs.Load() != 1 || c.n != 0 {
		t.Fatalf("the last block has %d holders, and the log %d members", c.tail.refs.Load(), c.n)
	}
}

// Writers that fall asleep while the publisher goes on are always woken: nothing
// stays behind. The lengths of the pauses are the scheduler's.
func TestSharedLogWakesEverybody(t *testing.T) {
	const messages = 5_000
	var c SharedLog
	var wg sync.WaitGroup
	all := make([]*castMember, 4)
	starts := make([]chan struct{}, len(all))
	index := map[*Pipe]int{}
	for i := range all {
		m := &castMember{p: New(&ear{}, Limits{})}
		start := make(chan struct{}, 1)
		m.p.Out.Attach(func() { start <- struct{}{} }, false)
		all[i], starts[i], index[m.p] = m, start, i
		wg.Go(func() {
			for len(m.got) < messages {
				<-start
				for m.read(t) {
				}
			}
		})
		if s := c.Join(m.p); s != OK {
			t.Fatal(s)
		}
	}
	small := make([]byte, 4)
	for n := range uint32(messages) {
		binary.BigEndian.PutUint32(small, n)
		if s := c.Room(); s != OK {
			t.Fatal(s)
		}
		c.Put([][]byte{small})
		c.Wake((*Pipe).Flush)
	}
	wg.Wait()
	for i, m := range all {
		for n, got := range m.got {
			if got != uint32(n) {
				t.Fatalf("member %d got %d in place of %d", i, got, n)
			}
		}
	}
}

// A member that is closed loses what it has not read, says how much, and lets the
// log go.
func TestSharedLogMemberLeaves(t *testing.T) {
	var c SharedLog
	a, b := newCastMember(0), newCastMember(0)
	c.Join(a.p)
	c.Join(b.p)
	for n := range uint32(50) {
		if s := c.Room(); s != OK {
			t.Fatal(s)
		}
		c.Put(castMessage(n))
		b.want = append(b.want, n)
	}
	if n := a.p.Out.Close(); n != 50 {
		t.Errorf("%d messages are lost, not 50", n)
	}
	if s := c.Room(); s != Closed {
		t.Errorf("a member has left, and the log says %v", s)
	}
	if n := c.End(); n != 0 {
		t.Errorf("%d messages were put for the member that had left, and none was", n)
	}
	castCheck(t, &c, []*castMember{b})
}

// Between Room and Put a member may leave: what is put for it then is counted as
// missed, and the other member gets it.
func TestSharedLogMissed(t *testing.T) {
	for name, leave := range map[string]func(*Outbox) int{
		"closed":  func(o *Outbox) int { return o.Close() },
		"leaving": func(o *Outbox) int { o.Leave(); return 0 },
	} {
		t.Run(name, func(t *testing.T) {
			var c SharedLog
			a, b := newCastMember(0), newCastMember(0)
			c.Join(a.p)
			c.Join(b.p)
			put := func(n uint32) {
				c.Put(castMessage(n))
				b.want = append(b.want, n)
			}
			for n := range uint32(30) {
				c.Room()
				put(n)
			}
			c.Room()
			leave(&a.p.Out)
			for n := uint32(30); n < 40; n++ { // over several blocks
				put(n)
			}
			if n := c.End(); n != 10 {
				t.Errorf("%d messages were missed, not 10", n)
			}
			if n := c.End(); n != 0 {
				t.Errorf("%d messages were missed again", n)
			}
			castCheck(t, &c, []*castMember{b})
		})
	}
}

// Whenever a member is closed, each message that was put for it is read, dropped by
// Close or missed: nothing is lost without being counted.
func TestSharedLogBooks(t *testing.T) {
	for round := range 100 {
		var c SharedLog
		m := newCastMember(0)
		c.Join(m.p)
		start, dropped, read := make(chan struct{}), 0, 0
		var closer sync.WaitGroup
		closer.Go(func() {
			<-start
			for range round % 5 {
				m.p.Out.Take(&m.out)
				read += m.out.N
			}
			dropped = m.p.Out.Close()
		})
		close(start)
		put := 0
		for put < 1000 && c.Room() == OK {
			c.Put([][]byte{[]byte("x")})
			put++
		}
		closer.Wait()
		missed := c.End()
		if read+dropped+missed != put {
			t.Fatalf("%d were put; %d were read, %d dropped and %d missed", put, read, dropped, missed)
		}
	}
}

// A connection that breaks leaves what it has not written to the next one, in front
// of what the log has behind it.
func TestSharedLogOutlivesConnection(t *testing.T) {
	var c SharedLog
	m := newCastMember(0)
	c.Join(m.p)
	for n := range uint32(20) {
		c.Room()
		c.Put(castMessage(n))
		m.want = append(m.want, n)
		if n == 9 {
			if more, _ := m.p.Out.Take(&m.out); !more {
				t.Fatal("nothing to write")
			}
			m.p.Out.Restore(&m.out, Written{}, KeepAll)
			m.p.Out.Detach()
		}
	}
	if flush := m.p.Out.Attach(func() {}, false); !flush {
		t.Error("the next connection is not told that something waits")
	}
	c.End()
	castCheck(t, &c, []*castMember{m})
}

// ZMTP 1.0 and sealing connections want messages.
func TestSharedLogConverts(t *testing.T) {
	var c SharedLog
	m := newCastMember(0)
	c.Join(m.p)
	for n := range uint32(20) {
		c.Room()
		c.Put(castMessage(n))
	}
	m.p.Out.Detach()
	m.p.Out.Attach(func() {}, true)
	if m.p.Out.Take(&m.out); len(m.out.Msgs) != 20 || m.out.N != 20 {
		t.Errorf("%d messages, and %d counted", len(m.out.Msgs), m.out.N)
	}
	if s := c.Join(m.p); s != NeedsFrames {
		t.Errorf("a sealing member is %v", s)
	}
	c.End()
}

func BenchmarkSharedLog(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var c SharedLog
			all := make([]*castMember, n)
			for i := range all {
				all[i] = newCastMember(1000)
				c.Join(all[i].p)
			}
			message := [][]byte{make([]byte, 64)}
			b.ReportAllocs()
			for b.Loop() {
				for c.Room() != OK {
					for _, m := range all {
						m.p.Out.Take(&m.out)
					}
				}
				c.Put(message)
			}
		})
	}
}
