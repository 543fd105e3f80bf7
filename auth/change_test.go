package auth_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// TestWithdrawals takes the permission of a connected peer away in every way there
// is. Its connection ends, it may not come back, and another's stays; and when the
// permission is given back it gets in.
func TestWithdrawals(t *testing.T) {
	var store *cert.MemStore
	var passwords *auth.Passwords
	curve := func(b *bench) { b.auth.Curve(auth.AnyDomain, store) }
	plain := func(b *bench) { b.auth.Plain(auth.AnyDomain, passwords) }
	any := func(b *bench) { b.auth.CurveAny(auth.AnyDomain) }
	for _, tt := range []struct {
		name      string
		setup     func(b *bench)
		take      func(b *bench)
		give      func(b *bench)
		bobStays  bool
		comesBack bool // at once: only what is said of the peer has changed
	}{
		{name: "key revoked", setup: curve, bobStays: true,
			take: func(b *bench) { b.ok(b.auth.Revoke(aliceCert.Public())) }, give: func(b *bench) { b.ok(b.auth.Reinstate(aliceCert.Public())) }},
		{name: "key revoked where any may", setup: any, bobStays: true,
			take: func(b *bench) { b.ok(b.auth.Revoke(aliceCert.Public())) }, give: func(b *bench) { b.ok(b.auth.Reinstate(aliceCert.Public())) }},
		{name: "key removed from the store", setup: curve, bobStays: true,
			take: func(*bench) { store.Remove(aliceCert.Public()) }, give: func(*bench) { store.Insert(aliceCert) }},
		{name: "metadata changed", setup: curve, bobStays: true, comesBack: true,
			take: func(b *bench) {
				c := aliceCert.Clone()
				b.ok(c.SetMeta("X-Role", "guest"))
				store.Insert(c)
			}, give: func(*bench) { store.Insert(aliceCert) }},
		{name: "another store", setup: curve, bobStays: true,
			take: func(b *bench) { b.auth.Curve(auth.AnyDomain, cert.NewMemStore(bobCert)) }, give: curve},
		{name: "a store for the domain", setup: any, bobStays: true,
			take: func(b *bench) { b.auth.Curve("home", cert.NewMemStore(bobCert)) }, give: func(b *bench) { b.auth.CurveAny("home") }},
		{name: "no store", setup: curve, take: func(b *bench) { b.auth.Curve(auth.AnyDomain, nil) }, give: curve},
		{name: "address denied", setup: curve,
			take: func(b *bench) { b.ok(b.auth.Deny("127.0.0.0/8")) }, give: func(b *bench) { b.ok(b.auth.Forget("127.0.0.0/8")) }},
		{name: "others allowed in the domain", setup: curve,
			take: func(b *bench) { b.ok(b.auth.AllowIn("home", "10.0.0.0/8")) }, give: func(b *bench) { b.ok(b.auth.AllowIn("home", "127.0.0.1")) }},
		{name: "user revoked", setup: plain, bobStays: true,
			take: func(b *bench) { b.auth.RevokeUser("alice") }, give: func(b *bench) { b.auth.ReinstateUser("alice") }},
		{name: "user removed", setup: plain, bobStays: true,
			take: func(*bench) { passwords.Remove("alice") }, give: func(b *bench) { b.ok(passwords.Set("alice", "a")) }},
		{name: "password changed", setup: plain, bobStays: true,
			take: func(b *bench) { b.ok(passwords.Set("alice", "new")) }, give: func(b *bench) { b.ok(passwords.Set("alice", "a")) }},
		{name: "no passwords", setup: plain, take: func(b *bench) { b.auth.Plain(auth.AnyDomain, nil) }, give: plain},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			store, passwords = cert.NewMemStore(aliceCert, bobCert), passwordsOf("alice", "a", "bob", "b")
			role := []zmq.Option{zmq.WithCurveServer(serverCert), asCurve(aliceCert), asCurve(bobCert)}
			if b.isPlain(tt.setup) {
				role = []zmq.Option{zmq.WithPlainServer(), zmq.WithPlainClient("alice", "a"), zmq.WithPlainClient("bob", "b")}
			}
			server, endpoint := b.server(role[0], zmq.WithZAPDomain("home"))
			alice, bob := b.client(endpoint, role[1]), b.client(endpoint, role[2])
			b.passes(alice, server)
			b.passes(bob, server)
			ends := b.disconnects(server)
			tt.take(b)
			b.withdrawn(ends)
			if tt.bobStays {
				b.passes(bob, server)
				if n := bob.Stats().Disconnects; n != 0 {
					t.Errorf("bob was disconnected %d times", n)
				}
			} else {
				b.withdrawn(ends)
			}
			if !tt.comesBack {
				b.refused(alice)
			}
			tt.give(b)
			b.ok(alice.Connect(endpoint))
			b.passesAtLast(alice, server)
			if st := b.auth.Stats(); st.Withdrawn == 0 {
				t.Error("no withdrawal was counted")
			}
		})
	}
}

// isPlain sets the authenticator up and reports whether that was for PLAIN.
func (b *bench) isPlain(setup func(*bench)) bool {
	b.Helper()
	setup(b)
	req := b.open(zmq.Req)
	b.ok(req.Connect(auth.Endpoint))
	b.ok(req.SendString(b.ctx, "1.0", "1", "home", "127.0.0.1", "", "PLAIN", "alice", "a"))
	m, err := req.Recv(b.ctx)
	b.ok(err)
	return string(m.Frames[2]) == "200"
}

// A NULL peer has an address only.
func TestWithdrawalOfNull(t *testing.T) {
	b := newBench(t)
	server, endpoint := b.server(zmq.WithZAPDomain("home"))
	open, openEndpoint := b.server()
	client, other := b.client(endpoint), b.client(openEndpoint)
	b.passes(client, server)
	b.passes(other, open)
	ends := b.disconnects(server)
	b.ok(b.auth.Deny("127.0.0.1"))
	b.withdrawn(ends)
	b.refused(client)
	b.passes(other, open) // nobody was asked about that one
}

// "ipc" stands for the peers of this machine, whoever they are.
func TestRuleForIPC(t *testing.T) {
	b := newBench(t)
	b.ok(b.auth.Allow("ipc"))
	b.auth.CurveAny(auth.AnyDomain)
	server, tcp := b.server(zmq.WithCurveServer(serverCert))
	dir, err := os.MkdirTemp("", "zq") // t.TempDir is too long for a socket's name
	b.ok(err)
	defer os.RemoveAll(dir)
	ipc, err := server.Bind("ipc://" + dir + "/s")
	b.ok(err)
	local := b.client(ipc, asCurve(aliceCert))
	b.passes(local, server)
	b.refused(b.client(tcp, asCurve(aliceCert)))
	b.auth.Recheck() // finds nothing to object to
	b.passes(local, server)
	ends := b.disconnects(server)
	b.ok(b.auth.Deny("ipc"))
	b.withdrawn(ends)
	b.refused(local)
}

// eventuallyWithin is how soon a change of a file must have its effect. The machine
// is a busy one, so it is only a bound in order of magnitude; the figure is logged.
const eventuallyWithin = 5 * time.Second

// TestCertificateDirectory adds a file to a directory and deletes it again, while
// the server runs.
func TestCertificateDirectory(t *testing.T) {
	b := newBench(t)
	dir := t.TempDir()
	store, err := cert.NewDirStore(t.Context(), dir)
	b.ok(err)
	defer store.Close()
	b.auth.Curve(auth.AnyDomain, store)
	server, endpoint := b.server(zmq.WithCurveServer(serverCert))
	client := b.client(endpoint, asCurve(aliceCert))
	b.refused(client)

	file := filepath.Join(dir, "alice.txt")
	b.ok(aliceCert.SavePublic(file))
	start := time.Now()
	b.until("the store knows the key", func() bool { _, ok := store.Lookup(aliceCert.Public()); return ok })
	b.ok(client.Connect(endpoint))
	b.passes(client, server)
	added := time.Since(start)

	ends := b.disconnects(server)
	start = time.Now()
	b.ok(os.Remove(file))
	b.withdrawn(ends)
	removed := time.Since(start)
	b.refused(client)
	t.Logf("added after %v, connection ended %v after its file", added, removed)
	if ztest.Full() && (added > eventuallyWithin || removed > eventuallyWithin) {
		t.Errorf("added after %v, removed after %v", added, removed)
	}
}

func TestPasswordFileIsLive(t *testing.T) {
	b := newBench(t)
	path := filepath.Join(t.TempDir(), "passwords")
	b.ok(os.WriteFile(path, []byte("alice=a\nbob=b\n"), 0o600))
	b.ok(b.auth.PlainFile(auth.AnyDomain, path))
	server, endpoint := b.server(zmq.WithPlainServer())
	alice, bob := b.client(endpoint, zmq.WithPlainClient("alice", "a")), b.client(endpoint, zmq.WithPlainClient("bob", "b"))
	b.passes(alice, server)
	b.passes(bob, server)
	ends := b.disconnects(server)
	start := time.Now()
	b.ok(os.WriteFile(path, []byte("bob=b\ncarol=c\n"), 0o600))
	b.withdrawn(ends)
	took := time.Since(start)
	b.refused(alice)
	b.passes(bob, server)
	b.passes(b.client(endpoint, zmq.WithPlainClient("carol", "c")), server)
	t.Logf("the connection ended %v after its line", took)
	if ztest.Full() && took > eventuallyWithin {
		t.Errorf("the connection ended after %v", took)
	}
}

// TestChurn changes certificates all the time while peers come, talk and go. Whoever
// is trusted throughout is never cut off, and whoever is not never gets a message
// through.
func TestChurn(t *testing.T) {
	b := newBench(t)
	store := cert.NewMemStore(aliceCert)
	b.auth.Curve(auth.AnyDomain, store)
	server, endpoint := b.server(zmq.WithCurveServer(serverCert))
	strangers := []*cert.Cert{mustCert(), mustCert()}
	const n = 2000
	alice := b.client(endpoint, asCurve(aliceCert))
	b.passes(alice, server)
	ctx, stop := context.WithCancel(b.ctx)
	var wg sync.WaitGroup
	wg.Go(func() { // another one's certificate comes and goes, as do rules
		for ctx.Err() == nil {
			store.Insert(bobCert)
			_ = b.auth.Deny("192.0.2.0/24")
			store.Remove(bobCert.Public())
			_ = b.auth.Forget("192.0.2.0/24")
			time.Sleep(5 * time.Millisecond)
		}
	})
	for i, c := range append(strangers, bobCert) {
		wg.Go(func() {
			for ctx.Err() == nil {
				s, err := zmq.NewPush(b.zctx, asCurve(c), zmq.WithLinger(0))
				if err != nil {
					return
				}
				_ = s.Connect(endpoint)
				_ = s.TrySend(message(fmt.Sprint("from ", i)))
				wait, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
				_ = s.WaitConnected(wait, 1)
				cancel()
				s.Close()
			}
		})
	}
	wg.Go(func() {
		for i := range n {
			if err := alice.SendString(b.ctx, "alice", fmt.Sprint(i)); err != nil {
				t.Error(err)
				return
			}
			if i%100 == 0 {
				time.Sleep(10 * time.Millisecond)
			}
		}
	})
	for next := 0; next < n; {
		m, err := server.Recv(b.ctx)
		b.ok(err)
		switch who := m.Peer().UserID; who {
		case aliceCert.Public():
			if got := string(m.Frames[1]); got != fmt.Sprint(next) {
				t.Fatalf("message %s, want %d", got, next)
			}
			next++
		case bobCert.Public():
		default:
			t.Fatalf("a message of the stranger %q", who)
		}
	}
	stop()
	wg.Wait()
	if d := alice.Stats().Disconnects; d != 0 {
		t.Errorf("alice was cut off %d times", d)
	}
}
