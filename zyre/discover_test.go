package zyre

import (
	"encoding/hex"
	"testing"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
)

// Where there is neither broadcast nor multicast a list will do, and one side needs it
// only: the other one learns of us by our HELLO.
func TestStaticPeers(t *testing.T) {
	t.Parallel()
	ka, kb := newKey(t), newKey(t)
	for name, keys := range map[string][2]*cert.Cert{"clear": {}, "curve": {ka, kb}} {
		list := beacon.NewStatic()
		opts := func(k *cert.Cert, more ...Option) []Option {
			if k != nil {
				more = append(more, WithCurve(k, nil))
			}
			return append(more, WithoutBeacon(true), WithLoopback(true), WithLinger(0))
		}
		a, err := New(t.Context(), "a", opts(keys[0], WithDiscoverer(list))...)
		if err != nil {
			t.Fatal(err)
		}
		b, err := New(t.Context(), "b", opts(keys[1])...)
		if err != nil {
			t.Fatal(err)
		}
		ea := listen(t, a)
		key, _ := cert.DecodeZ85(b.config.Key)
		list.Set(beacon.Peer{ID: "nonsense"}, beacon.Peer{ID: b.ID().String(), Endpoints: []string{b.Endpoint()}, Values: map[string]string{keyValue: hex.EncodeToString(key)}})
		if e := ea.expect(Enter); e.Peer != b.ID() || e.Key != b.config.Key {
			t.Errorf("%s: entered %+v", name, e)
		}
		meet(t, a, b)
		if a.announced() != a.Endpoint() {
			t.Errorf("announces %q", a.announced())
		}
		b.Close()
		ea.expect(Exit)
		again, err := New(t.Context(), "again", opts(keys[1], WithUUID(b.ID()), WithBind(b.Endpoint()))...)
		if err != nil {
			t.Fatal(err)
		}
		if e := ea.expect(Enter); e.Peer != b.ID() || e.Name != "again" {
			t.Errorf("%s: entered again %+v", name, e)
		}
		a.Close()
		again.Close()
		if err := list.Close(); err != nil {
			t.Error(err)
		}
	}
}
