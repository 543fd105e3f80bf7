package zmq

import (
	"fmt"
	"sync"

	"github.com/go-zactor/zactor/internal/buf"
	origins "github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// dish is the receiver of DISH: the messages of the groups that it has joined, which the
// radios know of. mu is held while they are told, so that they all hear of changes in one
// order. (RFC 48)
type dish struct {
	baseReceiver
	s     *Socket
	mu    sync.Mutex
	pipes map[*queue.Pipe]struct{}

	setMu sync.RWMutex // guards set; taken after mu
	set   map[string]string

	// The last message's origin, guarded by recvMu: the next message of the same
	// group and chunk shares it.
	last *buf.Origin
}

func newDish(s *Socket) (sender, receiver) {
	return nil, &dish{s: s, pipes: map[*queue.Pipe]struct{}{}, set: map[string]string{}}
}

func (j *dish) silent(nobody string) string {
	j.setMu.RLock()
	defer j.setMu.RUnlock()
	if len(j.set) > 0 {
		return nobody
	}
	return "it has joined no group: call Join"
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
	j, ok := s.rx.(*dish)
	switch {
	case !ok:
		return fmt.Errorf("%w: a %s does not join groups", ErrNotSupported, s.typ)
	case s.closed.Load():
		return s.closedErr()
	case len(group) > wire.MaxGroup:
		return fmt.Errorf("%w: of %d bytes, at most %d are possible", ErrInvalidGroup, len(group), wire.MaxGroup)
	}
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

func (j *dish) change(group string, join bool) error {
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
func tellGroup(p *queue.Pipe, group string, join bool) {
	if peer := p.Peer(); peer != nil {
		_ = socketOf(peer).subscribed(peer, []byte(group), join) // limits are for the wire
		return
	}
	cmd := wire.Command{Kind: wire.Join, Data: []byte(group)}
	if !join {
		cmd.Kind = wire.Leave
	}
	if p.Out.Control(cmd) {
		p.Flush()
	}
}

// tell tells a new radio of all groups.
func (j *dish) tell(p *queue.Pipe) {
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

func (j *dish) untell(p *queue.Pipe) {
	j.mu.Lock()
	delete(j.pipes, p)
	j.mu.Unlock()
}

// open takes the group off a message and puts it on. It reports whether the group was
// joined: multicast brings all, and a radio may not have heard yet that it was left.
func (j *dish) open(t *taken) bool {
	m := &t.m
	if len(m.Frames) != 2 {
		j.s.stats.drop(dropMalformed)
		return false
	}
	j.setMu.RLock()
	group, ok := j.set[string(m.Frames[0])]
	j.setMu.RUnlock()
	if !ok {
		j.s.stats.drop(dropUnwanted)
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
