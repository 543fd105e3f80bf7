package pgm

import (
	"net"
	"strconv"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/link"
	origins "github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/pgm/repair"
	"github.com/go-zactor/zactor/internal/pgm/stream"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// feed leads from one source to its pipe. It is the loop's.
type feed struct {
	src     *repair.Source
	pipe    *queue.Pipe // nil when the source has ended
	origin  *buf.Origin
	joiner  *stream.Joiner
	waiting [][][]byte    // messages that the pipe had no room for yet
	room    int           // of the pipe, as it was last asked
	stalled bool          // the pipe has none, and a writer waits for it
	retired chan struct{} // closed when pipe is of no more use
}

func (r *Receiver) feedOf(s *repair.Source) *feed {
	f := r.feeds[s]
	if f == nil {
		f = &feed{src: s, joiner: stream.NewJoiner(r.cfg.Limits)}
		f.origin = &buf.Origin{Peer: &buf.Peer{
			RemoteAddr: net.JoinHostPort(s.From.String(), strconv.Itoa(int(s.TSI.Port))), SocketType: "PUB", Mechanism: "NULL",
			Properties: map[string]string{"Pgm-Session": s.TSI.String()},
		}}
		r.feeds[s] = f
		r.attach(f)
	}
	return f
}

// attach makes a source one of the socket's peers. There is no way back to it.
func (r *Receiver) attach(f *feed) {
	p, info := r.handler.NewPipe(), f.origin.Peer
	f.pipe, f.room, f.retired = p, 0, make(chan struct{})
	p.Out.Close()
	p.SetOrigin(f.origin)
	r.event(f, link.Event{Kind: link.Connected})
	peer := &link.Peer{Result: wire.Result{PeerType: info.SocketType, Mechanism: info.Mechanism}, Info: info, Fresh: true}
	if _, err := link.Attach(func() {}, link.Side{Handler: r.handler, Pipe: p, Peer: peer}); err != nil {
		p.In.Close() // what comes goes nowhere
	}
}

// event tells what has happened to a source.
func (r *Receiver) event(f *feed, e link.Event) {
	e.Endpoint, e.Remote = r.cfg.Name, f.origin.Peer.RemoteAddr
	r.handler.Event(e)
}

// gap tells that messages of a source are lost: packets, if it is known how many, and why.
func (r *Receiver) gap(f *feed, packets int, why error) {
	r.event(f, link.Event{Kind: link.Gap, Value: uint32(packets), Err: why})
}

// serve moves everything that a source has into its pipe, as long as there is room.
func (r *Receiver) serve(f *feed) {
	for !f.stalled && r.flush(f) {
		it, ok := f.src.Pull()
		if !ok {
			return
		}
		switch {
		case it.End:
			r.retire(f, ErrEnded)
		case it.Lost > 0:
			f.joiner.Lost()
			r.gap(f, it.Lost, ErrLost)
		default:
			r.join(f, it.Body)
		}
	}
}

// join takes the payload of a packet.
func (r *Receiver) join(f *feed, body []byte) {
	if f.pipe == nil {
		r.attach(f) // it has said that it ends, and goes on
	}
	var err error
	if f.waiting, err = f.joiner.Append(f.waiting[:0], body); err != nil {
		r.gap(f, 0, cause(err))
	}
}

// flush puts the messages that wait into the pipe. It reports whether all are there.
func (r *Receiver) flush(f *feed) bool {
	announce := false
	for len(f.waiting) > 0 {
		if f.room == 0 {
			if f.room = f.pipe.In.Room(); f.room == 0 {
				break
			}
		}
		room, a, _ := f.pipe.In.PutMsg(origins.Message(f.waiting[0], f.origin))
		announce = announce || a
		f.room = room
		f.waiting[0] = nil
		f.waiting = f.waiting[1:]
	}
	if announce {
		f.pipe.Announce()
	}
	if len(f.waiting) > 0 {
		r.await(f)
		return false
	}
	return true
}

// await lets a feed rest until its pipe has room. What its source sends meanwhile
// waits in the window, or is asked for later.
func (r *Receiver) await(f *feed) {
	f.stalled = true
	room, retired := f.pipe.Room(), f.retired
	r.wg.Add(1)
	go func() {
		defer r.wg.Done()
		select {
		case <-room:
		case <-retired:
			return
		case <-r.stop:
			return
		}
		select {
		case r.resumed <- f:
		case <-retired:
		case <-r.stop:
		}
	}()
}

// retire closes the pipe of a source that is gone; what is in it stays readable.
func (r *Receiver) retire(f *feed, why error) {
	f.joiner.Lost()
	if f.pipe == nil {
		return
	}
	close(f.retired)
	f.pipe.Out.Close()
	r.event(f, link.Event{Kind: link.Disconnected, Err: why})
	r.handler.Detach(f.pipe, true)
	f.pipe.In.Close()
	f.pipe, f.waiting, f.stalled = nil, nil, false
}
