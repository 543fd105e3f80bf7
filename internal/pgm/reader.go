package pgm

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/go-zactor/zactor/internal/gate"
)

const (
	// maxDatagram is the longest packet that UDP carries.
	maxDatagram = 64 << 10
	// errorPause is how long a socket is left alone that can't be read, as while its
	// interface is down.
	errorPause = 100 * time.Millisecond
)

// datagram is a packet that was received.
type datagram struct {
	group netip.Addr // that it was sent to; not valid for a source's own address
	from  netip.Addr
	data  []byte
}

// read hands the packets of a socket to whoever decides, until the socket is closed
// or stop is. It waits for them to be taken: what comes meanwhile waits in the
// kernel, and is lost there when it is too much.
//
// Where sources of a group send more together than is taken, guard has none take the place of
// the others; it is nil where what comes is for one source of ours.
func (l *packetConn) read(group netip.Addr, to chan<- datagram, stop <-chan struct{}, guard *gate.Guard) {
	b := make([]byte, maxDatagram)
	for {
		n, from, err := l.receive(b)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case errors.Is(err, os.ErrDeadlineExceeded):
			guard.Expired()
			continue
		case err != nil:
			if !pause(errorPause, stop) {
				return
			}
			continue
		case n == 0 || guard != nil && !guard.Hear(from):
			continue
		}
		d := datagram{group: group, from: from.Addr(), data: append(make([]byte, 0, n), b[:n]...)}
		select {
		case to <- d:
			continue
		default:
		}
		if guard != nil {
			guard.Waits()
		}
		select {
		case to <- d:
		case <-stop:
			return
		}
	}
}

// pause waits, and reports whether it was not stopped.
func pause(d time.Duration, stop <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-stop:
		return false
	}
}
