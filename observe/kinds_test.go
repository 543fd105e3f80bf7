package observe_test

import (
	"errors"
	"net"
	"regexp"
	"testing"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/mdns"
	"github.com/go-zactor/zactor/beacon/members"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/gossip"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre"
)

// nowhere makes every interface unusable.
func nowhere(net.Interface) bool { return false }

// Whatever lives is shown: who it is, whom it knows, what is wrong. What has ended leaves.
func TestKinds(t *testing.T) {
	ctx := ztest.Within(t)
	zctx := zmq.NewContext(ctx)
	defer zctx.Close()
	key, _ := cert.New()
	var err error
	open := func(e error) { err = errors.Join(err, e) }
	a, e := auth.New(zctx)
	open(e)
	ann, e := zyre.New(ctx, "ann", zyre.WithoutBeacon(true), zyre.WithLoopback(true), zyre.WithCurve(key, nil))
	open(e)
	hub, e := gossip.New(ctx)
	open(e)
	at, e := hub.Bind("tcp://127.0.0.1:*")
	open(e)
	leaf, e := gossip.New(ctx)
	open(e)
	open(leaf.Connect(at))
	b, e := beacon.New(ctx, beacon.WithPort(56701), beacon.WithInterfaces(nowhere))
	open(e)
	m, e := mdns.Browse(ctx, "_zre._tcp", mdns.WithPort(56702), mdns.WithInterfaces(nowhere))
	open(e)
	one, e := members.New(ctx, members.WithBind("127.0.0.1:0"))
	open(e)
	if err != nil {
		t.Fatal(err)
	}
	words := []string{
		`authenticator #\d+ ready`,
		`node "ann" #\d+ ready`, `id [0-9A-F]{6}\n`, `key ` + key.Fingerprint(), `bound tcp://127\.0\.0\.1:\d+ listening`,
		`gossip #\d+ ready.* links=1`, `connected ` + regexp.QuoteMeta(at) + ` ready`,
		`beacon "udp 56701" #\d+ waiting.*\n  problem no usable interface: `,
		`mdns "browse _zre\._tcp" #\d+ waiting.*\n  problem no usable interface: `,
		`members #\d+ ready.* members=1`,
	}
	missing, text := "", ""
	ztest.Eventually(t, "the snapshot has them all", func() bool {
		_, text = get(t, "/snapshot.txt")
		missing = ""
		for _, word := range words {
			if !regexp.MustCompile(word).MatchString(text) {
				missing = word
			}
		}
		return missing == ""
	}, &missing, &text)
	if err := errors.Join(a.Close(), ann.Close(), leaf.Close(), hub.Close(), b.Close(), m.Close(), one.Close()); err != nil {
		t.Fatal(err)
	}
	if _, text := get(t, "/snapshot.txt"); regexp.MustCompile(`(?m)^(authenticator|node|gossip|beacon|mdns|members) `).MatchString(text) {
		t.Errorf("what has ended is still there:\n%s", text)
	}
}
