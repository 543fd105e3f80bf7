package ws

import (
	"net"

	"github.com/go-zactor/zactor/internal/transport"
)

// recordHead is the size of what a record of TLS begins with: its type, its version, and
// its length in two bytes. (RFC 8446, 5.1)
const recordHead = 5

// records is the connection below TLS. It follows where records end: when TLS reads there,
// it has used up all that it was given, and nothing is lost if it is told that there is
// nothing. So a connection at rest needs no room to read into.
type records struct {
	net.Conn
	bottom net.Conn // where what has arrived can be asked for

	rests bool // what follows is of use
	idle  bool // TLS had nothing when it read last, and nothing had arrived
	left  int  // bytes of the record that is under way
	head  [recordHead]byte
	have  int // bytes of the head that is under way
}

func (r *records) Read(p []byte) (int, error) {
	if r.idle = r.rests && r.left == 0 && r.have == 0 && !transport.Readable(r.bottom); r.idle {
		return 0, transport.ErrIdle
	}
	n, err := r.Conn.Read(p)
	r.follow(p[:n])
	return n, err
}

// follow notes what TLS is given.
func (r *records) follow(p []byte) {
	for len(p) > 0 {
		if r.left > 0 {
			n := min(r.left, len(p))
			r.left, p = r.left-n, p[n:]
			continue
		}
		n := copy(r.head[r.have:], p)
		r.have, p = r.have+n, p[n:]
		if r.have == recordHead {
			r.left, r.have = int(r.head[3])<<8|int(r.head[4]), 0
		}
	}
}
