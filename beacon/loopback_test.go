package beacon

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// The rounds of czmq's own zbeacon test: the first beacon is there at once, and
// of three nodes the one that subscribes to NODE hears the other NODE only.
func TestSelftestOfZbeacon(t *testing.T) {
	port := loopback(t)
	t.Run("two bytes", func(t *testing.T) {
		speaker, hearer := newBeacon(t, WithLoopback(true), WithPort(port)), local(t, port)
		heard := listen(t, hearer)
		publish(t, speaker, "\xCA\xFE", time.Hour)
		s := heard.expect("\xCA\xFE")
		if s.Interface == "" || s.From.Addr() != netip.MustParseAddr("127.0.0.1") || s.Time.IsZero() {
			t.Errorf("signal %+v: want its interface, time, and 127.0.0.1", s)
		}
	})
	t.Run("three nodes", func(t *testing.T) {
		one, two, three := local(t, port), local(t, port), local(t, port)
		one.Subscribe([]byte("NODE"))
		heard := listen(t, one)
		publish(t, one, "NODE/1", 5*time.Millisecond)
		publish(t, two, "NODE/2", 5*time.Millisecond)
		publish(t, three, "RANDOM", 5*time.Millisecond)
		for range 20 {
			heard.expect("NODE/2")
		}
		if d := one.Stats().Dropped; d.Filtered == 0 || d.Echo == 0 {
			t.Errorf("drops %+v: RANDOM and the echo of NODE/1 are not counted", d)
		}
	})
}

func TestNothingIsHeardWithoutSubscribe(t *testing.T) {
	port := loopback(t)
	b := newBeacon(t, WithLoopback(true), WithPort(port))
	heard := listen(t, b)
	send := stranger(t, port)
	send("before")
	ztest.Eventually(t, "the datagram is filtered", func() bool { return b.Stats().Dropped.Filtered == 1 })
	b.Subscribe(nil)
	send("between")
	heard.expect("between")
	b.Unsubscribe()
	send("after")
	ztest.Eventually(t, "the datagram is filtered", func() bool { return b.Stats().Dropped.Filtered == 2 })
	b.Subscribe([]byte("l"))
	send("last")
	heard.expect("last")
}

func TestEqualContentFromTwoSources(t *testing.T) {
	port := loopback(t)
	bySource, byContent := local(t, port), local(t, port, WithEchoFilter(ByContent))
	heard, quiet := listen(t, bySource), listen(t, byContent)
	publish(t, bySource, "same", time.Hour)
	quiet.expect("same") // it publishes nothing yet, so nothing is its own
	publish(t, byContent, "same", time.Hour)
	heard.expect("same")
	ztest.Eventually(t, "its own echo is dropped", func() bool { return byContent.Stats().Dropped.Echo == 1 })

	publish(t, bySource, "same", time.Hour) // another's beacon, but with this content
	ztest.Eventually(t, "the neighbour's beacon is dropped as well", func() bool { return byContent.Stats().Dropped.Echo == 2 })
	byContent.Silence() // and now nothing is its own again
	publish(t, bySource, "same", time.Hour)
	quiet.expect("same")
	ztest.Eventually(t, "all three of its own are dropped by source", func() bool { return bySource.Stats().Dropped.Echo == 3 })
}

func TestEchoOff(t *testing.T) {
	b := local(t, loopback(t), WithEchoFilter(EchoOff))
	heard := listen(t, b)
	publish(t, b, "me", time.Hour)
	heard.expect("me")
}

func TestPublishReplacesAndSilences(t *testing.T) {
	port := loopback(t)
	speaker, hearer := local(t, port), local(t, port)
	heard := listen(t, hearer)
	publish(t, speaker, "first", time.Millisecond)
	heard.expect("first")
	publish(t, speaker, "second", time.Millisecond)
	for heard.signal(); string(heard.signal().Data) != "second"; {
	}
	for range 10 {
		heard.expect("second")
	}
	speaker.Silence()
	sent := speaker.Stats().Sent
	send := stranger(t, port)
	for range 20 { // 20 ms of other traffic, in which twenty beacons would fall
		time.Sleep(time.Millisecond)
		send("tick")
	}
	for ticks := 0; ticks < 20; {
		if string(heard.signal().Data) == "tick" {
			ticks++
		}
	}
	if now := speaker.Stats().Sent; now != sent {
		t.Errorf("%d beacons were sent after Silence", now-sent)
	}
	publish(t, speaker, "again", time.Hour)
	heard.expect("again")
}

func TestGoodbyeIsSentBeforePublishReturns(t *testing.T) {
	port := loopback(t)
	hearer := local(t, port)
	heard := listen(t, hearer)
	speaker, err := New(context.Background(), WithLoopback(true), WithPort(port))
	if err != nil {
		t.Fatal(err)
	}
	publish(t, speaker, "bye", time.Hour)
	speaker.Close()
	heard.expect("bye")
}

func TestSizes(t *testing.T) {
	port := loopback(t)
	small, large := local(t, port), local(t, port, WithMaxSize(4000))
	heardSmall, heardLarge := listen(t, small), listen(t, large)
	send := stranger(t, port)
	for _, n := range []int{0, 1, 254, 255} {
		send(strings.Repeat("x", n))
		heardSmall.expect(strings.Repeat("x", n))
		heardLarge.expect(strings.Repeat("x", n))
	}
	for _, n := range []int{256, 304, 4000} {
		send(strings.Repeat("x", n))
		heardLarge.expect(strings.Repeat("x", n))
	}
	send(strings.Repeat("x", 4001))
	send("end")
	heardSmall.expect("end") // and nothing that was cut
	heardLarge.expect("end")
	if got := small.Stats().Dropped.Oversize; got != 4 {
		t.Errorf("%d oversize beacons counted by the small one, want 4", got)
	}
	if got := large.Stats().Dropped.Oversize; got != 1 {
		t.Errorf("%d oversize beacons counted by the large one, want 1", got)
	}
	if err := small.Publish(make([]byte, 256), 0); !errors.Is(err, ErrTooLarge) {
		t.Errorf("publishing 256 bytes: %v, want %v", err, ErrTooLarge)
	}
	publish(t, large, strings.Repeat("y", 4000), time.Hour)
	ztest.Eventually(t, "the large beacon is dropped by the small one", func() bool { return small.Stats().Dropped.Oversize == 5 })
}

func TestDistinctHostsOnOneLoopback(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all of 127.0.0.0/8 on its loopback")
	}
	port := loopback(t)
	hearer := local(t, port)
	heard := listen(t, hearer)
	for _, text := range []string{"127.0.0.2", "127.0.0.3"} {
		addr := netip.MustParseAddr(text)
		b := newBeacon(t, WithLoopbackAddr(addr), WithPort(port))
		publish(t, b, text, time.Hour)
		if s := heard.expect(text); s.From.Addr() != addr {
			t.Errorf("heard from %v, want %v", s.From, addr)
		}
		if b.Hostname() != text {
			t.Errorf("hostname %q, want %q", b.Hostname(), text)
		}
	}
	if got := hearer.Interfaces(); len(got) != 1 || hearer.Hostname() != "127.0.0.1" {
		t.Errorf("interfaces %v, hostname %q: want the loopback and 127.0.0.1", got, hearer.Hostname())
	}
}

func TestMulticastOnLoopback(t *testing.T) {
	port := loopback(t)
	opts := []Option{WithLoopback(true), WithPort(port), WithMulticast("239.1.2.3", 1)}
	one, two := newBeacon(t, opts...), newBeacon(t, opts...)
	other := local(t, port, WithMulticast("239.1.2.4", 1))
	two.Subscribe(nil)
	if len(one.Interfaces()) == 0 {
		t.Skipf("no multicast on the loopback: %+v", one.Stats())
	}
	heard := listen(t, two)
	publish(t, one, "to the group", time.Hour)
	heard.expect("to the group")

	apart := listen(t, other)
	publish(t, two, "to the group", time.Hour)
	ztest.Eventually(t, "the echo comes back", func() bool { return two.Stats().Dropped.Echo == 1 })
	third := newBeacon(t, WithLoopback(true), WithPort(port), WithMulticast("239.1.2.4", 1))
	publish(t, third, "to the other group", time.Hour)
	apart.expect("to the other group") // and nothing of the first group before
}

func TestEveryIteratorHasItsOwnStream(t *testing.T) {
	port := loopback(t)
	b := local(t, port)
	ctx := ztest.Within(t)
	const readers = 4
	var group sync.WaitGroup
	got := make([]string, readers)
	for i := range readers {
		stream := b.Events(ctx) // from here on; the goroutine may come later
		group.Go(func() {
			for s := range stream {
				got[i] += string(s.Data)
				s.Data[0] = '!' // it is the reader's own
				if len(got[i]) == 3 {
					return
				}
			}
		})
	}
	send := stranger(t, port)
	for _, data := range []string{"a", "b", "c"} {
		send(data)
	}
	group.Wait()
	for i, text := range got {
		if text != "abc" {
			t.Errorf("reader %d heard %q, want \"abc\"", i, text)
		}
	}
}

func TestCloseEndsIterators(t *testing.T) {
	b := local(t, loopback(t))
	var group sync.WaitGroup
	for range 3 {
		stream := b.Events(context.Background())
		group.Go(func() {
			for range stream {
			}
		})
	}
	publish(t, b, "x", time.Millisecond)
	var closers sync.WaitGroup
	for range 3 {
		closers.Go(func() { b.Close() })
	}
	closers.Wait()
	group.Wait()
	for range b.Events(context.Background()) {
		t.Error("a closed beacon delivers")
	}
	if err := b.Publish(nil, 0); !errors.Is(err, ErrClosed) {
		t.Errorf("publish after close: %v, want %v", err, ErrClosed)
	}
	b.Silence()
	b.Subscribe(nil)
	b.Close()
}

// A storm costs a beacon the size of its queues and nothing more, and every
// datagram that the kernel handed over is accounted for.
func TestStorm(t *testing.T) {
	const storm, queue, rate = 20_000, 64, 5000
	port := loopback(t)
	b := local(t, port, WithQueue(queue), WithRateLimit(rate))
	slow := b.Events(ztest.Within(t))
	send := stranger(t, port)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	payload := strings.Repeat("s", 255)
	for i := range storm {
		send(payload)
		if i%64 == 63 { // so that the kernel's own buffer, of a few hundred, is not what is tested
			ztest.Eventually(t, "the beacon keeps up", func() bool { return b.Stats().Received >= uint64(i-63) })
		}
	}
	ztest.Eventually(t, "all is received", func() bool { return b.Stats().Received == storm })
	took := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)

	s := b.Stats()
	if s.Accepted+s.Dropped.RateLimited != storm {
		t.Errorf("%+v: accepted and rate limited are not %d", s, storm)
	}
	// A quarter of a second's worth is kept for those who send few. Of the rest one address
	// has half at once; how much more of it depends on how long the storm takes.
	const least = rate * 3 / 4 / 2
	if limit := uint64((rate + lan.KnownRate) * (took.Seconds() + 1)); s.Accepted > limit+1 || s.Accepted < least {
		t.Errorf("%d accepted in %v: want %d to %d", s.Accepted, took, least, limit)
	}
	if s.Dropped.Overflow != s.Accepted-queue {
		t.Errorf("%d accepted, %d pushed out: want all but %d", s.Accepted, s.Dropped.Overflow, queue)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	kept := 0
	for range slow {
		if kept++; kept == queue {
			break
		}
	}
}

func TestTwoProcesses(t *testing.T) {
	port := loopback(t)
	b := local(t, port)
	heard := listen(t, b)
	child := proc.Role(t, "publish", "PORT="+strconv.Itoa(port))
	heard.expect("from the child")
	publish(t, b, "from the parent", 10*time.Millisecond)
	if line := child.Line(); line != "from the parent" {
		t.Errorf("the child heard %q", line)
	}
}

// rolePublish is the other process: it publishes, prints the first beacon that it
// hears, and ends when its input does.
func rolePublish() error {
	port, err := strconv.Atoi(os.Getenv("PORT"))
	if err != nil {
		return err
	}
	b, err := New(context.Background(), WithLoopback(true), WithPort(port))
	if err != nil {
		return err
	}
	defer b.Close()
	b.Subscribe(nil)
	signals := b.Events(context.Background())
	if err := b.Publish([]byte("from the child"), 10*time.Millisecond); err != nil {
		return err
	}
	for s := range signals {
		os.Stdout.Write(append(s.Data, '\n'))
		break
	}
	_, err = os.Stdin.Read(make([]byte, 1))
	if err != nil {
		return nil // the parent has closed it
	}
	return errors.New("unexpected input")
}
