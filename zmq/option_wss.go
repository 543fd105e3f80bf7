package zmq

import (
	"crypto/tls"
	"fmt"
	"path"
	"slices"
	"strings"
)

// WithWSSKey is the private key of a wss server, in PEM. (ZMQ_WSS_KEY_PEM)
func WithWSSKey(pem string) Option { return Option{"WSS_KEY_PEM", pem} }

// WithWSSCert is the certificate of a wss server, in PEM, with those between it and its
// authority behind it. (ZMQ_WSS_CERT_PEM)
func WithWSSCert(pem string) Option { return Option{"WSS_CERT_PEM", pem} }

// WithWSSTrust has the certificates, in PEM, that a wss client trusts; without any it
// trusts the system's authorities. (ZMQ_WSS_TRUST_PEM)
func WithWSSTrust(pem string) Option { return Option{"WSS_TRUST_PEM", pem} }

// WithWSSHostname is the name that a wss server's certificate must have; empty, the
// default: that of the endpoint. (ZMQ_WSS_HOSTNAME)
func WithWSSHostname(name string) Option { return Option{"WSS_HOSTNAME", name} }

// WithWSSTrustSystem lets a wss client trust the system's authorities beside those of
// WithWSSTrust. (ZMQ_WSS_TRUST_SYSTEM)
func WithWSSTrustSystem(on bool) Option { return Option{"WSS_TRUST_SYSTEM", on} }

// WithTLSConfig says all about TLS for wss at once, in place of the options above: for
// certificates that are renewed while a program runs, or for those of clients. A
// server's has a certificate, or says where one comes from. A client's with an empty
// ServerName expects that of WithWSSHostname, or of the endpoint. The configuration is
// copied when an endpoint is bound or connected; nil: there is none.
func WithTLSConfig(c *tls.Config) Option { return Option{"TLS_CONFIG", c} }

// WithWSOrigins names further hosts whose web pages may connect to a ws or wss endpoint
// that is bound: "app.example.com", "*.example.com", "localhost:8080", or "*" for all.
// The host of the endpoint itself is always welcome, with whatever port, and so are
// programs that are no browsers: they say no origin. Each call adds; none clears.
//
// A browser connects to whatever a page asks it to, also to what listens on the machine
// of the reader only, and so a page of anybody could. That is why others are refused,
// with status 403 and an event.
func WithWSOrigins(patterns ...string) Option { return Option{"WS_ORIGINS", patterns} }

var tlsConfigRow = optionRow{
	name: "TLS_CONFIG", with: "WithTLSConfig", form: "*tls.Config", effect: atNext,
	says: "wss: all of TLS, in place of the WSS options (ours)",
	set: func(o *options, v any) error {
		c, err := as[*tls.Config](v)
		if err == nil {
			o.wss.config = c
		}
		return err
	},
	get: func(_ *Socket, o *options) any { return o.wss.config },
}

var originsRow = optionRow{
	name: "WS_ORIGINS", with: "WithWSOrigins", form: "[]string", def: "", effect: atNext,
	rule: "patterns of hosts, as *.example.com", says: "ws, wss: further hosts whose web pages may connect; each call adds, none clears (ours)",
	set: func(o *options, v any) error {
		patterns, ok := v.([]string)
		if one, single := v.(string); single {
			patterns, ok = []string{one}, true
		}
		if !ok {
			return fmt.Errorf("must be a []string, is a %T", v)
		}
		if len(patterns) == 1 && patterns[0] == "" {
			patterns = nil
		}
		for _, p := range patterns {
			if _, err := path.Match(p, ""); err != nil || p == "" {
				return fmt.Errorf("must be patterns of hosts: %q is none", p)
			}
		}
		o.origins = append(slices.Clip(o.origins), patterns...)
		if len(patterns) == 0 {
			o.origins = nil
		}
		return nil
	},
	get: func(_ *Socket, o *options) any { return strings.Join(o.origins, "\n") },
}
