package lan

import (
	"net"
	"net/netip"
	"runtime"

	"golang.org/x/net/ipv4"
)

// A Batch reads the datagrams of a listener, many at once where the system can: in a flood
// a call for each of them is most of what they cost. One goroutine uses it.
type Batch struct {
	l    *Listener
	ms   []ipv4.Message // those of ipv6 are the same type
	one  Datagram       // where there are no batches
	many bool
}

// A Datagram is one as it was read. Data and OOB are the batch's until it reads again.
type Datagram struct {
	Data, OOB []byte
	From      netip.AddrPort
}

// NewBatch makes one for n datagrams of so many bytes; of longer ones no more is read.
func (l *Listener) NewBatch(n, size int) *Batch {
	b := &Batch{l: l, many: runtime.GOOS == "linux"}
	if !b.many {
		n = 1
	}
	b.ms = make([]ipv4.Message, n)
	for i := range b.ms {
		b.ms[i].Buffers = [][]byte{make([]byte, size)}
		b.ms[i].OOB = make([]byte, len(l.OOB))
	}
	return b
}

// Read waits for datagrams, and returns how many have come: At has them.
func (b *Batch) Read() (int, error) {
	switch {
	case !b.many:
		return b.readOne()
	case b.l.P6 != nil:
		return b.l.P6.ReadBatch(b.ms, 0)
	}
	return b.l.P4.ReadBatch(b.ms, 0)
}

func (b *Batch) readOne() (int, error) {
	buf, oob := b.ms[0].Buffers[0], b.ms[0].OOB
	n, oobn, _, from, err := b.l.Conn.ReadMsgUDPAddrPort(buf, oob)
	if TooLong(err) {
		n, oobn, err = len(buf), 0, nil
	}
	if err != nil {
		return 0, err
	}
	b.one = Datagram{buf[:n], oob[:oobn], from}
	return 1, nil
}

// At is one of the datagrams that Read has said.
func (b *Batch) At(i int) Datagram {
	d := b.one
	if b.many {
		m := &b.ms[i]
		d = Datagram{Data: m.Buffers[0][:m.N], OOB: m.OOB[:m.NN]}
		if a, ok := m.Addr.(*net.UDPAddr); ok {
			d.From = a.AddrPort()
		}
	}
	d.From = netip.AddrPortFrom(d.From.Addr().Unmap(), d.From.Port())
	return d
}

// Index is the interface on which one has come; 0 where the system does not say.
func (l *Listener) Index(d Datagram) int { return l.index(d.OOB) }
