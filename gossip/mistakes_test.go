package gossip

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// quickly makes the sockets of a node try again soon.
func quickly() Option {
	return WithSocket(zmq.WithReconnectInterval(time.Millisecond, 20*time.Millisecond))
}

func logged(b *logbook.Book) []Option { return []Option{WithLogger(b.Zerolog()), WithSlog(b.Slog())} }

// told waits for a line with all words, in both logs.
func told(t *testing.T, b *logbook.Book, words ...string) {
	t.Helper()
	ztest.Eventually(t, fmt.Sprintf("a line has %q", words), func() bool { return b.Has(words...) }, b)
}

// endpointSays waits for what Endpoints says of a connected endpoint.
func endpointSays(t *testing.T, n *Node, endpoint, words string) {
	t.Helper()
	ztest.Eventually(t, endpoint+": "+words, func() bool {
		for _, e := range n.Endpoints() {
			if e.Endpoint == endpoint && e.Err != nil && strings.Contains(e.Err.Error(), words) {
				return true
			}
		}
		return false
	})
}

// A link that does not come about says why, in the log and in Endpoints.
func TestLinksThatFailAreTold(t *testing.T) {
	zctx := zmq.NewContext(ztest.Within(t))
	defer zctx.Close()
	a, err := auth.New(zctx)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	keys := make([]*cert.Cert, 3)
	for i := range keys {
		keys[i], _ = cert.New()
	}
	hubKey, own, other := keys[0], keys[1], keys[2]
	a.Curve("global", cert.NewMemStore(other))
	var hubLog logbook.Book
	hub := made(t, zctx, append(logged(&hubLog), WithCurve(hubKey))...)
	at, err := hub.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}

	t.Run("unknown key", func(t *testing.T) {
		var b logbook.Book
		n := made(t, ztest.Within(t), append(logged(&b), WithCurve(own), quickly())...)
		if err := n.Connect(at, WithServerKey(hubKey.Public())); err != nil {
			t.Fatal(err)
		}
		told(t, &b, "ZA0403", "refused by the peer", `"socket":"gossip"`, `"endpoint":"`+at+`"`, "status 400")
		told(t, &hubLog, "ZA0402", "peer refused by us", `"socket":"gossip"`)
		endpointSays(t, n, at, "400")
	})
	t.Run("wrong server key", func(t *testing.T) {
		var b logbook.Book
		n := made(t, ztest.Within(t), append(logged(&b), WithCurve(own), quickly())...)
		if err := n.Connect(at, WithServerKey(other.Public())); err != nil {
			t.Fatal(err)
		}
		told(t, &b, "ZA0401", "another public key than we expect")
		endpointSays(t, n, at, "another public key than we expect")
	})
	t.Run("nobody there", func(t *testing.T) {
		nobody := "tcp://" + ztest.Vacant(t)
		var b logbook.Book
		n := made(t, ztest.Within(t), append(logged(&b), quickly())...)
		connect(t, n, nobody)
		told(t, &b, "ZA0404", "connecting failed", "connection refused", nobody)
		endpointSays(t, n, nobody, "connection refused")
		if _, err := made(t, ztest.Within(t)).Bind(nobody); err != nil {
			t.Skip("another program has taken the port meanwhile: ", err)
		}
		told(t, &b, "ZA0304", "peers can be discovered again", "connection refused", `"peer":"`+nobody+`"`, `"means":"gossip"`)
	})
	t.Run("key on one side", func(t *testing.T) {
		n := made(t, ztest.Within(t), WithCurve(own))
		if err := n.Connect(at); !errors.Is(err, ErrInvalidOption) || !strings.Contains(err.Error(), "CURVE needs both a certificate and the server's key") {
			t.Errorf("connect: %v", err)
		}
	})
}

// What a hub does not take is told there, with the reason and what to do.
func TestRefusedTuplesAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		hub  []Option
		peer func(t *testing.T, at string)
		line []string
		left func(s Stats) uint64 // what counts it
	}{
		"table full": {[]Option{WithMaxKeys(16), WithShares(1, 1)}, publisher(17), []string{"the table has no room for its tuple: raise WithMaxKeys and WithMaxBytes, or delete tuples"},
			func(s Stats) uint64 { return s.KeysFull + s.OverShare }},
		"share full": {[]Option{WithMaxKeys(16), WithShares(0.25, 0.5)}, publisher(8), []string{"it fills as much of the table as WithShares allows: raise that, or publish less there"},
			func(s Stats) uint64 { return s.OverShare }},
		"not zgossip": {nil, func(t *testing.T, at string) {
			d, err := zmq.NewDealer(ztest.Within(t), zmq.WithLinger(0))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.Close() })
			if err := errors.Join(d.Connect(at), d.Send(ztest.Within(t), msg.NewString("GET / HTTP/1.1"))); err != nil {
				t.Fatal(err)
			}
		}, []string{"a message is not zgossip, or is over WithMaxValue: its session ends"}, func(s Stats) uint64 { return s.Malformed }},
		"peers full": {[]Option{WithMaxPeers(1)}, func(t *testing.T, at string) {
			connect(t, made(t, ztest.Within(t)), at)
			connect(t, made(t, ztest.Within(t)), at)
		}, []string{"there are as many peers as WithMaxPeers allows: raise it"}, func(s Stats) uint64 { return s.PeersFull }},
	} {
		t.Run(name, func(t *testing.T) {
			var b logbook.Book
			hub, at := begun(t, append(logged(&b), c.hub...)...)
			c.peer(t, at)
			told(t, &b, append(c.line, "ZA0311", "tuples or messages of a peer refused", `"peer":"127.0.0.1:`)...)
			if s := hub.Stats(); c.left(s) == 0 {
				t.Errorf("nothing is counted: %+v", s)
			}
		})
	}
}

// publisher is a peer with so many tuples.
func publisher(n int) func(*testing.T, string) {
	return func(t *testing.T, at string) {
		p := made(t, ztest.Within(t))
		for i := range n {
			publish(t, p, string(rune('a'+i)), "x")
		}
		connect(t, p, at)
	}
}

// The program's own tuple that has no room is an error.
func TestFullTableIsAnError(t *testing.T) {
	n := made(t, ztest.Within(t), WithMaxKeys(1))
	publish(t, n, "a", "x")
	err := n.Publish("b", "yy", 0)
	if !errors.Is(err, ErrFull) || err.Error() != `gossip: table is full: key "b", 2 bytes: 1 keys and 67108864 bytes are the most` {
		t.Errorf("publish: %v", err)
	}
}
