package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// TestStockRequests asks as programs do that know RFC 27 and not this package.
func TestStockRequests(t *testing.T) {
	b := newBench(t)
	key, stranger := aliceCert.PublicKey(), bobCert.PublicKey()
	b.ok(b.auth.DenyIn("locked", "192.0.2.0/24"))
	b.auth.Plain("d", passwordsOf("admin", "secret"))
	b.auth.Curve("d", cert.NewMemStore(aliceCert))
	b.auth.CurveAny("any")
	meta := "\x04name\x00\x00\x00\x05Alice\x06X-Role\x00\x00\x00\x05admin"
	for _, tt := range []struct {
		request []string
		status  string
		user    string
		meta    string
	}{
		{[]string{"1.0", "1", "", "192.0.2.1", "", "NULL"}, "200", "", ""},
		{[]string{"1.0", "1", "locked", "192.0.2.1", "", "NULL"}, "400", "", ""},
		{[]string{"1.0", "\x00\xff", "d", "192.0.2.1", "srv", "PLAIN", "admin", "secret"}, "200", "admin", ""},
		{[]string{"1.0", "1", "d", "192.0.2.1", "", "PLAIN", "admin", "wrong"}, "400", "", ""},
		{[]string{"1.0", "1", "e", "192.0.2.1", "", "PLAIN", "admin", "secret"}, "400", "", ""},
		{[]string{"1.0", "1", "d", "192.0.2.1", "", "CURVE", string(key[:])}, "200", aliceCert.Public(), meta},
		{[]string{"1.0", "1", "d", "192.0.2.1", "", "CURVE", string(stranger[:])}, "400", "", ""},
		{[]string{"1.0", "1", "any", "192.0.2.1", "", "CURVE", string(stranger[:])}, "200", bobCert.Public(), ""},
		{[]string{"1.0", "1", "d", "192.0.2.1", "", "GSSAPI", "joe@REALM"}, "400", "", ""},
		{[]string{"1.0", "1", "d", "192.0.2.1", "", "FUTURE", "a", "b", "c"}, "400", "", ""},
		// What is no request gets an answer too, if it says which it was.
		{[]string{"2.0", "1", "d", "192.0.2.1", "", "NULL"}, "500", "", ""},
		{[]string{"1.0", "1", "d", "192.0.2.1", "", "NULL", "more"}, "500", "", ""},
		{[]string{"1.0", "1", "d", "192.0.2.1", "", "CURVE", "short"}, "500", "", ""},
		{[]string{"1.0", "1", "d", "192.0.2.1", "", "PLAIN", "admin"}, "500", "", ""},
		{[]string{"1.0", "1", strings.Repeat("d", 256), "192.0.2.1", "", "NULL"}, "500", "", ""},
		{[]string{"1.0", "1"}, "500", "", ""},
	} {
		req := b.open(zmq.Req)
		b.ok(req.Connect(auth.Endpoint))
		b.ok(req.SendString(b.ctx, tt.request...))
		m, err := req.Recv(b.ctx)
		b.ok(err)
		got := make([]string, 0, 6)
		for _, f := range m.Frames {
			got = append(got, string(f))
		}
		want := []string{"1.0", tt.request[1], tt.status, "", tt.user, tt.meta}
		if len(got) == 6 {
			want[3] = got[3] // the text is for people
		}
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%q: %q, want %q", tt.request, got, want)
		}
	}
}

// What is not even that is counted, and does no harm.
func TestMalformedRequests(t *testing.T) {
	b := newBench(t)
	dealer := b.open(zmq.Dealer)
	b.ok(dealer.Connect(auth.Endpoint))
	for _, frames := range [][]string{{""}, {"x"}, {"", "1.0"}, {"1.0", "1", "d", "192.0.2.1", "", "NULL"}} {
		b.ok(dealer.SendString(b.ctx, frames...))
	}
	b.ok(dealer.SendString(b.ctx, "", "1.0", "last", "", "", "", "NULL"))
	m, err := dealer.Recv(b.ctx)
	b.ok(err)
	if m.Len() != 7 || string(m.Frames[2]) != "last" || string(m.Frames[3]) != "200" {
		t.Errorf("the first answer is %v", m)
	}
	if st := b.auth.Stats(); st.Malformed != 4 || st.Allowed != 1 {
		t.Errorf("counted %+v", st)
	}
}

func TestOneForEachContext(t *testing.T) {
	b := newBench(t)
	_, err := auth.New(b.zctx)
	b.is(err, zmq.ErrAddrInUse)
	other := newBench(t) // has its own
	b.auth.CurveAny(auth.AnyDomain)
	server, endpoint := other.server(zmq.WithCurveServer(serverCert))
	other.refused(other.client(endpoint, asCurve(aliceCert)))
	if n := server.Stats().Handshakes; n != 0 {
		t.Errorf("%d handshakes, want none: the authenticator of another context was asked", n)
	}
}

func TestCloseGivesTheNameUp(t *testing.T) {
	b := newBench(t)
	b.auth.CurveAny(auth.AnyDomain)
	b.ok(b.auth.PlainFile(auth.AnyDomain, t.TempDir()+"/none"))
	server, endpoint := b.server(zmq.WithCurveServer(serverCert))
	client := b.client(endpoint, asCurve(aliceCert))
	b.passes(client, server)
	b.ok(b.auth.Close())
	b.ok(b.auth.Close())
	b.auth.CurveAny(auth.AnyDomain) // of no effect, and no harm
	if err := b.auth.PlainFile(auth.AnyDomain, t.TempDir()+"/none"); !errors.Is(err, auth.ErrClosed) || !errors.Is(err, net.ErrClosed) {
		t.Errorf("a password file after Close: %v", err)
	}
	b.passes(client, server) // what is in stays in

	next, err := auth.New(b.zctx)
	b.ok(err)
	defer next.Close()
	b.refused(b.client(endpoint, asCurve(aliceCert)))
}

func TestContextEndsIt(t *testing.T) {
	zctx := zmq.NewContext(context.Background())
	a, err := auth.New(zctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := zctx.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if _, err := auth.New(zctx); err == nil {
		t.Error("an authenticator in a context that has ended")
	}
}

func TestOptionsAreChecked(t *testing.T) {
	zctx := zmq.NewContext(context.Background())
	defer zctx.Close()
	for _, opt := range []auth.Option{
		auth.WithThrottle(-1, time.Second, time.Second), auth.WithThrottle(1, -1, time.Second), auth.WithThrottle(1, time.Minute, time.Second),
	} {
		if _, err := auth.New(zctx, opt); !errors.Is(err, auth.ErrInvalidOption) {
			t.Errorf("got %v", err)
		}
	}
	a, err := auth.New(zctx)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := a.Allow("10.0.0.0/8", "nonsense"); !errors.Is(err, auth.ErrInvalidRule) {
		t.Errorf("got %v", err)
	}
	if err := a.Revoke("nonsense"); !errors.Is(err, auth.ErrInvalidKey) {
		t.Errorf("got %v", err)
	}
	if err := a.PlainFile("", t.TempDir()); !errors.Is(err, auth.ErrPasswordFile) {
		t.Errorf("got %v", err)
	}
}

// Domains are apart, and AnyDomain is for those without settings.
func TestDomains(t *testing.T) {
	b := newBench(t)
	b.auth.Curve("mine", cert.NewMemStore(aliceCert))
	b.auth.Curve(auth.AnyDomain, cert.NewMemStore(bobCert))
	for _, tt := range []struct {
		domain string
		who    *cert.Cert
		in     bool
	}{
		{"mine", aliceCert, true}, {"mine", bobCert, false}, {"other", bobCert, true}, {"other", aliceCert, false}, {"", bobCert, true},
	} {
		server, endpoint := b.server(zmq.WithCurveServer(serverCert), zmq.WithZAPDomain(tt.domain))
		client := b.client(endpoint, asCurve(tt.who))
		if !tt.in {
			b.refused(client)
		} else if user := b.passes(client, server); user != tt.who.Public() {
			t.Errorf("user %q", user)
		}
	}
}

func TestCertificateMetadata(t *testing.T) {
	b := newBench(t)
	b.auth.Curve("", cert.NewMemStore(aliceCert, bobCert))
	server, endpoint := b.server(zmq.WithCurveServer(serverCert))
	for who, want := range map[*cert.Cert][2]string{aliceCert: {"Alice", "admin"}, bobCert: {"Bob", ""}} {
		// Bob claims to be more than his certificate says.
		client := b.client(endpoint, asCurve(who), zmq.WithMetadata("X-Role", "root"))
		b.ok(client.SendString(b.ctx, "x"))
		m, err := server.Recv(b.ctx)
		b.ok(err)
		if p := m.Peer(); p.UserID != who.Public() || p.Vouched("name") != want[0] || p.Vouched("X-Role") != want[1] {
			t.Errorf("%q is vouched to be %q with role %q, want %q", p.UserID, p.Vouched("name"), p.Vouched("X-Role"), want)
		}
	}
}

func TestPlain(t *testing.T) {
	b := newBench(t)
	b.auth.Plain(auth.AnyDomain, passwordsOf("admin", "secret"))
	server, endpoint := b.server(zmq.WithPlainServer())
	if user := b.passes(b.client(endpoint, zmq.WithPlainClient("admin", "secret")), server); user != "admin" {
		t.Errorf("user %q", user)
	}
	b.refused(b.client(endpoint, zmq.WithPlainClient("admin", "Secret")))
}

// After five failures an address has to wait, and is told nothing until then.
func TestGuesses(t *testing.T) {
	for wait := 100 * time.Millisecond; ; wait *= 4 {
		if guesses(t, wait) {
			return
		}
		if wait > time.Minute {
			t.Fatal("nobody was told to wait")
		}
	}
}

// guesses reports whether the right password had to wait: a machine that is slower than
// the wait is left more of it.
func guesses(t *testing.T, wait time.Duration) bool {
	b := newBench(t, auth.WithThrottle(5, wait, 5*time.Minute))
	defer b.auth.Close()
	b.auth.Plain(auth.AnyDomain, passwordsOf("admin", "secret"))
	server, endpoint := b.server(zmq.WithPlainServer())
	for i := range 5 {
		b.refused(b.client(endpoint, zmq.WithPlainClient("admin", fmt.Sprint("guess-", i))))
	}
	// The right one waits, too, and gets in as soon as it may.
	b.passes(b.client(endpoint, zmq.WithPlainClient("admin", "secret")), server)
	st := b.auth.Stats()
	if st.Denied != 5 || st.Allowed != 1 {
		t.Errorf("counted %+v", st)
	}
	return st.Postponed > 0
}

// slowStore answers when it is told to, or when its time is up.
type slowStore struct {
	asked chan struct{}
	late  *atomic.Int32 // of those whose time was up
}

func (s slowStore) Verify(ctx context.Context, _ string, _ []byte) (bool, error) {
	s.asked <- struct{}{}
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.Canceled) {
		s.late.Add(1)
	}
	return true, ctx.Err()
}

// A slow password store keeps nobody else waiting, and Close does not wait for it.
func TestSlowStore(t *testing.T) {
	b := newBench(t)
	store := slowStore{make(chan struct{}, 1000), &atomic.Int32{}}
	b.auth.Plain(auth.AnyDomain, store)
	b.auth.CurveAny(auth.AnyDomain)
	_, plain := b.server(zmq.WithPlainServer())
	curve, endpoint := b.server(zmq.WithCurveServer(serverCert))
	for range 10 {
		b.client(plain, zmq.WithPlainClient("admin", "secret"))
	}
	for range 10 {
		<-store.asked
	}
	if st := b.auth.Stats(); st.Checking != 10 {
		t.Errorf("%d passwords are being checked, want 10", st.Checking)
	}
	b.passes(b.client(endpoint, asCurve(aliceCert)), curve)
	before := store.late.Load()
	b.ok(b.auth.Close())
	// Close cancels what is being checked. If it waited, ten would have run out of time.
	if late := store.late.Load() - before; late > 9 {
		t.Errorf("Close waited until %d checks were out of time", late)
	}
}

func TestDecisions(t *testing.T) {
	var log logbook.Book
	b := newBench(t, auth.WithLogger(log.Zerolog()))
	ctx, stop := context.WithCancel(b.ctx)
	decisions := b.auth.Events(ctx)
	b.auth.Plain("home", passwordsOf("admin", "secret"))
	b.auth.Curve("home", cert.NewMemStore(aliceCert))
	home := zmq.WithZAPDomain("home")
	plain, plainEndpoint := b.server(zmq.WithPlainServer(), home)
	curve, curveEndpoint := b.server(zmq.WithCurveServer(serverCert), home)
	b.passes(b.client(plainEndpoint, zmq.WithPlainClient("admin", "secret")), plain)
	b.refused(b.client(plainEndpoint, zmq.WithPlainClient("ad\nmin", "secret2")))
	b.passes(b.client(curveEndpoint, asCurve(aliceCert)), curve)
	b.refused(b.client(curveEndpoint, asCurve(bobCert)))
	want := []struct {
		mechanism, user string
		status          int
		says            string
	}{
		{"PLAIN", "admin", 200, "admin"}, {"PLAIN", "ad\nmin", 400, `ad\nmin`},
		{"CURVE", aliceCert.Public(), 200, aliceCert.Fingerprint()}, {"CURVE", bobCert.Public(), 400, bobCert.Fingerprint()},
	}
	i := 0
	for d := range decisions {
		w := want[i]
		if d.Mechanism != w.mechanism || d.User != w.user || d.Status != w.status || d.Domain != "home" || d.Address != "127.0.0.1" ||
			d.Allowed() != (w.status == 200) || d.Time.IsZero() {
			t.Errorf("decision %d is %+v, want %+v", i, d, w)
		}
		if s := d.String(); !strings.Contains(s, w.says) || strings.Contains(s, "\n") {
			t.Errorf("decision %d says %q", i, s)
		}
		if i++; i == len(want) {
			break
		}
	}
	if i != len(want) {
		t.Errorf("%d decisions, want %d", i, len(want))
	}
	stop()
	for range decisions { // over
		t.Error("a decision after the end")
	}
	text := log.String()
	for _, secret := range []string{"secret", aliceCert.Public(), bobCert.Public()} {
		if strings.Contains(text, secret) {
			t.Errorf("the log has %q:\n%s", secret, text)
		}
	}
	if !strings.Contains(text, bobCert.Fingerprint()) {
		t.Errorf("the log does not say who was refused:\n%s", text)
	}
}

// A reader that does not read loses decisions, is told how many, and holds nothing up.
func TestSlowReaderOfEvents(t *testing.T) {
	b := newBench(t)
	decisions := b.auth.Events(b.ctx)
	dealer := b.open(zmq.Dealer)
	b.ok(dealer.Connect(auth.Endpoint))
	const n = 1500
	for i := range n {
		b.ok(dealer.Send(b.ctx, msg.NewString("", "1.0", fmt.Sprint(i), "", "192.0.2.1", "", "NULL")))
		_, err := dealer.Recv(b.ctx)
		b.ok(err)
	}
	b.ok(b.auth.Close())
	got, told := 0, uint64(0)
	for d := range decisions {
		if told += d.Missing; d.Missing == 0 {
			got++
		}
	}
	if lost := b.auth.Stats().Lost; told != lost {
		t.Errorf("the reader was told of %d that are missing, of %d", told, lost)
	}
	if st := b.auth.Stats(); uint64(got)+st.Lost != n || st.Lost == 0 || st.Allowed != n {
		t.Errorf("%d decisions, %d lost, %d allowed of %d", got, st.Lost, st.Allowed, n)
	}
}
