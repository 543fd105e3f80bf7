package fault

import (
	"bytes"
	"errors"
	"io"
	"net"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// echo serves one address and returns what comes back to who dials through p.
func echo(t *testing.T, network string) (p *Proxy, dial func() net.Conn) {
	t.Helper()
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = filepath.Join(t.TempDir(), "echo")
	}
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				c.Close()
			}()
		}
	}()
	at := "127.0.0.1:0"
	if network == "unix" {
		at = filepath.Join(t.TempDir(), "proxy")
	}
	if p, err = New(network, l.Addr().String(), at); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, func() net.Conn {
		c, err := net.Dial(network, p.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
}

func talk(c net.Conn, text string) ([]byte, error) {
	go func() {
		_, _ = c.Write([]byte(text))
		_ = c.(interface{ CloseWrite() error }).CloseWrite()
	}()
	return io.ReadAll(c)
}

func TestProxyPassesBytesOn(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		p, dial := echo(t, network)
		p.Set(Up, Manners{Slice: 1, Latency: time.Microsecond})
		p.Set(Down, Manners{Slice: 3})
		text := string(bytes.Repeat([]byte("0123456789"), 500))
		if got, err := talk(dial(), text); err != nil || string(got) != text {
			t.Errorf("%s: %d bytes, %v", network, len(got), err)
		}
		if n := p.Passed(Up); n != int64(len(text)) {
			t.Errorf("%s: passed %d", network, n)
		}
	}
}

func TestProxyCutsAndFlips(t *testing.T) {
	p, dial := echo(t, "tcp")
	p.CutNext(Down, 7, false)
	if got, err := talk(dial(), "0123456789"); string(got) != "0123456" || err != nil {
		t.Errorf("cut: %q, %v", got, err)
	}
	p.CutNext(Up, 3, true)
	if _, err := talk(dial(), "0123456789"); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("cut by RST: %v", err)
	}
	p.FlipNext(Down, 0)
	if got, err := talk(dial(), "0123"); string(got) != "1123" || err != nil {
		t.Errorf("flip: %q, %v", got, err)
	}
	if got, err := talk(dial(), "0123"); string(got) != "0123" || err != nil {
		t.Errorf("only the next connection is harmed: %q, %v", got, err)
	}
}

func TestProxyStallsSwallowsAndShuts(t *testing.T) {
	p, dial := echo(t, "tcp")
	p.Set(Down, Manners{Stall: true})
	c := dial()
	c.Write([]byte("x"))
	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("read %d bytes through a stalled proxy", n)
	}
	p.Set(Down, Manners{})
	c.SetReadDeadline(time.Now().Add(time.Minute))
	if n, err := c.Read(make([]byte, 1)); n != 1 {
		t.Errorf("read %d, %v", n, err)
	}
	p.Shut()
	if _, err := net.Dial("tcp", p.addr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial: %v", err)
	}
	p.Break(true)
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("broken: %v", err)
	}
	if err := p.Open(); err != nil {
		t.Fatal(err)
	}
	p.Set(Up, Manners{Swallow: true})
	if got, err := talk(dial(), "0123"); len(got) != 0 || err != nil {
		t.Errorf("a black hole gave %q, %v", got, err)
	}
}
