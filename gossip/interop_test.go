//go:build interop

package gossip

import (
	"encoding/hex"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmq"
)

func compile(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "zgossip_peer")
	if out, err := exec.Command("gcc", "-Wall", "-o", binary, "testdata/zgossip_peer.c", "-lczmq", "-lzmq").CombinedOutput(); err != nil {
		t.Skipf("no peer on czmq (Debian's libczmq-dev): %v\n%s", err, out)
	}
	return binary
}

// carl is a node on czmq.
type carl struct {
	*proc.Peer
	t *testing.T

	mu        sync.Mutex
	table     map[string]string
	delivered int
	port      chan string
}

func startCarl(t *testing.T, binary string) *carl {
	t.Helper()
	c := &carl{t: t, table: map[string]string{}, port: make(chan string, 1)}
	heard := make(chan struct{})
	t.Cleanup(func() { <-heard })
	c.Peer = proc.NewPeer(t, exec.Command(binary))
	go func() {
		defer close(heard)
		for line := range c.Lines() {
			c.hear(line)
		}
	}()
	return c
}

func (c *carl) hear(line string) {
	words := strings.SplitN(line, " ", 3)
	switch {
	case words[0] == "PORT" && len(words) > 1:
		c.port <- words[1]
	case words[0] == "DELIVER" && len(words) > 2:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.delivered++
		c.table[words[1]] = words[2]
		if words[2] == "" {
			c.t.Errorf("carl was told that %q has an empty value: zyre in C crashes on that", words[1])
		}
	}
}

// bound is where carl listens.
func (c *carl) bound() string {
	c.t.Helper()
	c.Say("BIND", "tcp://127.0.0.1:*")
	return "tcp://127.0.0.1:" + ztest.Soon(c.t, "carl listens", c.port)
}

// has waits until carl's table is this.
func (c *carl) has(want string) {
	c.t.Helper()
	ztest.Eventually(c.t, "carl has "+want, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return fmt.Sprint(c.table) == want
	})
}

func (c *carl) deliveries() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.delivered
}

// czmq's node is the hub: it forgets clients after a second, and must not forget us.
func TestInteropHub(t *testing.T) {
	t.Parallel()
	c := startCarl(t, compile(t))
	at := c.bound()
	c.Say("PUBLISH", "his", "1")
	a, b := made(t, t.Context()), made(t, t.Context())
	publish(t, a, "ours", "2")
	connect(t, a, at)
	connect(t, b, at)
	agree(t, "map[his:1 ours:2]", a, b)
	c.has("map[his:1 ours:2]")
	time.Sleep(2500 * time.Millisecond) // silence is the matter of this test
	c.Say("PUBLISH", "his", "3")
	agree(t, "map[his:3 ours:2]", a, b)
	publish(t, b, "his", "4")
	agree(t, "map[his:4 ours:2]", a, b)
	c.has("map[his:4 ours:2]")
	if err := a.Delete("his"); err != nil {
		t.Fatal(err)
	}
	ztest.Eventually(t, "the tuple is gone here", func() bool { return tuples(a) == "map[ours:2]" })
	publish(t, a, "last", "5")
	c.has("map[his:4 last:5 ours:2]") // zgossip has no deletions
	publish(t, a, "his", "6")         // and what is put again is there for all
	agree(t, "map[his:6 last:5 ours:2]", a, b)
	c.has("map[his:6 last:5 ours:2]")
	if s := a.Stats(); s.Invalid+s.Malformed+s.Redials != 0 {
		t.Errorf("%+v", s)
	}
}

// czmq's node is the client, silent for as long as it likes.
func TestInteropClient(t *testing.T) {
	t.Parallel()
	c := startCarl(t, compile(t))
	a, at := begun(t)
	publish(t, a, "ours", "1")
	c.Say("PUBLISH", "his", "2")
	c.Say("CONNECT", at)
	agree(t, "map[his:2 ours:1]", a)
	c.has("map[his:2 ours:1]")
	time.Sleep(2500 * time.Millisecond)
	publish(t, a, "ours", "3")
	c.has("map[his:2 ours:3]")
	c.Say("PUBLISH", "his", "4")
	agree(t, "map[his:4 ours:3]", a)
	if s := a.Stats(); s.Strangers+s.Malformed != 0 {
		t.Errorf("%+v", s)
	}
}

// A node leaves, as zyre's does when it is told to find peers by gossip; others delete,
// and times to live end. czmq's nodes, a hub and a client of ours, are told of nothing
// that czmq does not say.
func TestInteropLeave(t *testing.T) {
	t.Parallel()
	binary := compile(t)
	hub, client := startCarl(t, binary), startCarl(t, binary)
	a, aat := begun(t)
	connect(t, a, hub.bound())
	client.Say("CONNECT", aat)
	d := a.Discoverer("", 0)
	if err := d.Announce(ztest.Within(t), beacon.Peer{ID: "UUID", Endpoints: []string{"tcp://10.0.0.1:1"}}); err != nil {
		t.Fatal(err)
	}
	if err := a.Publish("short", "x", 300*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	publish(t, a, "k", "v")
	all := "map[UUID:tcp://10.0.0.1:1 k:v short:x]"
	hub.has(all)
	client.has(all)
	if err := a.Delete("k"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	agree(t, "map[]", a)
	publish(t, a, "after", "1")
	all = "map[UUID:tcp://10.0.0.1:1 after:1 k:v short:x]"
	hub.has(all)
	client.has(all)
	a.Close()
	if n := hub.deliveries() + client.deliveries(); n != 8 {
		t.Errorf("%d deliveries at the two, want 4 each", n)
	}
}

// czmq#1697 with one of ours: bound and connected to each other, and one comes back
// with another value; first ours, then his.
func TestInteropNoLoop(t *testing.T) {
	t.Parallel()
	binary := compile(t)
	c := startCarl(t, binary)
	hub := c.bound()
	a, at := begun(t)
	connect(t, a, hub)
	c.Say("CONNECT", at)
	publish(t, a, "key", "old")
	c.has("map[key:old]")
	a.Close()
	a = made(t, t.Context())
	publish(t, a, "key", "new")
	ztest.Eventually(t, "the port is free", func() bool { _, err := a.Bind(at); return err == nil })
	connect(t, a, hub)
	c.has("map[key:new]")
	agree(t, "map[key:new]", a)

	d := startCarl(t, binary)
	d.Say("PUBLISH", "key", "newest")
	other := d.bound()
	connect(t, a, other)
	ztest.Eventually(t, "all agree", func() bool {
		x, _ := a.Get("key")
		c.mu.Lock()
		defer c.mu.Unlock()
		d.mu.Lock()
		defer d.mu.Unlock()
		return x.Value == c.table["key"] && x.Value == d.table["key"]
	})
	before := c.deliveries() + d.deliveries() + int(a.Stats().Delivered)
	time.Sleep(1500 * time.Millisecond) // a loop would show
	if after := c.deliveries() + d.deliveries() + int(a.Stats().Delivered); after != before || after > 20 {
		t.Errorf("%d deliveries, and then %d more", before, after-before)
	}
}

// Two czmq hubs, each linked to all of ours: the shape in which czmq's own nodes go
// round. A value changed at both at once comes to rest, and so does one after the
// restart of a node.
func TestInteropTwoHubs(t *testing.T) {
	t.Parallel()
	binary := compile(t)
	x, y := startCarl(t, binary), startCarl(t, binary)
	hubs := []string{x.bound(), y.bound()}
	var nodes []*Node
	for range 4 {
		n := made(t, t.Context())
		connect(t, n, hubs...)
		nodes = append(nodes, n)
	}
	publish(t, nodes[0], "k", "0")
	agree(t, "map[k:0]", nodes...)
	for round := range 5 {
		x.Say("PUBLISH", "k", fmt.Sprint("x", round))
		y.Say("PUBLISH", "k", fmt.Sprint("y", round))
		nodes[1].Close()
		nodes[1] = made(t, t.Context())
		publish(t, nodes[1], "mine", fmt.Sprint(round))
		connect(t, nodes[1], hubs...)
	}
	ztest.Eventually(t, "all agree", func() bool {
		want := tuples(nodes[0])
		for _, n := range nodes {
			if tuples(n) != want {
				return false
			}
		}
		for _, c := range []*carl{x, y} {
			c.mu.Lock()
			same := fmt.Sprint(c.table) == want
			c.mu.Unlock()
			if !same {
				return false
			}
		}
		return strings.Contains(want, "mine:4")
	})
	if n := x.deliveries() + y.deliveries(); n > 150 {
		t.Errorf("%d deliveries at the hubs", n)
	}
}

// czmq lives on whatever our trailer has; three of its own in a ring with ours agree.
func TestInteropRing(t *testing.T) {
	t.Parallel()
	binary := compile(t)
	c := startCarl(t, binary)
	hub := c.bound()
	a, aat := begun(t)
	b := made(t, t.Context())
	connect(t, a, hub)
	connect(t, b, hub, aat)
	for i := range 20 {
		switch i % 3 {
		case 0:
			publish(t, a, "k", fmt.Sprint(i))
		case 1:
			publish(t, b, "k", fmt.Sprint(i))
		case 2:
			c.Say("PUBLISH", "k", fmt.Sprint(i))
		}
	}
	ztest.Eventually(t, "all agree", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.table) == 1 && tuples(a) == tuples(b) && tuples(a) == fmt.Sprint(c.table)
	})
	if n := c.deliveries(); n > 60 {
		t.Errorf("%d deliveries at the hub", n)
	}
}

// czmq's own bytes of all five messages are those that frame's golden ones say.
func TestInteropGolden(t *testing.T) {
	t.Parallel()
	ctx := ztest.Within(t)
	c := startCarl(t, compile(t))
	at := c.bound()
	c.Say("PUBLISH", "key1", "value1")
	c.has("map[key1:value1]")
	dealer, err := zmq.NewDealer(ctx, zmq.WithLinger(0))
	if err != nil {
		t.Fatal(err)
	}
	defer dealer.Close()
	if err := dealer.Connect(at); err != nil {
		t.Fatal(err)
	}
	expect := func(s *zmq.Socket, want string) {
		t.Helper()
		m, err := s.Recv(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(m.Frames[len(m.Frames)-1]); got != want {
			t.Errorf("czmq sent %s, want %s", got, want)
		}
	}
	const published = "aaa00201046b6579310000000676616c75653100000000"
	for _, x := range []struct{ say, want string }{
		{"aaa00301", "aaa00401"},                         // PING of a stranger
		{published, "aaa00501"},                          // PUBLISH of a stranger
		{"aaa001015a5801000123456789abcdef", published},  // HELLO with our trailer
		{"aaa003015a5801000123456789abcdef", "aaa00401"}, // PING with it
		{"aaa00201016b000000017600000000" + "5a5801000006445bf0b1c200", "aaa00201016b000000017600000000"}, // and PUBLISH
		{"aaa00101", "aaa00501"}, // a second HELLO
	} {
		b, err := hex.DecodeString(x.say)
		if err != nil {
			t.Fatal(err)
		}
		if err := dealer.SendBytes(ctx, b); err != nil {
			t.Fatal(err)
		}
		expect(dealer, x.want)
	}
	router, err := zmq.NewRouter(ctx, zmq.WithLinger(0))
	if err != nil {
		t.Fatal(err)
	}
	defer router.Close()
	ours, err := router.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	d := startCarl(t, compile(t))
	d.Say("PUBLISH", "key1", "value1")
	d.Say("CONNECT", ours)
	expect(router, "aaa00101")
	expect(router, published)
}
