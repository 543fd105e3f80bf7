package pgm

import (
	"net"
	"strconv"

	"github.com/go-zactor/zactor/internal/buf"
	origins "github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/pgm/repair"
	"github.com/go-zactor/zactor/internal/pgm/stream"
	"github.com/go-zactor/zactor/internal/queue"
)

// feed leads from one source to its pipe. It is the loop's.
type feed struct {
	src     *repair.Source
	who     Source
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
		f.who = Source{
			Addr:    net.JoinHostPort(s.From.String(), strconv.Itoa(int(s.TSI.Port))),
			Session: s.TSI.String(),
		}
		f.origin = &buf.Origin{Peer: &buf.Peer{
			RemoteAddr: f.who.Addr, SocketType: "PUB", Mechanism: "NULL",
			Properties: map[string]string{"Pgm-Session": f.who.Session},
		}}
		r.feeds[s] = f
		r.attach(f)
	}
	return f
}

func (r *Receiver) attach(f *feed) {
	f.pipe, f.room, f.retired = r.host.Heard(f.who), 0, make(chan struct{})
	f.pipe.SetOrigin(f.origin)
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
			r.host.Gap(f.who, it.Lost, ErrLost)
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
		r.host.Gap(f.who, 0, cause(err))
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
	r.host.Silent(f.pipe, f.who, why)
	f.pipe.In.Close()
	f.pipe, f.waiting, f.stalled = nil, nil, false
}
