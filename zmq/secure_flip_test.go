package zmq_test

import (
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// flip is one bit of a conversation that an attacker on the path turns.
type flip struct {
	fromServer bool
	offset     int
	bit        int
}

func (f flip) String() string {
	from := "client"
	if f.fromServer {
		from = "server"
	}
	return fmt.Sprintf("bit %d of byte %d from the %s", f.bit, f.offset, from)
}

// harmless reports whether the bit means nothing, or nothing bad: in greetings the
// padding, the version above 3.0, the role, and the filler.
func (f flip) harmless() bool {
	switch {
	case f.offset < 0: // undisturbed
		return true
	case f.offset >= 1 && f.offset <= 8, f.offset == 9 && f.bit != 0, f.offset >= 32 && f.offset < greetingSize:
		return true
	case f.offset == 10 && f.bit != 1, f.offset == 11: // version 1 has no mechanisms
		return true
	}
	return false
}

// patience is how long a handshake may take: one that ends is waited for.
func (f flip) patience() time.Duration {
	if f.harmless() {
		return ztest.Patience
	}
	return flipPatience
}

// onPath joins a listener's next connection with addr, turns the bit, and returns
// how much each side has said when either is gone.
func onPath(l net.Listener, addr string, f flip) (client, server int) {
	c, err := l.Accept()
	if err != nil {
		return 0, 0
	}
	s, err := net.Dial("tcp", addr)
	if err != nil {
		c.Close()
		return 0, 0
	}
	var wg sync.WaitGroup
	wg.Go(func() { client = pass(s, c, f, !f.fromServer) })
	wg.Go(func() { server = pass(c, s, f, f.fromServer) })
	wg.Wait()
	return client, server
}

// pass copies, and turns the bit if it is in this direction.
func pass(dst, src net.Conn, f flip, here bool) (n int) {
	defer dst.Close()
	defer src.Close()
	p := make([]byte, 4096)
	for {
		k, err := src.Read(p)
		if at := f.offset - n; here && at >= 0 && at < k {
			p[at] ^= 1 << f.bit
		}
		n += k
		if _, werr := dst.Write(p[:k]); err != nil || werr != nil {
			return n
		}
	}
}

// flipper plays conversations between a server and ever new clients.
type flipper struct {
	k       *kit
	servers map[time.Duration]string // the address of the one that gives a handshake so long

	mu        sync.Mutex
	delivered map[string]chan struct{}
}

// deliver notes what the server gets.
func (fl *flipper) deliver(server *zmq.Socket) {
	for m, err := range server.Messages(fl.k.ctx) {
		if err != nil {
			return
		}
		close(fl.channel(m.PopString()))
	}
}

func (fl *flipper) channel(payload string) chan struct{} {
	fl.mu.Lock()
	defer fl.mu.Unlock()
	c := fl.delivered[payload]
	if c == nil {
		c = make(chan struct{})
		fl.delivered[payload] = c
	}
	return c
}

func (fl *flipper) arrived(f flip) bool {
	select {
	case <-fl.channel(f.String()):
		return true
	default:
		return false
	}
}

// play lets a client send a message, with a bit turned on its way, and reports
// whether the message arrived.
func (fl *flipper) play(f flip) (arrived bool, client, server int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fl.k.Error(err)
		return false, 0, 0
	}
	defer l.Close()
	over := make(chan struct{})
	go func() {
		defer close(over)
		client, server = onPath(l, fl.servers[f.patience()], f)
	}()
	s, err := zmq.NewPush(fl.k.zctx, zmq.WithReconnectInterval(-1, 0), zmq.WithLinger(0),
		zmq.WithHandshakeInterval(f.patience()), zmq.WithCurveClient(clientCert, serverCert.Public()))
	if err != nil {
		fl.k.Error(err)
		return false, 0, 0
	}
	payload := f.String()
	if err := s.Connect("tcp://" + l.Addr().String()); err != nil {
		fl.k.Error(err)
	}
	_ = s.TrySend(msgOf(payload))
	never := time.After(3 * flipPatience) // the length of the message was changed: it never ends
	if f.harmless() {
		never = nil // it is waited for
	}
	select {
	case <-over:
	case <-fl.channel(payload):
		arrived = true
	case <-never:
	case <-fl.k.ctx.Done():
	}
	s.Close()
	<-over
	return arrived, client, server
}

// flipPatience bounds handshakes that wait for what will never come, such as the
// rest of a command whose length was changed.
const flipPatience = 300 * time.Millisecond

// TestSecureFlips turns each bit of a conversation once, the first message
// included: it does not arrive, unless the bit meant nothing. Without ZACTOR_FULL=1
// it is a sample of them.
func TestSecureFlips(t *testing.T) {
	step, patience := 47, 4*ztest.Patience
	if os.Getenv("ZACTOR_FULL") == "1" {
		step, patience = 1, time.Hour
	} else {
		t.Parallel()
	}
	k := patientKit(t, "tcp", patience)
	curve := []zmq.Option{zmq.WithCurveServer(serverCert), zmq.WithAllowAnyKey(true)}
	fl := &flipper{k: k, servers: map[time.Duration]string{}, delivered: map[string]chan struct{}{}}
	var receivers sync.WaitGroup
	defer receivers.Wait()
	for _, patience := range []time.Duration{ztest.Patience, flipPatience} {
		server, endpoint := k.bound(zmq.Pull, append(curve, zmq.WithHandshakeInterval(patience))...)
		fl.servers[patience] = strings.TrimPrefix(endpoint, "tcp://")
		receivers.Go(func() { fl.deliver(server) })
		defer server.Close()
	}
	arrived, client, said := fl.play(flip{offset: -1})
	if !arrived || client < 64+202+266 || said < 64+170+32 {
		t.Fatalf("undisturbed: arrived %v after %d and %d bytes", arrived, client, said)
	}
	all := make(chan flip)
	var workers sync.WaitGroup
	var mu sync.Mutex
	var played []flip
	for range 8 {
		workers.Go(func() {
			for f := range all {
				fl.play(f)
				mu.Lock()
				played = append(played, f)
				mu.Unlock()
			}
		})
	}
	for n := 0; n < (client+said)*8; n += step {
		f := flip{offset: n / 8, bit: n % 8}
		if f.offset >= client {
			f.fromServer, f.offset = true, f.offset-client
		}
		all <- f
	}
	close(all)
	workers.Wait()
	passed := 0
	for _, f := range played {
		arrived := fl.arrived(f)
		if arrived {
			passed++
		}
		if arrived != f.harmless() {
			t.Errorf("a message arrived in spite of %v: %v", f, arrived)
		}
	}
	t.Logf("%d bits turned, %d of them in vain", len(played), passed)
	if passed == 0 {
		t.Error("no message arrived at all: the test shows nothing")
	}
}
