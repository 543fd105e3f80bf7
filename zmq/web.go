package zmq

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/ws"
)

// This file makes what ws and wss need to know of a socket's options.

func (o *options) web() ws.Settings {
	s := ws.Settings{Mechanism: "NULL", Secure: o.sec.secure(), Origins: o.origins, Hosts: o.wsHosts}
	if o.sec.name != "" {
		s.Mechanism = o.sec.name
	}
	return s
}

// webServer is what a bound endpoint is told.
func (o *options) webServer(ep endpoint.Endpoint) (s ws.Settings, err error) {
	s = o.web()
	if ep.Scheme == endpoint.WSS {
		s.TLS, err = o.wss.server()
	}
	return s, err
}

// webClient is what a connected endpoint is told.
func (o *options) webClient(ep endpoint.Endpoint) (s ws.Settings, err error) {
	s = o.web()
	if ep.Scheme == endpoint.WSS {
		s.TLS, err = o.wss.client(ep.Host)
	}
	return s, err
}

func (f *wssFiles) server() (*tls.Config, error) {
	if f.config != nil {
		if len(f.config.Certificates) == 0 && f.config.GetCertificate == nil && f.config.GetConfigForClient == nil {
			return nil, fmt.Errorf("%w: TLS_CONFIG has no certificate, and a wss server needs one", ErrInvalidOption)
		}
		return upgradable(f.config), nil
	}
	if f.cert == "" || f.key == "" {
		return nil, fmt.Errorf("%w: to bind wss, WSS_CERT_PEM and WSS_KEY_PEM have to be set, or TLS_CONFIG", ErrInvalidOption)
	}
	pair, err := tls.X509KeyPair([]byte(f.cert), []byte(f.key))
	if err != nil {
		return nil, fmt.Errorf("%w: WSS_CERT_PEM and WSS_KEY_PEM: %v", ErrInvalidOption, err)
	}
	return upgradable(&tls.Config{Certificates: []tls.Certificate{pair}}), nil
}

func (f *wssFiles) client(host string) (*tls.Config, error) {
	c := &tls.Config{}
	if f.config != nil {
		c = f.config
	}
	c = upgradable(c)
	if c.ServerName == "" {
		c.ServerName = host
		if f.hostname != "" {
			c.ServerName = f.hostname
		}
	}
	if f.config != nil || f.trust == "" {
		return c, nil
	}
	c.RootCAs = x509.NewCertPool()
	if f.system {
		system, err := x509.SystemCertPool()
		if err != nil {
			return nil, fmt.Errorf("%w: WSS_TRUST_SYSTEM: %v", ErrInvalidOption, err)
		}
		c.RootCAs = system
	}
	if !c.RootCAs.AppendCertsFromPEM([]byte(f.trust)) {
		return nil, fmt.Errorf("%w: WSS_TRUST_PEM: there is no certificate in it", ErrInvalidOption)
	}
	return c, nil
}

// upgradable is a copy for connections that begin with HTTP/1.1: later versions have no
// upgrade.
func upgradable(c *tls.Config) *tls.Config {
	c = c.Clone()
	c.NextProtos = []string{"http/1.1"}
	return c
}
