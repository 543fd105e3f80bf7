package zmq

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// fan spreads copies of a message: to matching subscribers (PUB, XPUB), or to all
// publishers (XSUB). It is guarded by sendMu.
type fan struct {
	index pattern.SubIndex[*pipe.Pipe]
	all   map[*pipe.Pipe]struct{}
	match []*pattern.Subscriber[*pipe.Pipe] // scratch
	enc   []byte                            // scratch
}

// encodeMax is the size up to which a message is encoded once and then copied to
// each peer; larger ones are shared by reference.
const encodeMax = 8 << 10

func (f *fan) init() { f.all = map[*pipe.Pipe]struct{}{} }

// putFan sends a message to the subscribers whose subscriptions are a prefix of
// its first frame. With WithXPubNoDrop it waits, having sent nothing, while one of
// them is full; otherwise those are passed over.
func (s *Socket) putFan(frames [][]byte, copied bool) (kick, error) {
	f := &s.out.fan
	f.match = f.index.AppendMatch(f.match[:0], frames[0])
	if s.opts.noDrop() {
		for _, m := range f.match {
			if m.Value.Status() == pipe.Full {
				return kick{}, errWouldBlock
			}
		}
	}
	var k kick
	e := encoding{frames: frames, copied: copied, last: len(f.match) - 1, enc: f.enc[:0]}
	for i, m := range f.match {
		s.fanTo(m.Value, i, &e, &k)
	}
	f.keep(&e)
	clear(f.match)
	return k, nil
}

// toAll sends a message to every peer.
func (s *Socket) toAll(frames [][]byte, copied bool) kick {
	var k kick
	f := &s.out.fan
	e := encoding{frames: frames, copied: copied, last: len(f.all) - 1, enc: f.enc[:0]}
	i := 0
	for p := range f.all {
		s.fanTo(p, i, &e, &k)
		i++
	}
	f.keep(&e)
	return k
}

// keep saves the scratch buffer for the next message, unless peers share it.
func (f *fan) keep(e *encoding) {
	if !e.shared {
		f.enc = e.enc
	}
}

func (s *Socket) fanTo(p *pipe.Pipe, i int, e *encoding, k *kick) {
	status, kicks := e.put(p, i)
	switch status {
	case pipe.Full:
		s.drop(p, dropHWM)
	case pipe.Closed:
		s.drop(p, dropPeerGone)
	}
	if kicks {
		k.add(p)
	}
}

// encoding is one message on its way to many peers: encoded at the first peer
// that wants bytes, and then shared.
type encoding struct {
	frames [][]byte
	copied bool
	last   int // index of the last peer
	enc    []byte
	shared bool // enc is too large to be copied, and is shared by reference
}

// put queues the message for the i-th peer.
func (e *encoding) put(p *pipe.Pipe, i int) (pipe.Status, bool) {
	if p.TakesEncoded() {
		if len(e.enc) == 0 {
			e.encode()
		}
		return p.Out.PutEncoded(e.enc, e.shared)
	}
	// Receivers may change what they get, so each gets frames of its own; the last
	// one may have the original, if it was given to us.
	if e.copied || i < e.last || e.shared {
		return p.Put(nil, e.frames, true)
	}
	return p.Put(nil, e.frames, false)
}

func (e *encoding) encode() {
	size := 0
	for _, f := range e.frames {
		size += len(f) + 9
	}
	if size > encodeMax {
		e.enc, e.shared = make([]byte, 0, size), true
	}
	for i, f := range e.frames {
		var flags byte
		if i+1 < len(e.frames) {
			flags = wire.FlagMore
		}
		e.enc = append(wire.AppendHeader(e.enc, flags, len(f)), f...)
	}
}

// What one peer may subscribe to, apart from WithMaxTopic.
const (
	maxTopics     = 1_000_000
	maxTopicBytes = 64 << 20
)

// subscribed is called when a peer of a PUB or XPUB subscribes or cancels.
func (s *Socket) subscribed(p *pipe.Pipe, topic []byte, add bool) error {
	if s.row.Send != pattern.SendFan {
		return nil
	}
	s.sendMu.Lock()
	tell, err := s.changeSubscriber(p, topic, add)
	s.sendMu.Unlock()
	if tell {
		s.notice(p, topic, add)
	}
	s.peers.changed()
	return err
}

// changeSubscriber enters a peer's subscription into the index, or takes it out.
// tell says that an XPUB's application is to hear of it.
func (s *Socket) changeSubscriber(p *pipe.Pipe, topic []byte, add bool) (tell bool, err error) {
	pr, o := peerOf(p), s.opts.get()
	if pr == nil || pr.gone {
		return false, nil
	}
	if !add {
		last, removed := s.out.fan.index.Remove(topic, &pr.sub)
		if removed {
			pr.topics--
			pr.topicBytes -= len(topic)
		}
		return removed && last || o.xpubVerboser, nil
	}
	if p.Peer() == nil { // a peer in this process is one of us
		if err := pr.admitTopic(topic, o.maxTopic); err != nil {
			return false, err
		}
	}
	first, added := s.out.fan.index.Add(topic, &pr.sub)
	if added {
		pr.topics++
		pr.topicBytes += len(topic)
	}
	return added && first || o.xpubVerbose || o.xpubVerboser, nil
}

// admitTopic checks one more subscription of a peer against the limits.
func (pr *peer) admitTopic(topic []byte, maxTopic int) error {
	switch {
	case maxTopic > 0 && len(topic) > maxTopic:
		return fmt.Errorf("%w: a subscription of %d bytes, the limit is %d", session.ErrTooLarge, len(topic), maxTopic)
	case pr.topics >= maxTopics || pr.topicBytes+len(topic) > maxTopicBytes:
		return fmt.Errorf("%w: a subscription beyond %d in %d bytes", session.ErrTooLarge, pr.topics, pr.topicBytes)
	}
	return nil
}

// maxUntold bounds what the application of an XPUB has not been told yet about
// subscriptions, in bytes and with noticeCost for each. No high-water mark does, or
// peers would have to wait with their subscriptions for an application that does
// not ask; without any bound they could fill our memory.
const (
	maxUntold  = 64 << 20
	noticeCost = 64
)

// notice tells the application of an XPUB about a subscription.
func (s *Socket) notice(p *pipe.Pipe, topic []byte, add bool) {
	if s.typ != XPub {
		return
	}
	size := int64(noticeCost + 1 + len(topic))
	if s.untold.Add(size) > maxUntold {
		s.untold.Add(-size)
		s.drop(p, dropHWM)
		return
	}
	first := byte(0)
	if add {
		first = 1
	}
	frame := append([]byte{first}, topic...)
	s.bring(p, msg.Received([][]byte{frame}, p.Origin()))
}

// told is called with each message that an XPUB's application takes.
func (s *Socket) told(m *msg.Msg) {
	if topic, _, ok := subscription(m.Frames); ok {
		s.untold.Add(-int64(noticeCost + 1 + len(topic)))
	}
}

// bring queues a message for the application that did not come from the wire.
func (s *Socket) bring(p *pipe.Pipe, m msg.Msg) {
	announce, ok := p.In.PutMsg(m)
	if ok && announce {
		p.Announce()
	}
}

// inspect is called with what a peer of a PUB or XPUB has sent: subscriptions in
// the form of messages (up to ZMTP 3.0, and accepted from anybody), or messages
// for an XPUB. The latter are dropped at the receive high-water mark, since
// waiting would keep subscriptions from being heard.
func (s *Socket) inspect(p *pipe.Pipe, frames [][]byte) error {
	if topic, add, ok := subscription(frames); ok {
		return s.subscribed(p, topic, add)
	}
	switch {
	case s.typ != XPub:
		s.drop(p, dropUnwanted)
	case p.In.Room() == 0:
		s.drop(p, dropHWM)
	default:
		s.bring(p, msg.Received(msgCopy(frames), p.Origin()))
	}
	return nil
}

// unsubscribeAll forgets the subscriptions of a peer that is gone.
func (s *Socket) unsubscribeAll(p *pipe.Pipe, pr *peer) {
	verboser := s.opts.get().xpubVerboser
	var told [][]byte
	s.sendMu.Lock()
	pr.gone, pr.topics, pr.topicBytes = true, 0, 0
	s.out.fan.index.RemoveAll(&pr.sub, func(topic []byte, last bool) {
		if s.typ == XPub && (last || verboser) {
			told = append(told, append([]byte(nil), topic...))
		}
	})
	s.sendMu.Unlock()
	for _, topic := range told {
		s.notice(p, topic, false)
	}
}

// msgCopy copies frames into one buffer of their own.
func msgCopy(frames [][]byte) [][]byte { return msg.New(frames...).Clone().Frames }
