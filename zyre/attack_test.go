package zyre

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/ztest"
)

// counted is the system's network, with the times of its dials.
type counted struct {
	mu    sync.Mutex
	dials []time.Time
}

func (c *counted) Dial(ctx context.Context, text string) (net.Conn, error) {
	c.mu.Lock()
	c.dials = append(c.dials, time.Now())
	c.mu.Unlock()
	ep, err := endpoint.Parse(text)
	if err != nil {
		return nil, err
	}
	return transport.Dial(ctx, ep, transport.Defaults())
}

func (c *counted) Listen(ctx context.Context, text string) (net.Listener, string, error) {
	ep, err := endpoint.Parse(text)
	if err != nil {
		return nil, "", err
	}
	l, err := transport.Listen(ctx, ep, transport.Defaults())
	if err != nil {
		return nil, "", err
	}
	return listener{l}, l.Endpoint(), nil
}

// listener makes a net.Listener of a transport's.
type listener struct{ transport.Listener }

func (listener) Addr() net.Addr { return nil }

// count is the number of dials since begin.
func (c *counted) count(begin time.Time) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, at := range c.dials {
		if !at.Before(begin) {
			n++
		}
	}
	return n
}

// flood sends forged beacons to a network until the test says stop, from many
// addresses of this host, and returns how many.
func flood(t *testing.T, port, perSecond int, ctx context.Context, make func(*rand.Rand) beacon.ZRE) *atomic.Uint64 {
	var sent atomic.Uint64
	to := &net.UDPAddr{IP: net.IPv4(127, 255, 255, 255), Port: port}
	for i := range 2 {
		c, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 7, byte(1+i))}, to)
		if err != nil {
			t.Skipf("no forged sender: %v", err)
		}
		go func() {
			defer c.Close()
			rng := rand.New(rand.NewPCG(1, uint64(i)))
			buf := []byte{}
			for begin := time.Now(); ctx.Err() == nil; {
				due := int(time.Since(begin).Seconds()*float64(perSecond)/2) - int(sent.Load())/2
				for range max(due, 0) {
					buf = make(rng).Append(buf[:0])
					if _, err := c.Write(buf); err == nil {
						sent.Add(1)
					}
				}
				time.Sleep(time.Millisecond)
			}
		}()
	}
	return &sent
}

// A flood of beacons of nodes that don't exist: ten dials a second (in which second each
// is made a busy machine decides; that there are never more in one is internal/node's
// TestBeaconFlood), bounded memory,
// and those who know each other notice nothing; a newcomer gets in all the same.
func TestBeaconFlood(t *testing.T) {
	port := network(t)
	dials := &counted{}
	a := begun(t, port, "victim", func(c *config) error { c.network = dials; return nil })
	b := begun(t, port, "friend")
	meet(t, a, b)
	ea := listen(t, a)
	ea.order(Enter)
	before, _ := memory()
	begin := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(ztest.Size(1, 10))*time.Second)
	defer cancel()
	sent := flood(t, port, 100_000, ctx, func(rng *rand.Rand) (z beacon.ZRE) {
		z.Version, z.Port = beacon.ZRE1, uint16(1+rng.IntN(65535))
		binary.LittleEndian.PutUint64(z.UUID[:], rng.Uint64())
		return z
	})
	<-ctx.Done()
	after, routines := memory()
	s, made := a.Stats(), dials.count(begin)
	took := time.Since(begin)
	grown := int64(after) - int64(before)
	t.Logf("%d beacons in %v: %d heard, %d accepted, %d dials, %d of them made; %d KiB more, %d goroutines; %+v",
		sent.Load(), took, s.Beacon.Received, s.Beacons, s.Dials, made, grown>>10, routines, s)
	if most := 10 * (1 + int(took/time.Second)); made > most {
		t.Errorf("%d dials in %v", made, took)
	}
	if grown > 16<<20 {
		t.Errorf("%d bytes more", grown)
	}
	if s.Candidates > a.config.MaxCandidates || s.Peers != 1 {
		t.Errorf("%d candidates, %d peers", s.Candidates, s.Peers)
	}
	ea.none()
	c := begun(t, port, "newcomer")
	if e := ea.expect(Enter, Exit, Evasive); e.Kind != Enter || e.Peer != c.ID() {
		t.Errorf("%v of %s", e.Kind, e.Name)
	}
}

// Beacons that say of a live peer that it has left, and others that put it or made-up
// nodes at false places: nobody is evicted.
func TestForgedGoodbyes(t *testing.T) {
	t.Parallel()
	port := network(t)
	a, b := begun(t, port, "a"), begun(t, port, "b")
	meet(t, a, b)
	ea, eb := listen(t, a), listen(t, b)
	ea.order(Enter)
	eb.order(Enter)
	at := netip.MustParseAddrPort(b.Endpoint()[len("tcp://"):])
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(ztest.Size(800, 8000))*time.Millisecond)
	defer cancel()
	sent := flood(t, port, 3000, ctx, func(rng *rand.Rand) beacon.ZRE {
		z := beacon.ZRE{Version: beacon.ZRE1, UUID: b.ID()}
		switch rng.IntN(3) {
		case 0:
			z.UUID = a.ID()
		case 1:
			z.Port = at.Port()
			binary.LittleEndian.PutUint64(z.UUID[:], rng.Uint64())
		}
		return z
	})
	<-ctx.Done()
	s := a.Stats()
	t.Logf("%d forged, %d goodbyes heard", sent.Load(), s.Goodbyes)
	if s.Goodbyes == 0 {
		t.Error("no forged goodbye was heard")
	}
	ea.none()
	eb.none()
	if s.Peers != 1 || b.Stats().Peers != 1 {
		t.Errorf("%d and %d peers", s.Peers, b.Stats().Peers)
	}
}
