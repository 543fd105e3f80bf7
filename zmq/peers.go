package zmq

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/budget"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/msg"
)

// peer is what a socket knows of the other side of one pipe.
type peer struct {
	pipe *queue.Pipe               // nil of one that stands for a durable subscriber
	sub  pattern.Subscriber[*peer] // guarded by sendMu
	gone bool                      // guarded by sendMu: it may not subscribe any more
	// immediate: nothing waits for it while it is away. Set before it is entered, as
	// are its rules and options.
	immediate bool
	rules     peerRules
	opts      *options // its endpoint's; nil: the socket's
	// ended: the program has ended this stream itself, and need not be told.
	ended atomic.Bool
	// Its subscriptions and their bytes; guarded by sendMu.
	topics, topicBytes int
	wanted             map[string]struct{} // what it wants of an XPUB that is manual

	// Guarded by sendMu.
	stream    *durableStream // of a durable subscriber
	standsFor *durableStream // it is no connection's, but stands for this in the index
	wantsGaps bool           // it is to hear what it misses
	ours      bool           // it understands what zactors tell each other
	missed    uint64         // messages dropped for it since it had room

	reports *budget.Share[*queue.Pipe] // of an XPUB's reports; guarded by reports.mu

	follows *followed // the publisher's stream; guarded by following.mu

	// Guarded by peerSet.mu.
	ready     bool
	dismissed bool // another one has its place: if it is not there yet, it does not come
	endpoint  string
	link      link.Stopper
	asked     bool // an authenticator has let it in
	since     time.Time
	connected int             // how many connections the pipe has had
	past      session.Traffic // of those that are over
}

func peerOf(p *queue.Pipe) *peer {
	pr, _ := p.Data.(*peer)
	return pr
}

// peerSet is the socket's pipes, with or without a live peer.
type peerSet struct {
	mu     sync.Mutex
	pipes  map[*queue.Pipe]*peer
	ready  int
	past   queue.Tally   // what went to pipes that are gone, on the short way
	change chan struct{} // closed and replaced when something changes
}

func (s *peerSet) init() {
	s.pipes = map[*queue.Pipe]*peer{}
	s.change = make(chan struct{})
}

// add enters a pipe with its peer, which is complete: from now on others see it.
func (s *peerSet) add(p *queue.Pipe, pr *peer) {
	pr.pipe, pr.sub.Value = p, pr
	p.Data = pr
	s.mu.Lock()
	s.pipes[p] = pr
	s.mu.Unlock()
}

func (s *peerSet) remove(p *queue.Pipe) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unready(p)
	if _, ok := s.pipes[p]; ok {
		s.past.Add(p.Sent())
		delete(s.pipes, p)
	}
}

// sent counts what went to pipes on the short way.
func (s *peerSet) sent() queue.Tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.past
	for p := range s.pipes {
		t.Add(p.Sent())
	}
	return t
}

// come begins a connection of p: what was said of the one before is past.
func (s *peerSet) come(p *queue.Pipe) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if pr := s.pipes[p]; pr != nil {
		pr.dismissed = false
	}
}

// dismiss says that another peer has p's place. It returns p's link, which is to be stopped
// then; a peer that is not there yet has none, and setReady turns it away.
func (s *peerSet) dismiss(p *queue.Pipe) link.Stopper {
	s.mu.Lock()
	defer s.mu.Unlock()
	pr := s.pipes[p]
	switch {
	case pr == nil:
		return nil
	case pr.ready:
		return pr.link
	}
	pr.dismissed = true
	return nil
}

// setReady notes that a peer is there, unless it was dismissed on the way. valid has the
// last word; nobody sees the peer unless it agrees.
func (s *peerSet) setReady(p *queue.Pipe, l link.Stopper, asked bool, valid func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := valid(); err != nil {
		return err
	}
	pr := s.pipes[p]
	if pr == nil {
		return nil
	}
	if pr.dismissed {
		return errHandedOver
	}
	if !pr.ready {
		pr.ready = true
		s.ready++
	}
	pr.link, pr.asked, pr.since = l, asked, time.Now()
	pr.connected++
	s.signal()
	return nil
}

// endpoint is which of our endpoints p belongs to.
func (s *peerSet) endpoint(p *queue.Pipe) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if pr := s.pipes[p]; pr != nil {
		return pr.endpoint
	}
	return ""
}

// link is p's live connection, nil when it has none.
func (s *peerSet) link(p *queue.Pipe) link.Stopper {
	s.mu.Lock()
	defer s.mu.Unlock()
	if pr := s.pipes[p]; pr != nil && pr.ready {
		return pr.link
	}
	return nil
}

// setUnready notes that a peer is not there any more; was says that it had been.
func (s *peerSet) setUnready(p *queue.Pipe) (was bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unready(p)
}

func (s *peerSet) unready(p *queue.Pipe) (was bool) {
	pr := s.pipes[p]
	if pr == nil || !pr.ready {
		return false
	}
	pr.ready = false
	pr.past.Add(trafficOf(pr.link))
	s.ready--
	s.signal()
	return true
}

// signal tells everybody who waits that something has changed.
func (s *peerSet) signal() {
	close(s.change)
	s.change = make(chan struct{})
}

func (s *peerSet) changed() {
	s.mu.Lock()
	s.signal()
	s.mu.Unlock()
}

func (s *peerSet) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change
}

func (s *peerSet) each(fn func(*queue.Pipe)) {
	s.mu.Lock()
	list := make([]*queue.Pipe, 0, len(s.pipes))
	for p := range s.pipes {
		list = append(list, p)
	}
	s.mu.Unlock()
	for _, p := range list {
		fn(p)
	}
}

// PeerInfo is one peer of a socket.
type PeerInfo struct {
	Endpoint  string     // the own endpoint that was bound or connected
	Remote    string     // the peer's address
	Local     string     // our address of the connection; "" when there is none
	Dialled   bool       // Endpoint was connected, not bound
	ID        msg.PeerID // of the connection that is there now; Peer of its messages has the same one
	FD        int        // the number of the connection's descriptor; 0 when there is none
	RoutingID []byte     // what a ROUTER or STREAM calls it; of a SERVER or PEER the number, in four bytes, big-endian
	Type      string     // its socket type
	Mechanism string
	UserID    string    // from the authenticator
	Domain    string    // that the authenticator was asked about
	PublicKey string    // of a CURVE client that was let in, in Z85
	Connected bool      // whether it is there now
	Since     time.Time // when it came
	Queued    int       // messages waiting to be written to it
	Unread    int       // messages from it that wait to be received
	HasRoom   bool      // whether one more message for it would be queued now

	// How things stand with a peer that was connected to, as Endpoint says it.
	State     EndpointState
	LastError error         // why it last failed or was lost; nil: neither happened since it was ready
	Attempts  int           // that failed since it was last there
	RetryIn   time.Duration // until the next attempt, while it waits

	// What has gone over its connections; over inproc, udp and multicast this is not
	// counted, and 0.
	SentMessages     uint64 // that the kernel has taken
	SentBytes        uint64 // of their frames
	ReceivedMessages uint64 // that were read, also if they were not received yet
	ReceivedBytes    uint64 // that they took on the wire
}

// WaitConnected waits until at least n peers are connected and ready.
//
// Errors: ctx's error, whose text says what the socket's endpoints are doing and why
// they last failed; ErrClosed; ErrAuth when a peer has refused us.
func (s *Socket) WaitConnected(ctx context.Context, n int) error {
	return s.waitFor(ctx, "wait", s.whyNoPeer, func() bool {
		s.peers.mu.Lock()
		defer s.peers.mu.Unlock()
		return s.peers.ready >= n
	})
}

// waitFor waits until cond holds; it looks again at each change of the peers. why says
// what was waited for, should that be in vain.
func (s *Socket) waitFor(ctx context.Context, name string, why func() string, cond func() bool) error {
	for {
		change := s.peers.next()
		if cond() {
			return nil
		}
		if err := s.usable(); err != nil {
			return err
		}
		select {
		case <-change:
		case <-s.dying:
		case <-ctx.Done():
			return s.waited(name, ctx.Err(), why)
		}
	}
}
