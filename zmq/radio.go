package zmq

import (
	"fmt"
	"sync"

	"github.com/go-zactor/zactor/internal/buf"
	origins "github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// groups are what a RADIO knows of its peers, guarded by sendMu: who has joined
// what, and the multicast links, which get everything.
type groups struct {
	members pattern.Groups[*pipe.Pipe]
	links   map[*pipe.Pipe]struct{}
	to      []*pipe.Pipe // scratch
}

// putGroup sends a copy to every peer that has joined the group, which is the first
// frame. With WithXPubNoDrop it waits, having sent nothing, while one of them is
// full; otherwise those are passed over.
func (s *Socket) putGroup(frames [][]byte, copied bool) (kick, error) {
	if n := len(frames[0]); n > wire.MaxGroup {
		return kick{}, fmt.Errorf("%w: of %d bytes, at most %d are possible", ErrInvalidGroup, n, wire.MaxGroup)
	}
	g, f := &s.out.groups, &s.out.fan
	g.to = append(g.to[:0], g.members.Members(frames[0])...)
	for p := range g.links {
		g.to = append(g.to, p)
	}
	defer clear(g.to)
	if s.opts.noDrop() {
		for _, p := range g.to {
			if p.Status() == pipe.Full {
				return kick{}, errWouldBlock
			}
		}
	}
	var k kick
	e := encoding{frames: frames, copied: copied, last: len(g.to) - 1, enc: f.enc[:0]}
	for i, p := range g.to {
		s.fanTo(p, i, &e, &k)
	}
	f.keep(&e)
	return k, nil
}

// memberJoined is called when a peer of a RADIO joins a group or leaves it.
func (s *Socket) memberJoined(p *pipe.Pipe, group []byte, join bool) error {
	defer s.peers.changed()
	if err := s.changeMember(p, group, join); err != nil {
		s.refuseTopic(p, group, err)
	}
	return nil
}

func (s *Socket) changeMember(p *pipe.Pipe, group []byte, join bool) error {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	pr := peerOf(p)
	if pr == nil || pr.gone {
		return nil
	}
	if !join {
		if s.out.groups.members.Leave(group, p) {
			pr.topics--
			pr.topicBytes -= len(group)
		}
		return nil
	}
	if err := pr.admitTopic(group, 0); err != nil {
		return err
	}
	if s.out.groups.members.Join(group, p) {
		pr.topics++
		pr.topicBytes += len(group)
	}
	return nil
}

// leaveGroups forgets what a peer that is gone has joined.
func (s *Socket) leaveGroups(p *pipe.Pipe, pr *peer) {
	s.sendMu.Lock()
	pr.gone, pr.topics, pr.topicBytes = true, 0, 0
	s.out.groups.members.LeaveAll(p)
	s.sendMu.Unlock()
}

// joined are the groups that a DISH has joined, and the radios that must know of
// them. mu is held while they are told, so that they all hear of changes in one
// order.
type joined struct {
	mu    sync.Mutex
	pipes map[*pipe.Pipe]struct{}

	setMu sync.RWMutex // guards set; taken after mu
	set   map[string]string

	// The last message's origin, guarded by recvMu: the next message of the same
	// group and chunk shares it.
	last *buf.Origin
}

// none reports whether no group was joined.
func (j *joined) none() bool {
	j.setMu.RLock()
	defer j.setMu.RUnlock()
	return len(j.set) == 0
}

func (j *joined) init() {
	j.pipes, j.set = map[*pipe.Pipe]struct{}{}, map[string]string{}
}

// Join asks the radios for the messages of a group, whose name has 255 bytes at
// most. Unlike a subscription it is exactly this group. It is told again to each
// new peer. (zmq_join)
//
// Errors: ErrNotSupported on types other than DISH, ErrInvalidGroup for a name that
// is too long or a group that was joined already, ErrClosed.
func (s *Socket) Join(group string) error { return s.changeGroup(group, true) }

// Leave takes Join back. (zmq_leave)
//
// Errors: ErrNotSupported on types other than DISH, ErrInvalidGroup for a group
// that was not joined, ErrClosed.
func (s *Socket) Leave(group string) error { return s.changeGroup(group, false) }

func (s *Socket) changeGroup(group string, join bool) error {
	switch {
	case s.typ != Dish:
		return fmt.Errorf("%w: a %s does not join groups", ErrNotSupported, s.typ)
	case s.closed.Load():
		return s.over()
	case len(group) > wire.MaxGroup:
		return fmt.Errorf("%w: of %d bytes, at most %d are possible", ErrInvalidGroup, len(group), wire.MaxGroup)
	}
	j := &s.joined
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.change(group, join); err != nil {
		return err
	}
	for p := range j.pipes {
		tellGroup(p, group, join)
	}
	return nil
}

func (j *joined) change(group string, join bool) error {
	j.setMu.Lock()
	defer j.setMu.Unlock()
	switch _, has := j.set[group]; {
	case join && has:
		return fmt.Errorf("%w: %q was joined already", ErrInvalidGroup, group)
	case !join && !has:
		return fmt.Errorf("%w: %q was not joined", ErrInvalidGroup, group)
	case join:
		j.set[group] = group
	default:
		delete(j.set, group)
	}
	return nil
}

// tellGroup tells one radio.
func tellGroup(p *pipe.Pipe, group string, join bool) {
	if peer := p.Peer(); peer != nil {
		_ = peer.Owner().(*host).socket().memberJoined(peer, []byte(group), join) // limits are for the wire
		return
	}
	cmd := wire.Command{Kind: wire.Join, Data: []byte(group)}
	if !join {
		cmd.Kind = wire.Leave
	}
	if p.Out.Control(cmd) {
		p.Kick()
	}
}

// greet tells a new radio of all groups.
func (j *joined) greet(p *pipe.Pipe) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pipes[p] = struct{}{}
	j.setMu.RLock()
	all := make([]string, 0, len(j.set))
	for group := range j.set {
		all = append(all, group)
	}
	j.setMu.RUnlock()
	for _, group := range all {
		tellGroup(p, group, true)
	}
}

func (j *joined) leave(p *pipe.Pipe) {
	j.mu.Lock()
	delete(j.pipes, p)
	j.mu.Unlock()
}

// openGroup takes the group off a message and puts it on. It reports whether the
// group was joined: multicast brings all, and a radio may not have heard yet that
// it was left. The caller holds recvMu.
func (s *Socket) openGroup(m *msg.Msg) bool {
	if len(m.Frames) != 2 {
		s.stats.drop(dropMalformed)
		return false
	}
	j := &s.joined
	j.setMu.RLock()
	group, ok := j.set[string(m.Frames[0])]
	j.setMu.RUnlock()
	if !ok {
		s.stats.drop(dropUnwanted)
		return false
	}
	was := origins.Of(*m)
	if o := j.last; o == nil || was == nil || o.Peer != was.Peer || o.Chunk != was.Chunk || o.Group != group {
		j.last = &buf.Origin{Group: group}
		if was != nil {
			j.last.Peer, j.last.Chunk = was.Peer, was.Chunk
		}
	}
	*m = origins.Message(m.Frames[1:], j.last)
	return true
}
