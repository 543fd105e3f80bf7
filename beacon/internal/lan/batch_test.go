package lan

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// Each datagram is read once, in order, with its sender; one that is too long fills the
// buffer, so that it is known for what it is.
func TestBatch(t *testing.T) {
	l, err := ListenOne(0, false)
	if err != nil {
		t.Skip(err)
	}
	defer l.Conn.Close()
	c, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: l.Conn.LocalAddr().(*net.UDPAddr).Port})
	if err != nil {
		t.Skip(err)
	}
	defer c.Close()
	const size, all = 10, 40
	for i := range all {
		text := fmt.Sprint("d", i)
		if i%10 == 9 {
			text += strings.Repeat("x", 100)
		}
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	b, got := l.NewBatch(16, size), 0
	l.Conn.SetReadDeadline(time.Now().Add(ztest.Patience))
	for got < all {
		n, err := b.Read()
		if err != nil {
			t.Fatalf("after %d: %v", got, err)
		}
		for i := range n {
			d := b.At(i)
			text := fmt.Sprint("d", got)
			if got%10 == 9 {
				text = (text + strings.Repeat("x", 100))[:size]
			}
			if string(d.Data) != text || d.From.String() != c.LocalAddr().String() {
				t.Errorf("%d: %q from %v, want %q from %v", got, d.Data, d.From, text, c.LocalAddr())
			}
			got++
		}
	}
}
