package members

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"net"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// witnessed makes a member that is bound to the loopback, and keeps its lines.
func witnessed(t *testing.T, b *logbook.Book, opts ...Option) *Members {
	t.Helper()
	return made(t, append([]Option{WithLogger(b.Zerolog()), WithSlog(b.Slog())}, opts...)...)
}

// told waits for a line, and for what Problem says.
func told(t *testing.T, b *logbook.Book, m *Members, problem string, words ...string) {
	t.Helper()
	says := func() bool {
		err := m.Problem()
		return problem == "" || err != nil && strings.Contains(err.Error(), problem)
	}
	what := fmt.Sprintf("a line has %q, and the problem is %q", words, problem)
	ztest.Eventually(t, what, func() bool { return b.Has(words...) && says() }, b)
}

// noticed reads notices until one is of this kind and peer and has the words.
func noticed(t *testing.T, notices iter.Seq[beacon.Notice], kind beacon.NoticeKind, peer, words string) {
	t.Helper()
	for n := range notices {
		if n.Kind == kind && strings.HasPrefix(n.Peer, peer) && strings.Contains(n.Err.Error(), words) {
			return
		}
	}
	t.Fatalf("no %v of %q with %q", kind, peer, words)
}

func TestMistakesOfMembersAreTold(t *testing.T) {
	t.Run("no seed", func(t *testing.T) {
		nobody := ztest.Vacant(t)
		var b logbook.Book
		m := witnessed(t, &b, WithSeeds(nobody))
		told(t, &b, m, "members: no seed answers: ", "ZA0323", "no seed answers", "connection refused", nobody, `"retry_in":`)
		notices := m.Notices(ztest.Within(t))
		noticed(t, notices, beacon.NoticeUnreachable, "", "no seed answers: ")
		made(t, WithBind(nobody))
		noticed(t, notices, beacon.NoticeRecovered, "", "no seed answers: ")
		told(t, &b, m, "", "ZA0304", "peers can be discovered again", "no seed answers: ", `"means":"members"`)
	})
	t.Run("wrong key", func(t *testing.T) {
		var there, here logbook.Book
		seed := witnessed(t, &there, WithSecretKey(bytes.Repeat([]byte{1}, 16)))
		notices := seed.Notices(ztest.Within(t))
		m := witnessed(t, &here, WithSecretKey(bytes.Repeat([]byte{2}, 16)), WithSeeds(seed.Endpoint()))
		told(t, &here, m, "no seed answers", "ZA0323", "no seed answers")
		told(t, &there, seed, "", "ZA0322", "member has another key or label", "could decrypt the message", `"peer":"127.0.0.1"`)
		noticed(t, notices, beacon.NoticeRefused, "127.0.0.1", "members: refused: it has another key or label: give all members the same WithSecretKey and WithLabel")
		if seed.Stats().Foreign == 0 {
			t.Error("the stranger is not counted")
		}
	})
	t.Run("key on one side", func(t *testing.T) {
		var there, here logbook.Book
		seed := witnessed(t, &there)
		m := witnessed(t, &here, WithSecretKey(bytes.Repeat([]byte{2}, 16)), WithSeeds(seed.Endpoint()))
		told(t, &here, m, "no seed answers", "ZA0323")
		told(t, &there, seed, "", "ZA0322", "encryption is not configured", `"peer":"127.0.0.1"`)
	})
	t.Run("another label", func(t *testing.T) {
		var there, here logbook.Book
		seed := witnessed(t, &there, WithLabel("blue"))
		m := witnessed(t, &here, WithLabel("green"), WithSeeds(seed.Endpoint()))
		told(t, &here, m, "no seed answers", "ZA0323")
		told(t, &there, seed, "", "ZA0322", "unacceptable label", "green")
	})
	t.Run("too many", func(t *testing.T) {
		var there, here logbook.Book
		seed := witnessed(t, &there, WithMaxPeers(1))
		notices := seed.Notices(ztest.Within(t))
		witnessed(t, &here, WithSeeds(seed.Endpoint()))
		witnessed(t, &here, WithSeeds(seed.Endpoint()))
		told(t, &there, seed, "", "ZA0321", "member refused by us", "1 are the most", "127.0.0.1:")
		noticed(t, notices, beacon.NoticeRefused, "127.0.0.1:", "members: refused: 1 members are the most: raise WithMaxPeers")
	})
	t.Run("port in use", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, err = New(context.Background(), WithBind(l.Addr().String()))
		if err == nil || !strings.HasPrefix(err.Error(), "members: ") || !strings.Contains(err.Error(), "address already in use") {
			t.Errorf("new: %v", err)
		}
	})
}
