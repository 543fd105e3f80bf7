package zmq_test

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// plainPacket is a plain program that sends and receives datagrams.
func plainPacket(k *kit) *net.UDPConn {
	k.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	k.ok(err)
	k.ok(c.SetDeadline(time.Now().Add(ztest.Patience)))
	k.Cleanup(func() { c.Close() })
	return c
}

func plainPacketTo(k *kit, c *net.UDPConn, endpoint string, data []byte) {
	k.Helper()
	to, err := netip.ParseAddrPort(strings.TrimPrefix(endpoint, "udp://"))
	k.ok(err)
	_, err = c.WriteToUDPAddrPort(data, to)
	k.ok(err)
}

// udpBound binds a socket to a free port of this machine.
func udpBound(k *kit, typ zmq.Type, opts ...zmq.Option) (*zmq.Socket, string) {
	k.Helper()
	s := k.open(typ, opts...)
	endpoint, err := s.Bind("udp://127.0.0.1:*")
	k.ok(err)
	return s, endpoint
}

func TestDgram(t *testing.T) {
	k := alone(t, "udp")
	s, endpoint := udpBound(k, zmq.Dgram)
	c := plainPacket(k)
	from := c.LocalAddr().String()
	for _, data := range []string{"hello", "", strings.Repeat("x", 8192)} {
		plainPacketTo(k, c, endpoint, []byte(data))
		k.want(s, from, data)
	}
	b := make([]byte, 10_000)
	for _, address := range []string{from, from + "\x00"} { // libzmq's has a zero byte
		for _, data := range []string{"hello back", "", strings.Repeat("y", 8192)} {
			k.send(s, address, data)
			n, err := c.Read(b)
			k.ok(err)
			if string(b[:n]) != data {
				k.Fatalf("%d bytes, want %d", n, len(data))
			}
		}
	}
	// One that is too long is dropped and counted, and does no more harm.
	plainPacketTo(k, c, endpoint, make([]byte, 8193))
	plainPacketTo(k, c, endpoint, []byte("next"))
	k.want(s, from, "next")
	if d := s.Stats().Drops; d.Malformed != 1 || d.Total() != 1 {
		k.Errorf("%+v", d)
	}
}

func TestDgramRefuses(t *testing.T) {
	k := alone(t, "udp")
	s, endpoint := udpBound(k, zmq.Dgram)
	for _, frames := range [][]string{{"127.0.0.1:1"}, {"127.0.0.1:1", "a", "b"}, {"nobody", "x"}, {"", "x"}, {"127.0.0.1:0", "x"}, {"localhost:1", "x"}} {
		k.is(s.SendString(k.ctx, frames...), zmq.ErrInvalidMessage)
	}
	k.is(s.SendString(k.ctx, "127.0.0.1:1", strings.Repeat("x", 8193)), zmq.ErrMsgTooLarge)
	_, err := s.Bind("udp://127.0.0.1:*")
	k.is(err, zmq.ErrState)
	_, err = k.open(zmq.Dgram).Bind(endpoint)
	k.is(err, zmq.ErrAddrInUse)
	k.is(k.open(zmq.Dgram).TrySend(msg.NewString("127.0.0.1:1", "x")), zmq.ErrAgain)
	k.ok(s.Unbind(endpoint))
	_, err = s.Bind(endpoint)
	k.ok(err)

	for typ, text := range map[zmq.Type]string{
		zmq.Dgram: "connect udp://127.0.0.1:1", zmq.Dish: "connect udp://127.0.0.1:1", zmq.Radio: "bind udp://127.0.0.1:1",
		zmq.Pub: "connect udp://127.0.0.1:1", zmq.Stream: "bind udp://127.0.0.1:1", zmq.Peer: "bind udp://127.0.0.1:1",
	} {
		verb, endpoint, _ := strings.Cut(text, " ")
		s := k.open(typ)
		if verb == "bind" {
			_, err = s.Bind(endpoint)
		} else {
			err = s.Connect(endpoint)
		}
		if k.is(err, zmq.ErrInvalidEndpoint); !strings.Contains(err.Error(), typ.String()) {
			k.Errorf("%v does not name %v", err, typ)
		}
	}
	for _, endpoint := range []string{"tcp://127.0.0.1:*", "inproc://dgram"} {
		_, err = k.open(zmq.Dgram).Bind(endpoint)
		k.is(err, zmq.ErrInvalidEndpoint)
	}
	_, err = k.open(zmq.Dgram).Bind("udp://127.0.0.1:*", zmq.WithCurveServer(serverKeys()))
	k.is(err, zmq.ErrInvalidOption)
}

// A DGRAM that nobody reads drops what comes beyond its mark.
func TestDgramAtTheMark(t *testing.T) {
	k := alone(t, "udp")
	s, endpoint := udpBound(k, zmq.Dgram, zmq.WithRecvHWM(2))
	c := plainPacket(k)
	for i := range 5 {
		plainPacketTo(k, c, endpoint, fmt.Append(nil, i))
	}
	k.until("three are dropped", func() bool { return s.Stats().Drops.HWM == 3 })
	for i := range 2 {
		k.want(s, c.LocalAddr().String(), fmt.Sprint(i))
	}
	plainPacketTo(k, c, endpoint, []byte("again"))
	k.want(s, c.LocalAddr().String(), "again")
}

// The bytes of a RADIO's datagram, and a DISH that gets them from a plain program.
func TestRadioDatagrams(t *testing.T) {
	k := alone(t, "udp")
	c := plainPacket(k)
	radio := k.open(zmq.Radio)
	k.ok(radio.Connect("udp://" + c.LocalAddr().String()))
	k.ok(radio.WaitConnected(k.ctx, 1))
	radioSend(k, radio, "TV", "Friends")
	b := make([]byte, 10_000)
	n, err := c.Read(b)
	k.ok(err)
	if string(b[:n]) != "\x02TVFriends" {
		k.Fatalf("%q", b[:n])
	}
	radioSend(k, radio, "", strings.Repeat("x", 8192)) // one byte too long
	radioSend(k, radio, "", strings.Repeat("y", 8191))
	n, err = c.Read(b)
	k.ok(err)
	if n != 8192 || b[0] != 0 || b[1] != 'y' {
		k.Errorf("%d bytes %q", n, b[:2])
	}
	k.until("the loss is counted", func() bool { return radio.Stats().Drops.PeerGone == 1 })

	dish, endpoint := udpBound(k, zmq.Dish)
	k.ok(dish.Join("TV"))
	k.ok(dish.Join(""))
	for _, data := range []string{"", "\x03TV", "\xff", "\x05OTHERbody", "\x02TVnews", "\x00", "\x00end"} {
		plainPacketTo(k, c, endpoint, []byte(data))
	}
	radioWant(k, dish, "TV", "news")
	radioWant(k, dish, "", "")
	m, err := dish.Recv(k.ctx)
	k.ok(err)
	if m.Group() != "" || string(m.Frames[0]) != "end" || m.Peer().RemoteAddr != c.LocalAddr().String() {
		k.Errorf("%q in %q from %q", m.Frames, m.Group(), m.Peer().RemoteAddr)
	}
	if d := dish.Stats().Drops; d.Malformed != 3 || d.Unwanted != 1 {
		k.Errorf("%+v", d)
	}
}

func TestRadioToDishOverUDP(t *testing.T) {
	k := alone(t, "udp")
	dish, endpoint := udpBound(k, zmq.Dish)
	k.ok(dish.Join("g"))
	radio := k.open(zmq.Radio)
	k.ok(radio.Connect(endpoint))
	if e := radio.Endpoint(endpoint); e.State != zmq.EndpointReady {
		k.Errorf("the endpoint is %v: nobody answers over udp", e)
	}
	for i := range 20 {
		radioSend(k, radio, "other", "x")
		radioSend(k, radio, "g", fmt.Sprint(i))
		radioWant(k, dish, "g", fmt.Sprint(i))
	}
	k.ok(radio.Disconnect(endpoint))
	radioSend(k, radio, "g", "nobody")
	if v, err := dish.Option("LAST_ENDPOINT"); err != nil || v != endpoint {
		k.Errorf("%v, %v", v, err)
	}
}

// A name is looked up when there is something to send.
func TestRadioToName(t *testing.T) {
	k := alone(t, "udp")
	c := plainPacket(k)
	radio := k.open(zmq.Radio)
	_, port, _ := net.SplitHostPort(c.LocalAddr().String())
	k.ok(radio.Connect("udp://localhost:" + port))
	radioSend(k, radio, "g", "x")
	b := make([]byte, 10)
	if n, err := c.Read(b); err != nil || string(b[:n]) != "\x01gx" {
		k.Errorf("%q, %v", b[:n], err)
	}
}

// Everybody on this machine who has joined the multicast group hears it, and
// nobody who has another one at the same port does.
func TestMulticast(t *testing.T) {
	k := alone(t, "udp")
	if !multicastWorks("lo") {
		t.Skip("this machine does not carry multicast over its loopback interface")
	}
	first := k.open(zmq.Dish)
	k.ok(first.Join("g"))
	endpoint, err := first.Bind("udp://127.0.0.1;239.255.41.48:*")
	k.ok(err)
	port := endpoint[strings.LastIndex(endpoint, ":"):]
	second, other := k.open(zmq.Dish), k.open(zmq.Dish)
	k.ok(second.Join("g"))
	k.ok(other.Join("g"))
	_, err = second.Bind(endpoint)
	k.ok(err)
	_, err = other.Bind("udp://127.0.0.1;239.255.41.49" + port)
	k.ok(err)
	radio := k.open(zmq.Radio)
	k.ok(radio.Connect(endpoint))
	for i := range 5 {
		radioSend(k, radio, "g", fmt.Sprint(i))
		radioWant(k, first, "g", fmt.Sprint(i))
		radioWant(k, second, "g", fmt.Sprint(i))
	}
	k.silent(other)
}

// Without MULTICAST_LOOP this machine does not hear its own multicast. (The loopback
// interface is the network itself, so that the option means nothing there.)
func TestMulticastLoop(t *testing.T) {
	k := alone(t, "udp")
	ifi := multicastInterface()
	if ifi == "" {
		t.Skip("there is no network interface with multicast beside the loopback one")
	}
	dish := k.open(zmq.Dish)
	k.ok(dish.Join("g"))
	endpoint, err := dish.Bind("udp://" + ifi + ";239.255.41.51:*")
	k.ok(err)
	loud, quiet := k.open(zmq.Radio), k.open(zmq.Radio, zmq.WithMulticastLoop(false))
	k.ok(loud.Connect(endpoint))
	k.ok(quiet.Connect(endpoint))
	radioSend(k, quiet, "g", "quiet")
	k.ok(quiet.Close()) // it has been written
	radioSend(k, loud, "g", "loud")
	radioWant(k, dish, "g", "loud")
}

// multicastInterface is one by which a datagram to a group of ours comes back.
func multicastInterface() string {
	all, err := net.Interfaces()
	if err != nil {
		return ""
	}
	for _, ifi := range all {
		if ifi.Flags&net.FlagLoopback == 0 && ifi.Flags&net.FlagUp != 0 && ifi.Flags&net.FlagMulticast != 0 && multicastWorks(ifi.Name) {
			return ifi.Name
		}
	}
	return ""
}

// multicastWorks tries it, by one interface, with sockets of package net.
func multicastWorks(name string) bool {
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		return false
	}
	addrs, err := ifi.Addrs()
	if err != nil || len(addrs) == 0 {
		return false
	}
	local, _, err := net.ParseCIDR(addrs[0].String())
	if err != nil || local.To4() == nil {
		return false
	}
	c, err := net.ListenMulticastUDP("udp4", ifi, &net.UDPAddr{IP: net.IPv4(239, 255, 41, 50)})
	if err != nil {
		return false
	}
	defer c.Close()
	s, err := net.ListenUDP("udp4", &net.UDPAddr{IP: local})
	if err != nil {
		return false
	}
	defer s.Close()
	to := &net.UDPAddr{IP: net.IPv4(239, 255, 41, 50), Port: c.LocalAddr().(*net.UDPAddr).Port}
	if _, err := s.WriteTo([]byte("x"), to); err != nil {
		return false
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Second))
	_, err = c.Read(make([]byte, 1))
	return err == nil
}
