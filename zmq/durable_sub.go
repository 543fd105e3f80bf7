package zmq

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/durable"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// This file is the subscriber's side of durable subscriptions. Messages carry no
// numbers: the publisher says once which one comes first, and both count.

// ErrForgotten is in the Err of an EventGap when the publisher of a durable subscriber
// knows nothing of it any more, so that nobody can say how much was missed.
var ErrForgotten = errors.New("zmq: the publisher has begun anew, or forgotten this subscriber")

// MissedError is in the Err of an EventGap: so many messages were not delivered.
type MissedError struct{ N uint64 }

func (e *MissedError) Error() string { return fmt.Sprintf("zmq: %d messages missed", e.N) }

const (
	// takenEvery is how often a publisher hears what need not be kept any more.
	takenEvery = 50 * time.Millisecond
	// maxPublishers bounds how many publishers a subscriber remembers.
	maxPublishers = 1024
)

// following is what a durable subscriber knows of its publishers.
type following struct {
	mu   sync.Mutex
	pubs map[uint64]*followed // by their numbers
}

// followed is one publisher's stream.
type followed struct {
	mu    sync.Mutex
	count durable.Follower

	pipe    *queue.Pipe // of the connection, nil while there is none
	arrived *atomic.Uint64
	before  *queue.Pipe // of the connection before
	timer   *time.Timer
}

// follow tells a publisher what we have of its stream. It comes after the
// subscriptions.
func (s *Socket) follow(p *queue.Pipe, peer *link.Peer) {
	o := s.optionsOf(p)
	number, err := strconv.ParseUint(peer.Info.Properties[propDurable], 16, 64)
	if o.durable == "" || err != nil || number == 0 || !s.kind.subscribes {
		return
	}
	f := s.following.publisher(number)
	f.mu.Lock()
	f.leave()
	f.pipe, f.arrived = p, peer.Arrived
	f.timer = contain.AfterTime(takenEvery, "durable subscriber", func() { s.sendAcked(f, p) }, func(why *contain.Panic) {
		s.panicked(s.peers.endpoint(p), peer.Info.RemoteAddr, why)
		peer.Link.Stop(why)
	})
	epoch, has := f.count.Has()
	cmd := wire.Numbered(wire.Resume, epoch, has)
	f.mu.Unlock()
	pr := peerOf(p)
	s.following.mu.Lock()
	if pr != nil {
		if pr.follows != nil && pr.follows != f && pr.follows.began() {
			defer s.gap(p, 0, ErrForgotten) // the endpoint has another publisher now
		}
		pr.follows = f
	}
	s.following.mu.Unlock()
	if p.Out.Control(cmd) {
		p.Flush()
	}
}

// publisher finds or makes the place for one.
func (fs *following) publisher(number uint64) *followed {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f := fs.pubs[number]; f != nil {
		return f
	}
	if fs.pubs == nil {
		fs.pubs = map[uint64]*followed{}
	}
	for n, f := range fs.pubs {
		if len(fs.pubs) < maxPublishers {
			break
		}
		if f.away() {
			delete(fs.pubs, n)
		}
	}
	f := &followed{}
	fs.pubs[number] = f
	return f
}

func (f *followed) away() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pipe == nil
}

// began reports whether the publisher has ever said what comes.
func (f *followed) began() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	epoch, _ := f.count.Has()
	return epoch != 0
}

// leave settles what the connection brought; the caller holds mu.
func (f *followed) leave() {
	if f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
	if f.pipe != nil {
		f.count.Leave(f.arrived.Load())
		f.before = f.pipe
	}
	f.pipe = nil
}

// unfollow is called when p's connection has ended, after its last message.
func (s *Socket) unfollow(p *queue.Pipe) {
	f := s.followedBy(p)
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pipe == p {
		f.leave()
	}
}

func (s *Socket) followedBy(p *queue.Pipe) *followed {
	pr := peerOf(p)
	if pr == nil {
		return nil
	}
	s.following.mu.Lock()
	defer s.following.mu.Unlock()
	return pr.follows
}

// begins is called when a publisher says which message comes next.
func (s *Socket) begins(p *queue.Pipe, epoch, before, missed, arrived uint64) {
	f := s.followedBy(p)
	if f == nil {
		return
	}
	f.mu.Lock()
	forgotten, ok := false, f.pipe == p
	if ok {
		forgotten, ok = f.count.Begin(epoch, before, arrived)
	}
	f.mu.Unlock()
	switch {
	case !ok:
	case forgotten:
		s.gap(p, 0, ErrForgotten)
	case missed > 0:
		s.gap(p, missed, &MissedError{missed})
	}
}

// missed is called when a publisher says that it has dropped messages for us.
func (s *Socket) missed(p *queue.Pipe, after, n uint64) {
	if f := s.followedBy(p); f != nil {
		f.mu.Lock()
		if f.pipe == p {
			f.count.Missed(after, n, f.arrived.Load())
		}
		f.mu.Unlock()
	}
	s.gap(p, n, &MissedError{n})
}

// sendAcked tells the publisher how far our program has come, again and again.
func (s *Socket) sendAcked(f *followed, p *queue.Pipe) {
	if s.queueAcked(f, p) {
		p.Flush()
	}
}

// queueAcked reports that there is something to be sent.
func (s *Socket) queueAcked(f *followed, p *queue.Pipe) (flush bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pipe != p || f.timer == nil {
		return false
	}
	f.timer.Reset(takenEvery)
	if number, ok := s.ackedOf(f); ok && f.count.Acked(number) {
		return p.Out.Control(wire.Numbered(wire.Taken, number))
	}
	return false
}

// ackedOf is the number of the last message that the program has taken. It is rather
// too low than too high.
func (s *Socket) ackedOf(f *followed) (number uint64, ok bool) {
	if !f.count.Begun() {
		return 0, false
	}
	arrived := f.arrived.Load() // before the queue is looked at
	s.recvMu.Lock()
	waiting := f.pipe.In.Len() + s.in.front.len()
	if f.before != nil && f.before != f.pipe {
		waiting += f.before.In.Len()
	}
	s.recvMu.Unlock()
	return f.count.Taken(arrived, uint64(waiting))
}
