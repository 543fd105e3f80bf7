package pgm

import (
	"errors"
	"net"
	"net/netip"
	"time"
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
func (l *packetConn) read(group netip.Addr, to chan<- datagram, stop <-chan struct{}) {
	b := make([]byte, maxDatagram)
	for {
		n, from, err := l.receive(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		d := datagram{group: group, from: from}
		if err == nil {
			d.data = append(make([]byte, 0, n), b[:n]...)
		} else if !pause(errorPause, stop) {
			return
		}
		if len(d.data) == 0 {
			continue
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
