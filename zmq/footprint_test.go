package zmq_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmq"
)

// footprints are what a peer may cost a server, of heap and stacks, by how far it has
// come: it has said nothing; it has said who speaks and no more; it waits for a store of
// passwords; it is in, and nothing moves. Where a stack begins with 2 KiB a silent one costs
// 4 KiB over tcp; the runtime lets it begin with 4 where the others of a program are large.
var footprints = []struct {
	state   string
	schemes string
	most    int // bytes
}{
	{"silent", "tcp ipc", 6 << 10},
	{"silent", "ws wss", 8 << 10},
	{"half-open", "tcp ipc ws", 16 << 10},
	{"waiting", "tcp ipc ws", 16 << 10},
	{"ready", "tcp ipc ws", 12 << 10},
	{"ready", "wss", 18 << 10}, // 7 KiB of it are crypto/tls's, for a client of Go's
}

// The peers are those of another process, so that what this one has more of is the
// server's.
func TestFootprint(t *testing.T) {
	for _, f := range footprints {
		for scheme := range strings.FieldsSeq(f.schemes) {
			t.Run(f.state+"/"+scheme, func(t *testing.T) { footprint(t, f.state, scheme, f.most) })
		}
	}
}

func footprint(t *testing.T, state, scheme string, most int) {
	n := ztest.Size(300, 19000)
	k := newKit(t, strings.Replace(scheme, "wss", "ws", 1))
	opts := []zmq.Option{zmq.WithMaxHandshakes(n + 1), zmq.WithHandshakeInterval(0)}
	endpoint := k.endpoint()
	if scheme == "wss" {
		endpoint = strings.Replace(endpoint, "ws:", "wss:", 1)
		cert, key := wsKeyPair()
		opts = append(opts, zmq.WithWSSCert(cert), zmq.WithWSSKey(key))
	}
	store := &gatedStore{open: make(chan struct{})}
	if state == "waiting" {
		k.zctx.WidenDesk(n) // or those beyond would wait for the others, and be sent away
		k.zctx.SetZAPTimeout(time.Hour)
		if n > 1000 { // all are not there before the first checks of auth have lasted for too long
			k.holdQuestions(store)
		} else {
			a, err := auth.New(k.zctx, auth.WithMaxChecks(n))
			k.ok(err)
			defer a.Close()
			a.Plain(auth.AnyDomain, store)
		}
		opts = append(opts, zmq.WithPlainServer())
	}
	server := k.open(zmq.Router, opts...)
	_, err := server.Bind(endpoint)
	k.ok(err)
	heapBefore, stackBefore := memory()
	crowd, in := proc.Typed(t, "crowd", state, endpoint, strconv.Itoa(n))
	crowd.Expect("^there")
	switch state {
	case "ready":
		k.until("all are in", func() bool { return server.Stats().Connected == n })
	case "waiting":
		k.until("all are asked about", func() bool { return int(store.asked.Load()) == n })
	}
	heap, stack := memory()
	heap, stack = (heap-heapBefore)/n, (stack-stackBefore)/n
	ztest.Record(t, "A10", state+", "+scheme, "%d peers: %d bytes of heap and %d of stack each", n, heap, stack)
	if st := server.Stats(); state == "waiting" && n > 1000 && st.Asking != n {
		t.Errorf("%d wait for the authenticator, want all %d", st.Asking, n)
	}
	if ztest.Race {
		most *= 2
	}
	if heap+stack > most {
		t.Errorf("%d bytes a peer, %d are allowed", heap+stack, most)
	}
	in.Close()
}

// holdQuestions has an authenticator that holds a goroutine for each question, as auth has
// one for each check.
func (k *kit) holdQuestions(store *gatedStore) {
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(k.ctx)
	k.Cleanup(func() { cancel(); wg.Wait() })
	k.authenticator(func(request [][]byte) (replies [][][]byte, goOn bool) {
		wg.Go(func() {
			_, _ = store.Verify(ctx, "", nil)
			runtime.KeepAlive(request)
		})
		return nil, true
	})
}

// memory is what is in use, of heap and stacks, once garbage is gone.
func memory() (heap, stack int) {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc), int(m.StackInuse)
}

// rawCrowd are peers that come as far as the first argument says, at the endpoint of the
// second, as many as the third says.
func rawCrowd(args []string) {
	state, endpoint := args[0], args[1]
	n, _ := strconv.Atoi(args[2])
	conns := make([]net.Conn, 0, n)
	for range n {
		c, err := rawPeer(state, endpoint)
		if err != nil {
			fmt.Println("crowd:", err)
			os.Exit(1)
		}
		conns = append(conns, c)
	}
	fmt.Println("there")
	_, _ = io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(conns)
}

func rawPeer(state, endpoint string) (net.Conn, error) {
	scheme, address, _ := strings.Cut(endpoint, "://")
	network := "tcp"
	if scheme == "ipc" {
		network = "unix"
	}
	c, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	if state == "silent" {
		if network == "unix" || scheme == "tcp" {
			_, err = io.ReadFull(c, make([]byte, 10))
		}
		return c, err
	}
	return c, rawSay(c, scheme, state)
}

// rawIn goes through the handshake of a DEALER on a connection.
func rawIn(c net.Conn, scheme string) error { return rawSay(c, scheme, "ready") }

// rawSay brings a connection to a state.
func rawSay(c net.Conn, scheme, state string) error {
	mechanism := "NULL"
	if state == "waiting" {
		mechanism = "PLAIN"
	}
	if strings.HasPrefix(scheme, "ws") {
		return wsUpgrade(c, scheme, state, mechanism)
	}
	if _, err := c.Write(append(rawGreeting(mechanism), rawWord(state)...)); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, 64-10))
	return err
}

// rawGreeting is what a client of ZMTP 3.1 says first.
func rawGreeting(mechanism string) []byte {
	g := make([]byte, 64)
	copy(g, "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x01"+mechanism)
	return g
}

// rawWord is the command that follows in a state, framed.
func rawWord(state string) string {
	switch state {
	case "waiting":
		body := "\x05HELLO" + "\x04user" + "\x04pass"
		return "\x04" + string(rune(len(body))) + body
	case "ready":
		body := "\x05READY" + "\x0bSocket-Type\x00\x00\x00\x06DEALER"
		return "\x04" + string(rune(len(body))) + body
	}
	return ""
}

func wsUpgrade(c net.Conn, scheme, state, mechanism string) error {
	if scheme == "wss" {
		s := tls.Client(c, &tls.Config{InsecureSkipVerify: true})
		if err := s.Handshake(); err != nil {
			return err
		}
		c = s
	}
	_, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ZWS2.0/"+mechanism+"\r\n\r\n")
	if err != nil {
		return err
	}
	if _, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil {
		return err
	}
	word := rawWord(state)
	if word == "" {
		return nil
	}
	payload := "\x02" + word[2:] // ZWS: a command is a frame with a flag of its own
	_, err = c.Write(append([]byte{0x82, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...))
	return err
}
