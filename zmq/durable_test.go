package zmq_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// durablePair is a publisher behind a proxy, and how its subscribers connect.
func durablePair(k *kit, opts ...zmq.Option) (pub *zmq.Socket, proxy *ztest.Proxy) {
	k.Helper()
	pub, endpoint := k.bound(zmq.Pub, append([]zmq.Option{zmq.WithLinger(0)}, opts...)...)
	network, address, _ := strings.Cut(endpoint, "://")
	if network == "ipc" {
		network = "unix"
	}
	return pub, ztest.NewProxy(k.T, network, address)
}

func durableSub(k *kit, proxy *ztest.Proxy, id string) *zmq.Socket {
	k.Helper()
	sub := k.open(zmq.Sub, zmq.WithDurable(id), zmq.WithReconnectInterval(time.Millisecond, 5*time.Millisecond))
	k.ok(sub.Subscribe("n"))
	k.ok(k.dial(sub, proxy.Endpoint()))
	k.ok(sub.WaitConnected(k.ctx, 1))
	return sub
}

// A hundred breaks of random length under load: nothing is missed, nothing comes
// twice, and the order holds.
func TestDurableMissesNothing(t *testing.T) {
	for _, onDisk := range []bool{false, true} {
		t.Run(fmt.Sprint("disk=", onDisk), func(t *testing.T) {
			networked(t, func(k *kit) { durableTorture(k, onDisk) })
		})
	}
}

func durableTorture(k *kit, onDisk bool) {
	total, breaks := ztest.Size(20_000, 1_000_000), ztest.Size(20, 100)
	if onDisk || k.scheme != "tcp" {
		total, breaks = total/4, breaks/2
	}
	r := rand.New(rand.NewPCG(ztest.Seed(k.T), 1))
	opts := []zmq.Option{zmq.WithDurableBounds(total, 0, time.Minute)}
	if onDisk {
		opts = append(opts, zmq.WithSwap(k.TempDir(), 0))
	}
	pub, proxy := durablePair(k, opts...)
	sub := durableSub(k, proxy, "torture")
	gaps := k.watch(sub, zmq.EventGap)
	k.ok(pub.WaitSubscribers(k.ctx, "n", 1))
	sent := make(chan error, 1)
	go func() {
		away := make(chan struct{})
		close(away)
		for i := range total {
			if err := pub.SendString(k.ctx, "n", strconv.Itoa(i), strings.Repeat("x", i%200)); err != nil {
				sent <- err
				return
			}
			if i%max(1, total/breaks) == 0 {
				away = breakFor(k, proxy, r.IntN(2) == 0, time.Duration(r.IntN(3000))*time.Microsecond, away)
			}
		}
		<-away
		sent <- nil
	}()
	for i := range total {
		if got := k.recv(sub); got[1] != strconv.Itoa(i) {
			k.Fatalf("got %s, want %d", got[1], i)
		}
	}
	k.ok(<-sent)
	k.silent(sub)
	if st := sub.Stats(); st.Missed != 0 || len(gaps.c) > 0 {
		k.Errorf("%d missed, %d gaps", st.Missed, len(gaps.c))
	}
	k.until("the publisher keeps nothing", func() bool { return pub.Stats().Kept == 0 })
}

// breakFor breaks the connection for a while, without holding the publisher up. It
// waits for the end of the break before.
func breakFor(k *kit, proxy *ztest.Proxy, rst bool, d time.Duration, before chan struct{}) chan struct{} {
	<-before
	done := make(chan struct{})
	proxy.Shut()
	proxy.Break(rst)
	time.AfterFunc(d, func() {
		defer close(done)
		if err := proxy.Open(); err != nil {
			k.Error(err)
		}
	})
	return done
}

// What a publisher has kept for one that does not come back is in its books: what the bounds
// have pushed out, and at the end the rest.
func TestDurableForgets(t *testing.T) {
	k := alone(t, "tcp")
	pub, proxy := durablePair(k, zmq.WithDurableBounds(15, 0, 0))
	sub := durableSub(k, proxy, "gone")
	k.ok(pub.WaitSubscribers(k.ctx, "n", 1))
	k.ok(sub.Close())
	k.until("it is gone", func() bool { return pub.Stats().Connected == 0 })
	for i := range 20 {
		k.send(pub, "n", strconv.Itoa(i))
	}
	if st := pub.Stats(); st.Kept != 15 || st.Forgotten != 5 {
		t.Errorf("%d kept, %d forgotten; want 15 and 5", st.Kept, st.Forgotten)
	}
	k.ok(pub.Close())
	if st := pub.Stats(); st.Kept != 0 || st.Forgotten != 20 {
		t.Errorf("closed: %d kept, %d forgotten; want 0 and 20", st.Kept, st.Forgotten)
	}
}

// Beyond the bounds the gap is named, with its length, and what follows is in order.
func TestDurableNamesTheGap(t *testing.T) {
	for _, tt := range []struct {
		name   string
		bounds zmq.Option
		kept   int
	}{
		{"messages", zmq.WithDurableBounds(10, 0, 0), 10},
		{"bytes", zmq.WithDurableBounds(1000, 70, 0), 10}, // a message takes 7 bytes with its headers
		{"away", zmq.WithDurableBounds(1000, 0, time.Millisecond), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := alone(t, "tcp")
			pub, proxy := durablePair(k, tt.bounds)
			sub := durableSub(k, proxy, "late")
			gaps := k.watch(sub, zmq.EventGap)
			k.ok(pub.WaitSubscribers(k.ctx, "n", 1))
			k.send(pub, "n", "10")
			k.want(sub, "n", "10")
			proxy.Shut()
			proxy.Break(true)
			k.until("it is gone", func() bool { return pub.Stats().Connected == 0 })
			if tt.kept == 0 {
				k.until("nothing is kept", func() bool { k.send(pub, "x"); return pub.Stats().Kept == 0 })
				time.Sleep(20 * time.Millisecond) // the time that it may be away passes
			}
			for i := 11; i < 61; i++ {
				k.send(pub, "n", strconv.Itoa(i))
			}
			k.ok(proxy.Open())
			e := gaps.next()
			var missed *zmq.MissedError
			if want := 50 - tt.kept; int(e.Value) != want || !errors.As(e.Err, &missed) || int(missed.N) != want {
				t.Errorf("%v, value %d; want %d", e, e.Value, want)
			}
			for i := 61 - tt.kept; i < 61; i++ {
				k.want(sub, "n", strconv.Itoa(i))
			}
			k.send(pub, "n", "end")
			k.want(sub, "n", "end")
			if st := sub.Stats(); int(st.Missed) != 50-tt.kept {
				t.Errorf("missed %d", st.Missed)
			}
			if st := pub.Stats(); int(st.Forgotten) != 50-tt.kept {
				t.Errorf("the publisher counts %d as forgotten", st.Forgotten)
			}
		})
	}
}

// A slow subscriber that is there gets all that is within the bounds, far beyond the
// high-water mark, and hears what is not.
func TestDurableWhileSlow(t *testing.T) {
	networked(t, func(k *kit) {
		pub, proxy := durablePair(k, zmq.WithSendHWM(2), zmq.WithDurableBounds(5000, 0, 0))
		sub := k.open(zmq.Sub, zmq.WithDurable("slow"), zmq.WithRecvHWM(2))
		k.ok(sub.Subscribe(""))
		k.ok(k.dial(sub, proxy.Endpoint()))
		k.ok(pub.WaitSubscribers(k.ctx, "", 1))
		n, body := 20_000, strings.Repeat("x", 1000)
		for i := range n {
			k.send(pub, strconv.Itoa(i), body)
		}
		k.send(pub, "end")
		got, last := 0, -1
		for {
			m := k.recv(sub)
			if m[0] == "end" {
				break
			}
			i, err := strconv.Atoi(m[0])
			k.ok(err)
			if i <= last {
				t.Fatalf("%d after %d", i, last)
			}
			got, last = got+1, i
		}
		if st := sub.Stats(); got+int(st.Missed) != n || got < 4999 {
			t.Errorf("got %d, missed %d of %d", got, st.Missed, n)
		}
	})
}

// A new program with the name of an old one gets what that one's has not taken.
func TestDurableNewProgram(t *testing.T) {
	k := alone(t, "tcp")
	pub, proxy := durablePair(k, zmq.WithDurableBounds(1000, 0, time.Hour))
	sub := durableSub(k, proxy, "name")
	k.ok(pub.WaitSubscribers(k.ctx, "n", 1))
	for i := range 10 {
		k.send(pub, "n", strconv.Itoa(i))
	}
	for i := range 4 {
		k.want(sub, "n", strconv.Itoa(i))
	}
	k.until("what was taken is not kept", func() bool { return pub.Stats().Kept == 6 })
	k.ok(sub.Close())
	k.send(pub, "n", "10")
	sub = durableSub(k, proxy, "name")
	for i := 4; i <= 10; i++ {
		k.want(sub, "n", strconv.Itoa(i))
	}
	// Another connection of the same user takes over.
	next := durableSub(k, proxy, "name")
	k.until("taken over", func() bool { return pub.Stats().Connected == 1 })
	k.ok(sub.Close())
	k.send(pub, "n", "end")
	for k.recv(next)[1] != "end" {
	}
}

// What was cancelled while the publisher was not there is cancelled.
func TestDurableCancelledWhileAway(t *testing.T) {
	k := alone(t, "tcp")
	pub, proxy := durablePair(k, zmq.WithDurableBounds(1000, 0, 0))
	sub := k.open(zmq.XSub, zmq.WithDurable("name"), zmq.WithReconnectInterval(time.Millisecond, 5*time.Millisecond))
	k.ok(sub.Subscribe("a"))
	k.ok(sub.Subscribe("b"))
	k.ok(sub.Connect(proxy.Endpoint()))
	k.ok(pub.WaitSubscribers(k.ctx, "b", 1))
	proxy.Shut()
	proxy.Break(false)
	k.until("it is gone", func() bool { return sub.Stats().Connected == 0 && pub.Stats().Connected == 0 })
	k.ok(sub.Unsubscribe("a"))
	k.send(pub, "a1") // the publisher can't know yet
	k.send(pub, "b1")
	k.ok(proxy.Open())
	k.want(sub, "a1")
	k.want(sub, "b1")
	k.send(pub, "a2")
	k.send(pub, "b2")
	k.want(sub, "b2")
}

// A publisher that begins anew says so.
func TestDurablePublisherBeginsAnew(t *testing.T) {
	k := alone(t, "tcp")
	pub, endpoint := k.bound(zmq.Pub, zmq.WithLinger(0), zmq.WithDurableBounds(10, 0, 0))
	sub := k.open(zmq.Sub, zmq.WithDurable("name"), zmq.WithReconnectInterval(time.Millisecond, 5*time.Millisecond))
	k.ok(sub.Subscribe(""))
	k.ok(sub.Connect(endpoint))
	gaps := k.watch(sub, zmq.EventGap)
	k.ok(pub.WaitSubscribers(k.ctx, "", 1))
	k.send(pub, "1")
	k.want(sub, "1")
	k.ok(pub.Close())
	pub = k.open(zmq.Pub, zmq.WithDurableBounds(10, 0, 0))
	_, err := pub.Bind(endpoint)
	k.ok(err)
	if e := gaps.next(); !errors.Is(e.Err, zmq.ErrForgotten) || e.Value != 0 {
		t.Error(e)
	}
	k.ok(pub.WaitSubscribers(k.ctx, "", 1))
	k.send(pub, "2")
	k.want(sub, "2")
}

// Each user has names of its own: who comes first with another one's name locks
// nobody out, hears nothing of that one's, and does not disturb it.
func TestDurableNameIsTheUsers(t *testing.T) {
	k := alone(t, "tcp")
	a, err := auth.New(k.zctx)
	k.ok(err)
	t.Cleanup(func() { a.Close() })
	users := &auth.Passwords{}
	k.ok(users.Set("alice", "1"))
	k.ok(users.Set("mallory", "2"))
	a.Plain("home", users)
	pub, endpoint := k.bound(zmq.Pub, zmq.WithPlainServer(), zmq.WithZAPDomain("home"), zmq.WithDurableBounds(10, 0, 0))
	k.durableNamesakes(pub, func(who string) *zmq.Socket {
		sub := k.open(zmq.Sub, zmq.WithDurable("name"), zmq.WithPlainClient(who, map[string]string{"alice": "1", "mallory": "2"}[who]))
		k.ok(sub.Subscribe(who))
		k.ok(sub.Connect(endpoint))
		return sub
	})
}

// With WithAllowAnyKey nobody says who a user is: the key does.
func TestDurableNameIsTheKeys(t *testing.T) {
	k := alone(t, "curve")
	pub, endpoint := k.bound(zmq.Pub, zmq.WithDurableBounds(10, 0, 0))
	keys := map[string]*cert.Cert{"alice": newKeys(), "mallory": newKeys()}
	k.durableNamesakes(pub, func(who string) *zmq.Socket {
		sub := k.open(zmq.Sub, zmq.WithDurable("name"), zmq.WithCurveClient(keys[who], serverKeys().Public()))
		k.ok(sub.Subscribe(who))
		k.ok(sub.Connect(endpoint))
		return sub
	})
}

// durableNamesakes has mallory come with alice's name, before her and after her. Each
// subscribes to a topic of its own.
func (k *kit) durableNamesakes(pub *zmq.Socket, as func(who string) *zmq.Socket) {
	k.Helper()
	mallory := as("mallory")
	k.ok(pub.WaitSubscribers(k.ctx, "mallory", 1))
	alice := as("alice")
	k.ok(pub.WaitSubscribers(k.ctx, "alice", 1))
	k.send(pub, "alice 1")
	k.want(alice, "alice 1")
	k.send(pub, "mallory 1")
	k.want(mallory, "mallory 1")
	k.ok(alice.Close())
	k.until("alice is gone", func() bool { return pub.Stats().Connected == 1 })
	k.send(pub, "alice 2") // which is kept for her
	again := as("mallory")
	k.until("the first one is gone", func() bool { return mallory.Stats().Disconnects > 0 })
	k.ok(mallory.Close())
	k.send(pub, "mallory 2")
	for m := k.recv(again); m[0] != "mallory 2"; m = k.recv(again) { // the first may not have said that it has them
		if m[0] != "mallory 1" {
			k.Fatalf("mallory got %q", m)
		}
	}
	alice = as("alice")
	for m := k.recv(alice); m[0] != "alice 2"; m = k.recv(alice) {
		if m[0] != "alice 1" {
			k.Fatalf("alice got %q", m)
		}
	}
	if n := pub.Stats().Drops.Total(); n != 0 {
		k.Errorf("%d messages were dropped", n)
	}
}

// Without WithDurableBounds, or with a publisher of another make, nothing happens.
func TestDurableNeedsBoth(t *testing.T) {
	networked(t, func(k *kit) {
		pub, proxy := durablePair(k)
		sub := durableSub(k, proxy, "name")
		k.ok(pub.WaitSubscribers(k.ctx, "n", 1))
		k.send(pub, "n", "1")
		k.want(sub, "n", "1")
		proxy.Shut()
		proxy.Break(false)
		k.until("it is gone", func() bool { return pub.Stats().Connected == 0 })
		k.send(pub, "n", "2")
		k.ok(proxy.Open())
		k.ok(pub.WaitSubscribers(k.ctx, "n", 1))
		k.send(pub, "n", "3")
		k.want(sub, "n", "3")
	})
}

func TestDurableNotWithManual(t *testing.T) {
	k := alone(t, "tcp")
	pub := k.open(zmq.XPub, zmq.WithDurableBounds(10, 0, 0), zmq.WithXPubManual(true))
	_, err := pub.Bind("tcp://127.0.0.1:*")
	k.is(err, zmq.ErrInvalidOption)
	k.mentions(err, "DURABLE_MSGS")
}

// A subscriber that asks for it hears how many messages were dropped at the
// publisher's high-water mark, and the publisher's program that it was full.
func TestGapNotices(t *testing.T) {
	over(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub, zmq.WithSendHWM(5))
		full := k.watch(pub, zmq.EventPeerFull)
		sub := k.open(zmq.Sub, zmq.WithGapNotices(true), zmq.WithRecvHWM(5))
		gaps := k.watch(sub, zmq.EventGap)
		k.ok(sub.Subscribe(""))
		k.ok(k.dial(sub, endpoint))
		k.ok(pub.WaitSubscribers(k.ctx, "", 1))
		n := 0
		for body := strings.Repeat("x", 10_000); pub.Stats().Drops.HWM < 100; n++ {
			k.send(pub, strconv.Itoa(n), body)
		}
		full.next()
		if pub.Stats().Full == 0 {
			t.Error("not counted that it was full")
		}
		got, missed := 0, 0
		k.until("all are accounted for", func() bool {
			for {
				if _, err := sub.TryRecv(); err != nil {
					break
				}
				got++
			}
			return got+int(sub.Stats().Missed) == n
		})
		for missed < int(sub.Stats().Missed) {
			missed += int(gaps.next().Value)
		}
		if d := pub.Stats().Drops.HWM; missed != int(d) || missed < 100 {
			t.Errorf("told %d, dropped %d", missed, d)
		}
	})
}

// Close gives subscribers that are there what is kept for them.
func TestDurableCloseWaits(t *testing.T) {
	k := alone(t, "tcp")
	pub, endpoint := k.bound(zmq.Pub, zmq.WithSendHWM(2), zmq.WithDurableBounds(5000, 0, 0))
	sub := k.open(zmq.Sub, zmq.WithDurable("name"), zmq.WithRecvHWM(2))
	k.ok(sub.Subscribe(""))
	k.ok(sub.Connect(endpoint))
	k.ok(pub.WaitSubscribers(k.ctx, "", 1))
	for i := range 3000 {
		k.send(pub, strconv.Itoa(i), strings.Repeat("x", 2000))
	}
	closed := make(chan struct{})
	go func() { defer close(closed); pub.Close() }()
	for i := range 3000 {
		if got := k.recv(sub); got[0] != strconv.Itoa(i) {
			t.Fatalf("got %s, want %d", got[0], i)
		}
	}
	<-closed
}
