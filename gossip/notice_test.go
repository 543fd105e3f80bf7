package gossip

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// hears reads notices until one is of this kind and peer and has all words.
func hears(t *testing.T, notices iter.Seq[beacon.Notice], kind beacon.NoticeKind, peer string, words ...string) beacon.Notice {
	t.Helper()
	var other []string
next:
	for n := range notices {
		other = append(other, n.String())
		if n.Kind != kind || !strings.HasPrefix(n.Peer, peer) {
			continue
		}
		for _, w := range words {
			if !strings.Contains(n.Err.Error(), w) {
				continue next
			}
		}
		return n
	}
	t.Fatalf("no %v of %s with %q; told was %q", kind, peer, words, other)
	return beacon.Notice{}
}

// A hub that is not there, comes, goes and comes again is told of at each step, and who
// asks late is told how it stands.
func TestHubsThatComeAndGoAreNoticed(t *testing.T) {
	at := "tcp://" + ztest.Vacant(t)
	n := made(t, ztest.Within(t), quickly())
	notices := n.Notices(ztest.Within(t))
	connect(t, n, at)
	hears(t, notices, beacon.NoticeUnreachable, at, "connection refused")
	hears(t, n.Notices(ztest.Within(t)), beacon.NoticeUnreachable, at, "connection refused")
	for range 2 {
		hub := made(t, context.Background())
		if _, err := hub.Bind(at); err != nil {
			t.Fatal(err)
		}
		hears(t, notices, beacon.NoticeRecovered, at)
		hub.Close()
		hears(t, notices, beacon.NoticeLost, at)
		hears(t, notices, beacon.NoticeUnreachable, at, "connection refused")
	}
	if err := n.Disconnect(at); err != nil {
		t.Fatal(err)
	}
	late := n.Notices(ztest.Within(t))
	n.Close()
	for notice := range late {
		t.Errorf("of a hub that is none any more: %v", notice)
	}
}

// Who is refused, and who refuses, is told on both sides, with the errors of zmq.
func TestRefusalsAreNoticed(t *testing.T) {
	zctx := zmq.NewContext(ztest.Within(t))
	defer zctx.Close()
	a, err := auth.New(zctx)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	hubKey, _ := cert.New()
	own, _ := cert.New()
	a.Curve("global", cert.NewMemStore(hubKey))
	hub := made(t, zctx, WithCurve(hubKey))
	at, err := hub.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	atHub := hub.Notices(ztest.Within(t))
	n := made(t, ztest.Within(t), WithCurve(own), quickly())
	here := n.Notices(ztest.Within(t))
	if err := n.Connect(at, WithServerKey(hubKey.Public())); err != nil {
		t.Fatal(err)
	}
	if got := hears(t, here, beacon.NoticeUnreachable, at, "400"); !errors.Is(got.Err, zmq.ErrAuth) {
		t.Errorf("%v is no ErrAuth", got.Err)
	}
	if got := hears(t, atHub, beacon.NoticeRefused, "127.0.0.1:"); !errors.Is(got.Err, ErrRefused) || !errors.Is(got.Err, zmq.ErrAuth) {
		t.Errorf("the hub says %v", got.Err)
	}
}

// What the table does not take is told, with what to do.
func TestRefusedTuplesAreNoticed(t *testing.T) {
	hub, at := begun(t, WithMaxKeys(16), WithShares(0.25, 0.5))
	notices := hub.Notices(ztest.Within(t))
	publisher(8)(t, at)
	if got := hears(t, notices, beacon.NoticeRefused, "127.0.0.1:", "it fills as much of the table as WithShares allows"); !errors.Is(got.Err, ErrRefused) {
		t.Errorf("%v is no ErrRefused", got.Err)
	}
}

// A hub that is there and silent is told of.
func TestSilentHubIsNoticed(t *testing.T) {
	router, err := zmq.NewRouter(ztest.Within(t), zmq.WithLinger(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { router.Close() })
	at, err := router.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	n := made(t, ztest.Within(t), quickly(), WithTimeout(50*time.Millisecond))
	notices := n.Notices(ztest.Within(t))
	connect(t, n, at)
	if got := hears(t, notices, beacon.NoticeUnreachable, at, "dialled again"); !errors.Is(got.Err, ErrSilent) {
		t.Errorf("%v is no ErrSilent", got.Err)
	}
}
