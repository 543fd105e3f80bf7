package zyre

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/zre"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre/internal/node"
)

// Join joins a group, and tells all peers. To join it again does nothing. See WithGroups
// for those of the beginning.
//
// Errors: ErrInvalidName, ErrClosed.
func (n *Node) Join(group string) error {
	if err := groupName(group); err != nil {
		return err
	}
	return n.change(func(now time.Time) error {
		if len(n.core.Groups()) >= n.config.MaxGroups {
			return fmt.Errorf("%w: group %q: %d are the most", ErrInvalidName, group, n.config.MaxGroups)
		}
		n.core.Join(now, group)
		return nil
	})
}

// Leave leaves a group, and tells all peers. From then on no SHOUT to it is
// delivered.
//
// Errors: ErrClosed.
func (n *Node) Leave(group string) error {
	return n.change(func(time.Time) error {
		n.core.Leave(group)
		return nil
	})
}

// Contest makes the node a candidate for the leadership of a group, whenever it is in
// it: of all candidates in a group the one with the smallest UUID is elected.
//
// Errors: ErrClosed.
func (n *Node) Contest(group string) error {
	return n.change(func(now time.Time) error {
		n.core.Contest(now, group)
		return nil
	})
}

// change is do for what can fail.
func (n *Node) change(f func(now time.Time) error) (err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	n.locked(func(now time.Time) { err = f(now) })
	return err
}

// fits reports whether a message is within WithMaxMessage.
func (c *config) fits(m msg.Msg) error {
	if frames, bytes := m.Len(), m.Size(); frames > c.frames || int64(bytes) > c.bytes {
		return fmt.Errorf("%w: %d frames of %d bytes: at most %d of %d are taken (WithMaxMessage)", ErrTooLarge, frames, bytes, c.frames, c.bytes)
	}
	return nil
}

// Whisper sends a message to a peer. It takes ownership of the frames. While the peer
// has no room it waits, until ctx ends, the peer exits (ErrUnknownPeer) or the node
// is closed (ErrClosed). nil means that it is on its way; with an error nothing was
// sent, as with ErrTooLarge. An empty message arrives as one empty frame.
func (n *Node) Whisper(ctx context.Context, peer ID, m msg.Msg) error {
	if err := n.config.fits(m); err != nil {
		return err
	}
	return n.send(ctx, peer, "", m.Frames)
}

// Shout sends a message to all peers that are known to be in a group, whether this
// node is in it or not. It takes ownership of the frames. Peers that have room get it
// at once, and it waits for the others as Whisper does; a peer that exits meanwhile is
// left out. When ctx ends before all have got it, the error says how many have not.
// ErrTooLarge: nobody has got it.
func (n *Node) Shout(ctx context.Context, group string, m msg.Msg) error {
	if err := n.config.fits(m); err != nil {
		return err
	}
	content := m.Clone().Frames // several sockets get them: none may be a pooled one
	members, full, err := n.shout(group, content)
	if err != nil {
		return err
	}
	for i, id := range full {
		switch err := n.send(ctx, ID(id), group, content); err {
		case nil, ErrUnknownPeer:
		default:
			return fmt.Errorf("zyre: shout: %d of %d members of %q were not reached: %w", len(full)-i, members, group, err)
		}
	}
	return nil
}

// shout sends to all members that have room, and returns those that have none.
func (n *Node) shout(group string, content [][]byte) (members int, full []node.ID, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return 0, nil, ErrClosed
	}
	ids := n.core.Members(group)
	for _, id := range ids {
		if n.core.Whisper(id, group, content) == node.NoRoom {
			full = append(full, id)
		}
	}
	return len(ids), full, nil
}

// send sends to one peer, and waits for room.
func (n *Node) send(ctx context.Context, id ID, group string, content [][]byte) error {
	for {
		sock, err := n.try(id, group, content)
		if sock == nil || err != nil {
			return err
		}
		if err := n.awaitRoom(ctx, sock); err != nil {
			return err
		}
	}
}

// try sends to a peer that has room; else it returns the socket to wait for.
func (n *Node) try(id ID, group string, content [][]byte) (*zmq.Socket, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, ErrClosed
	}
	switch n.core.Whisper(node.ID(id), group, content) {
	case node.Unknown:
		return nil, ErrUnknownPeer
	case node.TooLong:
		return nil, fmt.Errorf("%w: a group's name of %d bytes: at most %d", ErrInvalidName, len(group), zre.MaxString)
	case node.NoRoom:
		l, _ := n.core.LinkOf(node.ID(id))
		if k := n.links[l]; k != nil {
			return k.sock, nil
		}
		return nil, ErrUnknownPeer
	}
	return nil, nil
}

// awaitRoom waits until a socket may take another message, or has closed.
func (n *Node) awaitRoom(ctx context.Context, s *zmq.Socket) error {
	c := make(chan struct{}, 1)
	stop := s.Notify(c)
	defer stop()
	if s.Poll()&zmq.PollOut != 0 {
		return ctx.Err()
	}
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-n.gone:
		return ErrClosed
	}
}

// Peer is a peer as the roster has it.
type Peer struct {
	ID       ID
	Name     string
	Headers  map[string]string
	Groups   []string  // sorted
	Endpoint string    // where this node reaches it
	Key      string    // the public key that it has proved, in Z85; empty in clear
	Since    time.Time // when it entered
	Heard    time.Time // when it was last heard
	Evasive  bool
}

func newPeer(p node.Entry) Peer {
	return Peer{
		ID: ID(p.ID), Name: p.Name, Headers: p.Headers, Groups: p.Groups, Endpoint: "tcp://" + p.At.String(),
		Key: p.Key, Since: p.Since, Heard: p.Heard, Evasive: p.Evasive,
	}
}

// Peers is the roster: the peers that have entered and not exited, in the order of
// their UUIDs. It is a copy.
func (n *Node) Peers() []Peer {
	n.mu.Lock()
	defer n.mu.Unlock()
	entries := n.core.Peers()
	list := make([]Peer, len(entries))
	for i, p := range entries {
		list[i] = newPeer(p)
	}
	return list
}

// Members are the peers in a group, in the order of their UUIDs.
func (n *Node) Members(group string) []ID {
	n.mu.Lock()
	defer n.mu.Unlock()
	members := n.core.Members(group)
	ids := make([]ID, len(members))
	for i, id := range members {
		ids[i] = ID(id)
	}
	return ids
}

// Groups are the groups that the node is in, sorted.
func (n *Node) Groups() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.core.Groups()
}

// Leader is who leads a group that the node is in, as far as an election has said.
func (n *Node) Leader(group string) (ID, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id, ok := n.core.LeaderOf(group)
	return ID(id), ok
}

// Endpoint is where the node listens; an address of zeros means all.
func (n *Node) Endpoint() string {
	return "tcp://" + n.listens.String()
}

// Stats counts what a node has done and refused since New.
type Stats struct {
	Peers      int // that have entered
	Strangers  int // that were dialled or said HELLO, and have not entered yet
	Candidates int // that only a beacon has spoken of

	Dials        uint64
	DialsFailed  uint64
	EventsLost   uint64 // over all streams
	Beacons      uint64 // heard from others
	BeaconsFalse uint64 // of them those with another version, or a UUID's wrong key
	BeaconsFull  uint64 // and those that pushed a candidate out, or came when there were peers enough
	Goodbyes     uint64 // and those that said of a peer that it leaves

	Malformed      uint64 // messages that are not ZRE or break a bound: each ended the peer that it came from
	Stranger       uint64 // messages of nodes that have not said HELLO
	Impostor       uint64 // messages in the name of a peer that are not its own
	KeyMismatch    uint64 // HELLOs with another key than their UUID's or their connection's
	Flapping       uint64 // HELLOs too soon after another one
	Full           uint64 // HELLOs turned away by WithMaxPeers
	Evicted        uint64 // peers that had to make room, from the addresses with the most: see WithMaxPeers
	Gaps           uint64 // peers that exited because messages were missing
	StatusMismatch uint64 // JOINs and LEAVEs with a wrong status, which were taken
	NotMember      uint64 // SHOUTs to groups that the node is not in

	RefusedByUs    uint64 // nodes that this one has refused: see Refused; those of which only a beacon speaks once a minute
	RefusedByPeers uint64 // and times that others have refused this one

	Panics uint64 // that were contained: each ended one task, and a peer if a message was its cause

	Beacon beacon.Stats
}

// Stats returns the counters as they stand.
func (n *Node) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.core.Counters()
	s := Stats{
		Dials: c.Dials, DialsFailed: c.DialsFailed, EventsLost: n.lost.Load() + n.feed.Lost(),
		Beacons: c.Beacons, BeaconsFalse: c.BeaconVersion + c.BeaconKey, BeaconsFull: c.BeaconFull, Goodbyes: c.Goodbyes,
		Malformed: c.Malformed, Stranger: c.Stranger, Impostor: c.Impostor, KeyMismatch: c.KeyMismatch,
		Flapping: c.Flapping, Full: c.Full, Evicted: c.Evicted, Gaps: c.Gaps, StatusMismatch: c.StatusMismatch, NotMember: c.NotMember,
	}
	s.Panics = n.tasks.Panics()
	s.RefusedByUs, s.RefusedByPeers = n.refused.byUs, n.refused.byPeers
	s.Peers, s.Strangers, s.Candidates = n.core.Knows()
	if n.beacon != nil {
		s.Beacon = n.beacon.Stats()
	}
	return s
}

// quote makes a peer's text fit for a log.
func quote(s string) string {
	if len(s) > 255 {
		s = s[:255]
	}
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}
