package zmq

import (
	"sync"

	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// sub is the receiver of SUB: what its own subscriptions match. (RFC 29)
type sub struct {
	baseReceiver
	topics *topics
}

func newSub(s *Socket) (sender, receiver) { return nil, sub{topics: newTopics(s)} }

// open drops what was not subscribed to. The publisher filters too; what it sent before it
// heard of a cancellation is dropped here.
func (r sub) open(t *taken) bool {
	return r.topics.match(t.m.Frames[0]) != r.topics.s.opts.get().invert
}

func (r sub) silent(nobody string) string {
	if r.topics.count() > 0 {
		return nobody
	}
	return "it has no subscription: call Subscribe, with \"\" for everything"
}

func (r sub) tell(p *queue.Pipe)   { r.topics.greet(p) }
func (r sub) untell(p *queue.Pipe) { r.topics.leave(p) }
func (r sub) own() *topics         { return r.topics }

// topics are the own subscriptions of a SUB or XSUB, and the publishers who must
// know of them. mu is held while they are told, so that they all hear of changes
// in one order.
type topics struct {
	s     *Socket
	mu    sync.Mutex
	pipes map[*queue.Pipe]struct{}

	setMu sync.RWMutex // guards set; taken after mu
	set   pattern.SubCount
}

func newTopics(s *Socket) *topics { return &topics{s: s, pipes: map[*queue.Pipe]struct{}{}} }

// count is how many different topics there are.
func (t *topics) count() int {
	t.setMu.RLock()
	defer t.setMu.RUnlock()
	return t.set.Len()
}

// each lists them.
func (t *topics) each(fn func(topic []byte)) {
	t.setMu.RLock()
	defer t.setMu.RUnlock()
	t.set.All(fn)
}

// match reports whether a message with this first frame was subscribed to.
func (t *topics) match(first []byte) bool {
	t.setMu.RLock()
	defer t.setMu.RUnlock()
	return t.set.Match(first)
}

// subscribe is Subscribe and Unsubscribe.
func (t *topics) subscribe(topic []byte, add bool) error {
	if t.s.closed.Load() {
		return t.s.closedErr()
	}
	t.change(topic, add)
	return nil
}

// change counts a subscription and tells the publishers.
func (t *topics) change(topic []byte, add bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.setMu.Lock()
	tell := true
	if add {
		t.set.Add(topic) // each one is told, the first or not
	} else {
		tell, _ = t.set.Remove(topic) // only the last one is
		tell = tell || t.s.opts.get().xsubVerbose
	}
	t.setMu.Unlock()
	if !tell {
		return
	}
	for p := range t.pipes {
		tellTopic(p, topic, add)
	}
}

// tellTopic sends one subscription to one publisher.
func tellTopic(p *queue.Pipe, topic []byte, add bool) {
	if peer := p.Peer(); peer != nil {
		_ = socketOf(peer).subscribed(peer, topic, add) // limits are for the wire
		return
	}
	cmd := wire.Command{Kind: wire.Subscribe, Data: topic}
	if !add {
		cmd.Kind = wire.Cancel
	}
	if p.Out.Control(cmd) {
		p.Flush()
	}
}

// greet tells a new publisher of all subscriptions, before anything else.
func (t *topics) greet(p *queue.Pipe) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pipes[p] = struct{}{}
	t.setMu.RLock()
	var all [][]byte
	t.set.All(func(topic []byte) { all = append(all, append([]byte(nil), topic...)) })
	t.setMu.RUnlock()
	for _, topic := range all {
		tellTopic(p, topic, true)
	}
}

func (t *topics) leave(p *queue.Pipe) {
	t.mu.Lock()
	delete(t.pipes, p)
	t.mu.Unlock()
}
