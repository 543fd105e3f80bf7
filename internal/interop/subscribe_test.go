//go:build interop

package interop

import (
	"slices"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// In this file the left side publishes, mostly from an XPUB, which shows when
// a subscription has arrived, and the right side subscribes.

func publisher(t *testing.T, by pair, endpoint string) (xpub, sub end, bound string) {
	t.Helper()
	xpub = by.left.open(t, "XPUB", setup{})
	sub = by.right.open(t, "SUB", setup{})
	bound = xpub.bind(endpoint)
	sub.connect(bound)
	return xpub, sub, bound
}

// expectSubscriptions receives as many messages as there are wanted, in any order.
func expectSubscriptions(t *testing.T, xpub end, want ...string) {
	t.Helper()
	var got []string
	for range want {
		got = append(got, take(t, xpub)[0].text())
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("subscriptions %q, want %q", got, want)
	}
}

// sendAll sends each topic as a message of its own.
func sendAll(e end, topics ...string) {
	for _, s := range topics {
		e.send(raw(s))
	}
}

// expectAll receives messages of one frame each, and then no more.
func expectAll(t *testing.T, e end, want ...string) {
	t.Helper()
	for _, s := range want {
		expect(t, e, raw(s))
	}
	expectNone(t, e)
}

func TestSubscribePrefix(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		xpub, sub, _ := publisher(t, by, endpoint)
		sub.subscribe("a")
		sub.subscribe("bc")
		expectSubscriptions(t, xpub, "\x01a", "\x01bc")
		sendAll(xpub, "", "a", "ab", "b", "bc", "bcd", "cab", "bb", "a\x00b")
		expectAll(t, sub, "a", "ab", "bc", "bcd", "a\x00b")
	})
}

func TestSubscribeEverything(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		xpub, sub, _ := publisher(t, by, "tcp://127.0.0.1:*")
		sub.subscribe("")
		expectSubscriptions(t, xpub, "\x01")
		sendAll(xpub, "", "a", "\x00", "\x01x")
		expectAll(t, sub, "", "a", "\x00", "\x01x")
	})
}

// Only the first frame is matched; the others follow it, whatever they hold.
func TestSubscribeFirstFrame(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		xpub, sub, _ := publisher(t, by, "tcp://127.0.0.1:*")
		sub.subscribe("a")
		expectSubscriptions(t, xpub, "\x01a")
		xpub.send(raw("a"), raw("b"))
		xpub.send(raw("b"), raw("a"))
		expect(t, sub, raw("a"), raw("b"))
		expectNone(t, sub)
	})
}

// Overlapping prefixes are two subscriptions, but a message arrives once, and
// goes on arriving until both are gone.
func TestSubscribeOverlapping(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		xpub, sub, _ := publisher(t, by, "tcp://127.0.0.1:*")
		sub.subscribe("a")
		sub.subscribe("ab")
		expectSubscriptions(t, xpub, "\x01a", "\x01ab")
		sendAll(xpub, "abc", "a")
		expectAll(t, sub, "abc", "a")
		sub.unsubscribe("a")
		expectSubscriptions(t, xpub, "\x00a")
		sendAll(xpub, "abc", "a")
		expectAll(t, sub, "abc")
	})
}

// A topic subscribed twice has to be unsubscribed twice.
func TestUnsubscribeCounts(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		xpub, sub, _ := publisher(t, by, "tcp://127.0.0.1:*")
		sub.subscribe("a")
		sub.subscribe("a")
		sub.subscribe("z")
		expectSubscriptions(t, xpub, "\x01a", "\x01z")
		sub.unsubscribe("a")
		sendAll(xpub, "a1")
		expectAll(t, sub, "a1")
		sub.unsubscribe("a")
		sub.unsubscribe("never")
		expectSubscriptions(t, xpub, "\x00a")
		sendAll(xpub, "a2", "z2")
		expectAll(t, sub, "z2")
	})
}

// Topics around the 246 bytes from which a SUBSCRIBE command needs the long
// frame header, and one near the 8 KiB that we take from a peer. libzmq 4.3.4
// itself sends a broken command for 246 to 255 bytes: it chooses the header by
// the size of the topic. It does understand the right one.
func TestSubscribeLongTopics(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		xpub, sub, _ := publisher(t, by, "tcp://127.0.0.1:*")
		sizes := []int{244, 245, 256, 8 << 10}
		if by.right == (ours{}) {
			sizes = append(sizes, 246, 247, 254, 255)
		}
		for i, n := range sizes {
			topic := sized(n, i)
			sub.subscribe(string(topic.bytes()))
			expect(t, xpub, raw("\x01"+string(topic.bytes())))
			xpub.send(topic, raw("news"))
			expect(t, sub, topic, raw("news"))
		}
	})
}

// A subscriber repeats its subscriptions to a publisher that comes back, and
// only those that it still has.
func TestSubscribeReplay(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		left := by.left.fresh(t)
		xpub, sub, bound := publisher(t, pair{left, by.right}, endpoint)
		sub.subscribe("a")
		sub.subscribe("b")
		sub.subscribe("c")
		expectSubscriptions(t, xpub, "\x01a", "\x01b", "\x01c")
		sub.unsubscribe("c")
		expectSubscriptions(t, xpub, "\x00c")
		xpub.crash()
		again := by.left.fresh(t).open(t, "XPUB", setup{})
		again.bind(bound)
		var got []string
		ztest.Eventually(t, "both subscriptions", func() bool {
			sub.recv(10 * time.Millisecond) // libzmq repeats them when the socket is next used
			if m, ok := again.recv(20 * time.Millisecond); ok {
				got = append(got, m[0].text())
			}
			return len(got) == 2
		})
		slices.Sort(got)
		if !slices.Equal(got, []string{"\x01a", "\x01b"}) {
			t.Fatalf("subscriptions %q", got)
		}
		sendAll(again, "a2", "c2", "b2")
		expectAll(t, sub, "a2", "b2")
	})
}

// A publisher drops what a lost subscriber had wanted, and says so.
func TestSubscriberLost(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		xpub, sub, bound := publisher(t, pair{by.left, by.right.fresh(t)}, endpoint)
		stays := by.right.fresh(t).open(t, "SUB", setup{})
		stays.connect(bound)
		sub.subscribe("both")
		sub.subscribe("one")
		expectSubscriptions(t, xpub, "\x01both", "\x01one")
		stays.subscribe("both")
		awaitSubscribed(t, xpub, stays, "both")
		sub.crash()
		expectSubscriptions(t, xpub, "\x00one")
		sendAll(xpub, "both")
		expectAll(t, stays, "both")
	})
}

// Many subscriptions at once, all of which work.
func TestSubscribeMany(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		xpub, sub, _ := publisher(t, by, "tcp://127.0.0.1:*")
		var topics, subscriptions []string
		for i := range 500 {
			topic := string(content(8, i))
			topics = append(topics, topic)
			subscriptions = append(subscriptions, "\x01"+topic)
			sub.subscribe(topic)
		}
		expectSubscriptions(t, xpub, subscriptions...)
		sendAll(xpub, topics...)
		if got := sub.recvAll(200 * time.Millisecond); !slices.Equal(got, topics) {
			t.Fatalf("%d of %d messages arrived in order", len(got), len(topics))
		}
	})
}
