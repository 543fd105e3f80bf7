package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/security"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ws"
)

// The parts of a greeting, as RFC 37 has them.
const (
	signatureEnd = 10
	revisionEnd  = 11
	greetingEnd  = 64
)

var (
	// errSilent: something listens, and says nothing.
	errSilent = fmt.Errorf("it accepts connections and says nothing: it is stopped, or no ZeroMQ socket: %w", os.ErrDeadlineExceeded)
	// errForeign: it speaks another language.
	errForeign = errors.New("no ZeroMQ socket: it does not begin with a greeting")
)

// line is a connection on which all is kept that was read before the handshake was over.
type line struct {
	nc     net.Conn
	dialed time.Duration // how long it took to connect
	seen   []byte        // what the peer has said
	sent   int           // how many bytes it was told
}

// dial connects. The line is cut when ctx ends.
func (p *pinger) dial(ctx context.Context) (*line, func(), error) {
	ep, o := p.ep, transport.Defaults()
	o.SocksProxy, o.ConnectTimeout = p.app.Security.Socks, p.timeout
	connect := func(ctx context.Context) (net.Conn, error) { return transport.Dial(ctx, ep, o) }
	if ep.Web() {
		settings := ws.Settings{Mechanism: p.keys.mechanism}
		if ep.Scheme == endpoint.WSS {
			settings.TLS = &tls.Config{ServerName: ep.Host, MinVersion: tls.VersionTLS12}
		}
		var err error
		if connect, err = ws.Dialer(ep, settings, func(ctx context.Context, tcp endpoint.Endpoint) (net.Conn, error) {
			return transport.Dial(ctx, tcp, o)
		}); err != nil {
			return nil, nil, err
		}
	}
	start := time.Now()
	nc, err := connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { nc.SetDeadline(time.Unix(1, 0)) })
	return &line{nc: nc, dialed: time.Since(start)}, func() { stop(); nc.Close() }, nil
}

// say writes.
func (l *line) say(p []byte) error {
	n, err := l.nc.Write(p)
	l.sent += n
	return err
}

// read reads until the peer has said so much.
func (l *line) read(upTo int) error {
	for len(l.seen) < upTo {
		if err := l.more(); err != nil {
			return err
		}
	}
	return nil
}

func (l *line) more() error {
	var p [4096]byte
	n, err := l.nc.Read(p[:])
	l.seen = append(l.seen, p[:n]...)
	if n > 0 {
		return nil
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && len(l.seen) == 0 {
		return errSilent
	}
	return err
}

// greeting is what a peer says of itself before any security.
type greeting struct {
	version   wire.Version
	mechanism string // "" below ZMTP 3.0
	server    bool
	took      time.Duration
}

// greet reads the peer's greeting. Of our own it sends only what has to be said before:
// which mechanism is ours, the peer hears when it has said its own.
func (l *line) greet() (g greeting, err error) {
	h := wire.NewHandshake(wire.Config{SocketType: "DEALER", Mechanism: security.NewNull(false)})
	defer h.Close()
	start := time.Now()
	if err := l.say(h.Output()); err != nil {
		return g, err
	}
	if err := l.read(signatureEnd); err != nil {
		return g, shortGreeting(err, l.seen)
	}
	if l.seen[0] != 0xFF || l.seen[signatureEnd-1]&1 == 0 {
		return g, errForeign
	}
	if _, err := h.Feed(l.seen[:signatureEnd]); err != nil {
		return g, err
	}
	if err := l.say(h.Output()); err != nil {
		return g, err
	}
	if err := l.read(revisionEnd); err != nil {
		return g, shortGreeting(err, l.seen)
	}
	switch l.seen[signatureEnd] {
	case 0:
		return greeting{version: wire.V1, took: time.Since(start)}, nil
	case 1:
		return greeting{version: wire.V2, took: time.Since(start)}, nil
	}
	if err := l.read(greetingEnd); err != nil {
		return g, shortGreeting(err, l.seen)
	}
	g = greeting{version: wire.V31, took: time.Since(start), server: l.seen[32] == 1}
	if l.seen[signatureEnd] == 3 && l.seen[revisionEnd] == 0 {
		g.version = wire.V30
	}
	end := revisionEnd + 1
	for end < 32 && l.seen[end] > ' ' && l.seen[end] < 0x7F {
		end++
	}
	g.mechanism = string(l.seen[revisionEnd+1 : end])
	return g, nil
}

// shortGreeting explains an end that came too early.
func shortGreeting(err error, seen []byte) error {
	switch {
	case len(seen) > 0 && seen[0] != 0xFF:
		return errForeign
	case errors.Is(err, io.EOF):
		return errors.New("it hung up without a greeting: it turns us away, or is no ZeroMQ socket")
	}
	return err
}
