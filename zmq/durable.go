package zmq

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/durable"
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
	names       durable.Names[principal, *durableStream]
	publisherID uint64 // this publisher's number, of its life from New to Close
	forgotten   uint64 // of streams that are no more: see kept
	over        bool
	dead        []ended // and still in the index: see bury

	waiting  durable.Waiting // for disks
	looked   sync.Once       // for files of an earlier version, which are named once
	yields   int             // how often sendMu was given up on the way
	removing atomic.Int64    // streams that are closed, and may still be on disk
	removed  chan struct{}   // a token when one of them is not any more
}

type streamName = durable.Name[principal]

func newStreams() *streams {
	return &streams{
		names: durable.NewNames[principal, *durableStream](durable.Quota{
			All: maxStreams, Owner: maxUserStreams, AwayTopics: maxTopics, AwayBytes: maxTopicBytes,
		}),
		waiting: durable.Waiting{One: maxWaiting, All: maxWaitingAll},
		removed: make(chan struct{}, 1),
	}
}

// maxWaiting bounds, in bytes, what of one durable subscriber waits in memory for its disk,
// and maxWaitingAll what of all of a publisher does.
const (
	maxWaiting    = 16 << 20
	maxWaitingAll = 64 << 20
)

// durableStream is one durable subscriber.
type durableStream struct {
	of     *pub
	kept   *durable.Stream
	target *peer // stands for it in the index

	holder *queue.Pipe // its connection, nil while it is away
	live   *queue.Pipe // the same, once the subscriber has said what it has

	// What it has subscribed to stays while it is away. When it has come back it tells that
	// again: what it does not tell ends with its XRESUME.
	told    told // on this connection, or the last one
	before  told // until then; its sub is nil if there is none
	resumed bool // it has told all

	leftAt time.Time   // since when it is away
	expiry *time.Timer // forgets what is kept
}

// ended are subscriptions that have ended. by is the connection that has ended them, of
// which the program of an XPUB is told; nil where there is none.
type ended struct {
	sub *subscriber
	by  *queue.Pipe
}

// told are subscriptions of a durable subscriber.
type told struct {
	sub           *subscriber
	topics, bytes int
}

// Left is since when it is away.
func (st *durableStream) Left() (time.Time, bool) { return st.leftAt, st.holder == nil }

// Weight is what it has subscribed to.
func (st *durableStream) Weight() (topics, bytes int) { return st.target.topics, st.target.topicBytes }

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
	cfg.Properties, cfg.Numbered = properties, true
	if err := wire.CheckProperties(properties); err != nil {
		return fmt.Errorf("%w: METADATA: %v", ErrInvalidOption, err)
	}
	return nil
}

// durables is a publisher as its durable subscribers know it.
type durables interface {
	isDurable(p *queue.Pipe) bool
	publisherNumber() string
	resume(p *queue.Pipe, epoch, has uint64)
	takenUpTo(p *queue.Pipe, number uint64)
}

// publisherNumber names the publisher.
func (f *pub) publisherNumber() string {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	st := f.streams
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
	st, err := f.streamFor(streamName{Owner: principalOfPeer(info), Text: id}, o)
	if err != nil {
		return nil, err
	}
	if old = st.holder; old == nil {
		f.streams.names.Back(st)
	}
	st.holder, st.live = p, nil
	f.comes(st)
	st.kept.Leave() // of the connection before
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
	name := streamName{Owner: principalOfPeer(info), Text: id}
	if _, known := f.streams.names.Get(name); !known && !f.streams.names.Room(name.Owner, f.dropStream) {
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

// kept is how many messages are kept over all streams, and forgotten how many were given up
// unsent, also of streams that are no more.
func (f *pub) kept() (n int, forgotten uint64) {
	forgotten = f.streams.forgotten
	for _, st := range f.streams.names.All() {
		n += st.kept.Len()
		forgotten += st.kept.Forgotten()
	}
	return n, forgotten
}

// streamFor finds or makes a stream.
func (f *pub) streamFor(name streamName, o *options) (*durableStream, error) {
	all, bounds := f.streams, durable.Bounds{Msgs: o.durableMsgs, Bytes: o.durableBytes, Away: o.durableAway}
	if st, known := all.names.Get(name); known {
		st.kept.SetBounds(bounds)
		return st, nil
	}
	if !all.names.Room(name.Owner, f.dropStream) {
		return nil, errManyStreams
	}
	st := &durableStream{of: f, kept: durable.New(bounds)}
	if o.swapDir != "" {
		f.onDisk(st, o)
	}
	st.target = &peer{standsFor: st}
	st.target.sub.Value, st.told.sub = st.target, st.part()
	all.names.Add(name, st)
	if b := o.welcome; f.x != nil && len(b) > 0 {
		st.kept.Append(encodeOne(b))
	}
	return st, nil
}

func encodeOne(b []byte) []byte { return append(wire.AppendHeader(nil, 0, len(b)), b...) }

// dropStream ends a stream. Its subscriptions are for bury to end.
func (f *pub) dropStream(name streamName) {
	all := f.streams
	st, _ := all.names.Get(name)
	all.names.Remove(name)
	st.holder, st.live = nil, nil
	st.stay()
	f.move()
	f.part()
	f.forgetTold(st, &st.told, nil)
	f.forgetTold(st, &st.before, nil)
	all.removing.Add(1)
	st.kept.Close(all.endRemoving)
	all.forgotten += st.kept.Forgotten()
}

// endRemoving is called when nothing of a stream is on disk any more.
func (all *streams) endRemoving() {
	all.removing.Add(-1)
	select {
	case all.removed <- struct{}{}:
	default:
	}
}

// bury ends the subscriptions of streams that are forgotten, some at a time. The caller
// holds no lock.
func (f *pub) bury() {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	for all := f.streams; len(all.dead) > 0; {
		l := leaver{s: f.s, index: &f.index, sub: all.dead[0].sub}
		l.tellsOf(f.x, all.dead[0].by)
		all.dead[0] = ended{} // or its topics would stay as long as the list does
		all.dead = all.dead[1:]
		l.forget()
		f.streams.yields += l.yields
	}
}

// stay stops the time of being away.
func (st *durableStream) stay() {
	st.kept.Stay()
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
	st.holder, st.live = nil, nil
	st.leftAt = time.Now()
	st.kept.Leave()
	f.move()
	if away := st.kept.Away(); away > 0 {
		st.expiry = contain.AfterTime(away, "durable stream", func() { f.expireStream(st) }, f.s.failed)
	}
	f.streams.names.Left(st, f.dropStream)
}

func (f *pub) expireStream(st *durableStream) {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	if st.holder == nil && st.expiry != nil {
		st.kept.Expire()
	}
}

// close forgets everything that is kept, and waits until it has left the disk, unless the
// disk does not answer.
func (f *pub) close() {
	f.s.sendMu.Lock()
	f.streams.over = true
	for name := range f.streams.names.All() {
		f.dropStream(name)
	}
	f.s.sendMu.Unlock()
	f.bury()
	late := time.NewTimer(diskTimeout)
	defer late.Stop()
	for f.streams.removing.Load() > 0 {
		select {
		case <-f.streams.removed:
		case <-late.C:
			return
		}
	}
}

// diskTimeout is how long Close waits for a disk that is to remove what was kept.
const diskTimeout = time.Second

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
	for _, st := range f.streams.names.All() {
		if st.kept.Behind() {
			return true
		}
	}
	return false
}

// part is a subscriber of the index for what st tells on one connection.
func (st *durableStream) part() *subscriber {
	return &subscriber{Value: st.target, Of: &st.target.sub}
}

// comes is for a new connection of st. What was told on one that ended before its XRESUME
// is told again; only of one's first connection it is all that there is.
func (f *pub) comes(st *durableStream) {
	switch {
	case st.told.topics == 0:
	case st.resumed || st.before.sub == nil:
		f.forgetTold(st, &st.before, nil)
		st.before, st.told = st.told, told{sub: st.part()}
	default:
		f.forgetTold(st, &st.told, nil)
		st.told.sub = st.part()
	}
	st.resumed = false
}

// forgetTold ends subscriptions, which bury takes out of the index.
func (f *pub) forgetTold(st *durableStream, t *told, by *queue.Pipe) {
	if t.sub != nil {
		f.streams.dead = append(f.streams.dead, ended{t.sub, by})
	}
	st.target.topics -= t.topics
	st.target.topicBytes -= t.bytes
	*t = told{}
}

// changeDurable notes a change of a durable subscriber's subscriptions. tell says that it
// is news for the program of an XPUB. The caller holds sendMu.
func (f *pub) changeDurable(st *durableStream, p *queue.Pipe, topic []byte, add bool, o *options) (tell bool, err error) {
	if st.holder != p {
		return false, nil
	}
	if !add {
		last, removed := f.cancelTold(st, &st.told, topic)
		lastToo, removedToo := f.cancelTold(st, &st.before, topic)
		return (removed || removedToo) && (last || lastToo) || o.xpubVerboser, nil
	}
	// What it had before does not count, since it ends: for a while it may have twice
	// the limit.
	if err := checkTopic(topic, o.maxTopic, st.told.topics, st.told.bytes); err != nil {
		return false, err
	}
	first, added := f.index.Add(topic, st.told.sub)
	if added {
		st.count(&st.told, len(topic), 1)
	}
	return added && first || o.xpubVerbose || o.xpubVerboser, nil
}

func (f *pub) cancelTold(st *durableStream, t *told, topic []byte) (last, removed bool) {
	if t.sub == nil {
		return false, false
	}
	if last, removed = f.index.Remove(topic, t.sub); removed {
		st.count(t, len(topic), -1)
	}
	return last, removed
}

func (st *durableStream) count(t *told, size, sign int) {
	t.topics, t.bytes = t.topics+sign, t.bytes+sign*size
	st.target.topics, st.target.topicBytes = st.target.topics+sign, st.target.topicBytes+sign*size
}

// numbered is called with what a peer says about numbered messages.
func (s *Socket) numbered(p *queue.Pipe, cmd wire.Command, arrived uint64) error {
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
	st.resumed = true
	f.forgetTold(st, &st.before, p)
	before, missed, ok := st.kept.Resume(epoch, has)
	flushing := false
	if ok {
		st.live = p
		f.s.stats.dropN(dropHWM, int(missed))
		flushing = p.Out.Control(wire.Numbered(wire.Begin, st.kept.Epoch(), before, missed))
		flushing = f.pump(st) || flushing
	}
	f.s.sendMu.Unlock()
	if flushing {
		p.Flush()
	}
	f.bury()
}

// takenUpTo gives up what the subscriber's program has taken.
func (f *pub) takenUpTo(p *queue.Pipe, number uint64) {
	f.s.sendMu.Lock()
	defer f.s.sendMu.Unlock()
	if st := streamOf(p); st != nil && st.live == p {
		st.kept.Taken(number)
	}
}

// streamOf is the stream of a subscriber's connection; the caller holds sendMu.
func streamOf(p *queue.Pipe) *durableStream {
	if pr := peerOf(p); pr != nil {
		return pr.stream
	}
	return nil
}

// keep takes one more message into a stream. to is who has to be flushed.
func (f *pub) keep(st *durableStream, enc []byte) (to *queue.Pipe) {
	st.kept.Append(enc)
	if st.live != nil && f.pump(st) {
		return st.live
	}
	return nil
}

// pump moves what is kept into the subscriber's queue, as far as there is room.
func (f *pub) pump(st *durableStream) (flushing bool) {
	for st.live != nil && st.live.Status() == queue.OK {
		it, ok := st.kept.Next()
		if !ok {
			break
		}
		if it.Missed > 0 { // it was too slow, or the disk
			f.s.stats.dropN(dropHWM, int(it.Missed))
			flushing = st.live.Out.Control(wire.Numbered(wire.Missed, it.After, it.Missed)) || flushing
			continue
		}
		status, flush := st.live.PutStored(it.Enc)
		if status != queue.OK {
			break
		}
		flushing = flushing || flush
		st.kept.Sent()
	}
	f.move()
	return flushing
}

// diskReady is called when the disk of a stream has something again, or room.
func (f *pub) diskReady(st *durableStream) {
	f.s.sendMu.Lock()
	var k flush
	if f.pump(st) {
		k.add(st.live)
	}
	f.s.sends.wakeAll()
	_ = f.s.unlock(k) // what did not get to a disk is the policy's again
	f.s.watch.notify()
}
