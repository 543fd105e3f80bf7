package ws

import (
	"crypto/rand"
	"encoding/base64"
	"io"
	"net"
	"strings"

	"github.com/go-zactor/zactor/internal/wire"
)

// request asks the server for a WebSocket. early is what it has sent after its answer.
func (s Settings) request(nc net.Conn) (subprotocol string, early []byte, err error) {
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // which never fails
	key := base64.StdEncoding.EncodeToString(nonce[:])
	target := s.Path
	if target == "" {
		target = "/"
	}
	offers := s.offers()
	if _, err := io.WriteString(nc, "GET "+target+" HTTP/1.1\r\nHost: "+s.Host+"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: "+key+"\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Protocol: "+strings.Join(offers, ",")+"\r\n\r\n"); err != nil {
		return "", nil, err
	}
	h, early, err := readHead(nc, "HTTP/1.1 ")
	if err != nil {
		return "", nil, err
	}
	subprotocol, err = s.checkAnswer(h, key)
	return subprotocol, early, err
}

// offers are the subprotocols of a client, the best first.
func (s Settings) offers() []string {
	if s.speaks(bare) {
		return []string{withName + s.Mechanism, bare}
	}
	return []string{withName + s.Mechanism}
}

// checkAnswer checks a server's answer (RFC 6455, section 4.1).
func (s Settings) checkAnswer(h head, key string) (subprotocol string, err error) {
	answer := strings.TrimPrefix(h.line, "HTTP/1.1 ")
	subprotocol = h.fields.Get("Sec-WebSocket-Protocol")
	switch {
	case !strings.HasPrefix(answer, "101"):
		return "", refused("the server answered %s", wire.Quote([]byte(answer)))
	case !h.has("Connection", "Upgrade") || !h.has("Upgrade", "websocket"):
		return "", refused("answer without an upgrade to websocket")
	case h.fields.Get("Sec-WebSocket-Accept") != acceptKey(key):
		return "", refused("Sec-WebSocket-Accept %s is not the answer to our key", wire.Quote([]byte(h.fields.Get("Sec-WebSocket-Accept"))))
	case h.fields.Get("Sec-WebSocket-Extensions") != "":
		return "", refused("extensions %s, of which we asked for none", wire.Quote([]byte(h.fields.Get("Sec-WebSocket-Extensions"))))
	case !s.speaks(subprotocol):
		return "", refused("the server chose the subprotocol %s", wire.Quote([]byte(subprotocol)))
	}
	return subprotocol, nil
}
