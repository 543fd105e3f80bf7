package session

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"

	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/security"
	"github.com/go-zactor/zactor/internal/wire"
)

// oneListener gives one connection.
type oneListener struct {
	nc   chan net.Conn
	done chan struct{}
}

func (l *oneListener) Accept() (net.Conn, error) {
	select {
	case nc := <-l.nc:
		return nc, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *oneListener) Close() error     { close(l.done); return nil }
func (l *oneListener) Endpoint() string { return "test://" }

// eager is a Handler that sends a peer something before Attach has returned, when messages do not flow yet, as a Send may
// that has waited for it.
type eager struct {
	socket
	goOn chan struct{}
}

func (e *eager) Attach(p *queue.Pipe, _ *link.Peer) error {
	p.Put(nil, [][]byte{[]byte("accepted")}, true)
	<-e.goOn
	p.Flush()
	return nil
}

// A socket that closes while a newcomer is being attached waits for what it has accepted
// for it.
func TestCloseWhileAttaching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		l := &oneListener{make(chan net.Conn, 1), make(chan struct{})}
		host := &eager{goOn: make(chan struct{})}
		cfg := Config{SocketType: "PUSH", MaxHalfOpen: 10, Mechanism: func() (wire.Mechanism, error) { return security.NewNull(false), nil }}
		a := Accept(cfg, host, l)
		l.nc <- near
		heard := make(chan []byte)
		go func() {
			all, _ := io.ReadAll(far)
			heard <- all
		}()
		ready := wire.AppendProperty([]byte("\x05READY"), "Socket-Type", []byte("PULL"))
		greeting := append([]byte{0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1}, make([]byte, 52)...)
		copy(greeting[12:], "NULL")
		_, _ = far.Write(wire.AppendCommand(greeting, ready))
		synctest.Wait()
		closed := make(chan struct{})
		go func() {
			a.Close(context.Background())
			close(closed)
		}()
		synctest.Wait() // it waits for the peer, or has given it up
		close(host.goOn)
		if all := <-heard; !bytes.HasSuffix(all, []byte("\x00\x08accepted")) {
			t.Errorf("the peer heard %q", all)
		}
		<-closed
		far.Close()
	})
}
