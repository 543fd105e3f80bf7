package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/pgm/packet"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

var pgmPorts atomic.Uint32

// pgmEndpoint is a group on the loopback interface that no other test uses.
func pgmEndpoint(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("epgm://127.0.0.1;239.192.%d.%d:%d", rand.IntN(256), pgmPorts.Add(1), ztest.Port(t))
}

// pgmFast lets tests not wait for the default rate, which is 100 kbit/s.
var pgmFast = zmq.WithMulticastRate(100_000)

// pgmPair is a publisher and a subscriber to everything who have heard of each other.
func pgmPair(k *kit, pub, sub *zmq.Socket, ep string) {
	k.Helper()
	_, err := sub.Bind(ep)
	k.ok(err)
	k.ok(pub.Connect(ep, pgmFast))
	k.ok(sub.WaitConnected(k.ctx, 1))
}

// pgmMessage is the i-th message: they are of one packet and of several, of one frame and of more.
func pgmMessage(i int) msg.Msg {
	m := msg.NewString(fmt.Sprintf("%c%d", 'a'+i%3, i))
	for range i % 4 {
		m.Append([]byte(strings.Repeat("x", i%7*i%5000)))
	}
	return m
}

// Publishers and subscribers of all kinds, bound and connected as they like: what
// is sent arrives, whole and in order, and a SUB gets what it has subscribed to.
func TestPGM(t *testing.T) {
	for _, c := range []struct {
		pub, sub zmq.Type
		bind     bool // the publisher binds
		topic    string
	}{{zmq.Pub, zmq.Sub, true, ""}, {zmq.XPub, zmq.Sub, false, "b"}, {zmq.Pub, zmq.XSub, true, ""}} {
		t.Run(c.pub.String()+" "+c.sub.String(), func(t *testing.T) {
			k := alone(t, "epgm")
			ep := pgmEndpoint(t)
			pub, sub := k.open(c.pub, zmq.WithSendHWM(0), pgmFast), k.open(c.sub, zmq.WithRecvHWM(10))
			if c.sub == zmq.Sub {
				k.ok(sub.Subscribe(c.topic))
			}
			if c.bind {
				k.ok(sub.Connect(ep)) // first: who comes late hears of an idle publisher late
				_, err := pub.Bind(ep)
				k.ok(err)
			} else {
				_, err := sub.Bind(ep)
				k.ok(err)
				k.ok(pub.Connect(ep))
			}
			k.ok(sub.WaitConnected(k.ctx, 1))
			const count = 500
			go func() {
				for i := range count {
					pub.Send(k.ctx, pgmMessage(i))
				}
			}()
			for i := range count {
				want := pgmMessage(i)
				if !strings.HasPrefix(string(want.Frames[0]), c.topic) {
					continue
				}
				got := pgmRecv(k, sub)
				if !got.Equal(want) {
					t.Fatalf("message %d is %.60v", i, got)
				}
				if p := got.Peer(); p.SocketType != "PUB" || !strings.HasPrefix(p.RemoteAddr, "127.0.0.1:") {
					t.Fatalf("it is from %+v", p)
				}
			}
			if st := sub.Stats(); st.Gaps != 0 {
				t.Errorf("%d gaps", st.Gaps)
			}
		})
	}
}

// pgmRecv takes the next message.
func pgmRecv(k *kit, s *zmq.Socket) msg.Msg {
	k.Helper()
	m, err := s.Recv(k.ctx)
	k.ok(err)
	return m
}

// What can't be done is said at once, with the rule.
func TestPGMRefused(t *testing.T) {
	k := alone(t, "epgm")
	good := pgmEndpoint(t)
	own, err := cert.New()
	k.ok(err)
	for _, typ := range []zmq.Type{zmq.Pair, zmq.Req, zmq.Rep, zmq.Dealer, zmq.Router, zmq.Push, zmq.Pull} {
		s := k.open(typ)
		_, err := s.Bind(good)
		k.is(err, zmq.ErrNotSupported)
		err = s.Connect(good)
		k.is(err, zmq.ErrNotSupported)
		if !strings.Contains(err.Error(), "PUB and XPUB to SUB and XSUB") {
			t.Errorf("%v does not name the rule", err)
		}
	}
	for _, c := range []struct {
		endpoint string
		opt      zmq.Option
		want     error
	}{
		{"epgm://127.0.0.1;10.0.0.1:5555", pgmFast, zmq.ErrInvalidEndpoint},
		{"epgm://127.0.0.1;somewhere:5555", pgmFast, zmq.ErrInvalidEndpoint},
		{"epgm://127.0.0.1;[ff02::1]:5555", pgmFast, zmq.ErrInvalidEndpoint},
		{"epgm://127.0.0.1;239.192.1.1:*", pgmFast, zmq.ErrInvalidEndpoint},
		{"epgm://127.0.0.1:99;239.192.1.1:5555", pgmFast, zmq.ErrInvalidEndpoint},
		{"epgm://*;239.192.1.1:5555", pgmFast, zmq.ErrInvalidEndpoint},
		{"epgm://192.0.2.99;239.192.1.1:5555", pgmFast, zmq.ErrInvalidEndpoint},
		{"epgm://nosuchnic0;239.192.1.1:5555", pgmFast, zmq.ErrInvalidEndpoint},
		{good, zmq.WithMulticastHops(256), zmq.ErrInvalidOption},
		{good, zmq.WithMulticastMaxTPDU(100), zmq.ErrInvalidOption},
		{good, zmq.WithMulticastMaxTPDU(70_000), zmq.ErrInvalidOption},
		{good, zmq.WithMulticastRate(0), zmq.ErrInvalidOption},
		{good, zmq.WithCurveServer(own), zmq.ErrNotSupported},
	} {
		for _, typ := range []zmq.Type{zmq.Pub, zmq.Sub} {
			s := k.open(typ)
			_, err := s.Bind(c.endpoint, c.opt)
			k.is(err, c.want)
			k.is(s.Connect(c.endpoint, c.opt), c.want)
		}
	}
	s := k.open(zmq.Sub)
	bound, err := s.Bind(good)
	k.ok(err)
	_, err = s.Bind(good)
	k.is(err, zmq.ErrAddrInUse)
	k.ok(s.Unbind(bound))
	k.is(s.Unbind(bound), zmq.ErrNoEndpoint)
	_, err = s.Bind(good)
	k.ok(err)
}

// Where raw sockets may not be opened, that is what the error says.
func TestPGMRaw(t *testing.T) {
	k := alone(t, "pgm")
	ep := strings.Replace(pgmEndpoint(t), "epgm", "pgm", 1)
	pub, sub := k.open(zmq.Pub), k.open(zmq.Sub)
	k.ok(sub.Subscribe(""))
	_, err := sub.Bind(ep)
	if errors.Is(err, fs.ErrPermission) {
		if !strings.Contains(err.Error(), "CAP_NET_RAW") {
			t.Errorf("%v does not say what is missing", err)
		}
		return
	}
	k.ok(err)
	k.ok(pub.Connect(ep, pgmFast))
	k.ok(sub.WaitConnected(k.ctx, 1))
	for i := range 50 {
		k.ok(pub.Send(k.ctx, pgmMessage(i)))
		if got := pgmRecv(k, sub); !got.Equal(pgmMessage(i)) {
			t.Fatalf("message %d is %.60v", i, got)
		}
	}
}

// pgmSource is a publisher of which the test makes every packet.
type pgmSource struct {
	k    *kit
	conn net.Conn
	head packet.Header
}

func newPGMSource(k *kit, ep string) *pgmSource {
	k.Helper()
	_, to, _ := strings.Cut(ep, ";")
	conn, err := (&net.Dialer{LocalAddr: &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}}).Dial("udp4", to)
	k.ok(err)
	k.Cleanup(func() { conn.Close() })
	port := netip.MustParseAddrPort(to).Port()
	return &pgmSource{k, conn, packet.Header{SourcePort: 77, DestPort: port, GSI: packet.GSI{1, 2, 3}}}
}

func (p *pgmSource) data(sqn, trail uint32, body string) {
	p.k.Helper()
	_, err := p.conn.Write(p.head.AppendData(nil, packet.Data{Sqn: sqn, Trail: trail, Body: []byte(body)}))
	p.k.ok(err)
}

// What is lost beyond repair is an event and a number, and not a message.
func TestPGMGap(t *testing.T) {
	k := alone(t, "epgm")
	ep := pgmEndpoint(t)
	sub := k.open(zmq.Sub, zmq.WithMaxMsgSize(1000))
	k.ok(sub.Subscribe(""))
	events := sub.Events(k.ctx, zmq.EventGap)
	_, err := sub.Bind(ep)
	k.ok(err)
	src := newPGMSource(k, ep)
	src.data(1, 1, "\x00\x00\x02\x00a\x05\x00cu")
	src.data(10, 10, "\x00\x01t\x02\x00b")                               // eight packets are gone, and what they cut
	src.data(11, 10, "\x00\x00\xff\x00\x00\x00\x00\x00\x01\x00\x00\x00") // a message over the limit
	src.data(12, 10, "\x00\x00\x02\x00c")
	src.data(13, 10, "\x00\x00\x00") // nonsense
	src.data(14, 10, "\x00\x00\x02\x00d")
	for _, want := range []string{"a", "b", "c", "d"} {
		if got := pgmRecv(k, sub); string(got.Frames[0]) != want {
			t.Fatalf("got %q, want %q", got.Frames, want)
		}
	}
	var seen []zmq.Event
	for e := range events {
		if seen = append(seen, e); len(seen) == 3 {
			break
		}
	}
	if e := seen[0]; e.Value != 8 || e.Kind.String() != "GAP" || e.Remote != "127.0.0.1:77" || e.Endpoint != ep {
		t.Errorf("the first gap is %v, value %d", e, e.Value)
	}
	k.is(seen[1].Err, zmq.ErrMsgTooLarge)
	if seen[2].Err == nil || errors.Is(seen[2].Err, zmq.ErrMsgTooLarge) {
		t.Errorf("nonsense is %v", seen[2])
	}
	if st := sub.Stats(); st.Gaps != 3 || st.LostPackets != 8 {
		t.Errorf("%d gaps of %d packets", st.Gaps, st.LostPackets)
	}
}

// What Send accepted is sent before Close returns, and a subscriber hears that the
// session has ended once it has everything.
func TestPGMLinger(t *testing.T) {
	k := alone(t, "epgm")
	ep := pgmEndpoint(t)
	pub, sub := k.open(zmq.Pub), k.open(zmq.Sub, zmq.WithRecvHWM(0))
	k.ok(sub.Subscribe(""))
	events := sub.Events(k.ctx, zmq.EventConnected|zmq.EventDisconnected|zmq.EventGap)
	pgmPair(k, pub, sub, ep)
	const count = 300
	for i := range count {
		k.ok(pub.Send(k.ctx, pgmMessage(i)))
	}
	k.ok(pub.Shutdown(k.ctx))
	for i := range count {
		if got := pgmRecv(k, sub); !got.Equal(pgmMessage(i)) {
			t.Fatalf("message %d is %.60v", i, got)
		}
	}
	kinds := zmq.EventMask(0)
	for e := range events {
		kinds |= e.Kind
		if e.Kind == zmq.EventDisconnected {
			break
		}
	}
	if kinds != zmq.EventConnected|zmq.EventDisconnected {
		t.Errorf("events %v", kinds)
	}
}

// A publisher that may not wait says how much was not sent.
func TestPGMUnsent(t *testing.T) {
	k := alone(t, "epgm")
	pub := k.open(zmq.Pub, zmq.WithMulticastRate(1), zmq.WithSendHWM(0))
	k.ok(pub.Connect(pgmEndpoint(t)))
	for range 100 {
		k.ok(pub.SendBytes(k.ctx, make([]byte, 1000)))
	}
	ctx, cancel := context.WithTimeout(k.ctx, 10*time.Millisecond)
	defer cancel()
	var unsent *zmq.UnsentError
	if err := pub.Shutdown(ctx); !errors.As(err, &unsent) || unsent.N < 90 || unsent.N > 100 {
		t.Errorf("Shutdown says %v", err)
	}
}

// A subscriber that can't be told about is a subscriber to everything.
func TestPGMSubscribers(t *testing.T) {
	k := alone(t, "epgm")
	pub := k.open(zmq.XPub)
	k.ok(pub.Connect(pgmEndpoint(t)))
	k.ok(pub.WaitSubscribers(k.ctx, "anything", 1))
	if m := pgmRecv(k, pub); len(m.Frames) != 1 || string(m.Frames[0]) != "\x01" {
		t.Errorf("the application is told %v", m)
	}
	if peers := pub.Peers(); len(peers) != 1 || !peers[0].Connected || peers[0].Type != "SUB" {
		t.Errorf("peers %+v", peers)
	}
}
