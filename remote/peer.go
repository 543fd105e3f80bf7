package remote

import (
	"context"
	"errors"
	"time"

	"github.com/go-zactor/zactor/internal/budget"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/zyre"
)

// Peer is the node that a message has come from.
type Peer struct {
	ID   zyre.ID
	Name string
	Key  string // the public key that it has proved, in Z85; empty in clear
}

// From, embedded in a type of messages, tells the handler who has sent one. It does
// not cross itself. Of a message that was sent here, by a Ref, the Peer is zero.
//
//	type Deposit struct {
//		Amount int
//		remote.From
//	}
//
//	case Deposit:
//		log.Print(m.Peer().Name, " deposits ", m.Amount)
type From struct{ peer Peer }

// Peer is who has sent the message.
func (f From) Peer() Peer { return f.peer }

func (f *From) setPeer(p Peer) { f.peer = p }

// peerKey is the key of a context under which the Peer stands that has asked.
type peerKey struct{}

// PeerOf returns the node that has asked a question, from the context of it: that of
// an actor.Answer or actor.Request. It is for those that have no From.
func PeerOf(ctx context.Context) (Peer, bool) {
	p, ok := ctx.Value(peerKey{}).(Peer)
	return p, ok
}

// peer is a node that is there: what it asked for ends when it goes. What changes is
// guarded by the space's mu.
type peer struct {
	Peer
	endpoint string
	ctx      context.Context
	cancel   context.CancelFunc
	newer    bool                // it knows the packets of the second version
	asks     map[uint64]*request // its own, that are not answered
	bytes    int                 // of its messages that wait here
	share    *budget.Share[*peer]
	owed     []*packet // to it, for which there was no room
	pays     bool      // a goroutine sends them

	entered time.Time
	heard   time.Time // when a packet of it came last
	pinged  time.Time // when it was last asked whether it is there
	silent  bool      // it was asked and has not been heard since
	since   time.Time // of silent
}

// trialTime is after how long a silent peer of the first version, which can't be
// pinged, is tried again.
const trialTime = 5 * time.Second

// versionGroup is the group of the nodes that know the packets of the second version.
const versionGroup = "zactor.remote/2"

func (s *Space) enter(id zyre.ID, name, key, endpoint string) {
	if s.peers[id] != nil {
		return
	}
	p := &peer{Peer: Peer{ID: id, Name: name, Key: key}, endpoint: endpoint, asks: map[uint64]*request{}, entered: time.Now(), heard: time.Now()}
	p.ctx, p.cancel = context.WithCancel(context.WithValue(s.ctx, peerKey{}, p.Peer))
	s.joins(p, endpoint)
	s.peers[id] = p
	s.announce()
}

// hear enters that a peer has been heard.
func (s *Space) hear(p *peer) {
	p.heard = time.Now()
	if p.silent {
		p.silent = false
		s.events.Publish(Event{Kind: Heard, Peer: p.Peer})
	}
}

// quieten enters that a peer does not answer.
func (s *Space) quieten(p *peer) {
	if !p.silent {
		p.silent, p.since = true, time.Now()
		s.stats.Silenced++
		s.events.Publish(Event{Kind: Silent, Peer: p.Peer})
	}
}

// mute reports whether a peer is to be passed over, and asks it whether it is there.
func (s *Space) mute(p *peer) bool {
	if !p.silent {
		return false
	}
	if !p.newer {
		if time.Since(p.since) < trialTime {
			return true
		}
		p.silent = false
		return false
	}
	s.ping(p)
	return true
}

// ping asks a peer whether it is there, unless it was just asked.
func (s *Space) ping(p *peer) {
	if p.newer && time.Since(p.pinged) >= s.options.probe {
		p.pinged = time.Now()
		s.whisper(p, &packet{op: opPing})
	}
}

// maxOwed is how many packets wait for room on the way to one peer: an honest one has
// no more questions under way than that.
const maxOwed = 10_000

// whisper sends a packet without waiting; the lock is held. One for which there is no
// room now is sent when there is: an Ask that is refused in a crowd hears of it too.
func (s *Space) whisper(p *peer, m *packet) {
	if s.closed {
		return
	}
	if len(p.owed) == 0 && !p.pays {
		if err := s.node.Whisper(over, p.ID, m.msg()); !errors.Is(err, context.Canceled) {
			return // sent, or the peer has gone
		}
	}
	if len(p.owed) >= maxOwed {
		s.stats.Dropped++
		return
	}
	p.owed = append(p.owed, m)
	if p.pays {
		return
	}
	p.pays = true
	s.wg.Go(func() {
		contain.Run("remote: owed", func() error { return s.pay(p) }, func(err error) {
			if err != nil {
				s.mu.Lock()
				defer s.mu.Unlock()
				p.owed, p.pays = nil, false
			}
		}, nil)
	})
}

// pay sends what is owed to a peer, and waits for room. Its error says that the peer
// has gone.
func (s *Space) pay(p *peer) error {
	for {
		s.mu.Lock()
		if len(p.owed) == 0 {
			p.owed, p.pays = nil, false
			s.mu.Unlock()
			return nil
		}
		m := p.owed[0]
		p.owed[0] = nil
		p.owed = p.owed[1:]
		s.mu.Unlock()
		if err := s.node.Whisper(p.ctx, p.ID, m.msg()); err != nil {
			return err
		}
	}
}

// over is a context that has ended: what needs no waiting succeeds with it.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()
