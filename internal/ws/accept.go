package ws

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"path"
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
		subprotocol, err = s.choose(h)
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

// choose checks a request (RFC 6455, section 4.2.1) and chooses its subprotocol.
func (s Settings) choose(h head) (subprotocol string, err error) {
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
	case !s.welcomes(h):
		return "", fail("403 Forbidden", "pages of %s may not connect to %s", wire.Quote([]byte(h.fields.Get("Origin"))), wire.Quote([]byte(h.fields.Get("Host"))))
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

// welcomes reports whether the page that makes a browser connect may do so: every page
// of the world can reach what listens on this machine, or behind this firewall, with
// the browser of a visitor. A port is no border here, since the page
// comes from another server as a rule.
func (s Settings) welcomes(h head) bool {
	origin := h.fields.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	server := url.URL{Host: h.fields.Get("Host")}
	if u.Host != "" && strings.EqualFold(u.Hostname(), server.Hostname()) {
		return true
	}
	for _, pattern := range s.Origins {
		if ok, _ := path.Match(strings.ToLower(pattern), strings.ToLower(u.Host)); ok || pattern == "*" {
			return true
		}
	}
	return false
}

// acceptKey proves that a server has understood the key of a client.
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
