package main

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// peer is a device.
type peer struct {
	testing.TB
	net.Conn
}

func dial(t *testing.T, address string) peer {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	return peer{t, c}
}

// say writes a frame, byte by byte.
func (p peer) say(text string) {
	p.Helper()
	for _, b := range append(binary.BigEndian.AppendUint16(nil, uint16(len(text))), text...) {
		if _, err := p.Write([]byte{b}); err != nil {
			p.Fatal(err)
		}
	}
}

// hears reads frames; "" is the end.
func (p peer) hears(texts ...string) {
	p.Helper()
	for _, want := range texts {
		var size [2]byte
		_, err := io.ReadFull(p, size[:])
		text := make([]byte, binary.BigEndian.Uint16(size[:]))
		if err == nil {
			_, err = io.ReadFull(p, text)
		}
		if string(text) != want || (err != nil) != (want == "") {
			p.Fatalf("heard %q, %v; want %q", text, err, want)
		}
	}
}

// Several devices, of which some do wrong: the others go on. At Ctrl-C all are
// disconnected.
func TestDevices(t *testing.T) {
	p := proc.Start(t, "-idle", "1h", "127.0.0.1:0")
	at := p.Expect(`listening on (\S+)`)[1]
	a, b, wrong := dial(t, at), dial(t, at), dial(t, at)
	a.say("ann")
	a.hears("welcome ann")
	b.say("bob")
	b.say("1")
	a.say("10")
	b.say("one")
	b.say("2")
	b.hears("welcome bob", "1", "no number", "1.5")
	_, _ = wrong.Write([]byte{0xff, 0xff, 1}) // a frame that is too large
	wrong.hears("")
	p.Expect(`ended: .*invalid frame`)
	b.Close()
	p.Expect(`ended: as it should`)
	a.say("20")
	a.hears("10", "15")
	p.Interrupt()
	a.hears("")
}

// A device that is silent is told so, and disconnected.
func TestSilent(t *testing.T) {
	p := proc.Start(t, "-idle", "1ms", "127.0.0.1:0")
	dial(t, p.Expect(`listening on (\S+)`)[1]).hears("bye", "")
	p.Expect(`ended: as it should`)
	p.Interrupt()
}
