package udp

import (
	"context"
	"errors"
	"math"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/gate"
	"github.com/go-zactor/zactor/internal/link"
	origins "github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// lookupTime bounds how long the name of a receiver is looked up.
const lookupTime = 5 * time.Second

// readPause is between an error and the next attempt to read: it may be one that
// stays, as when the network is down.
const readPause = time.Millisecond

// Handler is an endpoint's link.Handler, which is also told of what can't be received.
type Handler interface {
	link.Handler
	// Dropped counts a datagram that nobody will receive: it was not as it must be,
	// or there is no room for it.
	Dropped(full bool)
	// Unheard counts datagrams that were refused because from, at last, sent more than
	// its share, and those that the system lost.
	Unheard(from netip.AddrPort, refused, lost uint64)
}

// Link is one udp socket and its pipe.
type Link struct {
	cfg    Config
	conn   *net.UDPConn
	ep     endpoint.Endpoint
	name   string
	reads  bool           // it is bound
	target netip.AddrPort // of a connected link; the writer's

	guard *gate.Guard // the reader's
	most  int         // room that there was at most, if it is limited; the reader's

	handler Handler
	pipe    *queue.Pipe
	ctx     context.Context // ends when the link is closed
	cancel  context.CancelFunc

	mu      sync.Mutex
	stopped bool // no writer may be started any more
	wg      sync.WaitGroup
	gone    sync.Once // the host was told
}

// Bind opens a link that receives at ep, and with Config.Addresses sends as well.
func Bind(ctx context.Context, ep endpoint.Endpoint, cfg Config) (*Link, error) {
	conn, err := cfg.bind(ctx, ep)
	if err != nil {
		return nil, err
	}
	l := newLink(ep, cfg, conn)
	l.reads, l.name = true, bound(ep, conn)
	return l, nil
}

// Dial opens a link that sends to ep. A name is looked up when there is something to
// send.
func Dial(ctx context.Context, ep endpoint.Endpoint, cfg Config) (*Link, error) {
	conn, err := cfg.dial(ctx, ep)
	if err != nil {
		return nil, err
	}
	return newLink(ep, cfg, conn), nil
}

func newLink(ep endpoint.Endpoint, cfg Config, conn *net.UDPConn) *Link {
	l := &Link{cfg: cfg, conn: conn, ep: ep, name: ep.String()}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// Endpoint is the real endpoint.
func (l *Link) Endpoint() string { return l.name }

// Start attaches the link to a socket. There is nobody to shake hands with, so its peer is
// ready at once. It is called once.
func (l *Link) Start(h Handler) error {
	l.pipe, l.handler = h.NewPipe(), h
	l.pipe.Out.HoldMessages()
	info := &buf.Peer{RemoteAddr: l.name, Mechanism: "NULL"}
	l.pipe.SetOrigin(&buf.Origin{Peer: info})
	peer := &link.Peer{Result: wire.Result{Mechanism: "NULL"}, Info: info, Link: l, Fresh: true, Everything: true}
	_, err := link.Attach(l.flow, link.Side{Handler: h, Pipe: l.pipe, Peer: peer})
	if err != nil {
		l.gone.Do(func() {}) // it knows
		l.stop()
		l.wg.Wait()
	}
	return err
}

// flow lets messages flow.
func (l *Link) flow() {
	if l.pipe.Out.Attach(l.startWriter, true) {
		l.pipe.Flush()
	}
	if l.reads {
		l.wg.Go(func() { contain.Alone("udp reader", l.read, l.failed) })
	}
}

// Stop does nothing: a link is not a connection that could be cut.
func (l *Link) Stop(error) {}

// Abandon gives up a link that was not started.
func (l *Link) Abandon() {
	l.cancel()
	l.conn.Close()
}

// Close ends the link. Until ctx ends it waits for what was accepted to be written.
// Nothing of the link runs when it returns.
func (l *Link) Close(ctx context.Context) {
	l.pipe.Out.Leave()
	select {
	case <-l.pipe.Out.Idle():
	case <-ctx.Done():
	}
	l.stop()
	l.wg.Wait()
	l.leave()
}

// stop has everything of the link return.
func (l *Link) stop() {
	l.mu.Lock()
	l.stopped = true
	l.mu.Unlock()
	l.cancel()
	l.conn.Close()
}

// leave takes the link out of its socket. What was received stays readable.
func (l *Link) leave() {
	l.gone.Do(func() {
		if n := l.pipe.Out.Close(); n > 0 {
			l.handler.Lost(l.pipe, n)
		}
		l.handler.Detach(l.pipe, true)
		l.pipe.In.Close()
	})
}

// failed ends the link, whichever of its goroutines has panicked.
func (l *Link) failed(p *contain.Panic) {
	l.stop()
	l.handler.Panicked(l.name, "", p)
	l.leave()
}

// read takes datagrams until the link is closed.
func (l *Link) read() {
	b := make([]byte, MaxDatagram+1)
	var origin *buf.Origin
	var last netip.AddrPort
	l.guard = gate.NewGuard(l.conn, l.handler.Unheard)
	for {
		n, from, err := l.conn.ReadFromUDPAddrPort(b)
		if l.ctx.Err() != nil {
			return
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			l.guard.Expired()
			continue
		}
		if err != nil { // of an earlier datagram of ours, which a receiver has refused
			select {
			case <-time.After(readPause):
			case <-l.ctx.Done():
			}
			continue
		}
		if from = unmap(from); !l.guard.Hear(from) {
			continue
		}
		if origin == nil || from != last {
			last = from
			origin = &buf.Origin{Peer: &buf.Peer{RemoteAddr: from.String(), Mechanism: "NULL"}}
		}
		l.received(b[:n], origin)
	}
}

// received queues a datagram, unless there is no room.
func (l *Link) received(b []byte, origin *buf.Origin) {
	if len(b) > MaxDatagram {
		l.handler.Dropped(false)
		return
	}
	if !l.cfg.Addresses {
		if _, _, err := ParseGroup(b); err != nil {
			l.handler.Dropped(false)
			return
		}
	}
	if !l.hasRoom() {
		l.handler.Dropped(true)
		return
	}
	b = append([]byte(nil), b...)
	frames := [][]byte{nil, b}
	if l.cfg.Addresses {
		frames[0] = []byte(origin.Peer.RemoteAddr)
	} else {
		frames[0], frames[1], _ = ParseGroup(b)
	}
	if _, announce, _ := l.pipe.In.PutMsg(origins.Message(frames, origin)); announce {
		l.pipe.Announce()
	}
}

// hasRoom says whether there is room for a datagram of the source that was heard last.
func (l *Link) hasRoom() bool {
	room := l.pipe.In.Room()
	if room == math.MaxInt {
		return true
	}
	l.most = max(l.most, room)
	return !l.guard.Room(room, l.most) && room > 0
}

// startWriter is called when something is to be written and no writer runs.
func (l *Link) startWriter() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped {
		return
	}
	l.wg.Go(func() {
		w := writing{Link: l}
		contain.Alone("udp writer", w.write, w.failed)
	})
}

// writing is a writer while it runs.
type writing struct {
	*Link
	batch queue.Batch
	done  int // messages of batch that were sent, or counted as lost
}

// failed also counts what was under way.
func (w *writing) failed(p *contain.Panic) {
	if n, _ := w.pipe.Out.Restore(&w.batch, queue.Written{Whole: w.done}, queue.KeepNothing); n > 0 {
		defer w.handler.Lost(w.pipe, n)
	}
	w.Link.failed(p)
}

// write sends everything that waits, again and again, until nothing waits.
func (w *writing) write() {
	var b []byte
	for {
		more, writable := w.pipe.Out.Take(&w.batch)
		w.done = 0
		if writable {
			w.pipe.Owner().Writable(w.pipe)
		}
		if !more {
			return
		}
		lost := 0
		for _, m := range w.batch.Msgs {
			var err error
			if b, err = w.send(b[:0], m.Frames); err != nil {
				lost++
			}
			for _, f := range m.Frames {
				buf.Free(f)
			}
			w.done++
			if w.pipe.Out.Wrote(1, int64(m.Size())) {
				w.pipe.Owner().Writable(w.pipe)
			}
		}
		if lost > 0 {
			w.handler.Lost(w.pipe, lost)
		}
	}
}

// send writes one datagram, made in b.
func (l *Link) send(b []byte, frames [][]byte) (_ []byte, err error) {
	to := l.target
	if l.cfg.Addresses {
		b = append(b, frames[1]...)
		to, err = ParseAddress(frames[0])
	} else {
		b, err = AppendGroup(b, frames[0], frames[1])
		if err == nil && !to.IsValid() {
			to, err = l.lookUp()
		}
	}
	if err == nil {
		_, err = l.conn.WriteToUDPAddrPort(b, to)
	}
	return b, err
}

// lookUp finds the address of a connected link; the writer calls it.
func (l *Link) lookUp() (netip.AddrPort, error) {
	ctx, cancel := context.WithTimeout(l.ctx, lookupTime)
	defer cancel()
	to, err := resolve(ctx, l.ep, l.cfg.IPv6)
	if err == nil {
		l.target = to
	}
	return to, err
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
