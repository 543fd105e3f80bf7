package session

import (
	"bytes"
	"io"
	"net"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/swap"
	"github.com/go-zactor/zactor/internal/wire"
)

// giver is a Handler that keeps what is handed back.
type giver struct {
	socket
	back  [][]byte
	tried int
	lost  int
}

func (g *giver) Requeue(list [][]byte, tried int) { g.back, g.tried = list, tried }
func (g *giver) Lost(_ *queue.Pipe, n int)        { g.lost += n }

// requeueing is a connection of a PUSH with WithRequeue, and what it hands back.
func requeueing(nc net.Conn) (*conn, *giver) {
	g := &giver{}
	c := newConn(&Config{Requeue: true}, g, nc, "test")
	c.pipe = queue.New(g, queue.Limits{})
	c.result.Version = wire.V31
	c.beat = newHeartbeat(c)
	c.unacked = &unacked{}
	return c, g
}

// run writes what waits, until nothing does or the connection fails.
func (c *conn) run() {
	c.writers.Add(1)
	c.write()
}

// localPair is a connection whose peer's system says what was read.
func localPair(t testing.TB) (ours, peers net.Conn) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Skip("no local sockets: ", err)
	}
	defer l.Close()
	if ours, err = net.Dial("unix", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if peers, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close(); peers.Close() })
	return ours, peers
}

// mute is a connection whose system does not tell what has arrived, and that fails behind
// so many bytes.
type mute struct {
	net.Conn
	left int
}

func (m *mute) Write(p []byte) (int, error) {
	n := min(len(p), m.left)
	if m.left -= n; n < len(p) {
		return n, io.ErrClosedPipe
	}
	return n, nil
}
func (m *mute) Close() error         { return nil }
func (m *mute) RemoteAddr() net.Addr { return nil }

// What was written and not acknowledged is handed back, however much comes behind it: the
// bound of what is kept is what a send buffer can hold, and nothing within it is forgotten.
func TestRequeueBehindALargeMessage(t *testing.T) {
	large := make([]byte, 17<<20)
	for name, nc := range map[string]func(t *testing.T) (ours net.Conn, breaks func()){
		"told": func(t *testing.T) (net.Conn, func()) {
			ours, peers := localPair(t)
			return ours, func() { peers.Close() }
		},
		"not told": func(t *testing.T) (net.Conn, func()) {
			m := &mute{left: 1 << 20}
			return m, func() { m.left = 0 }
		},
	} {
		t.Run(name, func(t *testing.T) {
			ours, breaks := nc(t)
			c, g := requeueing(ours)
			c.pipe.Out.Attach(func() {}, false)
			for i := range 20 {
				c.pipe.Put(nil, [][]byte{bytes.Repeat([]byte{byte(i)}, 1000)}, false)
				c.run()
			}
			breaks()
			c.pipe.Put(nil, [][]byte{large}, false)
			c.run()
			c.handBack(nil)
			if len(g.back) != 21 || g.tried != 21 || g.lost != 0 {
				t.Errorf("%d of 21 messages handed back, %d as tried, %d lost", len(g.back), g.tried, g.lost)
			}
		})
	}
}

// Where the system does not tell, what a send buffer can't hold any more counts as
// arrived, so that what is kept has a bound.
func TestRequeueIsBounded(t *testing.T) {
	c, _ := requeueing(&mute{left: 1 << 30})
	c.pipe.Out.Attach(func() {}, false)
	const size, n = 1 << 20, 40
	for range n {
		c.pipe.Put(nil, [][]byte{make([]byte, size)}, false)
		c.run()
	}
	g := c.handler.(*giver)
	c.handBack(nil)
	if most := mostInFlight/size + 2; len(g.back) < mostInFlight/size || len(g.back) > most {
		t.Errorf("%d of %d messages of 1 MiB are kept, want %d to %d", len(g.back), n, mostInFlight/size, most)
	}
}

// A batch of a swap that is cut comes again from there. A message of another peer that went
// out with it does not, nor do those of the batch that were written to their last byte and
// are acknowledged to the log: they are handed back.
func TestRequeueBesideASwap(t *testing.T) {
	again := queue.Encode(nil, [][]byte{[]byte("again")})
	command := len(wire.AppendExtension(nil, wire.Command{Kind: wire.Again, Data: again}))
	const each, n = 102, 5 // bytes of a message with its header, and messages
	for cut := range n + 1 {
		log, err := swap.Open(swap.Config{Dir: filepath.Join(t.TempDir(), "log")})
		if err != nil {
			t.Fatal(err)
		}
		m := &mute{left: command + each*cut + 1}
		c, g := requeueing(m)
		c.pipe.SetSpill(queue.NewSpill(log, true, false, func(err error) { t.Error(err) }))
		for i := range n {
			enc := queue.Encode(nil, [][]byte{bytes.Repeat([]byte{byte(i)}, each-2)})
			if s, _, err := c.pipe.Spill(enc, each-2); s != queue.OK || err != nil {
				t.Fatal(s, err)
			}
		}
		c.pipe.Out.Attach(func() {}, false)
		if _, ok := c.pipe.Out.Urgent(wire.Command{Kind: wire.Again, Data: again}); !ok {
			t.Fatal("no connection")
		}
		c.run()
		c.handBack(nil)
		first := len(g.back) > 0 && bytes.Equal(g.back[0], again)
		if kept := log.Len(); !first || len(g.back) != 1+cut || kept != n-cut || g.lost != 0 {
			t.Errorf("cut behind %d: of %d messages of the swap behind one of another peer (%v) %d are handed back and %d in the swap; %d lost",
				cut, n, first, len(g.back), kept, g.lost)
		}
		c.pipe.Out.Close()
	}
}

// A batch that is cut at any byte is handed back, all of it where nothing is known of what
// has arrived, and nothing of it counts as lost: whatever the frames are on the connection.
func TestRequeueIsCutAtEveryByte(t *testing.T) {
	const n = 5
	for _, v := range []wire.Version{wire.V31, wire.V1} {
		for cut := 0; ; cut++ {
			m := &mute{left: cut}
			c, g := requeueing(m)
			c.result.Version = v
			c.pipe.Out.Attach(func() {}, v == wire.V1)
			want := [][]byte{}
			for i := range n {
				frames := [][]byte{{byte(i)}, bytes.Repeat([]byte("x"), 5*i)}
				want = append(want, queue.Encode(nil, frames))
				c.pipe.Put(nil, frames, true)
			}
			waiting := queue.Encode(nil, [][]byte{[]byte("waits")})
			c.run()
			c.handBack([][]byte{waiting})
			if want = append(want, waiting); !slices.EqualFunc(g.back, want, bytes.Equal) || g.tried != n || g.lost != 0 {
				t.Fatalf("%v, cut at %d: %d of %d messages handed back, %d as tried, %d lost", v, cut, len(g.back), n+1, g.tried, g.lost)
			}
			if m.left > 0 {
				break // it was not cut any more
			}
		}
	}
}
