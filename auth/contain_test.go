package auth_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
	"github.com/go-zactor/zactor/zmq"
)

// A store that panics, or ends its goroutine, refuses the peer; the authenticator goes on.
func TestStoreIsContained(t *testing.T) {
	for name, how := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		t.Run("plain/"+name, func(t *testing.T) {
			b := newBench(t)
			b.auth.Plain("bad", badPasswords(how))
			b.auth.Plain("good", passwordsOf("admin", "secret"))
			_, bad := b.server(zmq.WithPlainServer(), zmq.WithZAPDomain("bad"))
			server, good := b.server(zmq.WithPlainServer(), zmq.WithZAPDomain("good"))
			b.client(bad, zmq.WithPlainClient("admin", "secret"))
			b.until("the peer was refused", func() bool { return b.auth.Stats().Failed > 0 })
			b.passes(b.client(good, zmq.WithPlainClient("admin", "secret")), server)
		})
		t.Run("curve/"+name, func(t *testing.T) {
			b := newBench(t)
			b.auth.Curve("bad", badStore(how))
			known := mustCert()
			keys := cert.NewMemStore()
			keys.Insert(known)
			b.auth.Curve("good", keys)
			_, bad := b.server(zmq.WithCurveServer(serverCert), zmq.WithZAPDomain("bad"))
			server, good := b.server(zmq.WithCurveServer(serverCert), zmq.WithZAPDomain("good"))
			b.client(bad, asCurve(mustCert()))
			b.until("the peer was refused", func() bool { return b.auth.Stats().Failed > 0 })
			b.passes(b.client(good, asCurve(known)), server)
		})
	}
}

type badPasswords func()

func (p badPasswords) Verify(context.Context, string, []byte) (bool, error) { p(); return true, nil }

type badStore func()

func (s badStore) Lookup(string) (*cert.Cert, bool) { s(); return nil, true }

// What an Auth does by itself may panic: one decision is lost with it, and no lock.
func TestTasksAreContained(t *testing.T) {
	for where, becomes := range map[string]string{"auth: request": "asked again", "auth: check": "refused"} {
		t.Run(where, func(t *testing.T) {
			var lines logbook.Book
			b := newBench(t, auth.WithLogger(lines.Zerolog()))
			b.auth.Plain(auth.AnyDomain, passwordsOf("admin", "secret"))
			server, endpoint := b.server(zmq.WithPlainServer())
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			struck := b.client(endpoint, zmq.WithPlainClient("admin", "secret"))
			b.hears(hit)
			b.until("it was counted", func() bool { return b.auth.Stats().Panics == 1 })
			if becomes == "refused" {
				b.until("the peer was refused", func() bool { return b.auth.Stats().Failed == 1 })
				struck.Close()
			}
			b.passes(b.client(endpoint, zmq.WithPlainClient("admin", "secret")), server)
			// It is counted before it is told.
			b.until("the log has ZA0503 and "+where, func() bool {
				line := lines.String()
				return strings.Contains(line, "ZA0503") && strings.Contains(line, where)
			})
		})
	}
}

// Without its goroutine an authenticator lets nobody in, and leaves its place to another.
func TestServeIsContained(t *testing.T) {
	hit, stop := contain.Disaster("auth: serve", 1)
	defer stop()
	b := newBench(t)
	b.hears(hit)
	b.until("it was counted", func() bool { return b.auth.Stats().Panics == 1 })
	stop()
	b.until("its place is free", func() bool {
		again, err := auth.New(b.zctx)
		if err != nil {
			return false
		}
		again.Plain(auth.AnyDomain, passwordsOf("admin", "secret"))
		t.Cleanup(func() { again.Close() })
		return true
	})
	server, endpoint := b.server(zmq.WithPlainServer())
	b.passes(b.client(endpoint, zmq.WithPlainClient("admin", "secret")), server)
}

// The goroutine that follows a file goes on when one look panics; when it has ended, the
// passwords stay what they were.
func TestPasswordFileIsContained(t *testing.T) {
	for _, where := range []string{"auth: look at the password file", "auth: password file"} {
		t.Run(where, func(t *testing.T) {
			var lines logbook.Book
			b := newBench(t, auth.WithLogger(lines.Zerolog()))
			path := t.TempDir() + "/passwords"
			b.ok(os.WriteFile(path, []byte("admin=secret\n"), 0o600))
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			b.ok(b.auth.PlainFile(auth.AnyDomain, path))
			b.hears(hit)
			server, endpoint := b.server(zmq.WithPlainServer())
			b.passes(b.client(endpoint, zmq.WithPlainClient("admin", "secret")), server)
			b.until("it is in the log", func() bool { return lines.Has("ZA0503") })
			if where == "auth: password file" {
				return
			}
			b.ok(os.WriteFile(path, []byte("other=secret\n"), 0o600))
			b.passes(b.client(endpoint, zmq.WithPlainClient("other", "secret"), zmq.WithReconnectInterval(20*time.Millisecond, 0)), server)
		})
	}
}

// An observer that panics keeps no other from hearing: a removed user's connections end.
func TestObserverIsContained(t *testing.T) {
	b := newBench(t)
	store := passwordsOf("admin", "secret")
	store.OnChange(func([]string) { panic("disaster") })
	b.auth.Plain(auth.AnyDomain, store)
	server, endpoint := b.server(zmq.WithPlainServer())
	gone := b.disconnects(server)
	b.passes(b.client(endpoint, zmq.WithPlainClient("admin", "secret")), server)
	if err := contain.Call("remove", func() { store.Remove("admin") }); !errors.Is(err, contain.ErrPanic) {
		t.Errorf("the one who made the change was told %v", err)
	}
	b.withdrawn(gone)
	b.ok(store.Set("admin", "secret")) // which would hang with the lock held
}
