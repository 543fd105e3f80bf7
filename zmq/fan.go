package zmq

import (
	"fmt"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// fan spreads copies of a message: to matching subscribers (PUB, XPUB), or to all
// publishers (XSUB). It is guarded by sendMu.
type fan struct {
	index pattern.SubIndex[*pipe.Pipe]
	all   map[*pipe.Pipe]struct{}
	enc   []byte // scratch

	// Once a number of messages went to the same subscribers, cast takes what they
	// can read together; alone are those that cannot.
	again int
	cast  pipe.Cast
	alone []*pipe.Pipe
	short atomic.Bool // cast is all there is to do, until something changes
	stats *counters   // the socket's
}

const (
	// encodeMax is the size up to which a message is encoded once and then copied to
	// each peer; larger ones are shared by reference.
	encodeMax = 8 << 10
	// castAfter is how many messages go to the same peers before they share them: to
	// begin and to end that costs about as much as two messages.
	castAfter = 8
)

func (f *fan) init() { f.all = map[*pipe.Pipe]struct{}{} }

// putFan sends a message to the subscribers whose subscriptions are a prefix of
// its first frame. With WithXPubNoDrop it waits, having sent nothing, while one of
// them is full; otherwise those are passed over.
func (s *Socket) putFan(frames [][]byte, copied bool) (kick, error) {
	if o := s.opts.get(); o.invert || o.xpubLast {
		return s.putChosen(frames, copied, o)
	}
	f := &s.out.fan
	match, same := f.index.Match(frames[0])
	if !same {
		f.part()
	}
	if f.casts(match) {
		switch f.cast.Room() {
		case pipe.OK:
			return s.putCast(frames, copied)
		case pipe.Full:
			if s.opts.noDrop() {
				return kick{}, errWouldBlock
			}
		}
		f.part()
	}
	if s.opts.noDrop() && anyFull(match) {
		return kick{}, errWouldBlock
	}
	var k kick
	e := encoding{frames: frames, copied: copied, last: len(match) - 1, enc: f.enc[:0]}
	for i, m := range match {
		s.fanTo(m.Value, i, &e, &k)
	}
	f.keep(&e)
	return k, nil
}

// putCast writes a message where its subscribers read it together, and offers it
// to those that can't.
func (s *Socket) putCast(frames [][]byte, copied bool) (kick, error) {
	f := &s.out.fan
	if len(f.alone) > 0 && s.opts.noDrop() {
		for _, p := range f.alone {
			if p.Status() == pipe.Full {
				return kick{}, errWouldBlock
			}
		}
	}
	f.cast.Put(frames)
	var k kick
	f.cast.Wake(k.add)
	if len(f.alone) > 0 {
		e := encoding{frames: frames, copied: copied, last: len(f.alone) - 1, enc: f.enc[:0]}
		for i, p := range f.alone {
			s.fanTo(p, i, &e, &k)
		}
		f.keep(&e)
	}
	return k, nil
}

// casts reports whether the subscribers read together, and lets them begin to when
// it is time.
func (f *fan) casts(match []*pattern.Subscriber[*pipe.Pipe]) bool {
	if f.cast.Open() {
		return true
	}
	if f.again++; f.again <= castAfter {
		return false
	}
	f.again = 0
	for _, m := range match {
		switch f.cast.Join(m.Value) {
		case pipe.OK:
		case pipe.Unfit:
			f.alone = append(f.alone, m.Value)
		default:
			f.part()
			return false
		}
	}
	f.short.Store(f.cast.Open() && len(f.alone) == 0)
	return f.cast.Open()
}

// sendShort is Send on the shortest way: for one message more to subscribers that
// read together. It answers false, and has done nothing, where that is not possible.
func (s *Socket) sendShort(frames [][]byte) bool {
	f := &s.out.fan
	if !f.short.Load() || s.checkMsg(frames) != nil {
		return false
	}
	s.sendMu.Lock()
	if s.stuck() != nil || !f.fits(frames[0]) {
		s.sendMu.Unlock()
		return false
	}
	f.cast.Put(frames)
	s.stats.sent(frames)
	if f.cast.Wakes() {
		var k kick
		f.cast.Wake(k.add)
		s.sendMu.Unlock()
		k.run()
		return true
	}
	s.sendMu.Unlock()
	return true
}

// fits reports whether a message goes to all that read together, and to nobody
// else, and there is room.
func (f *fan) fits(first []byte) bool {
	if !f.short.Load() {
		return false
	}
	if _, same := f.index.Match(first); !same {
		f.part()
		return false
	}
	return f.cast.Room() == pipe.OK
}

// part ends reading together.
func (f *fan) part() {
	f.again = 0
	f.short.Store(false)
	if f.cast.Open() || len(f.alone) > 0 {
		f.stats.dropN(dropPeerGone, f.cast.End())
		clear(f.alone)
		f.alone = f.alone[:0]
	}
}

// anyFull reports whether one of them has no room.
func anyFull(match []*pattern.Subscriber[*pipe.Pipe]) bool {
	for _, m := range match {
		if m.Value.Status() == pipe.Full {
			return true
		}
	}
	return false
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
	case pipe.OK:
	case pipe.Full, pipe.Failed:
		s.dropFull(p)
	case pipe.Closed:
		s.drop(p, dropPeerGone)
	case pipe.Unfit: // it stands for a durable subscriber
		if p = peerOf(p).standsFor.keep(s, e.own()); p != nil {
			k.add(p)
		}
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
	shared bool   // enc is too large to be copied, and is shared by reference
	kept   []byte // a copy of enc that stays
}

// own is the encoded message in bytes that stay as they are.
func (e *encoding) own() []byte {
	if e.shared {
		return e.enc
	}
	if e.kept == nil {
		e.kept = append([]byte(nil), e.enc...)
	}
	return e.kept
}

// put queues the message for the i-th peer.
func (e *encoding) put(p *pipe.Pipe, i int) (pipe.Status, bool) {
	if p.Peer() == nil {
		if len(e.enc) == 0 {
			e.encode()
		}
		if status, kick := p.PutEncoded(e.enc, e.shared); status != pipe.Unfit {
			return status, kick
		}
		if pr := peerOf(p); pr != nil && pr.standsFor != nil {
			return pipe.Unfit, false
		}
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
	if err != nil {
		s.refuseTopic(p, topic, err)
	}
	return nil
}

// changeSubscriber enters a peer's subscription into the index, or takes it out. An
// error says why it is not entered.
// tell says that an XPUB's application is to hear of it.
func (s *Socket) changeSubscriber(p *pipe.Pipe, topic []byte, add bool) (tell bool, err error) {
	pr, o := peerOf(p), s.opts.get()
	if pr == nil || pr.gone {
		return false, nil
	}
	known := false // it is told again, on a new connection
	if pr.stream != nil {
		if _, known = pr.stream.topics[string(topic)]; add && !known { // nothing is kept of what is refused
			if err := peerOf(pr.stream.pipe).admitTopic(topic, o.maxTopic); err != nil {
				return false, err
			}
			known = true
		}
		if p = pr.stream.subscribes(p, topic, add); p == nil {
			return false, nil
		}
		pr = peerOf(p)
	}
	if o.xpubManual {
		err := pr.asks(topic, add, o.maxTopic)
		return err == nil, err
	}
	if !add {
		last, removed := s.out.fan.index.Remove(topic, &pr.sub)
		if removed {
			pr.topics--
			pr.topicBytes -= len(topic)
		}
		return removed && last || o.xpubVerboser, nil
	}
	if !known {
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
		return fmt.Errorf("a subscription of %d bytes, the limit is %d", len(topic), maxTopic)
	case pr.topics >= maxTopics || pr.topicBytes+len(topic) > maxTopicBytes:
		return fmt.Errorf("a subscription beyond %d in %d bytes", pr.topics, pr.topicBytes)
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
	s.bring(p, origin.Message([][]byte{frame}, p.Origin()))
}

// told is called with each message that an XPUB's application takes.
func (s *Socket) told(m *msg.Msg) {
	if topic, _, ok := subscription(m.Frames); ok {
		s.untold.Add(-int64(noticeCost + 1 + len(topic)))
	}
}

// bring queues a message for the application that did not come from the wire.
func (s *Socket) bring(p *pipe.Pipe, m msg.Msg) {
	_, announce, ok := p.In.PutMsg(m)
	if ok && announce {
		p.Announce()
	}
}

// inspect is called with what a peer of a PUB or XPUB has sent: subscriptions in
// the form of messages (up to ZMTP 3.0, and accepted from anybody), or messages
// for an XPUB. The latter are dropped at the receive high-water mark, since
// waiting would keep subscriptions from being heard.
func (s *Socket) inspect(p *pipe.Pipe, frames [][]byte) error {
	if s.row.Groups {
		s.drop(p, dropUnwanted)
		return nil
	}
	subs, frames := splitUpstream(frames, s.opts.get().onlyFirst)
	for _, f := range subs {
		if err := s.subscribed(p, f[1:], f[0] == 1); err != nil {
			return err
		}
	}
	switch {
	case len(frames) == 0:
	case s.typ != XPub:
		s.drop(p, dropUnwanted)
	case p.In.Room() == 0:
		s.drop(p, dropHWM)
	default:
		s.bring(p, origin.Message(msgCopy(frames), p.Origin()))
	}
	return nil
}

// removeAtOnce is how many subscriptions of a peer that is gone are forgotten
// before another send may begin.
const removeAtOnce = 1000

// unsubscribeAll forgets the subscriptions of a peer that is gone.
func (s *Socket) unsubscribeAll(p *pipe.Pipe, pr *peer) {
	o := s.opts.get()
	var told [][]byte
	s.sendMu.Lock()
	pr.gone, pr.topics, pr.topicBytes = true, 0, 0
	s.out.fan.part()
	delete(s.out.fan.all, p)
	told = append(told, pr.takeAsked()...)
	for more := true; more; {
		more = s.out.fan.index.RemoveSome(&pr.sub, removeAtOnce, func(topic []byte, last bool) {
			if s.typ == XPub && !o.xpubManual && (last || o.xpubVerboser) {
				told = append(told, append([]byte(nil), topic...))
			}
		})
		s.sendMu.Unlock()
		for _, topic := range told {
			s.notice(p, topic, false)
		}
		clear(told)
		told = told[:0]
		s.sendMu.Lock()
	}
	s.sendMu.Unlock()
}

// msgCopy copies frames into one buffer of their own.
func msgCopy(frames [][]byte) [][]byte { return msg.New(frames...).Clone().Frames }
