package zmq

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/queue"
)

// pub is the sender of PUB, and most of XPUB's: a copy to every subscriber whose
// subscriptions are a prefix of the first frame. Who has no room is passed over; with
// WithXPubNoDrop it waits, having sent nothing. (RFC 29)
type pub struct {
	spread
	index   pattern.SubIndex[*peer]
	all     map[*peer]struct{}
	streams *streams      // durable subscribers
	moved   chan struct{} // a token when one of them has got something, or has gone
	x       *xpub         // nil on a PUB

	// Once a number of messages went to the same subscribers, shared takes what they can
	// read together; apart are those that cannot.
	repeats int
	shared  queue.SharedLog
	apart   []*peer
}

func newPub(s *Socket) (sender, receiver) {
	f := makePub(s)
	return &f, nil
}

func makePub(s *Socket) pub {
	return pub{spread: spread{baseSender: baseSender{s}}, all: map[*peer]struct{}{}, moved: make(chan struct{}, 1), streams: newStreams()}
}

// publisher is what Socket asks a type for that has subscribers.
type publisher interface {
	// subscribed is called when a peer subscribes or cancels. No lock is held.
	subscribed(p *queue.Pipe, topic []byte, add bool) error
	// inspect gets what a peer has sent besides. No lock is held.
	inspect(p *queue.Pipe, frames [][]byte) error
	// subscribers is how many peers get a message of a topic, topicCount how many
	// different topics they have, and eachTopic lists these. The caller holds sendMu.
	subscribers(topic string) int
	topicCount() int
	eachTopic(fn func(topic []byte))
}

func (f *pub) put(frames [][]byte, copied bool) (flush, error) {
	if o := f.s.opts.get(); o.invert || o.xpubLast {
		return f.putChosen(frames, copied, o)
	}
	match, same := f.index.Match(frames[0])
	// To the same ones again and again, it is the same but faster out of one log.
	if k, done, err := f.putTogether(match, same, frames, copied); done {
		return k, err
	}
	if len(match) == 0 {
		return flush{}, nil
	}
	to := f.list[:0]
	for _, m := range match {
		to = append(to, m.Value)
	}
	return f.toList(to, frames, copied)
}

// putChosen is put where it is not simply those that match who get a message: with
// WithXPubManualLastValue, or WithInvertMatching.
func (f *pub) putChosen(frames [][]byte, copied bool, o *options) (flush, error) {
	f.part()
	match, _ := f.index.Match(frames[0])
	only := f.x.only(o)
	k, err := f.toList(f.chosen(match, only, o.invert), frames, copied)
	if err != nil && only != nil {
		f.x.asker.CompareAndSwap(nil, only) // it was not sent
	}
	return k, err
}

// chosen says who gets a message that some subscriptions match.
func (f *pub) chosen(match []*pattern.Subscriber[*peer], only *queue.Pipe, invert bool) (to []*peer) {
	to = f.list[:0]
	hit := make(map[*peer]struct{}, len(match))
	for _, m := range match {
		hit[m.Value] = struct{}{}
		if !invert && (only == nil || only == m.Value.pipe) {
			to = append(to, m.Value)
		}
	}
	if !invert {
		return to
	}
	for pr := range f.all {
		if _, is := hit[pr]; !is && (only == nil || only == pr.pipe) {
			to = append(to, pr)
		}
	}
	return to
}

// spread gives copies of one message to many peers: to matching subscribers (PUB, XPUB),
// to the members of a group (RADIO), or to all publishers (XSUB). It is guarded by sendMu.
type spread struct {
	baseSender
	list []*peer // scratch: whom a message goes to
	enc  []byte  // scratch: a small message, encoded
}

// toAll offers a message to each of a list. Who has no room is passed over, and it is
// counted; with WithXPubNoDrop nothing is sent, and who sends waits.
func (f *spread) toAll(to []*peer, frames [][]byte, copied bool) (k flush, err error) {
	if f.s.opts.noDrop() && anyFull(to, frames) {
		return flush{}, errWouldBlock
	}
	e := encoding{frames: frames, copied: copied, last: len(to) - 1, enc: f.enc[:0]}
	for i, pr := range to {
		f.give(pr, i, &e, &k)
	}
	if !e.shared { // else peers have it
		f.enc = e.enc
	}
	return k, nil
}

// toList is toAll of the scratch list.
func (f *spread) toList(to []*peer, frames [][]byte, copied bool) (flush, error) {
	k, err := f.toAll(to, frames, copied)
	clear(to)
	f.list = to[:0]
	return k, err
}

// anyFull reports whether one of them has no room for a message.
func anyFull(to []*peer, frames [][]byte) bool {
	for _, pr := range to {
		if st := pr.standsFor; st != nil {
			if st.kept.Full(encodedSize(frames)) {
				return true
			}
		} else if pr.pipe.Status() == queue.Full {
			return true
		}
	}
	return false
}

// give offers the message to the i-th of the list.
func (f *spread) give(pr *peer, i int, e *encoding, k *flush) {
	if st := pr.standsFor; st != nil {
		if p := st.of.keep(st, e.own()); p != nil {
			k.add(p)
		}
		return
	}
	status, wants := e.put(pr.pipe, i)
	switch status {
	case queue.OK:
	case queue.Full:
		f.s.dropFull(pr)
	case queue.Spilled:
		f.s.out.spills = append(f.s.out.spills, spill{p: pr.pipe, enc: e.own(), size: bytesOf(e.frames), to: pr})
	case queue.Closed:
		f.s.stats.drop(dropPeerGone)
	}
	if wants {
		k.add(pr.pipe)
	}
}

func (f *pub) places() int {
	if f.s.opts.noDrop() {
		return 1
	}
	return proxyBurst
}

// admit lets a subscriber take part; replaced is the connection that a durable one had
// before.
func (f *pub) admit(p *queue.Pipe, n newcomer) (replaced *queue.Pipe, err error) {
	pr := peerOf(p)
	if n.info != nil {
		if replaced, err = f.claimStream(p, pr, n.info); err != nil {
			return nil, err
		}
	}
	f.all[pr] = struct{}{}
	return replaced, nil
}

// claim looks whether a durable subscriber would be let in.
func (f *pub) claim(n newcomer) (leave func() bool, err error) {
	return nil, f.roomForDurable(n.info)
}

// room tells a peer what was dropped for it.
func (f *pub) room(p *queue.Pipe) flush { return flushOf(p, f.tellMissed(p)) }

// greet comes after a peer was let in, which may have cost another one its stream.
func (f *pub) greet(*queue.Pipe) { f.bury() }

func (f *pub) remove(p *queue.Pipe) { delete(f.all, peerOf(p)) }

func (f *pub) subscribers(topic string) int    { return f.index.Subscribers([]byte(topic)) }
func (f *pub) topicCount() int                 { return f.index.Topics() }
func (f *pub) eachTopic(fn func(topic []byte)) { f.index.All(fn) }

// What one peer may subscribe to, apart from WithMaxTopic.
const (
	maxTopics     = 1_000_000
	maxTopicBytes = 64 << 20
)

func (f *pub) subscribed(p *queue.Pipe, topic []byte, add bool) error {
	f.s.sendMu.Lock()
	tell, err := f.change(p, topic, add)
	f.s.sendMu.Unlock()
	if tell {
		f.x.report(p, topic, add)
	}
	f.s.peers.changed()
	if err != nil {
		f.s.refuseTopic(p, topic, err)
	}
	return nil
}

// change enters a peer's subscription into the index, or takes it out. An error says why
// it is not entered. tell says that an XPUB's application is to hear of it.
func (f *pub) change(p *queue.Pipe, topic []byte, add bool) (tell bool, err error) {
	pr, o := peerOf(p), f.s.opts.get()
	if pr == nil || pr.gone {
		return false, nil
	}
	if st := pr.stream; st != nil {
		return f.changeDurable(st, p, topic, add, o)
	}
	if o.xpubManual {
		err := pr.asks(topic, add, o.maxTopic)
		return err == nil, err
	}
	if !add {
		last, removed := f.index.Remove(topic, &pr.sub)
		if removed {
			pr.topics--
			pr.topicBytes -= len(topic)
		}
		return removed && last || o.xpubVerboser, nil
	}
	if err := pr.admitTopic(topic, o.maxTopic); err != nil {
		return false, err
	}
	first, added := f.index.Add(topic, &pr.sub)
	if added {
		pr.topics++
		pr.topicBytes += len(topic)
	}
	return added && first || o.xpubVerbose || o.xpubVerboser, nil
}

// admitTopic checks one more subscription of a peer against the limits.
func (pr *peer) admitTopic(topic []byte, maxTopic int) error {
	return checkTopic(topic, maxTopic, pr.topics, pr.topicBytes)
}

func checkTopic(topic []byte, maxTopic, topics, bytes int) error {
	switch {
	case maxTopic > 0 && len(topic) > maxTopic:
		return fmt.Errorf("a subscription of %d bytes, the limit is %d", len(topic), maxTopic)
	case topics >= maxTopics || bytes+len(topic) > maxTopicBytes:
		return fmt.Errorf("a subscription beyond %d in %d bytes", topics, bytes)
	}
	return nil
}

// inspect is called with what a peer has sent: subscriptions in the form of messages (up
// to ZMTP 3.0, and accepted from anybody), or messages for an XPUB.
func (f *pub) inspect(p *queue.Pipe, frames [][]byte) error {
	subs, frames := splitUpstream(frames, f.s.opts.get().onlyFirst)
	for _, sub := range subs {
		if err := f.subscribed(p, sub[1:], sub[0] == 1); err != nil {
			return err
		}
	}
	switch {
	case len(frames) == 0:
	case f.x == nil:
		f.s.stats.drop(dropUnwanted)
	default:
		f.x.upstream(p, frames)
	}
	return nil
}

// gone forgets the subscriptions of a peer, but for those of a durable one.
func (f *pub) gone(p *queue.Pipe, pr *peer) {
	f.leaveStream(p, pr)
	f.bury()
	f.s.sendMu.Lock()
	pr.gone, pr.topics, pr.topicBytes = true, 0, 0
	asked := pr.wanted // nobody else has it from here on
	pr.wanted = nil
	f.part()
	delete(f.all, pr)
	f.s.sendMu.Unlock()
	if f.x != nil {
		f.x.forgetAsked(p, asked)
	}
	f.forgetTopics(p, pr)
}

// forgetTopics takes the topics of a peer that has gone out of the index, and tells the
// application of an XPUB that does not decide about them itself.
func (f *pub) forgetTopics(p *queue.Pipe, pr *peer) {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	l := leaver{s: f.s, index: &f.index, sub: &pr.sub}
	l.tellsOf(f.x, p)
	l.forget()
}
