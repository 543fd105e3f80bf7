package zmq_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// behindProxy makes a proxy for a bound endpoint.
func (k *kit) behindProxy(bound string) (*ztest.Proxy, string) {
	k.Helper()
	scheme, address, _ := strings.Cut(bound, "://")
	switch scheme {
	case "ipc":
		scheme = "unix"
	case "ws":
		p := ztest.NewProxy(k.T, "tcp", strings.TrimSuffix(address, "/"))
		return p, "ws" + strings.TrimPrefix(p.Endpoint(), "tcp")
	}
	p := ztest.NewProxy(k.T, scheme, address)
	return p, p.Endpoint()
}

// cutPair is two types of which the first sends to the second.
type cutPair struct {
	from, to zmq.Type
	single   bool // messages of one frame only
}

// A message that is cut in the middle, wherever that is, goes out whole on the next
// connection, once, and so does what waited behind it.
func TestCutMessageIsSentAgain(t *testing.T) {
	runOver(t, []string{"tcp", "ipc", "curve", "ws"}, func(k *kit) {
		far := []int64{200, 1000, 10_000, 50_000}
		for off := int64(0); off < 90; off += int64(ztest.Size(7, 1)) {
			far = append(far, off)
		}
		cutEverywhere(k, cutPair{from: zmq.Push, to: zmq.Pull}, far...)
	})
}

func TestCutMessageOfEachType(t *testing.T) {
	wired(t, func(k *kit) {
		for _, p := range []cutPair{
			{zmq.Dealer, zmq.Router, false}, {zmq.Pair, zmq.Pair, false}, {zmq.Client, zmq.Server, true}, {zmq.Req, zmq.Rep, false},
			{zmq.Scatter, zmq.Gather, true}, {zmq.Pub, zmq.Sub, false},
		} {
			cutEverywhere(k, p, 30, 5000)
		}
	})
}

func cutEverywhere(k *kit, p cutPair, offsets ...int64) {
	k.Helper()
	to, bound := k.bound(p.to)
	if p.to == zmq.Sub {
		k.ok(to.Subscribe(""))
	}
	proxy, endpoint := k.behindProxy(bound)
	connect := func() *zmq.Socket {
		from := k.open(p.from, zmq.WithSendBuffer(4096), zmq.WithReconnectInterval(time.Millisecond, 5*time.Millisecond))
		k.ok(k.dial(from, endpoint))
		return from
	}
	first := connect()
	k.linked(first, to)
	head := proxy.Passed(ztest.Up)
	k.ok(first.Close())
	k.until("it is gone", func() bool { return to.Stats().Connected == 0 })
	for _, off := range offsets {
		rst := off%2 == 1
		proxy.CutNext(ztest.Up, head+off, rst)
		from := k.open(p.from, zmq.WithSendBuffer(4096), zmq.WithReconnectInterval(time.Millisecond, 5*time.Millisecond))
		large := msg.NewString(fmt.Sprint(off), "", strings.Repeat("x", 1<<20))
		if p.single {
			large = msg.NewString(fmt.Sprint(off) + strings.Repeat("x", 1<<20))
		}
		small := msg.NewString("behind " + fmt.Sprint(off))
		k.ok(k.dial(from, endpoint))
		if p.from == zmq.Pub { // which drops before there is a subscriber
			k.ok(from.WaitSubscribers(k.ctx, "", 1))
		}
		k.ok(from.Send(k.ctx, large.Clone()))
		if p.from != zmq.Req {
			k.ok(from.Send(k.ctx, small.Clone()))
		}
		next := func(want msg.Msg) {
			k.Helper()
			m, err := to.Recv(k.ctx)
			k.ok(err)
			if p.to == zmq.Router {
				m.Pop()
			}
			if !m.Equal(want) {
				k.Fatalf("%v to %v, cut at %d: %d frames, %d bytes that are not what was sent", p.from, p.to, off, m.Len(), m.Size())
			}
			if p.to == zmq.Rep {
				k.ok(to.SendString(k.ctx, "reply"))
				k.want(from, "reply")
			}
		}
		next(large)
		if p.from != zmq.Req {
			next(small)
		}
		if st := from.Stats(); st.Drops.Total() != 0 || st.Queued != 0 && p.from == zmq.Req {
			k.Errorf("%v to %v, cut at %d: %+v", p.from, p.to, off, st)
		}
		k.silent(to)
		k.ok(from.Close())
		k.until("it is gone", func() bool { return to.Stats().Connected == 0 })
	}
}

// puller plays a PULL, for as many connections as it is asked.
type puller struct {
	k *kit
	l net.Listener
}

func (k *kit) puller() (*puller, string) {
	endpoint := k.endpoint()
	network, address, _ := strings.Cut(endpoint, "://")
	if network == "ipc" {
		network = "unix"
	}
	l, err := net.Listen(network, address)
	k.ok(err)
	k.Cleanup(func() { l.Close() })
	return &puller{k, l}, endpoint
}

// next is the next connection, after its handshake.
func (p *puller) next() *raw {
	p.k.Helper()
	nc, err := p.l.Accept()
	p.k.ok(err)
	r := p.k.raw(nc)
	r.handshake("PULL")
	return r
}

// A peer that closes each time at the same message, as libzmq does for one that is too
// large and without a word, does not keep what is behind it waiting for ever: the message
// is given up after some connections, and counted.
func TestMessageThatIsAlwaysCut(t *testing.T) {
	wired(t, func(k *kit) {
		p, endpoint := k.puller()
		push := k.connect(zmq.Push, endpoint, zmq.WithSendBuffer(4096), zmq.WithReconnectInterval(time.Millisecond, time.Millisecond))
		k.ok(push.SendBytes(k.ctx, make([]byte, 10<<20)))
		k.send(push, "behind")
		cuts := 0
		for {
			r := p.next()
			head := make([]byte, 9)
			_, err := r.nc.Read(head[:1])
			k.ok(err)
			if head[0] == 0 {
				r.expect("what was behind", "06", "62 65 68 69 6e 64")
				break
			}
			cuts++
			k.ok(r.nc.Close())
		}
		if n := push.Stats().Drops.PeerGone; cuts != 5 || n != 1 {
			t.Errorf("cut %d times, %d counted as lost", cuts, n)
		}
	})
}

// A peer that says that it sends nothing more, as in a handover, gets the message that is
// being written to its end, however long it takes, and no other; those wait for the next
// connection.
func TestLastMessageTakesItsTime(t *testing.T) {
	wired(t, func(k *kit) {
		const size = 3 << 20
		p, endpoint := k.puller()
		push := k.connect(zmq.Push, endpoint, zmq.WithSendBuffer(4096), zmq.WithReconnectInterval(time.Millisecond, time.Millisecond))
		old := p.next()
		const count = 10
		for i := range count {
			k.ok(push.SendBytes(k.ctx, append(make([]byte, size), byte(i))))
		}
		k.ok(old.nc.(interface{ CloseWrite() error }).CloseWrite())
		if ztest.Full() {
			time.Sleep(6 * time.Second) // more than the patience of before
		}
		got := 0
		for {
			flags := make([]byte, 1)
			if n, _ := old.nc.Read(flags); n == 0 {
				break // an orderly end between two messages
			}
			old.rest(flags[0], size+1, byte(got))
			got++
		}
		if got == 0 || got == count {
			t.Errorf("%d of %d messages came on the first connection", got, count)
		}
		for next := p.next(); got < count; got++ {
			flags := make([]byte, 1)
			_, err := next.nc.Read(flags)
			k.ok(err)
			next.rest(flags[0], size+1, byte(got))
		}
		if st := push.Stats(); st.Drops.Total() != 0 {
			t.Errorf("%+v", st)
		}
	})
}

// rest reads a large frame whose flags have been read, and compares its last byte.
func (r *raw) rest(flags byte, size int, last byte) {
	r.k.Helper()
	r.expect("the size of a frame", fmt.Sprintf("%016x", size))
	r.skip(size - 1)
	r.expect("the last byte of a frame", fmt.Sprintf("%02x", last))
	if flags != 2 {
		r.k.Fatalf("flags %d", flags)
	}
}
