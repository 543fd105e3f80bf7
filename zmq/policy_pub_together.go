package zmq

import (
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/queue"
)

// Subscribers that get the same messages, one after the other, read them out of one log
// instead of a queue each. What they get, and what is dropped, is the same: this makes a
// publisher faster, and nothing else.

// shareAfter is how many messages go to the same peers before they share them: to begin
// and to end that costs about as much as two messages.
const shareAfter = 8

// putTogether puts a message where all that match it read together; done is false, and
// nothing has happened, where they do not. same says that the message before it went to the
// same ones.
func (f *pub) putTogether(match []*pattern.Subscriber[*peer], same bool, frames [][]byte, copied bool) (k flush, done bool, err error) {
	if !same {
		f.part()
	}
	if !f.shares(match) {
		return flush{}, false, nil
	}
	switch f.shared.Room() {
	case queue.OK:
		k, err = f.putShared(frames, copied)
		return k, true, err
	case queue.Full:
		if f.s.opts.noDrop() {
			return flush{}, true, errWouldBlock
		}
	}
	f.part()
	return flush{}, false, nil
}

// putShared writes a message where its subscribers read it together, and offers it to
// those that can't.
func (f *pub) putShared(frames [][]byte, copied bool) (flush, error) {
	if len(f.apart) > 0 && f.s.opts.noDrop() && anyFull(f.apart, frames) {
		return flush{}, errWouldBlock
	}
	f.shared.Put(frames)
	var k flush
	f.shared.Wake(k.add)
	if len(f.apart) > 0 {
		more, _ := f.toAll(f.apart, frames, copied)
		k.merge(more)
	}
	return k, nil
}

// shares reports whether the subscribers read together, and lets them begin to when it is
// time.
func (f *pub) shares(match []*pattern.Subscriber[*peer]) bool {
	if f.shared.Open() {
		return true
	}
	if f.repeats++; f.repeats <= shareAfter {
		return false
	}
	f.repeats = 0
	for _, m := range match {
		switch m.Value.join(&f.shared) {
		case queue.OK:
		case queue.NeedsFrames:
			f.apart = append(f.apart, m.Value)
		default:
			f.part()
			return false
		}
	}
	if f.shared.Open() && len(f.apart) == 0 {
		f.s.out.shared.Store(f)
	}
	return f.shared.Open()
}

// join lets a peer read from a shared log.
func (pr *peer) join(log *queue.SharedLog) queue.Status {
	if pr.standsFor != nil {
		return queue.NeedsFrames
	}
	return log.Join(pr.pipe)
}

// putShort is put on the shortest way: of one message more to subscribers that read
// together. It answers false, and has done nothing, where that is not possible.
func (f *pub) putShort(frames [][]byte) (k flush, ok bool) {
	if !f.fits(frames[0]) {
		return flush{}, false
	}
	f.shared.Put(frames)
	if f.shared.Wakes() {
		var wake flush
		f.shared.Wake(wake.add)
		return wake, true
	}
	return flush{}, true
}

// fits reports whether a message goes to all that read together, and to nobody else, and
// there is room.
func (f *pub) fits(first []byte) bool {
	if f.s.out.shared.Load() == nil {
		return false
	}
	if _, same := f.index.Match(first); !same {
		f.part()
		return false
	}
	return f.shared.Room() == queue.OK
}

// part ends reading together.
func (f *pub) part() {
	f.repeats = 0
	f.s.out.shared.Store(nil)
	if f.shared.Open() || len(f.apart) > 0 {
		f.s.stats.dropN(dropPeerGone, f.shared.End())
		clear(f.apart)
		f.apart = f.apart[:0]
	}
}
