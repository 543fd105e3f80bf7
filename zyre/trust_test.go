package zyre

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
)

// keys makes certificates.
func keys(t *testing.T, n int) (list []*cert.Cert) {
	t.Helper()
	for range n {
		c, err := cert.New()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// A node with a key that is not trusted is told of, and not dialled: it would be sent a
// HELLO with name, headers and groups.
func TestStrangersAreNotDialled(t *testing.T) {
	port, k := network(t), keys(t, 3)
	a := begun(t, port, "a", WithCurve(k[0], cert.NewMemStore(k[1])))
	begun(t, port, "c", WithCurve(k[2], cert.NewMemStore(k[0], k[1])), WithInterval(20*time.Millisecond))
	ztest.Eventually(t, "the stranger is refused", func() bool { return a.Stats().RefusedByUs > 0 && a.Stats().Beacons > 5 })
	if n := a.Stats().Dials; n != 0 {
		t.Errorf("it was dialled %d times", n)
	}
	b := begun(t, port, "b", WithCurve(k[1], cert.NewMemStore(k[0])))
	meet(t, a, b)
}

// A key that is withdrawn ends its peer at once, in both directions: nothing more is said
// to it.
func TestRevokedKey(t *testing.T) {
	port, k := network(t), keys(t, 3)
	trusted := cert.NewMemStore(k...)
	a := begun(t, port, "a", WithCurve(k[0], trusted))
	heard := listen(t, a)
	b, c := begun(t, port, "b", WithCurve(k[1], cert.NewMemStore(k...)), WithTimeouts(500*time.Millisecond, time.Second)), begun(t, port, "c", WithCurve(k[2], cert.NewMemStore(k...)))
	meet(t, a, b, c)
	trusted.Remove(k[1].Public())
	if e := heard.expect(Exit); e.Peer != b.ID() || e.Reason != Revoked {
		t.Errorf("%v exits: %v; want b, %v", e.Peer, e.Reason, Revoked)
	}
	a.mu.Lock()
	links := len(a.links)
	a.mu.Unlock()
	if links != 1 {
		t.Errorf("there are %d links, want that to c", links)
	}
	ztest.Eventually(t, "b has lost a", func() bool { return b.Stats().Peers == 1 })
	if a.Stats().Peers != 1 {
		t.Errorf("a has %d peers, want c", a.Stats().Peers)
	}
}

// An endpoint with a host's name, as zyre in C has it in gossip, is looked up; what is not
// found, or panics, is looked up again.
func TestHostNames(t *testing.T) {
	other := begun(t, network(t), "other")
	_, number, _ := strings.Cut(strings.TrimPrefix(other.Endpoint(), "tcp://"), ":")
	found := beacon.PeerEvent{Kind: beacon.Found, Peer: beacon.Peer{ID: other.ID().String(), Endpoints: []string{"tcp://box.example:" + number}}}
	var asked atomic.Int32
	lookup := func(c *config) error {
		c.lookup = func(_ context.Context, _, host string) ([]netip.Addr, error) {
			if host != "box.example" {
				t.Errorf("looked up %q", host)
			}
			switch asked.Add(1) {
			case 1:
				return nil, errors.New("not now")
			case 2:
				panic("disaster")
			}
			return []netip.Addr{netip.MustParseAddr("::1"), netip.MustParseAddr("127.0.0.1")}, nil
		}
		return nil
	}
	n, err := New(t.Context(), "a", WithoutBeacon(true), WithLoopback(true), WithInterval(20*time.Millisecond), WithDiscoverer(badWay{found: found}), lookup)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	meet(t, n, other)
	contained(t, 1, n)
}

func TestSplitEndpoint(t *testing.T) {
	for text, want := range map[string]string{
		"tcp://box:1": "box 1 true", "tcp://[::1]:65535": "::1 65535 true", "tcp://10.0.0.1:5": "10.0.0.1 5 true",
		"tcp://*:1": "* 1 false", "tcp://:1": " 1 false", "tcp://box": " 0 false", "tcp://box:70000": "box 65535 false", "": " 0 false",
	} {
		host, port, ok := splitEndpoint(text)
		if got := host + " " + strconv.Itoa(int(port)) + " " + strconv.FormatBool(ok); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
