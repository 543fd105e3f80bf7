package zmq

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// radio is the sender of RADIO: a copy to every peer that has joined the message's group,
// which is its first frame here, and to every multicast link. With WithXPubNoDrop it
// waits, having sent nothing, while one of them is full; otherwise those are passed over.
// (RFC 48)
type radio struct {
	spread
	index pattern.SubIndex[*peer] // of groups: each is found by its whole name
	links map[*peer]struct{}
}

func newRadio(s *Socket) (sender, receiver) {
	return &radio{spread: spread{baseSender: baseSender{s}}, links: map[*peer]struct{}{}}, nil
}

func (r *radio) put(frames [][]byte, copied bool) (flush, error) {
	if n := len(frames[0]); n > wire.MaxGroup {
		return flush{}, fmt.Errorf("%w: of %d bytes, at most %d are possible", ErrInvalidGroup, n, wire.MaxGroup)
	}
	to := r.list[:0]
	for _, m := range r.index.Exact(frames[0]) {
		to = append(to, m.Value)
	}
	for pr := range r.links {
		to = append(to, pr)
	}
	return r.toList(to, frames, copied)
}

func (r *radio) places() int { return proxyBurst }

// admit: a peer joins groups by itself, but for one that can't.
func (r *radio) admit(p *queue.Pipe, n newcomer) (*queue.Pipe, error) {
	if n.everything {
		r.links[peerOf(p)] = struct{}{}
	}
	return nil, nil
}

func (r *radio) remove(p *queue.Pipe) { delete(r.links, peerOf(p)) }

// subscribed is called when a peer joins a group or leaves it.
func (r *radio) subscribed(p *queue.Pipe, group []byte, join bool) error {
	defer r.s.peers.changed()
	if err := r.change(p, group, join); err != nil {
		r.s.refuseTopic(p, group, err)
	}
	return nil
}

func (r *radio) change(p *queue.Pipe, group []byte, join bool) error {
	r.s.sendMu.Lock()
	defer r.s.sendMu.Unlock()
	pr := peerOf(p)
	if pr == nil || pr.gone {
		return nil
	}
	if !join {
		if _, left := r.index.Remove(group, &pr.sub); left {
			pr.topics--
			pr.topicBytes -= len(group)
		}
		return nil
	}
	if err := pr.admitTopic(group, 0); err != nil {
		return err
	}
	if _, joined := r.index.Add(group, &pr.sub); joined {
		pr.topics++
		pr.topicBytes += len(group)
	}
	return nil
}

// gone forgets what a peer has joined, a part at a time, as a publisher does.
func (r *radio) gone(_ *queue.Pipe, pr *peer) {
	r.s.sendMu.Lock()
	defer r.s.sendMu.Unlock()
	pr.gone, pr.topics, pr.topicBytes = true, 0, 0
	l := leaver{s: r.s, index: &r.index, sub: &pr.sub}
	l.forget()
}

// inspect is called with what a peer has sent that is no JOIN: nothing that it may send.
func (r *radio) inspect(p *queue.Pipe, _ [][]byte) error {
	r.s.stats.drop(dropUnwanted)
	return nil
}

func (r *radio) subscribers(group string) int { return len(r.index.Exact([]byte(group))) }
func (r *radio) topicCount() int              { return 0 }
func (r *radio) eachTopic(func([]byte))       {}
