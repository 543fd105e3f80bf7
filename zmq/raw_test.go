package zmq_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// raw is a peer whose bytes a test writes by hand.
type raw struct {
	k  *kit
	nc net.Conn
}

// dialRaw connects to a bound endpoint.
func (k *kit) dialRaw(endpoint string) *raw {
	k.Helper()
	network, address, _ := strings.Cut(endpoint, "://")
	if network == "ipc" {
		network = "unix"
	}
	nc, err := net.Dial(network, address)
	k.ok(err)
	return k.raw(nc)
}

func (k *kit) raw(nc net.Conn) *raw {
	k.Cleanup(func() { nc.Close() })
	deadline, _ := k.ctx.Deadline()
	k.ok(nc.SetDeadline(deadline))
	// A peer that does not read is soon full.
	k.ok(nc.(interface{ SetReadBuffer(int) error }).SetReadBuffer(16 << 10))
	return &raw{k, nc}
}

// rawLink connects s, by its side or ours, with a raw peer.
func (k *kit) rawLink(s *zmq.Socket, bind bool) *raw {
	k.Helper()
	if bind {
		return k.dialRaw(k.bind(s))
	}
	endpoint := k.endpoint()
	network, address, _ := strings.Cut(endpoint, "://")
	if network == "ipc" {
		network = "unix"
	}
	l, err := net.Listen(network, address)
	k.ok(err)
	defer l.Close()
	k.ok(s.Connect(endpoint, zmq.WithReconnectInterval(-1, 0)))
	nc, err := l.Accept()
	k.ok(err)
	return k.raw(nc)
}

// write writes bytes given in hex, with spaces as one likes.
func (r *raw) write(hexes ...string) {
	r.k.Helper()
	_, err := r.nc.Write(hexBytes(hexes...))
	r.k.ok(err)
}

// expect reads exactly these bytes.
func (r *raw) expect(what string, hexes ...string) {
	r.k.Helper()
	want := hexBytes(hexes...)
	got := make([]byte, len(want))
	n, err := io.ReadFull(r.nc, got)
	if err != nil || !bytes.Equal(got, want) {
		r.k.Fatalf("%s: got %x, %v; want %x", what, got[:n], err, want)
	}
}

// skip reads n bytes that do not matter.
func (r *raw) skip(n int) {
	r.k.Helper()
	_, err := io.CopyN(io.Discard, r.nc, int64(n))
	r.k.ok(err)
}

// closed makes sure that the socket ends the connection; what it still says is
// returned.
func (r *raw) closed() []byte {
	r.k.Helper()
	rest, err := untilClosed(r.nc, false)
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		r.k.Fatal("the connection was not closed")
	}
	return rest
}

// untilClosed reads from c until the other side has closed it. Who is told that a message
// was too large says no more, as every peer does, unless it is stubborn: then the other side
// waits a second for that, and closes all the same.
func untilClosed(c net.Conn, stubborn bool) (said []byte, err error) {
	for piece := make([]byte, 4096); ; {
		n, err := c.Read(piece)
		said = append(said, piece[:n]...)
		if err == io.EOF {
			return said, nil
		} else if err != nil {
			return said, err
		}
		if half, can := c.(interface{ CloseWrite() error }); can && !stubborn && bytes.Contains(said, []byte("message too large")) {
			_ = half.CloseWrite()
		}
	}
}

func hexBytes(hexes ...string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(strings.Join(hexes, ""), " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// text2hex is a string as hex digits.
func text2hex(s string) string { return hex.EncodeToString([]byte(s)) }

const (
	signature = "ff 00 00 00 00 00 00 00 01 7f"
	greeting3 = signature + "03 01 4e554c4c 00000000 00000000 00000000 00000000" + // NULL
		"00 0000000000000000 0000000000000000 0000000000000000 00000000000000"
)

// ready is a READY command frame with a socket type.
func ready(socketType string) string {
	body := "\x05READY\x0bSocket-Type" + string(binary.BigEndian.AppendUint32(nil, uint32(len(socketType)))) + socketType
	return fmt.Sprintf("04 %02x", len(body)) + text2hex(body)
}

// handshake goes through ZMTP 3.1 as a peer of the given type.
func (r *raw) handshake(socketType string) {
	r.k.Helper()
	r.write(greeting3, ready(socketType))
	r.skip(64)
	r.frame()
}

// frame reads one frame of ZMTP 2.0 or later.
func (r *raw) frame() (flags byte, body []byte) {
	r.k.Helper()
	head := make([]byte, 2)
	_, err := io.ReadFull(r.nc, head)
	r.k.ok(err)
	size := uint64(head[1])
	if head[0]&2 != 0 {
		rest := make([]byte, 7)
		_, err := io.ReadFull(r.nc, rest)
		r.k.ok(err)
		size = binary.BigEndian.Uint64(append([]byte{head[1]}, rest...))
	}
	body = make([]byte, size)
	_, err = io.ReadFull(r.nc, body)
	r.k.ok(err)
	return head[0], body
}

// The bytes of ZMTP 3.1 as they go over the wire.
func TestZMTP31Bytes(t *testing.T) {
	wired(t, func(k *kit) {
		for _, bind := range []bool{true, false} {
			push := k.open(zmq.Push)
			r := k.rawLink(push, bind)
			r.expect("signature", signature)
			r.write(greeting3)
			r.expect("rest of the greeting", greeting3[len(signature):])
			r.expect("READY", ready("PUSH"))
			r.write(ready("PULL"))
			k.send(push, "hello", "")
			r.expect("a message", "01 05", text2hex("hello"), "00 00")
			k.ok(push.SendBytes(k.ctx, make([]byte, 255)))
			r.expect("a short frame", "00 ff", strings.Repeat("00", 255))
			k.ok(push.SendBytes(k.ctx, make([]byte, 256)))
			r.expect("a long frame", "02 0000000000000100", strings.Repeat("00", 256))

			pull := k.open(zmq.Pull)
			r = k.rawLink(pull, bind)
			r.handshake("PUSH")
			r.write("01 05", text2hex("hello"), "02 0000000000000003", text2hex("all"))
			k.want(pull, "hello", "all")
		}
	})
}

// READY has the routing id of REQ, DEALER and ROUTER, and what WithMetadata adds;
// received properties are the message's peer's.
func TestZMTP31Properties(t *testing.T) {
	wired(t, func(k *kit) {
		dealer, endpoint := k.bound(zmq.Dealer, zmq.WithRoutingID("joe"), zmq.WithMetadata("X-Role", "boss"))
		r := k.dialRaw(endpoint)
		r.write(greeting3)
		r.skip(64)
		_, body := r.frame()
		for _, want := range []string{
			"\x0bSocket-Type\x00\x00\x00\x06DEALER", "\x08Identity\x00\x00\x00\x03joe", "\x06X-Role\x00\x00\x00\x04boss",
		} {
			if !bytes.Contains(body, []byte(want)) {
				t.Errorf("READY is %q, without %q", body, want)
			}
		}
		ready := "\x05READY\x0bSocket-Type\x00\x00\x00\x06ROUTER\x06X-City\x00\x00\x00\x04Bern"
		r.write(fmt.Sprintf("04 %02x", len(ready)), text2hex(ready), "00 02", text2hex("hi"))
		m, err := dealer.Recv(k.ctx)
		k.ok(err)
		p := m.Peer()
		if p.SocketType != "ROUTER" || p.Property("X-City") != "Bern" || p.Mechanism != "NULL" || p.UserID != "" {
			t.Errorf("the message is from %+v", p)
		}
		if k.scheme == "tcp" && p.RemoteAddr != r.nc.LocalAddr().String() {
			t.Errorf("the message is from %s, want %s", p.RemoteAddr, r.nc.LocalAddr())
		}
	})
}

// A peer of ZMTP 3.0 is told of subscriptions by messages, one of 3.1 by commands;
// either form is understood from both.
func TestSubscriptionForms(t *testing.T) {
	wired(t, func(k *kit) {
		for minor, want := range []string{"00 02 01 61", "04 0b 09 535542534352494245 61"} {
			sub, endpoint := k.bound(zmq.Sub)
			k.ok(sub.Subscribe("a"))
			r := k.dialRaw(endpoint)
			r.write(signature, fmt.Sprintf("03 %02x", minor), greeting3[len(signature)+6:], ready("PUB"))
			r.skip(64)
			r.frame()
			r.expect(fmt.Sprintf("a subscription for 3.%d", minor), want)
			r.write("00 03", text2hex("abc"), "00 01", text2hex("b"), "00 01", text2hex("a"))
			k.want(sub, "abc")
			k.want(sub, "a")
			k.ok(sub.Unsubscribe("a"))
			cancel := []string{"00 02 00 61", "04 08 06 43414e43454c 61"}[minor]
			r.expect(fmt.Sprintf("a cancellation for 3.%d", minor), cancel)

			xpub, endpoint := k.bound(zmq.XPub)
			r = k.dialRaw(endpoint)
			r.write(signature, fmt.Sprintf("03 %02x", minor), greeting3[len(signature)+6:], ready("SUB"))
			r.skip(64)
			r.frame()
			r.write("00 02 01", text2hex("x"), "04 0b 09 535542534352494245", text2hex("y"))
			k.want(xpub, "\x01x")
			k.want(xpub, "\x01y")
			k.send(xpub, "y1")
			r.expect("a message", "00 02", text2hex("y1"))
			r.write("04 08 06 43414e43454c", text2hex("x"), "00 02 00", text2hex("y"))
			k.want(xpub, "\x00x")
			k.want(xpub, "\x00y")
		}
	})
}

// ZMTP 2.0: a greeting of twelve bytes, an identity frame each, and subscriptions
// as messages.
func TestZMTP20(t *testing.T) {
	wired(t, func(k *kit) {
		for _, bind := range []bool{true, false} {
			router := k.open(zmq.Router)
			r := k.rawLink(router, bind)
			r.expect("signature and revision", signature)
			r.write(signature, "01 05") // a DEALER
			r.expect("revision and socket type", "03 06")
			r.expect("identity", "00 00")
			r.write("00 03", text2hex("joe"))
			r.write("01 01", text2hex("a"), "00 01", text2hex("b"))
			k.want(router, "joe", "a", "b")
			k.send(router, "joe", "answer")
			r.expect("a message", "00 06", text2hex("answer"))

			push := k.open(zmq.Push)
			k.ok(push.Set(zmq.WithHeartbeat(time.Millisecond, time.Minute, 0))) // it knows no PING
			r = k.rawLink(push, bind)
			r.write(signature, "01 07", "00 00")
			r.skip(10 + 2 + 2)
			k.send(push, "hello", "there")
			r.expect("a message", "01 05", text2hex("hello"), "00 05", text2hex("there"))

			xpub := k.open(zmq.XPub)
			r = k.rawLink(xpub, bind)
			r.write(signature, "01 02", "00 00", "00 02 01", text2hex("x"))
			r.skip(10 + 2 + 2)
			k.want(xpub, "\x01x")
			k.send(xpub, "x1")
			r.expect("a message", "00 02", text2hex("x1"))
			r.write("00 02 00", text2hex("x"))
			k.want(xpub, "\x00x")

			sub := k.open(zmq.Sub)
			k.ok(sub.Subscribe("a"))
			r = k.rawLink(sub, bind)
			r.write(signature, "01 01", "00 00")
			r.skip(10 + 2 + 2)
			r.expect("a subscription", "00 02 01", text2hex("a"))
			r.write("00 02", text2hex("a1"))
			k.want(sub, "a1")
		}
	})
}

// ZMTP 1.0 without a greeting: an identity frame each, lengths that count the
// flags, and no subscriptions: such a peer gets everything.
func TestZMTP10(t *testing.T) {
	wired(t, func(k *kit) {
		for _, bind := range []bool{true, false} {
			push := k.open(zmq.Push)
			r := k.rawLink(push, bind)
			r.write("01 00") // an identity frame without identity
			r.expect("an identity frame of a long length", signature)
			k.send(push, "hello", "there")
			r.expect("a message", "06 01", text2hex("hello"), "06 00", text2hex("there"))
			k.ok(push.SendBytes(k.ctx, make([]byte, 254)))
			r.expect("a long frame", "ff 00000000000000ff 00", strings.Repeat("00", 254))

			pull := k.open(zmq.Pull)
			r = k.rawLink(pull, bind)
			r.write("04 00", text2hex("joe"))
			r.write("06 01", text2hex("hello"), "ff 0000000000000004 00", text2hex("all"), "02 00", text2hex("x"))
			k.want(pull, "hello", "all")
			k.want(pull, "x")

			router := k.open(zmq.Router, zmq.WithRoutingID("me"))
			r = k.rawLink(router, bind)
			r.write("04 00", text2hex("joe"), "02 00", text2hex("x"))
			r.expect("an identity frame", "ff 0000000000000003 7f", text2hex("me"))
			k.want(router, "joe", "x")
			k.send(router, "joe", "y")
			r.expect("a message", "02 00", text2hex("y"))

			xpub := k.open(zmq.XPub)
			r = k.rawLink(xpub, bind)
			r.write("01 00")
			k.want(xpub, "\x01") // as if it had subscribed to everything
			k.send(xpub, "any topic")
			r.skip(10)
			r.expect("a message", "0a 00", text2hex("any topic"))

			sub := k.open(zmq.Sub)
			k.ok(sub.Subscribe("a"))
			r = k.rawLink(sub, bind)
			r.write("01 00", "02 00", text2hex("b"), "02 00", text2hex("a"))
			k.want(sub, "a")
			r.skip(10)
			k.ok(sub.Close())
			if rest := r.closed(); len(rest) > 0 {
				t.Errorf("a SUB sent %x to a publisher that knows no subscriptions", rest)
			}
		}
	})
}

// A PING is answered with its context, at any time, also between the frames of a
// message, which stays whole.
func TestPingIsAnswered(t *testing.T) {
	wired(t, func(k *kit) {
		for _, typ := range []zmq.Type{zmq.Pull, zmq.Sub, zmq.XPub} {
			s, endpoint := k.bound(typ)
			r := k.dialRaw(endpoint)
			r.handshake(map[zmq.Type]string{zmq.Pull: "PUSH", zmq.Sub: "PUB", zmq.XPub: "XSUB"}[typ])
			if typ == zmq.Sub {
				k.ok(s.Subscribe(""))
				r.frame()
			}
			ping := "04 0a 04 50494e47 0000" + text2hex("ctx")
			r.write(ping)
			r.expect("PONG", "04 08 04 504f4e47", text2hex("ctx"))
			r.write("01 01", text2hex("a"), ping, "01 01", text2hex("b"), ping, "00 01", text2hex("c"), "04 07 04 50494e47 0000")
			k.want(s, "a", "b", "c")
			last := 0
			for last == 0 { // an unsent PONG is replaced by the next one
				flags, body := r.frame()
				if flags != 4 || !bytes.HasPrefix(body, []byte("\x04PONG")) {
					t.Fatalf("%v answered %x %q", typ, flags, body)
				}
				if len(body) == 5 {
					last++
				}
			}
		}
	})
}

// A multipart message that its sender could not finish is never delivered, not
// even in part.
func TestCutMultipartIsNotDelivered(t *testing.T) {
	wired(t, func(k *kit) {
		whole := hexBytes("01 03", text2hex("one"), "02 0000000000000003", text2hex("two"))
		for _, typ := range []zmq.Type{zmq.Pull, zmq.Dealer} {
			s, endpoint := k.bound(typ)
			peer := map[zmq.Type]string{zmq.Pull: "PUSH", zmq.Dealer: "DEALER"}[typ]
			for cut := range len(whole) {
				r := k.dialRaw(endpoint)
				r.handshake(peer)
				r.write("00 05", text2hex("first"))
				_, err := r.nc.Write(whole[:cut])
				k.ok(err)
				k.ok(r.nc.Close())
				k.want(s, "first")
				k.until("it is gone", func() bool { return s.Stats().Connected == 0 })
			}
			k.silent(s)
		}
	})
}

// A message over a limit ends the connection, with an event that says why, and
// does not touch other peers.
func TestLimitsOnMessages(t *testing.T) {
	wired(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull, zmq.WithMaxMsgSize(1000), zmq.WithMaxParts(3))
		events := k.watch(pull, zmq.EventDisconnected)
		good := k.joined(zmq.Push, endpoint)
		for name, bytes := range map[string]string{
			"a frame":         "02 00000000000003e9",
			"an absurd frame": "02 ffffffffffffffff",
			"together":        "03 00000000000001f4" + strings.Repeat("00", 500) + "02 00000000000003e9",
			"parts":           "01 00 01 00 01 00 00 00",
		} {
			r := k.dialRaw(endpoint)
			r.handshake("PUSH")
			_, err := r.nc.Write(hexBytes("00 02", text2hex("ok"), bytes))
			k.ok(err)
			k.want(pull, "ok")
			r.closed()
			e := events.next()
			if k.is(e.Err, zmq.ErrMsgTooLarge); name == "parts" {
				k.mentions(e.Err, "3 frames")
			} else {
				k.mentions(e.Err, "1000")
			}
		}
		k.ok(good.SendBytes(k.ctx, make([]byte, 1000)))
		if got := k.recv(pull); len(got[0]) != 1000 {
			t.Errorf("got %d bytes", len(got[0]))
		}
		k.send(good, "1", "2", "3")
		k.want(pull, "1", "2", "3")

		pull, endpoint = k.bound(zmq.Pull) // has a limit of its own, which holds before anybody is known, too
		for _, size := range []string{"7fffffffffffffff", "ffffffffffffffff", "0000000100000000"} {
			r := k.dialRaw(endpoint)
			r.write(greeting3, "06", size)
			r.closed()
			r = k.dialRaw(endpoint)
			r.handshake("PUSH")
			r.write("02", size)
			r.closed()
		}
		k.silent(pull)
	})
}

// WithMaxSend bounds what the sockets of a Context send.
func TestLimitOnSending(t *testing.T) {
	t.Parallel()
	k := newKit(t, "inproc", zmq.WithMaxSend(10))
	push, endpoint := k.bound(zmq.Push)
	pull := k.connect(zmq.Pull, endpoint)
	err := push.Send(k.ctx, msg.NewString("12345", "678901"))
	k.is(err, zmq.ErrMsgTooLarge)
	k.mentions(err, "11", "10")
	k.is(push.TrySend(msg.NewString("12345678901")), zmq.ErrMsgTooLarge)
	k.send(push, "12345", "67890")
	k.want(pull, "12345", "67890")
}

// A peer that says nothing is given up after the handshake interval.
func TestHandshakeTimeout(t *testing.T) {
	wired(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull, zmq.WithHandshakeInterval(30*time.Millisecond))
		events := k.watch(pull, zmq.EventAll)
		greeting := hexBytes(greeting3)
		for _, start := range []int{0, 1, 10, 11, 40, 64} {
			r := k.dialRaw(endpoint)
			_, err := r.nc.Write(greeting[:start])
			k.ok(err)
			got := events.sequence(zmq.EventAccepted, zmq.EventHandshakeFailedNoDetail, zmq.EventDisconnected)
			if got[1].Err == nil {
				t.Error("the event does not say why")
			}
			r.closed()
		}
	})
}
