package zyre

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/shortid"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// witness sees what a node tells: its events, and its lines in both kinds of logger.
type witness struct {
	logbook.Book
	mu      sync.Mutex
	refused []Event
}

// begun makes a node that is witnessed.
func (w *witness) begun(t *testing.T, port int, name string, opts ...Option) *Node {
	n := begun(t, port, name, append(opts, WithLogger(w.Zerolog()), WithSlog(w.Slog()))...)
	events := n.Events(t.Context())
	go func() {
		for e := range events {
			if e.Kind == Refused {
				w.mu.Lock()
				w.refused = append(w.refused, e)
				w.mu.Unlock()
			}
		}
	}()
	return n
}

// refusedFor waits for the refusal whose reason has a text, and for its line in both logs.
func (w *witness) refusedFor(t *testing.T, n *Node, byPeer bool, why string, line ...string) (got Event) {
	t.Helper()
	defer func() {
		if t.Failed() {
			w.mu.Lock()
			defer w.mu.Unlock()
			t.Logf("%s: refused %+v\n%s", n.Name(), w.refused, &w.Book)
		}
	}()
	ztest.Eventually(t, n.Name()+" tells of the refusal: "+why, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, e := range w.refused {
			if e.ByPeer == byPeer && strings.Contains(e.Err.Error(), why) {
				got = e
				return w.Has(line...)
			}
		}
		return false
	})
	s := n.Stats()
	if !errors.Is(got.Err, ErrRefused) || byPeer && s.RefusedByPeers == 0 || !byPeer && s.RefusedByUs == 0 {
		t.Errorf("%v is not ErrRefused, or %+v does not count it", got.Err, s)
	}
	return got
}

// A node whose key the other does not trust: both are told, and what to do.
func TestUntrustedNodeIsTold(t *testing.T) {
	t.Parallel()
	port := network(t)
	ka, kb := newKey(t), newKey(t)
	var wa, wb witness
	a := wa.begun(t, port, "a", WithCurve(ka, cert.NewMemStore(ka)))
	b := wb.begun(t, port, "b", WithCurve(kb, cert.NewMemStore(ka, kb)))
	if e := wa.refusedFor(t, a, false, "its key is not trusted here (key "+kb.Fingerprint()+` is not known in domain "global"): add its certificate to those that this node trusts`,
		"ZA0501", "node refused by us", `"node":"a"`, `"key":"`+kb.Fingerprint()+`"`, "is not trusted here"); e.Key != kb.Public() {
		t.Errorf("the key is %q", e.Key)
	}
	if e := wb.refusedFor(t, b, true, "it does not trust the key of this node, "+kb.Fingerprint()+": add this node's certificate to those that it trusts",
		"ZA0502", "refused by a node", `"node":"b"`, `"peer":"`+shortid.Node(a.ID())+`"`, `"key":"`+ka.Fingerprint()+`"`, `"endpoint":"tcp://127.0.0.1:`); e.Peer != a.ID() || e.Key != ka.Public() || e.Endpoint != a.Endpoint() {
		t.Errorf("refused by %v with key %q at %s", e.Peer, e.Key, e.Endpoint)
	}
}

// A node in clear, and one with a key.
func TestNodesInClearAndWithKeyAreTold(t *testing.T) {
	t.Parallel()
	port := network(t)
	var wa, wb witness
	a := wa.begun(t, port, "a", WithCurve(newKey(t), nil))
	b := wb.begun(t, port, "b")
	if e := wa.refusedFor(t, a, false, "it speaks in clear, and this node with CURVE: give it a certificate, or this node none", "ZA0501", `"peer":"`+shortid.Node(b.ID())+`"`); e.Peer != b.ID() {
		t.Errorf("refused %v", e.Peer)
	}
	if e := wb.refusedFor(t, b, false, "it speaks CURVE, and this node in clear: give this node a certificate (WithCurve)", "ZA0501", `"peer":"`+shortid.Node(a.ID())+`"`); e.Peer != a.ID() {
		t.Errorf("refused %v", e.Peer)
	}
}

// A beacon that names another key than the one that answers there.
func TestWrongKeyOfABeaconIsTold(t *testing.T) {
	t.Parallel()
	port := network(t)
	ka, kb, other := newKey(t), newKey(t), newKey(t)
	var wa witness
	a := wa.begun(t, port, "a", WithCurve(ka, nil))
	b := begun(t, port, "b", WithCurve(kb, nil), WithoutBeacon(true))
	z := beacon.ZRE{Version: beacon.ZRE3, UUID: [16]byte{7}, Port: b.listens.Port(), PublicKey: other.PublicKey()}
	a.do("", func(now time.Time) { a.core.Hear(now, b.listens.Addr(), z) })
	if e := wa.refusedFor(t, a, false, "another key answers there than its beacon names: another program has its port, or another pretends to be it",
		"ZA0501", `"peer":"070000"`, `"key":"`+other.Fingerprint()+`"`); e.Peer != (ID{7}) || e.Endpoint != b.Endpoint() {
		t.Errorf("refused %v at %s", e.Peer, e.Endpoint)
	}
}

// A node above WithMaxPeers is told of with its name.
func TestNodeAboveTheMostIsTold(t *testing.T) {
	t.Parallel()
	port := network(t)
	var wa witness
	a := wa.begun(t, port, "a", WithMaxPeers(1))
	meet(t, a, begun(t, port, "b"))
	c := begun(t, port, "c")
	if e := wa.refusedFor(t, a, false, "there are as many peers as WithMaxPeers allows: raise it", "ZA0501", `"name":"c"`, `"node":"a"`); e.Peer != c.ID() || e.Name != "c" {
		t.Errorf("refused %v %q", e.Peer, e.Name)
	}
}

// Refusals are told once a minute, of a bounded number of nodes; proved ones all count.
func TestRefusalsAreBounded(t *testing.T) {
	var s refusals
	now := time.Now()
	fresh := 0
	for i := range 2 * maxRefusals {
		r := refusal{}
		r.Peer[0], r.Peer[1] = byte(i), 1
		for range 3 {
			if s.fresh(r, now) {
				fresh++
			}
		}
	}
	if fresh != maxRefusals || len(s.told) != maxRefusals {
		t.Errorf("%d are told, %d remembered", fresh, len(s.told))
	}
	r := refusal{}
	if r.Peer[0] = 1; s.fresh(r, now) {
		t.Error("one above the most is told")
	}
	if !s.fresh(r, now.Add(refusalPause)) {
		t.Error("after a minute it is not told")
	}
}
