package pgm

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"net/netip"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/pgm/packet"
	"github.com/go-zactor/zactor/internal/pgm/repair"
	"github.com/go-zactor/zactor/internal/pgm/stream"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

const (
	// grace is how long a sender that closes stays to repeat what was lost at the
	// end: a receiver hears of it with the first heartbeat, waits a back-off time and
	// asks.
	grace = 250 * time.Millisecond
	// nakQueue is how many packets to the source wait; more are lost, as on the wire.
	nakQueue = 64
)

// Sender multicasts what is queued in a pipe.
type Sender struct {
	handler link.Handler
	name    string
	pipe    *queue.Pipe
	conn    *packetConn
	group   netip.Addr
	machine *repair.Sender

	flush chan struct{} // a token: the pipe has something
	heard chan datagram
	end   chan struct{} // closed: send what there is, then end
	hurry chan struct{} // closed: end now
	done  chan struct{} // closed when loop has ended
	once  sync.Once
	// broken is closed when something has panicked: end now.
	broken chan struct{}
	breaks sync.Once
	gone   sync.Once // the socket was told
	wg     sync.WaitGroup

	// The loop's.
	framer stream.Framer
	batch  queue.Batch
	at     int  // message of the batch that comes next
	idle   bool // the pipe has nothing, and will say when it has
	timer  *time.Timer
}

// Send opens a session that sends what is put into the pipe of a socket. Nothing comes back
// from a group: as a peer of the first protocol it is taken to want everything, and whoever
// receives picks.
//
// Errors: ErrPermission, ErrInterface, or the system's.
func Send(cfg Config, h link.Handler) (*Sender, error) {
	at, err := locate(cfg)
	if err != nil {
		return nil, err
	}
	l, err := at.speak()
	if err != nil {
		return nil, err
	}
	s := newSender(cfg, at, l, h, h.NewPipe())
	info := &buf.Peer{RemoteAddr: cfg.Endpoint.Host + ":" + cfg.Endpoint.Port, SocketType: "SUB", Mechanism: "NULL"}
	s.pipe.SetOrigin(&buf.Origin{Peer: info})
	peer := &link.Peer{Result: wire.Result{Unversioned: true, PeerType: "SUB", Mechanism: "NULL"}, Info: info, Link: s, Fresh: true}
	flows := false
	_, err = link.Attach(func() { flows = true; s.run() }, link.Side{Handler: h, Pipe: s.pipe, Peer: peer})
	if err != nil {
		s.gone.Do(func() {}) // it knows
		if !flows {
			close(s.done)
		}
		s.Stop(err)
		return nil, err
	}
	return s, nil
}

func newSender(cfg Config, at place, l *packetConn, h link.Handler, p *queue.Pipe) *Sender {
	s := &Sender{
		handler: h, name: cfg.Name, pipe: p, conn: l, group: at.groups[0],
		flush: make(chan struct{}, 1), heard: make(chan datagram, nakQueue),
		end: make(chan struct{}), hurry: make(chan struct{}), done: make(chan struct{}), broken: make(chan struct{}),
		idle: true, timer: time.NewTimer(0),
	}
	s.machine = repair.NewSender(repair.SenderConfig{
		Header: newSession(at.port), Source: at.addr, Group: s.group,
		Rate: cfg.bytesPerSecond(), Window: cfg.window(), Payload: cfg.payload(), Overhead: headers,
	}, time.Now())
	return s
}

// run begins to send.
func (s *Sender) run() {
	if s.pipe.Out.Attach(s.start, true) {
		s.pipe.Flush()
	}
	s.wg.Go(func() { contain.Alone("pgm", s.read, s.failed) })
	s.wg.Go(func() {
		defer close(s.done)
		contain.Alone("pgm", s.loop, s.failed)
	})
}

// failed ends the sender, whichever of its goroutines has panicked.
func (s *Sender) failed(p *contain.Panic) {
	s.breaks.Do(func() { close(s.broken) })
	s.handler.Panicked(s.name, "", p)
	s.handler.Event(link.Event{Kind: link.Disconnected, Endpoint: s.name, Err: p})
	s.leave()
}

// leave takes the sender out of its socket.
func (s *Sender) leave() {
	s.gone.Do(func() { s.handler.Detach(s.pipe, true) })
	s.pipe.In.Close()
}

// Stop is Close for who waits for nothing that is to be sent.
func (s *Sender) Stop(error) {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	s.Close(now)
}

// newSession is the name of a session, which nobody else has: RFC 3208 makes it of
// the host's name, and of a port; random bytes do better.
func newSession(port uint16) packet.Header {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	h := packet.Header{DestPort: port, GSI: packet.GSI(b[:6]), SourcePort: binary.BigEndian.Uint16(b[6:]) | 1}
	if h.SourcePort == port {
		h.SourcePort ^= 2
	}
	return h
}

// start is called by the pipe when it has something.
func (s *Sender) start() {
	select {
	case s.flush <- struct{}{}:
	default:
	}
}

func (s *Sender) read() {
	s.conn.read(netip.Addr{}, s.heard, s.done, nil)
}

// loop sends whatever may be sent now, and waits.
func (s *Sender) loop() {
	for !s.machine.Ended() && !closed(s.broken) {
		now := time.Now()
		s.absorb(now)
		if p := s.machine.Poll(now, s.fill); p != nil {
			s.conn.send(s.group, p)
			continue
		}
		s.wait(now)
	}
}

// absorb takes what has been heard, without waiting.
func (s *Sender) absorb(now time.Time) {
	for {
		select {
		case d := <-s.heard:
			s.machine.Handle(now, d.data)
		default:
			return
		}
	}
}

// wait waits until there may be something to send, or to end.
func (s *Sender) wait(now time.Time) {
	next := s.machine.Next(now, s.pending())
	end, hurry := s.end, (chan struct{})(nil)
	if s.ending() {
		end, hurry = nil, s.hurry
		leave := s.machine.Active().Add(grace)
		if !now.Before(leave) && !s.machine.Repairing() {
			s.machine.End()
			return
		}
		if leave.After(now) && leave.Before(next) {
			next = leave
		}
	}
	s.timer.Reset(next.Sub(now))
	select {
	case <-s.flush:
		s.idle = false
	case d := <-s.heard:
		s.machine.Handle(time.Now(), d.data)
	case <-end:
	case <-hurry:
		s.machine.End()
	case <-s.broken:
	case <-s.timer.C:
	}
}

func (s *Sender) ending() bool { return closed(s.end) }

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// pending reports whether there may be new data.
func (s *Sender) pending() bool { return !s.idle || s.framer.Busy() }

// fill makes the payload of the next data packet.
func (s *Sender) fill(dst []byte, size int) []byte {
	if !s.pending() {
		return dst
	}
	return s.framer.Append(dst, size, s.next)
}

// next is the next message for the framer, which is through with the one before.
func (s *Sender) next() [][]byte {
	if s.idle {
		return nil
	}
	s.free()
	if s.at == len(s.batch.Msgs) {
		more, writable := s.pipe.Out.Take(&s.batch)
		s.at = 0
		if writable {
			s.pipe.Owner().Writable(s.pipe)
		}
		if !more || len(s.batch.Msgs) == 0 { // commands are for publishers of other kinds
			s.idle = !more
			return nil
		}
	}
	s.at++
	return s.batch.Msgs[s.at-1].Frames
}

// free gives the frames of a message back that has been sent.
func (s *Sender) free() {
	if s.at == 0 {
		return
	}
	m := s.batch.Msgs[s.at-1]
	for _, f := range m.Frames {
		buf.Free(f)
	}
	if s.pipe.Out.Wrote(1, int64(m.Size())) {
		s.pipe.Owner().Writable(s.pipe)
	}
}

// Close ends the session. Until ctx ends it waits for what was accepted to be sent,
// and a little longer for what is lost on the way to be asked for again. Nothing of
// it runs when it returns.
func (s *Sender) Close(ctx context.Context) {
	s.once.Do(func() {
		s.pipe.Out.Leave()
		select {
		case <-s.pipe.Out.Idle():
		case <-s.done: // it panicked
		case <-ctx.Done():
		}
		close(s.end)
		stop := context.AfterFunc(ctx, func() { close(s.hurry) })
		<-s.done
		stop()
		s.conn.Close()
		s.wg.Wait()
		s.abandon()
		s.leave()
	})
}

// abandon counts what was not sent.
func (s *Sender) abandon() {
	sent := s.at
	if s.framer.Busy() {
		sent--
	}
	n := 0
	if !s.idle {
		n, _ = s.pipe.Out.Restore(&s.batch, queue.Written{Whole: sent}, queue.KeepNothing)
	}
	if n += s.pipe.Out.Close(); n > 0 {
		s.handler.Lost(s.pipe, n)
	}
}
