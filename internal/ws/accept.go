package ws

import (
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/go-zactor/zactor/internal/wire"
)

// The subprotocols of ZWS: bare is without a handshake, the others name a mechanism.
const (
	bare     = "ZWS2.0"
	withName = bare + "/"
)

// failure is a refusal that the client is told.
type failure struct {
	error
	status string
	fields string
}

func (f *failure) Unwrap() error { return f.error }

func fail(status, format string, args ...any) error {
	return &failure{error: refused(format, args...), status: status}
}

// accept answers the client's request. early is what it has sent after that.
func (s Settings) accept(nc net.Conn) (subprotocol string, early []byte, err error) {
	h, early, err := readHead(nc, "GET ")
	if err == nil {
		subprotocol, err = s.choose(h, encrypted(nc))
	}
	if err != nil {
		answerFailure(nc, err)
		return "", nil, err
	}
	_, err = io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: "+acceptKey(h.fields.Get("Sec-WebSocket-Key"))+"\r\n"+
		"Sec-WebSocket-Protocol: "+subprotocol+"\r\n\r\n")
	return subprotocol, early, err
}

// answerFailure tells a client that speaks HTTP why it is refused.
func answerFailure(w io.Writer, err error) {
	var f *failure
	var broken *brokenError
	if !errors.As(err, &broken) {
		return // the connection is no more
	}
	if !errors.As(err, &f) {
		f = &failure{error: broken, status: "400 Bad Request"}
	}
	text := broken.Reason + "\n"
	_, _ = fmt.Fprintf(w, "HTTP/1.1 %s\r\n%sConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s",
		f.status, f.fields, len(text), text)
}

// choose checks a request (RFC 6455, section 4.2.1) and chooses its subprotocol. sure says
// that the client has seen a certificate for the host that it names.
func (s Settings) choose(h head, sure bool) (subprotocol string, err error) {
	target, version, _ := strings.Cut(strings.TrimPrefix(h.line, "GET "), " ")
	key, _ := base64.StdEncoding.DecodeString(h.fields.Get("Sec-WebSocket-Key"))
	switch {
	case version != "HTTP/1.1":
		return "", fail("505 HTTP Version Not Supported", "request line %s", wire.Quote([]byte(h.line)))
	case !h.has("Connection", "Upgrade") || !h.has("Upgrade", "websocket"):
		return "", upgradeRequired("request without an upgrade to websocket")
	case h.fields.Get("Sec-WebSocket-Version") != "13":
		return "", upgradeRequired("version %s of WebSocket, where 13 is due", wire.Quote([]byte(h.fields.Get("Sec-WebSocket-Version"))))
	case len(key) != 16:
		return "", fail("400 Bad Request", "Sec-WebSocket-Key %s", wire.Quote([]byte(h.fields.Get("Sec-WebSocket-Key"))))
	case h.fields.Get("Transfer-Encoding") != "" || strings.Trim(h.fields.Get("Content-Length"), "0") != "":
		return "", fail("400 Bad Request", "request with a body")
	case !s.serves(target):
		return "", fail("404 Not Found", "path %s, where %q is served", wire.Quote([]byte(target)), s.Path)
	}
	if err := s.welcomes(h, sure); err != nil {
		return "", err
	}
	return s.subprotocol(h)
}

func upgradeRequired(format string, args ...any) error {
	return &failure{refused(format, args...), "426 Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"}
}

// serves reports whether a request's target is ours.
func (s Settings) serves(target string) bool {
	return s.Path == "" || s.Path == "/" || target == s.Path
}

// subprotocol is the first that the client offers and we can speak.
func (s Settings) subprotocol(h head) (string, error) {
	offers := h.list("Sec-WebSocket-Protocol")
	for _, offer := range offers {
		if s.speaks(offer) {
			return offer, nil
		}
	}
	return "", fail("400 Bad Request", "subprotocols %s, where %s%s is due", wire.Quote([]byte(strings.Join(offers, ", "))), withName, s.Mechanism)
}

func (s Settings) speaks(subprotocol string) bool {
	return subprotocol == withName+s.Mechanism || subprotocol == bare && s.Mechanism == "NULL" && !s.Secure
}

// welcomes refuses a page that makes a browser connect and may not: every page of the
// world can reach what listens on this machine, or behind this firewall, with the
// browser of a visitor. A port is no border here, since the page comes from another
// server as a rule.
//
// Pages of our own host are welcome, if it is our own: a page of evil.example can have that
// name lead to this machine once it is loaded (DNS rebinding), and says then that it comes
// from the host that it connects to. It has no certificate of ours for that name.
func (s Settings) welcomes(h head, sure bool) error {
	origin, host := h.fields.Get("Origin"), hostOnly(h.fields.Get("Host"))
	if origin == "" {
		return nil
	}
	u, err := url.Parse(origin)
	if err != nil {
		return foreign(h)
	}
	same := u.Host != "" && strings.EqualFold(hostOnly(u.Host), host)
	switch {
	case matches(s.Origins, u.Host) || same && (sure || s.isOurs(host)):
		return nil
	case same:
		return fail("403 Forbidden", "pages of %s may not connect: it is not known to be this host (WithWSHosts, or WithWSOrigins, names it)", wire.Quote([]byte(host)))
	}
	return foreign(h)
}

func foreign(h head) error {
	return fail("403 Forbidden", "pages of %s may not connect to %s", wire.Quote([]byte(h.fields.Get("Origin"))), wire.Quote([]byte(h.fields.Get("Host"))))
}

// isOurs reports whether a host is this one by what it is called: by an address, which
// nobody can have lead elsewhere; as this machine or the endpoint is; or as Hosts say.
func (s Settings) isOurs(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	name, _ := os.Hostname()
	short, _, _ := strings.Cut(name, ".")
	for _, own := range []string{"localhost", s.Host, name, short, short + ".local"} {
		if own != "" && strings.EqualFold(own, host) {
			return true
		}
	}
	return matches(s.Hosts, host)
}

// hostOnly is a host without its port.
func hostOnly(host string) string {
	u := url.URL{Host: host}
	return strings.TrimSuffix(u.Hostname(), ".")
}

func matches(patterns []string, host string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, _ := path.Match(strings.ToLower(pattern), strings.ToLower(host))
		return ok || pattern == "*"
	})
}

// encrypted reports whether a connection is one of TLS, or carried by one.
func encrypted(nc net.Conn) bool {
	for nc != nil {
		if _, is := nc.(*tls.Conn); is {
			return true
		}
		below, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			return false
		}
		nc = below.NetConn()
	}
	return false
}

// acceptKey proves that a server has understood the key of a client.
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
