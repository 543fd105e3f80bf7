package transport

import (
	"context"
	"net"

	"golang.org/x/net/proxy"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// proxyLeg dials the proxy itself and keeps the connection, because the SOCKS
// dialer hides it in a wrapper that no longer shows the socket.
type proxyLeg struct {
	source  endpoint.Source
	options Options
	conn    net.Conn
}

func (p *proxyLeg) Dial(network, address string) (net.Conn, error) {
	return p.DialContext(context.Background(), network, address)
}

func (p *proxyLeg) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	c, err := dialFrom(ctx, p.source, address, p.options)
	p.conn = c
	return c, err
}

// dialSocks connects through a SOCKS5 proxy, which resolves the name.
func dialSocks(ctx context.Context, ep endpoint.Endpoint, o Options) (net.Conn, error) {
	var auth *proxy.Auth
	if o.SocksUser != "" {
		auth = &proxy.Auth{User: o.SocksUser, Password: o.SocksPassword}
	}
	leg := &proxyLeg{source: ep.Source, options: o}
	d, err := proxy.SOCKS5("tcp", o.SocksProxy, auth, leg)
	if err != nil {
		return nil, err
	}
	c, err := d.(proxy.ContextDialer).DialContext(ctx, "tcp", net.JoinHostPort(ep.Host, ep.Port))
	if err != nil {
		return nil, err
	}
	if leg.conn == nil {
		return c, nil
	}
	return leg.conn, nil
}
