package zmq

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
)

// This file is the publisher's side of durable subscriptions: for each subscriber a
// stream of numbered messages, of which the last ones are kept. What is in the index
// is not the subscriber's pipe, which comes and goes, but one that stands for it.

// propDurable is how both sides say that they want durable subscriptions: the
// subscriber with its name, the publisher with a number of its own.
const propDurable = "X-Zactor-Durable"

// maxStreams bounds how many subscribers are remembered, and maxUserStreams how many
// of one authenticated user, or key. Beyond the latter that user's own are forgotten,
// those that are away for longest first; beyond the former those of the user who has
// most.
const (
	maxStreams     = 10_000
	maxUserStreams = 1_000
)

// maxDurable is how long a name may be.
const maxDurable = 255

var (
	errManyStreams = errors.New("too many durable subscribers are connected")
)

// streams are the durable subscribers of a publisher; guarded by sendMu.
type streams struct {
	byName      map[streamName]*durableStream
	names       map[principal]int // how many each has
	publisherID uint64            // this publisher's number, of its life from New to Close
	over        bool
	looked      bool // for files of an earlier version, which are named once
}

// streamName is a durable subscriber's name, which is its owner's: another user's of
// the same text is another one.
type streamName struct {
	owner principal
	text  string
}

// durableStream is one durable subscriber.
type durableStream struct {
	of     *pub
	target *peer  // stands for it in the index
	epoch  uint64 // tells it from an earlier one of the same name
	kept   history

	holder *queue.Pipe // its connection, nil while it is away
	live   *queue.Pipe // the same, once the subscriber has said what it has
	next   uint64      // what live gets next
	put    uint64      // how many messages live got since Begin

	topics       map[string]struct{}
	resubscribed map[string]struct{} // those of this connection, until it has told all

	leftAt  time.Time   // since when it is away
	expiry  *time.Timer // forgets what is kept
	expired bool        // it is away for too long: messages are only counted
}

// durableConfig adds what durable subscriptions and notices of gaps need to what
// connections are told.
func (s *Socket) durableConfig(cfg *session.Config, o *options) error {
	if o.durableMsgs > 0 && (o.xpubManual || o.invert) {
		return fmt.Errorf("%w: DURABLE_MSGS = %d: not together with XPUB_MANUAL or INVERT_MATCHING", ErrInvalidOption, o.durableMsgs)
	}
	properties := cfg.Properties[:len(cfg.Properties):len(cfg.Properties)]
	add := func(name, value string) {
		properties = append(properties, wire.Property{Name: name, Value: []byte(value)})
	}
	if o.durable != "" {
		add(propDurable, o.durable)
	}
	if o.gapNotices {
		add(propGaps, "1")
	}
	if o.durableMsgs > 0 {
		add(propDurable, s.tx.(durables).publisherNumber())
	}
	if len(properties) == len(cfg.Properties) {
		return nil
	}
	cfg.Properties, cfg.Stream = properties, s.streamCommand
	if err := wire.CheckProperties(properties); err != nil {
		return fmt.Errorf("%w: METADATA: %v", ErrInvalidOption, err)
	}
	return nil
}

// durables is a publisher as its durable subscribers know it.
type durables interface {
	publisherNumber() string
	resume(p *queue.Pipe, epoch, has uint64)
	takenUpTo(p *queue.Pipe, number uint64)
}

// publisherNumber names the publisher.
func (f *pub) publisherNumber() string {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	st := &f.streams
	if st.publisherID == 0 {
		st.publisherID = rand.Uint64() | 1
	}
	return strconv.FormatUint(st.publisherID, 16)
}

// claimStream gives a subscriber that has just come its stream, or refuses it. old is a
// connection that has to go for it. The caller holds sendMu.
func (f *pub) claimStream(p *queue.Pipe, pr *peer, info *buf.Peer) (old *queue.Pipe, err error) {
	id, o := info.Properties[propDurable], f.s.optionsOf(p)
	pr.wantsGaps, pr.missed, pr.stream = info.Properties[propGaps] != "", 0, nil
	p.InMemory(false)
	if id == "" || o.durableMsgs == 0 || len(id) > maxDurable || f.streams.over {
		return nil, nil
	}
	st, err := f.streamFor(streamName{principalOfPeer(info), id}, o)
	if err != nil {
		return nil, err
	}
	old, st.holder, st.live = st.holder, p, nil
	st.resubscribed = map[string]struct{}{}
	st.stay()
	pr.stream = st
	p.InMemory(true) // what is kept is the stream's, within its bounds
	return old, nil
}

// optionsOf are the socket's options as they are for a peer's endpoint.
func (s *Socket) optionsOf(p *queue.Pipe) *options {
	if pr := peerOf(p); pr != nil && pr.opts != nil {
		return pr.opts
	}
	return s.opts.get()
}

// roomForDurable says whether a durable subscriber would be let in. The caller holds
// sendMu.
func (f *pub) roomForDurable(info *buf.Peer) error {
	id := info.Properties[propDurable]
	if id == "" || f.s.opts.get().durableMsgs == 0 || len(id) > maxDurable || f.streams.over {
		return nil
	}
	name := streamName{principalOfPeer(info), id}
	if f.streams.byName[name] == nil && !f.roomForStream(name.owner) {
		return fmt.Errorf("%w: %w", wire.ErrDenied, errManyStreams)
	}
	return nil
}

// isDurable reports whether p is the connection of a durable subscriber.
func (f *pub) isDurable(p *queue.Pipe) bool {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	return streamOf(p) != nil
}

// kept is how many messages are kept over all streams.
func (f *pub) kept() (n int) {
	for _, st := range f.streams.byName {
		n += st.kept.len()
	}
	return n
}

// streamFor finds or makes a stream.
func (f *pub) streamFor(name streamName, o *options) (*durableStream, error) {
	all := &f.streams
	if st := all.byName[name]; st != nil {
		st.kept.bound(o)
		return st, nil
	}
	if !f.roomForStream(name.owner) {
		return nil, errManyStreams
	}
	st := &durableStream{of: f, epoch: rand.Uint64() | 1, next: 1, topics: map[string]struct{}{}}
	if err := st.kept.open(f, name.text, o); err != nil {
		return nil, err
	}
	st.target = &peer{standsFor: st}
	st.target.sub.Value = st.target
	if all.byName == nil {
		all.byName, all.names = map[streamName]*durableStream{}, map[principal]int{}
	}
	all.byName[name] = st
	all.names[name.owner]++
	if b := o.welcome; f.x != nil && len(b) > 0 {
		st.kept.add(encodeOne(b))
	}
	return st, nil
}

func encodeOne(b []byte) []byte { return append(wire.AppendHeader(nil, 0, len(b)), b...) }

// roomForStream makes room for one more name of an owner. Owners pay for themselves:
// one that has many names never costs another one its only one.
func (f *pub) roomForStream(owner principal) bool {
	all := &f.streams
	if owner != (principal{}) && all.names[owner] >= maxUserStreams {
		return f.forgetStream(func(name streamName) bool { return name.owner == owner })
	}
	if len(all.byName) < maxStreams {
		return true
	}
	most := 0
	for name, st := range all.byName {
		if st.holder == nil {
			most = max(most, all.names[name.owner])
		}
	}
	return f.forgetStream(func(name streamName) bool { return all.names[name.owner] == most })
}

// forgetStream forgets the one that is away for longest, of those that may be. It is
// false when none of them is away.
func (f *pub) forgetStream(may func(streamName) bool) bool {
	var oldest *durableStream
	var its streamName
	for name, st := range f.streams.byName {
		if st.holder == nil && may(name) && (oldest == nil || st.leftAt.Before(oldest.leftAt)) {
			oldest, its = st, name
		}
	}
	if oldest != nil {
		f.dropStream(its)
	}
	return oldest != nil
}

// dropStream ends a stream with its subscriptions.
func (f *pub) dropStream(name streamName) {
	all := &f.streams
	st := all.byName[name]
	delete(all.byName, name)
	f.move()
	if all.names[name.owner]--; all.names[name.owner] == 0 {
		delete(all.names, name.owner)
	}
	st.stay()
	f.part()
	f.index.RemoveAll(&st.target.sub, func([]byte, bool) {})
	st.kept.close()
}

// stay stops the time of being away.
func (st *durableStream) stay() {
	st.expired = false
	if st.expiry != nil {
		st.expiry.Stop()
		st.expiry = nil
	}
}

// leaveStream is called when a connection of a durable subscriber has ended.
func (f *pub) leaveStream(p *queue.Pipe, pr *peer) {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	st := pr.stream
	if st == nil || st.holder != p || f.streams.over {
		return
	}
	st.holder, st.live, st.resubscribed = nil, nil, nil
	st.leftAt = time.Now()
	f.move()
	if away := st.kept.away; away > 0 {
		st.expiry = contain.AfterTime(away, "durable stream", func() { f.expireStream(st) }, f.s.failed)
	}
}

func (f *pub) expireStream(st *durableStream) {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	if st.holder == nil && st.expiry != nil {
		st.expired = true
		st.kept.dropTo(st.kept.end())
	}
}

// close forgets everything that is kept.
func (f *pub) close() {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	f.streams.over = true
	for name := range f.streams.byName {
		f.dropStream(name)
	}
}

// finish waits until subscribers that are there have what is kept for them.
func (f *pub) finish(ctx context.Context) {
	for f.streamsBehind() {
		select {
		case <-f.moved:
		case <-ctx.Done():
			return
		}
	}
}

// move lets finish look again.
func (f *pub) move() {
	select {
	case f.moved <- struct{}{}:
	default:
	}
}

func (f *pub) streamsBehind() bool {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	for _, st := range f.streams.byName {
		if st.live != nil && st.next < st.kept.end() {
			return true
		}
	}
	return false
}

// subscribes notes a change of a durable subscriber's subscriptions, and says who
// stands in the index for it.
func (st *durableStream) subscribes(p *queue.Pipe, topic []byte, add bool) *peer {
	if st.holder != p {
		return nil
	}
	if !add {
		delete(st.topics, string(topic))
		delete(st.resubscribed, string(topic))
		return st.target
	}
	st.topics[string(topic)] = struct{}{}
	if st.resubscribed != nil {
		st.resubscribed[string(topic)] = struct{}{}
	}
	return st.target
}

// streamCommand is called with what a peer says about numbered messages.
func (s *Socket) streamCommand(p *queue.Pipe, cmd wire.Command, arrived uint64) error {
	var a, b, c uint64
	switch cmd.Kind {
	case wire.Resume:
		if err := cmd.Numbers(&a, &b); err != nil {
			return err
		}
		if f, ok := s.tx.(durables); ok {
			f.resume(p, a, b)
		}
	case wire.Taken:
		if err := cmd.Numbers(&a); err != nil {
			return err
		}
		if f, ok := s.tx.(durables); ok {
			f.takenUpTo(p, a)
		}
	case wire.Begin:
		if err := cmd.Numbers(&a, &b, &c); err != nil {
			return err
		}
		s.begins(p, a, b, c, arrived)
	case wire.Missed:
		if err := cmd.Numbers(&a, &b); err != nil {
			return err
		}
		s.missed(p, a, b)
	}
	return nil
}

// resume sends a subscriber what it has missed, and goes on.
func (f *pub) resume(p *queue.Pipe, epoch, has uint64) {
	f.s.sendMu.Lock()
	st := streamOf(p)
	if st == nil || st.holder != p || st.live != nil {
		f.s.sendMu.Unlock()
		return
	}
	if !f.forgetUntold(st, p) {
		f.s.sendMu.Unlock()
		return
	}
	from := st.kept.acked + 1
	if epoch == st.epoch {
		from = min(has, st.kept.end()-1) + 1
	}
	missed := uint64(0)
	if st.kept.first > from {
		missed = st.kept.first - from
		from = st.kept.first
	}
	f.s.stats.dropN(dropHWM, int(missed))
	st.next, st.put, st.live = from, 0, p
	flushing := p.Out.Control(wire.Numbered(wire.Begin, st.epoch, from-1, missed))
	flushing = f.pump(st) || flushing
	f.s.sendMu.Unlock()
	if flushing {
		p.Flush()
	}
}

// forgetUntold ends the subscriptions that the subscriber has not told again. The caller
// holds sendMu, which others may have in between; false: p is not its connection any more.
func (f *pub) forgetUntold(st *durableStream, p *queue.Pipe) bool {
	var untold []string
	for topic := range st.topics {
		if _, still := st.resubscribed[topic]; !still {
			untold = append(untold, topic)
		}
	}
	for i, topic := range untold {
		if i > 0 && i%removeAtOnce == 0 {
			f.s.sendMu.Unlock()
			f.s.sendMu.Lock()
			if st.holder != p {
				return false
			}
		}
		if _, now := st.resubscribed[topic]; now {
			continue
		}
		delete(st.topics, topic)
		if _, removed := f.index.Remove([]byte(topic), &st.target.sub); removed {
			st.target.topics--
			st.target.topicBytes -= len(topic)
		}
	}
	st.resubscribed = nil
	return true
}

// takenUpTo gives up what the subscriber's program has taken.
func (f *pub) takenUpTo(p *queue.Pipe, number uint64) {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	if st := streamOf(p); st != nil && st.live == p && number < st.next {
		st.kept.dropTo(number + 1)
		st.kept.acked = max(st.kept.acked, number)
	}
}

// streamOf is the stream of a subscriber's connection; the caller holds sendMu.
func streamOf(p *queue.Pipe) *durableStream {
	if pr := peerOf(p); pr != nil {
		return pr.stream
	}
	return nil
}

// keep takes one more message into the stream. to is who has to be flushing.
func (st *durableStream) keep(enc []byte) (to *queue.Pipe) {
	if st.expired {
		st.kept.skip()
		return nil
	}
	st.kept.add(enc)
	if st.of.pump(st) {
		return st.live
	}
	return nil
}

// pump moves what is kept into the subscriber's queue, as far as there is room.
func (f *pub) pump(st *durableStream) (flushing bool) {
	for st.live != nil && st.next < st.kept.end() && st.live.Status() == queue.OK {
		if n := st.kept.first; n > st.next { // it was too slow
			f.s.stats.dropN(dropHWM, int(n-st.next))
			flushing = st.live.Out.Control(wire.Numbered(wire.Missed, st.put, n-st.next)) || flushing
			st.next = n
			continue
		}
		enc, ok := st.kept.at(st.next)
		if !ok { // the disk has lost it
			st.kept.dropTo(st.next + 1)
			continue
		}
		status, flush := st.live.PutStored(enc)
		if status != queue.OK {
			break
		}
		flushing = flushing || flush
		st.next++
		st.put++
	}
	f.move()
	return flushing
}
