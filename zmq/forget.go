package zmq

import (
	"runtime"

	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// removeAtOnce is how many subscriptions of a peer that is gone are forgotten
// before another send may begin.
const removeAtOnce = 1000

// subscriber is a peer, or a part of what it has, in an index of topics.
type subscriber = pattern.Subscriber[*peer]

// A leaver is what a peer that has gone had subscribed to, on its way out of an index.
type leaver struct {
	s      *Socket
	index  *pattern.SubIndex[*peer]
	sub    *subscriber
	ended  *cancellations // nil where nobody wants to hear of them
	every  bool           // tells of topics too that others have
	yields int            // how often sendMu was given up on the way
}

// tellsOf has the program of an XPUB told what has ended with a connection; x is nil on a
// PUB.
func (l *leaver) tellsOf(x *xpub, p *queue.Pipe) {
	if o := l.s.opts.get(); x != nil && p != nil && !o.xpubManual {
		l.ended, l.every = &cancellations{x: x, p: p}, o.xpubVerboser
	}
}

// forget takes all of it out. Where the others have little, that is done in one go, and
// what remains to be told needs no lock; otherwise some topics are taken at a time. The
// caller holds sendMu, which others may have in between.
func (l *leaver) forget() {
	if had := l.index.Detach(l.sub, removeAtOnce); had != nil {
		l.unlocked(func() {
			if l.ended == nil {
				return
			}
			for topic, last := range had {
				if l.note(topic, last); l.ended.full() {
					l.ended.tell()
				}
			}
		})
		return
	}
	note := l.note
	if l.ended == nil {
		note = nil
	}
	for more := true; more; {
		more = l.index.RemoveSome(l.sub, removeAtOnce, note)
		l.unlocked(runtime.Gosched) // or whoever waits would find it locked again
	}
}

func (l *leaver) note(topic []byte, last bool) {
	if last || l.every {
		l.ended.add(topic)
	}
}

// unlocked lets others have sendMu, and tells what there is to tell after fn.
func (l *leaver) unlocked(fn func()) {
	l.yields++
	l.s.sendMu.Unlock()
	defer l.s.sendMu.Lock()
	fn()
	if l.ended != nil {
		l.ended.tell()
	}
}

// Reports that are made together have their bytes in common pieces: small ones, since
// one that the program keeps holds its piece.
const (
	reportsAtOnce  = 64
	reportsAtOnceB = 4 << 10
)

// cancellations are reports of what one peer is not subscribed to any more. They are
// given to the program some at a time.
type cancellations struct {
	x      *xpub
	p      *queue.Pipe
	msgs   []msg.Msg
	frames [][]byte
	bytes  []byte
}

// add notes a topic, which it copies.
func (c *cancellations) add(topic []byte) {
	if len(c.frames) == cap(c.frames) {
		c.frames = make([][]byte, 0, reportsAtOnce)
	}
	if n := 1 + len(topic); n > cap(c.bytes)-len(c.bytes) {
		c.bytes = make([]byte, 0, max(n, reportsAtOnceB))
	}
	from := len(c.bytes)
	c.bytes = append(append(c.bytes, 0), topic...)
	i := len(c.frames)
	c.frames = append(c.frames, c.bytes[from:len(c.bytes):len(c.bytes)])
	c.msgs = append(c.msgs, origin.Message(c.frames[i:i+1:i+1], c.p.Origin()))
}

// full reports whether it is time for tell.
func (c *cancellations) full() bool { return len(c.msgs) >= reportsAtOnce }

// tell lets the program have them. No lock is held.
func (c *cancellations) tell() {
	if len(c.msgs) == 0 {
		return
	}
	c.x.injectAll(c.p, c.msgs)
	clear(c.msgs)
	c.msgs = c.msgs[:0]
}

// forgetAsked reports the end of what a peer had asked for, of which the program decides.
func (x *xpub) forgetAsked(p *queue.Pipe, asked map[string]struct{}) {
	ended := cancellations{x: x, p: p}
	for topic := range asked {
		if ended.add([]byte(topic)); ended.full() {
			ended.tell()
		}
	}
	ended.tell()
}
