package zyre

import (
	"testing"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
)

func newKey(t *testing.T) *cert.Cert {
	t.Helper()
	c, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Nodes whose keys are trusted meet; one with a key that is not, and one in clear,
// stay outside, and what is received says by whom it was proved.
func TestCurve(t *testing.T) {
	t.Parallel()
	port, ctx := network(t), ztest.Within(t)
	ka, kb, kx := newKey(t), newKey(t), newKey(t)
	trusted := cert.NewMemStore(ka, kb)
	x := begun(t, port, "stranger", WithCurve(kx, nil))
	clear := begun(t, port, "clear")
	a := begun(t, port, "a", WithCurve(ka, trusted))
	ea := listen(t, a)
	b := begun(t, port, "b", WithCurve(kb, trusted))
	if e := ea.expect(Enter); e.Peer != b.ID() || e.Key != kb.Public() || e.Headers["X-PUBLICKEY"] != kb.Public() {
		t.Errorf("entered: %+v", e)
	}
	ztest.Eventually(t, "b knows a", func() bool { return b.Stats().Peers == 1 })
	if err := b.Whisper(ctx, a.ID(), msg.NewString("secret")); err != nil {
		t.Fatal(err)
	}
	if e := ea.expect(Whisper); !e.Msg.Equal(msg.NewString("secret")) {
		t.Errorf("got %v", e.Msg)
	}
	ztest.Eventually(t, "both kinds of strangers were heard", func() bool {
		return a.Stats().BeaconsFalse > 0 && x.Stats().Dials > 0 && a.Stats().RefusedByUs > 0
	})
	if x.Stats().Peers+clear.Stats().Peers != 0 || a.Stats().Peers != 1 {
		t.Error("a stranger got in")
	}
}

// Without a store every key is welcome, and known.
func TestCurveAny(t *testing.T) {
	t.Parallel()
	port := network(t)
	ka, kb := newKey(t), newKey(t)
	a, b := begun(t, port, "a", WithCurve(ka, nil)), begun(t, port, "b", WithCurve(kb, nil))
	meet(t, a, b)
	if p := a.Peers()[0]; p.Key != kb.Public() {
		t.Errorf("key %q", p.Key)
	}
}

// A key that is taken out of the store ends its peer.
func TestCurveRevoked(t *testing.T) {
	t.Parallel()
	port := network(t)
	ka, kb := newKey(t), newKey(t)
	store := cert.NewMemStore(kb)
	a := begun(t, port, "a", WithCurve(ka, store), WithTimeouts(500e6, 1e9))
	b := begun(t, port, "b", WithCurve(kb, nil))
	meet(t, a, b)
	ea := listen(t, a)
	store.Remove(kb.Public())
	if e := ea.expect(Exit); e.Peer != b.ID() {
		t.Errorf("exit: %+v", e)
	}
}
