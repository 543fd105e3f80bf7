package zmq

import (
	"fmt"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// xpub is both sides of XPUB: a PUB whose program receives the subscriptions of its peers
// as messages, and with WithXPubManual decides what comes of them. (RFC 29)
type xpub struct {
	pub
	baseReceiver
	untold *reports                   // those that the program has not received yet
	asker  atomic.Pointer[queue.Pipe] // manual: whose report was received last
	byID   map[msg.PeerID]*queue.Pipe // guarded by sendMu: those that are there, for TrySendTo
}

func newXPub(s *Socket) (sender, receiver) {
	x := &xpub{pub: makePub(s), untold: newReports(), byID: map[msg.PeerID]*queue.Pipe{}}
	x.x = x
	return x, x
}

// idOf is the PeerID of the connection that a pipe has now.
func idOf(p *queue.Pipe) msg.PeerID { return origin.Message(nil, p.Origin()).Peer().ID() }

// admit enters a peer under its PeerID as well.
func (x *xpub) admit(p *queue.Pipe, n newcomer) (replaced *queue.Pipe, err error) {
	if replaced, err = x.pub.admit(p, n); err == nil {
		x.byID[idOf(p)] = p
	}
	return replaced, err
}

// gone takes the PeerID out: one that comes back has another.
func (x *xpub) gone(p *queue.Pipe, pr *peer) {
	x.s.sendMu.Lock()
	delete(x.byID, idOf(p))
	x.s.sendMu.Unlock()
	x.pub.gone(p, pr)
}

// TrySendTo sends a message to one subscriber of an XPUB, and to nobody else, whether it
// is subscribed to it or not; a SUB filters what it gets by its own subscriptions. to is
// the PeerID of a message of that peer, such as the report of its subscription: so a
// program can answer one subscriber with as many messages as it likes. The frames are
// copied, and stay the caller's.
//
// Errors: ErrAgain at the peer's high-water mark (Notify tells when it has room again);
// ErrHostUnreachable when that connection is gone; ErrNotSupported on types other than
// XPUB, and for a durable subscriber, whose messages have numbers; ErrInvalidMessage,
// ErrMsgTooLarge, ErrClosed.
func (s *Socket) TrySendTo(to msg.PeerID, m msg.Msg) error {
	x, ok := s.tx.(*xpub)
	if !ok {
		return fmt.Errorf("%w: a %s does not send to one peer by its PeerID", ErrNotSupported, s.typ)
	}
	s.sendMu.Lock()
	k, err := x.putTo(to, m.Frames)
	if err = s.endPut(k, err); err == errWouldBlock || err == errOnceMore {
		err = ErrAgain
	}
	return s.wrapOp("send", err)
}

// putTo queues a message for one peer.
func (x *xpub) putTo(to msg.PeerID, frames [][]byte) (flush, error) {
	if err := x.s.maySend(frames); err != nil {
		return flush{}, err
	}
	p := x.byID[to]
	if p == nil {
		return flush{}, fmt.Errorf("%w: no subscriber has this PeerID", ErrHostUnreachable)
	}
	if streamOf(p) != nil {
		return flush{}, fmt.Errorf("%w: a durable subscriber gets what all get", ErrNotSupported)
	}
	x.part() // it may be reading together with others
	status, wants := p.Put(nil, frames, true)
	switch status {
	case queue.Full:
		return flush{}, errWouldBlock
	case queue.Closed:
		return flush{}, fmt.Errorf("%w: the subscriber is gone", ErrHostUnreachable)
	case queue.Spilled:
		x.s.spill(p, nil, frames, true).sent = tally{1, uint64(bytesOf(frames))}
	}
	x.s.stats.sent(frames)
	return flushOf(p, wants), nil
}

// report tells the application about a subscription; on a PUB there is nobody to tell.
func (x *xpub) report(p *queue.Pipe, topic []byte, add bool) {
	if x == nil {
		return
	}
	first := byte(0)
	if add {
		first = 1
	}
	x.inject(p, origin.Message([][]byte{append([]byte{first}, topic...)}, p.Origin()))
}

// inject queues what looks like a report for the application.
func (x *xpub) inject(p *queue.Pipe, m msg.Msg) { x.injectAll(p, []msg.Msg{m}) }

// injectAll queues some at a time, so that the application is woken once.
func (x *xpub) injectAll(p *queue.Pipe, msgs []msg.Msg) {
	n, announce := x.untold.put(p, msgs)
	if announce {
		p.Announce()
	}
	for _, m := range msgs[n:] {
		x.press(p, m)
	}
}

// press queues one for which there was no room, at the cost of others.
func (x *xpub) press(p *queue.Pipe, m msg.Msg) {
	x.s.recvMu.Lock()
	announce, dropped := x.untold.press(p, m)
	x.s.recvMu.Unlock()
	for range dropped {
		x.s.stats.drop(dropHWM)
	}
	if announce {
		p.Announce()
	}
}

// upstream queues a message of a peer. It is dropped at the receive high-water mark, since
// waiting would keep subscriptions from being heard.
func (x *xpub) upstream(p *queue.Pipe, frames [][]byte) {
	if p.In.Room() == 0 {
		x.s.stats.drop(dropHWM)
		return
	}
	m := origin.Message(msgCopy(frames), p.Origin())
	if isReport(m) { // the program can't tell it from one
		x.inject(p, m)
	} else if _, announce, ok := p.In.PutMsg(m); ok && announce {
		p.Announce()
	}
}

// reported is for Stats.
func (x *xpub) reported() (bytes int, dropped uint64) { return x.untold.figures() }

// took makes room for further reports, and remembers whose this one was.
func (x *xpub) took(t *taken) {
	if t.from == nil || !isReport(t.m) {
		return
	}
	x.untold.took(t.from, t.m.Frames[0])
	if x.s.opts.get().xpubManual {
		x.asker.Store(t.from)
	}
}

// greet sends a new subscriber the welcome message.
func (x *xpub) greet(p *queue.Pipe) {
	x.pub.greet(p)
	b := x.s.opts.get().welcome
	if len(b) == 0 || x.isDurable(p) {
		return
	}
	x.s.putAlone(p, [][]byte{b})
}

// subscribe subscribes the peer whose report was received last. Without one, or when it is
// gone, there is nothing to do.
func (x *xpub) subscribe(topic []byte, add bool) error {
	s := x.s
	if s.closed.Load() {
		return s.closedErr()
	}
	p := x.asker.Load()
	if p == nil {
		return nil
	}
	s.sendMu.Lock()
	if pr := peerOf(p); pr != nil && !pr.gone {
		if add {
			x.index.Add(topic, &pr.sub)
		} else {
			x.index.Remove(topic, &pr.sub)
		}
	}
	s.sendMu.Unlock()
	s.peers.changed()
	return nil
}

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

// only is the one peer that the next message is for, with WithXPubManualLastValue; nil
// when it is for all who match.
func (x *xpub) only(o *options) *queue.Pipe {
	if x == nil || !o.xpubLast {
		return nil
	}
	p := x.asker.Swap(nil) // the message after it is for everybody again
	if p == nil || peerOf(p).gone {
		return nil
	}
	return p
}
