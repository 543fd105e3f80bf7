package members

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// TestMain finds memberlist's goroutines, too, if they are left: a probe under way
// takes as long as made lets it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func made(t testing.TB, opts ...Option) *Members {
	t.Helper()
	opts = append([]Option{
		WithBind("127.0.0.1:0"), WithProbe(50*time.Millisecond, 25*time.Millisecond), WithRejoin(20 * time.Millisecond),
	}, opts...)
	m, err := New(context.Background(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func announce(t testing.TB, m *Members, p beacon.Peer) {
	t.Helper()
	if err := m.Announce(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

func pulling(t testing.TB, m *Members) func() beacon.PeerEvent {
	t.Helper()
	next, stop := iter.Pull(m.Events(ztest.Within(t)))
	t.Cleanup(stop)
	return func() beacon.PeerEvent {
		t.Helper()
		e, ok := next()
		if !ok {
			t.Fatal("the events ended")
		}
		return e
	}
}

func TestFoundChangedLost(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{7}, 32)
	a := made(t, WithSecretKey(key), WithLabel("test"))
	b := made(t, WithSecretKey(key), WithLabel("test"), WithSeeds(a.Endpoint()))
	next := pulling(t, a)
	announce(t, b, beacon.Peer{ID: "bob", Endpoints: []string{"tcp://*:5670"}, Values: map[string]string{"role": "server"}})
	e := next()
	want := beacon.Peer{ID: "bob", Endpoints: []string{"tcp://127.0.0.1:5670"}, Values: map[string]string{"role": "server"}}
	if e.Kind != beacon.Found || !e.Peer.Equal(want) || e.Where.Source != "members" || e.Where.From.String() != "127.0.0.1" {
		t.Errorf("%+v", e)
	}
	announce(t, b, beacon.Peer{ID: "bob", Endpoints: []string{"tcp://*:5671"}})
	if e := next(); e.Kind != beacon.Changed || e.Peer.Endpoints[0] != "tcp://127.0.0.1:5671" {
		t.Errorf("%+v", e)
	}
	announce(t, b, beacon.Peer{ID: "robert"})
	if e := next(); e.Kind != beacon.Lost || e.Peer.ID != "bob" {
		t.Errorf("%+v", e)
	}
	if e := next(); e.Kind != beacon.Found || e.Peer.ID != "robert" {
		t.Errorf("%+v", e)
	}
	if err := errors.Join(b.Close(), b.Close()); err != nil {
		t.Error(err)
	}
	if e := next(); e.Kind != beacon.Lost || e.Peer.ID != "robert" {
		t.Errorf("%+v", e)
	}
	if err := b.Announce(t.Context(), beacon.Peer{ID: "bob"}); !errors.Is(err, net.ErrClosed) || !errors.Is(err, ErrClosed) {
		t.Errorf("announce after Close: %v", err)
	}
}

// Who dies without a word is lost, too.
func TestDeath(t *testing.T) {
	t.Parallel()
	a := made(t)
	b := made(t, WithSeeds(a.Endpoint()))
	next := pulling(t, a)
	announce(t, b, beacon.Peer{ID: "bob"})
	if e := next(); e.Kind != beacon.Found {
		t.Errorf("%+v", e)
	}
	if err := b.list.Shutdown(); err != nil {
		t.Fatal(err)
	}
	if e := next(); e.Kind != beacon.Lost || e.Peer.ID != "bob" {
		t.Errorf("%+v", e)
	}
	b.life = lifetime.New(t.Context(), "members", func(context.Context) error { // memberlist is down already
		b.cancel()
		b.running.Wait()
		b.board.Close()
		return nil
	})
}

// Members with another key do not hear each other.
func TestSecret(t *testing.T) {
	t.Parallel()
	var lines logbook.Book
	a := made(t, WithSecretKey(bytes.Repeat([]byte{1}, 16)), WithLogger(lines.Zerolog()))
	b := made(t, WithSecretKey(bytes.Repeat([]byte{2}, 16)), WithSeeds(a.Endpoint()))
	c := made(t, WithSeeds(a.Endpoint()))
	announce(t, b, beacon.Peer{ID: "bob"})
	announce(t, c, beacon.Peer{ID: "carol"})
	ztest.Eventually(t, "the attempts are logged", func() bool { return lines.Has(`"event":"ZA0322"`) && lines.Has("could decrypt the message") }, &lines)
	if a.Stats().Members != 1 || b.Stats().Members != 1 || c.Stats().Members != 1 {
		t.Errorf("%+v %+v %+v", a.Stats(), b.Stats(), c.Stats())
	}
}

func TestLogLevels(t *testing.T) {
	for line, want := range map[string]string{
		"[WARN] memberlist: slow\n": `{"level":"warn","engine":"memberlist","message":"slow"}`,
		"[ERR] memberlist: \x1b[0m": `{"level":"error","engine":"memberlist","message":"\\x1b[0m"}`,
		"no level":                  `{"level":"debug","engine":"memberlist","message":"no level"}`,
		"[ODD] x":                   `{"level":"debug","engine":"memberlist","message":"[ODD] x"}`,
	} {
		var b bytes.Buffer
		if n, err := (logWriter{&Members{config: &config{log: logs.Logger{}.Zerolog(zerolog.New(&b))}}}).Write([]byte(line)); err != nil || n != len(line) || strings.TrimSpace(b.String()) != want {
			t.Errorf("%q became %s, want %s", line, b.String(), want)
		}
	}
}

// What does not fit is refused, and the refusal names the value and the rule.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	m := made(t)
	err := m.Announce(t.Context(), beacon.Peer{ID: "greedy", Values: map[string]string{"a": strings.Repeat("x", 255), "b": strings.Repeat("y", 255)}})
	if !errors.Is(err, beacon.ErrTooLarge) || !strings.Contains(err.Error(), `"greedy" takes 530 bytes: a member carries at most 512`) {
		t.Errorf("%v", err)
	}
	if err := m.Announce(t.Context(), beacon.Peer{}); !errors.Is(err, beacon.ErrInvalidPeer) {
		t.Errorf("no ID: %v", err)
	}
}

func TestMaxPeers(t *testing.T) {
	t.Parallel()
	a := made(t, WithMaxPeers(1))
	for range 3 {
		made(t, WithSeeds(a.Endpoint()))
	}
	ztest.Eventually(t, "one is refused", func() bool { return a.Stats().Refused > 0 })
	if n := a.Stats().Members; n > 2 {
		t.Errorf("%d members", n)
	}
}

// Close does not wait for who has connected and says nothing.
func TestSilentConnection(t *testing.T) {
	t.Parallel()
	m := made(t)
	c, err := net.Dial("tcp", m.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ztest.Eventually(t, "it is accepted", func() bool {
		tr := m.config.list.Transport.(*transport)
		tr.mu.Lock()
		defer tr.mu.Unlock()
		return len(tr.conns) == 1
	})
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(ztest.Patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection lives")
	}
}

func TestOptions(t *testing.T) {
	for name, opt := range map[string]Option{
		"bind": WithBind("nowhere"), "advertise": WithAdvertise("0.0.0.0:1"), "seed": WithSeeds("host"), "key": WithSecretKey([]byte("short")),
		"label": WithLabel(strings.Repeat("x", 256)), "allow": WithAllow("10.0.0.0"), "probe": WithProbe(time.Millisecond, time.Second),
		"rejoin": WithRejoin(0), "peers": WithMaxPeers(0),
	} {
		if _, err := New(t.Context(), opt); !errors.Is(err, ErrInvalidOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err := newConfig([]Option{WithWAN(true), WithAllow("127.0.0.0/8"), WithAdvertise("192.0.2.1:7946")}); err != nil || c.list.ProbeInterval != 5*time.Second || len(c.list.CIDRsAllowed) != 1 {
		t.Errorf("%v", err)
	}
}
