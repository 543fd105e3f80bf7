package role

import (
	"bytes"
	"net"
	"testing"
)

// C makes the same topics, and the wire the same bytes.
func TestGoldenBytes(t *testing.T) {
	if got := string(topic(nil, 0)); got != "9e3779b97f4a7c15" {
		t.Errorf("the first topic is %s", got)
	}
	if got := string(topic([]byte("x"), 2)); got != "xdaa66d2c7ddf743f" {
		t.Errorf("the third topic is %s", got)
	}
	if got := readyCommand("SUB"); string(got) != "\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB" {
		t.Errorf("READY is %q", got)
	}
	if got := appendFrame([]byte("-"), []byte("ab")); string(got) != "-\x00\x02ab" {
		t.Errorf("a short frame is %q", got)
	}
	long := appendFrame(nil, make([]byte, 256))
	if !bytes.HasPrefix(long, []byte{2, 0, 0, 0, 0, 0, 0, 1, 0}) || len(long) != 9+256 || frameBytes(256) != len(long) || frameBytes(255) != 257 {
		t.Errorf("a long frame of %d bytes begins with % x", len(long), long[:9])
	}
	if g := greeting(); len(g) != 64 || g[0] != 0xFF || g[9] != 0x7F || g[10] != 3 || string(g[12:16]) != "NULL" {
		t.Errorf("the greeting is % x", g)
	}
}

// Every message of a block has its sender's number.
func TestSourceBlock(t *testing.T) {
	block := sourceBlock(0x0102, 64)
	if len(block) != sourceBatch*frameBytes(64) {
		t.Fatalf("%d bytes", len(block))
	}
	for at := 0; at < len(block); at += frameBytes(64) {
		if !bytes.HasPrefix(block[at:], []byte{0, 64, 2, 1, 0, 0}) {
			t.Fatalf("at %d: % x", at, block[at:at+6])
		}
	}
}

func TestSlowest(t *testing.T) {
	for _, c := range []struct {
		got  shares
		want float64
	}{
		{shares{5, 5, 5, 5}, 1},
		{shares{1, 9}, 0.2},
		{shares{0, 8}, 0},
		{shares{7}, 1},
	} {
		n := 0
		for _, v := range c.got {
			n += v
		}
		if f := c.got.slowest(n); f.Value != c.want {
			t.Errorf("the slowest of %v got %v of the mean, want %v", c.got, f.Value, c.want)
		}
	}
}

// Two of our own raw ends get through their handshake, and one that does not say
// READY is found out.
func TestHandshake(t *testing.T) {
	for _, c := range []struct {
		says []byte
		ok   bool
	}{
		{append(greeting(), readyCommand("PUB")...), true},
		{append(greeting(), 0x04, 0x06, 0x05, 'E', 'R', 'R', 'O', 'R'), false},
		{append(greeting(), 0x00, 0x01, 'x'), false},
		{greeting()[:30], false},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			if peer, err := l.Accept(); err == nil {
				_, _ = peer.Write(c.says)
				peer.Close()
			}
		}()
		conn, err := dialPeer("tcp://"+l.Addr().String(), "SUB")
		if (err == nil) != c.ok {
			t.Errorf("after %q: %v", c.says[min(64, len(c.says)):], err)
		}
		if conn != nil {
			conn.Close()
		}
		<-done
		l.Close()
	}
}

// The sources and the counting floor understand each other whatever is batched.
func TestFanInCount(t *testing.T) {
	f := &fanInCount{warm: 10, total: 110, each: nil, done: make(chan struct{})}
	for range 11 {
		f.add(7)
	}
	select {
	case <-f.done:
		t.Fatal("done after 77 of 110")
	default:
	}
	if !f.warmed.Load() {
		t.Fatal("not warm after 77")
	}
	for range 5 {
		f.add(7)
	}
	<-f.done // after 112
}
