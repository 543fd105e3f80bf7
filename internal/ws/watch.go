package ws

import (
	"crypto/tls"
	"net"
)

// watch tells whoever accepted a connection when it waits for its peer.
type watch struct {
	waits  func()
	heard  func(costly bool)
	costly bool // the handshake of TLS is under way
}

// Watch sets what is called before the connection waits for its peer, and when it has
// waited; costly says that a key agreement is likely to follow. It is set before the
// first Read and taken back, with two nils, after the last one of the handshake, in the
// goroutine that reads.
func (c *Conn) Watch(waits func(), heard func(costly bool)) {
	c.watch.waits, c.watch.heard = waits, heard
}

// secure makes the handshake of TLS, if there is TLS.
func (c *Conn) secure() error {
	t, ok := c.nc.(*tls.Conn)
	if !ok {
		return nil
	}
	c.watch.costly = true
	err := t.Handshake()
	c.watch.costly = false
	return err
}

// watched is the connection for the upgrade.
func (c *Conn) watched() net.Conn {
	if c.settings.TLS != nil {
		return c.nc // watched below TLS
	}
	return watchedConn{c.nc, &c.watch}
}

// read reads what may be of a handshake.
func (c *Conn) read(p []byte) (int, error) {
	if c.settings.TLS != nil || c.watch.waits == nil {
		return c.nc.Read(p)
	}
	return watchedConn{c.nc, &c.watch}.Read(p)
}

// watchedConn is a connection that tells its watch.
type watchedConn struct {
	net.Conn
	watch *watch
}

func (c watchedConn) Read(p []byte) (int, error) {
	if c.watch.waits == nil {
		return c.Conn.Read(p)
	}
	c.watch.waits()
	n, err := c.Conn.Read(p)
	c.watch.heard(c.watch.costly)
	return n, err
}

// Write waits for a peer that does not read. Later than in the handshake of TLS it may
// be another goroutine's.
func (c watchedConn) Write(p []byte) (int, error) {
	if !c.watch.costly || c.watch.waits == nil {
		return c.Conn.Write(p)
	}
	c.watch.waits()
	n, err := c.Conn.Write(p)
	c.watch.heard(false)
	return n, err
}
