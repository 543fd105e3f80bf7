package zmq

import (
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/pipe"
)

// This file is what an XPUB does with WithXPubManual and WithXPubManualLastValue,
// and what publishers do with WithInvertMatching.

// asks notes what a peer wants; the program decides what comes of it. The caller
// holds sendMu.
func (pr *peer) asks(topic []byte, add bool, maxTopic int) error {
	_, has := pr.wanted[string(topic)]
	if !add {
		if has {
			delete(pr.wanted, string(topic))
			pr.topics--
			pr.topicBytes -= len(topic)
		}
		return nil
	}
	if err := pr.admitTopic(topic, maxTopic); err != nil {
		return err
	}
	if has {
		return nil
	}
	if pr.wanted == nil {
		pr.wanted = map[string]struct{}{}
	}
	pr.wanted[string(topic)] = struct{}{}
	pr.topics++
	pr.topicBytes += len(topic)
	return nil
}

// takeAsked is what a peer that goes had wanted. The caller holds sendMu.
func (pr *peer) takeAsked() (topics [][]byte) {
	for topic := range pr.wanted {
		topics = append(topics, []byte(topic))
	}
	pr.wanted = nil
	return topics
}

// reported remembers whose subscription the program has just received.
func (s *Socket) reported(t *taken) {
	if _, _, ok := subscription(t.m.Frames); ok && s.opts.get().xpubManual {
		s.asker.Store(t.from)
	}
}

// subscribeAsker subscribes the peer whose report was received last. Without one,
// or when it is gone, there is nothing to do.
func (s *Socket) subscribeAsker(topic []byte, add bool) error {
	if s.closed.Load() {
		return s.over()
	}
	p := s.asker.Load()
	if p == nil {
		return nil
	}
	s.sendMu.Lock()
	if pr := peerOf(p); pr != nil && !pr.gone {
		if add {
			s.out.fan.index.Add(topic, &pr.sub)
		} else {
			s.out.fan.index.Remove(topic, &pr.sub)
		}
	}
	s.sendMu.Unlock()
	s.peers.changed()
	return nil
}

// putChosen is putFan where it is not simply those that match who get a message.
func (s *Socket) putChosen(frames [][]byte, copied bool, o *options) (kick, error) {
	f := &s.out.fan
	f.part()
	match, _ := f.index.Match(frames[0])
	to := s.chosen(match, o)
	if o.xpubNoDrop {
		for _, p := range to {
			if p.Status() == pipe.Full {
				return kick{}, errWouldBlock
			}
		}
	}
	var k kick
	e := encoding{frames: frames, copied: copied, last: len(to) - 1, enc: f.enc[:0]}
	for i, p := range to {
		s.fanTo(p, i, &e, &k)
	}
	f.keep(&e)
	if o.xpubLast {
		s.asker.Store(nil) // the next message is for everybody again
	}
	return k, nil
}

// chosen says who gets a message that some subscriptions match.
func (s *Socket) chosen(match []*pattern.Subscriber[*pipe.Pipe], o *options) (to []*pipe.Pipe) {
	only := s.asker.Load()
	if only != nil && (!o.xpubLast || peerOf(only).gone) {
		only = nil
	}
	hit := make(map[*pipe.Pipe]struct{}, len(match))
	for _, m := range match {
		hit[m.Value] = struct{}{}
		if !o.invert && (only == nil || only == m.Value) {
			to = append(to, m.Value)
		}
	}
	if !o.invert {
		return to
	}
	for p := range s.out.fan.all {
		if _, is := hit[p]; !is && (only == nil || only == p) {
			to = append(to, p)
		}
	}
	return to
}
