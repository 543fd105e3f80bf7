package members

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/ztest"
)

// unhelped has memberlist exchange nothing by itself, and suspect nobody, who would tell
// again that it is alive.
func unhelped(c *config) error {
	c.list.PushPullInterval = 1000 * time.Hour
	c.list.ProbeInterval = 0
	return nil
}

// TestPace plays news and the passing of time, in units of the first interval.
func TestPace(t *testing.T) {
	const unit = time.Second
	type said struct {
		at     int
		own    bool
		others int
	}
	for _, test := range []struct {
		name string
		news []said
		want []int // when there are exchanges
	}{
		{"none", nil, nil},
		{"own", []said{{0, true, 3}}, []int{1, 3, 7, 15}},
		{"others'", []said{{0, false, 3}}, []int{1, 3, 7, 15}},
		{"again while it waits", []said{{0, true, 3}, {6, true, 3}}, []int{1, 3, 7, 9, 13, 21}},
		{"again when it has ended", []said{{0, true, 3}, {100, false, 3}}, []int{1, 3, 7, 15, 101, 103, 107, 115}},
		{"without end", []said{{0, true, 3}, {1, true, 3}, {2, true, 3}, {3, true, 3}, {4, true, 3}}, []int{1, 2, 3, 4, 5, 7, 11, 19}},
		{"others' among many", []said{{0, false, 128}}, []int{4, 12}},
		{"others' among too many", []said{{0, false, 1000}}, nil},
		{"own among many", []said{{0, true, 128}}, []int{1, 5, 13}},
		{"own among too many", []said{{0, true, 1000}}, []int{1}},
		{"the first of others", []said{{0, false, 1}}, []int{1, 3, 7, 15}},
	} {
		start := time.Now()
		p := pace{first: unit, last: 16 * unit}
		var got []int
		for at := range 200 {
			now := start.Add(time.Duration(at) * unit)
			if !p.due.IsZero() && !now.Before(p.due) {
				got = append(got, at)
				p.done(now)
			}
			for _, n := range test.news {
				if n.at == at {
					p.news(now, n.own, n.others)
				}
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: exchanges at %v, want %v", test.name, got, test.want)
		}
	}
}

// withoutUDP makes a member that others reach over TCP alone: all packets to it are lost.
func withoutUDP(t *testing.T, opts ...Option) *Members {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := made(t, append([]Option{unhelped, WithAdvertise(l.Addr().String())}, opts...)...)
	inner := m.config.list.Transport.(*transport).tcp.Addr().String()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go pass(c, inner)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-ended
	})
	return m
}

// pass passes on what a connection brings and what is answered.
func pass(c net.Conn, to string) {
	defer c.Close()
	d, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer d.Close()
	go func() {
		_, _ = io.Copy(d, c)
		_ = d.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(c, d)
}

// Where no packet arrives, who comes, changes and goes is known to all all the same, and
// does not wait for memberlist's next exchange.
func TestNewsWithoutUDP(t *testing.T) {
	t.Parallel()
	ann := withoutUDP(t)
	bob, cyd := withoutUDP(t, WithSeeds(ann.Endpoint())), withoutUDP(t, WithSeeds(ann.Endpoint()))
	ofBob, ofCyd := pulling(t, bob), pulling(t, cyd)
	for name, m := range map[string]*Members{"bob": bob, "cyd": cyd} {
		announce(t, m, beacon.Peer{ID: name, Endpoints: []string{"tcp://*:1"}})
	}
	if e := ofBob(); e.Kind != beacon.Found || e.Peer.ID != "cyd" {
		t.Errorf("bob hears %+v", e)
	}
	if e := ofCyd(); e.Kind != beacon.Found || e.Peer.ID != "bob" {
		t.Errorf("cyd hears %+v", e)
	}
	announce(t, bob, beacon.Peer{ID: "bob", Endpoints: []string{"tcp://*:2"}})
	if e := ofCyd(); e.Kind != beacon.Changed || e.Peer.Endpoints[0] != "tcp://127.0.0.1:2" {
		t.Errorf("cyd hears %+v", e)
	}
}

// Who announces itself while a seed's answer is on its way is heard. Memberlist's queue
// loses that broadcast when the answer brings two members whose own are as long.
func TestAnnouncedWhileJoining(t *testing.T) {
	t.Parallel()
	ann := made(t, unhelped)
	cyd := made(t, unhelped, WithSeeds(ann.Endpoint()))
	news := pulling(t, ann)
	announce(t, ann, beacon.Peer{ID: "ann"})
	announce(t, cyd, beacon.Peer{ID: "cyd"})
	if e := news(); e.Kind != beacon.Found || e.Peer.ID != "cyd" {
		t.Errorf("%+v", e)
	}
	way := ztest.NewProxy(t, "tcp", ann.Endpoint())
	way.Set(ztest.Down, ztest.Manners{Stall: true})
	bob := made(t, unhelped, WithSeeds(way.Endpoint()[len("tcp://"):]))
	ztest.Eventually(t, "ann knows bob", func() bool { return ann.Stats().Members == 3 })
	announce(t, bob, beacon.Peer{ID: "bob"})
	way.Set(ztest.Down, ztest.Manners{})
	if e := news(); e.Kind != beacon.Found || e.Peer.ID != "bob" {
		t.Errorf("%+v", e)
	}
}

// Announce has its way while memberlist refutes suspicions: an update that comes in between
// comes to nothing there.
func TestAnnouncedUnderSuspicion(t *testing.T) {
	t.Parallel()
	m := made(t, func(c *config) error { c.rate = 0; return nil }) // or few of them would be heard
	c, err := net.Dial("udp", m.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for n := uint32(1000); ; n += 1000 {
			if _, err := c.Write(suspicion(m.config.list.Name, n)); errors.Is(err, net.ErrClosed) {
				return
			}
		}
	}()
	for i := range 1000 {
		announce(t, m, beacon.Peer{ID: fmt.Sprint("bob", i)})
		m.mu.Lock()
		p, _, err := beacon.PeerFormat.Parse(m.carried, m.where.Addr())
		m.mu.Unlock()
		if want := fmt.Sprint("bob", i); err != nil || p.ID != want {
			t.Errorf("others are told of %q (%v), want %q", p.ID, err, want)
			break
		}
	}
	c.Close()
	<-ended
}

// Several may announce at once: what was said last counts.
func TestAnnouncedAtOnce(t *testing.T) {
	t.Parallel()
	m, all := made(t), sync.WaitGroup{}
	for i := range 8 {
		all.Go(func() {
			for range 20 {
				if err := m.Announce(t.Context(), beacon.Peer{ID: fmt.Sprint("bob", i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	ztest.Eventually(t, "the last one counts", m.isCarried)
}

// Where refutations have won each time that Announce has tried, it is tried again.
func TestAnnounceIsInsistedOn(t *testing.T) {
	t.Parallel()
	m := made(t)
	announce(t, m, beacon.Peer{ID: "old"})
	meta, err := beacon.PeerFormat.Append(nil, beacon.Peer{ID: "new"}, false)
	if err != nil {
		t.Fatal(err)
	}
	m.meta.Store(&meta) // all that is left of an Announce of which no try has come to anything
	m.news(true)
	ztest.Eventually(t, "others are told of the new one", m.isCarried)
}

// suspicion is memberlist's packet that says of a member that it does not answer.
func suspicion(name string, incarnation uint32) []byte {
	text := func(b []byte, s string) []byte { return append(append(b, 0xa0|byte(len(s))), s...) }
	b := text([]byte{3, 0x83}, "Incarnation")
	b = text(binary.BigEndian.AppendUint32(append(b, 0xce), incarnation), "Node")
	return text(text(text(b, name), "From"), "x")
}
