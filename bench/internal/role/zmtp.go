package role

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
)

// The partners that are the same for everyone speak just enough ZMTP 3.0 to get
// through a NULL handshake, so that they cost next to nothing and only the socket
// across from them is measured.

// greeting opens ZMTP 3.0 with the NULL mechanism.
func greeting() []byte {
	g := slices.Concat([]byte{0xFF}, make([]byte, 8), []byte{0x7F, 3, 0}, []byte("NULL"))
	return append(g, make([]byte, 64-len(g))...)
}

// readyCommand is READY of a socket of this type.
func readyCommand(socketType string) []byte {
	body := binary.BigEndian.AppendUint32([]byte("\x05READY\x0bSocket-Type"), uint32(len(socketType)))
	body = append(body, socketType...)
	return append([]byte{0x04, byte(len(body))}, body...)
}

// appendFrame appends a message of one frame.
func appendFrame(b, payload []byte) []byte {
	if len(payload) > 255 {
		b = binary.BigEndian.AppendUint64(append(b, 0x02), uint64(len(payload)))
	} else {
		b = append(b, 0x00, byte(len(payload)))
	}
	return append(b, payload...)
}

// frameBytes is the size on the wire of a frame with this many bytes of payload.
func frameBytes(payload int) int {
	if payload > 255 {
		return 9 + payload
	}
	return 2 + payload
}

// handshake says who we are and waits for the peer's READY: libzmq hangs up on a
// message that comes before.
func handshake(c net.Conn, socketType string) error {
	if _, err := c.Write(slices.Concat(greeting(), readyCommand(socketType))); err != nil {
		return err
	}
	var theirs [64]byte
	if _, err := io.ReadFull(c, theirs[:]); err != nil {
		return err
	}
	return skipReady(c)
}

// skipReady reads the peer's READY, which fits a short frame.
func skipReady(c net.Conn) error {
	var head [2]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return err
	}
	body := make([]byte, head[1])
	if _, err := io.ReadFull(c, body); err != nil {
		return err
	}
	if head[0] != 0x04 || !bytes.HasPrefix(body, []byte("\x05READY")) {
		return fmt.Errorf("the peer said % x %q instead of READY", head, body)
	}
	return nil
}

// dialPeers makes so many connections, each with its handshake done.
func dialPeers(endpoint string, n int, socketType string) ([]net.Conn, error) {
	conns := make([]net.Conn, n)
	for i := range conns {
		c, err := dialPeer(endpoint, socketType)
		if err != nil {
			return conns[:i], fmt.Errorf("connection %d of %d: %w", i+1, n, err)
		}
		conns[i] = c
	}
	return conns, nil
}

func dialPeer(endpoint, socketType string) (net.Conn, error) {
	c, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "tcp://"))
	if err != nil {
		return nil, err
	}
	if err := handshake(c, socketType); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func closeAll(conns []net.Conn) {
	for _, c := range conns {
		c.Close()
	}
}
