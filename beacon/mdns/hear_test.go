package mdns

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/net/bpf"

	"github.com/go-zactor/zactor/beacon/internal/rate"
	"github.com/go-zactor/zactor/internal/gate"
)

// What the system refuses before the queue is what the node refuses unread: answers from
// another port, and questions that come to a browser. Short ones are refused either way.
func TestWanted(t *testing.T) {
	const port = 5353
	for _, deaf := range []bool{false, true} {
		n := &node{deaf: deaf, config: config{port: port}}
		vm, err := bpf.NewVM(append(n.wanted(), bpf.RetConstant{Val: 1 << 18}))
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			name   string
			from   uint16
			flags  uint16
			wanted bool
		}{
			{"question", port, 0, !deaf},
			{"question from another port", 40000, 0x0100, !deaf},
			{"answer", port, 0x8400, true},
			{"answer from another port", 40000, 0x8400, false},
		} {
			packet := make([]byte, 8+12)
			binary.BigEndian.PutUint16(packet, test.from)
			binary.BigEndian.PutUint16(packet[8+2:], test.flags)
			took, err := vm.Run(packet)
			if err != nil || took > 0 != test.wanted {
				t.Errorf("deaf %v, %s: the system takes %d bytes, %v; want it: %v", deaf, test.name, took, err, test.wanted)
			}
			if got := n.wants(packet[8:], test.from); got != test.wanted {
				t.Errorf("deaf %v, %s: wanted %v, want %v", deaf, test.name, got, test.wanted)
			}
		}
		for size := range 4 {
			if took, err := vm.Run(make([]byte, 8+size)); took > 0 && err == nil && deaf {
				t.Errorf("%d bytes are taken by a browser", size)
			}
		}
	}
}

// One who floods is refused by the system, and takes no packet from one who asks seldom.
func TestFloodTakesNoShare(t *testing.T) {
	const limit = 100
	s, err := openSocket(0, false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Conn.Close()
	n := &node{limit: rate.New(limit), config: config{port: 5353}}
	door := gate.New(s.Conn, n.wanted())
	question := make([]byte, 12)
	from := func(last byte) arrived {
		return arrived{from: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, last}), 40000)}
	}
	heard, began := 0, time.Now()
	for range 100 * limit {
		if n.admits(question, from(1), s, door) {
			heard++
		}
	}
	seconds := int(time.Since(began).Seconds()) + 1
	if heard > limit*(seconds+1) || n.counters.limited.Load() != uint64(100*limit-heard) {
		t.Errorf("%d are heard in %d s, at %d a second, and %d counted as refused", heard, seconds, limit, n.counters.limited.Load())
	}
	if !n.admits(question, from(2), s, door) {
		t.Error("another one is not heard beside it")
	}
	muted := !door.Until().IsZero()
	if counted := n.counters.muted.Load() > 0; muted != counted {
		t.Errorf("muted %v, counted %v", muted, counted)
	}
}
