package zmq

import (
	"context"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/queue"
)

// A socket type is one row of the table in kinds.go and one policy in a file of its own,
// policy_*.go: a sender, a receiver, or one struct that is both, where both sides have
// state in common. A policy knows queues (internal/queue) and indexes (internal/pattern),
// and no connections: internal/arch sees to that.

// sender is how a type spreads what it sends. What a policy does not care about it has
// from baseSender.
type sender interface {
	// The caller of these holds sendMu.

	// put queues a message, or says errWouldBlock and has done nothing. With copied the
	// bytes and slices stay the caller's.
	put(frames [][]byte, copied bool) (flush, error)
	// inTurn reports whether it is time to send: on a REQ, and a REP, it may not be.
	inTurn() bool
	// writable reports whether put would not answer errWouldBlock.
	writable() bool
	// places is how many messages put would take now, where writable is true.
	places() int

	// welcome says whether a peer that we dialled would be let in.
	welcome(p *queue.Pipe) error
	// claim keeps a place for a newcomer, before that is told that it is in. leave, nil
	// where none is needed, gives it back, and reports whether it is free then.
	claim(n newcomer) (leave func() (free bool), err error)
	// admit lets a peer take part, or refuses it. replaced is one that has to go for it.
	admit(p *queue.Pipe, n newcomer) (replaced *queue.Pipe, err error)
	// adopt lets messages queue for a peer that was dialled and is not there yet, where
	// the type does so. name is what WithConnectRoutingID calls it.
	adopt(p *queue.Pipe, name []byte)
	// offer lets messages be queued for the peer of a connected endpoint, or not, until
	// the next offer. What waits there stays.
	offer(p *queue.Pipe, may bool)
	// room says that p, which was full, has room again.
	room(p *queue.Pipe) flush
	// remove takes p out for good.
	remove(p *queue.Pipe)
	// named is the peer that a routing id names; known says whether the type has such ids.
	named(id []byte) (p *queue.Pipe, known bool)
	// taken reports whether a routing id is in use, or claimed.
	taken(id []byte) bool
	// replaced reports whether another peer has p's routing id now.
	replaced(p *queue.Pipe) bool
	// rank gives p, which does not take part yet, a priority.
	rank(p *queue.Pipe, priority int)
	// kept is how many messages are kept for peers beside their queues, and how many were
	// forgotten there before they were sent.
	kept() (now int, forgotten uint64)

	// The caller of these holds no lock.

	// greet says that p's peer is there, and can be written to.
	greet(p *queue.Pipe)
	// gone says that p's peer is not there any more; it may come back.
	gone(p *queue.Pipe, pr *peer)
	// finish waits, when the socket closes, for what is kept beside the queues, at most
	// as long as ctx.
	finish(ctx context.Context)
	// close comes last, when no peer is left.
	close()
}

// receiver is how a type takes what it receives. All are fair queues; a policy says which
// messages reach the program, and in which form.
type receiver interface {
	// The caller of these holds recvMu.

	// mayRecv checks that it is time to receive.
	mayRecv() error
	// open makes a message what the program gets, or drops it and reports false.
	open(t *taken) bool
	// took says that the program has been given a message that open has let pass.
	took(t *taken)
	// deserted reports that nothing can come any more; then giveUp says why.
	deserted() bool
	giveUp() error

	// The caller of these holds no lock.

	// plain reports that every message passes as it is, and at any time: then neither
	// mayRecv nor open nor took is asked.
	plain() bool
	// tell says that p's peer is there, and can be told what this side wants.
	tell(p *queue.Pipe)
	// untell says that p's peer is not there any more.
	untell(p *queue.Pipe)
	// silent is why nothing comes, "" where there is no reason. nobody is why no peer is
	// there, "" when one is.
	silent(nobody string) string
}

// newcomer is a peer that wants to take part.
type newcomer struct {
	identity []byte    // its routing id
	info     *buf.Peer // what its handshake has told; nil where there was none
	claimed  bool      // a place is kept for it
	// everything: it is a multicast group, whose members say nothing of what they want.
	everything bool
}

// baseSender is a sender that sends nothing, and cares about no peer.
type baseSender struct{ s *Socket }

func (baseSender) put([][]byte, bool) (flush, error)                { return flush{}, ErrNotSupported }
func (baseSender) inTurn() bool                                     { return true }
func (baseSender) writable() bool                                   { return true }
func (baseSender) places() int                                      { return 1 }
func (baseSender) welcome(*queue.Pipe) error                        { return nil }
func (baseSender) claim(newcomer) (func() bool, error)              { return nil, nil }
func (baseSender) admit(*queue.Pipe, newcomer) (*queue.Pipe, error) { return nil, nil }
func (baseSender) adopt(*queue.Pipe, []byte)                        {}
func (baseSender) offer(*queue.Pipe, bool)                          {}
func (baseSender) room(*queue.Pipe) flush                           { return flush{} }
func (baseSender) remove(*queue.Pipe)                               {}
func (baseSender) named([]byte) (*queue.Pipe, bool)                 { return nil, false }
func (baseSender) taken([]byte) bool                                { return false }
func (baseSender) replaced(*queue.Pipe) bool                        { return false }
func (baseSender) rank(*queue.Pipe, int)                            {}
func (baseSender) kept() (now int, forgotten uint64)                { return 0, 0 }
func (baseSender) greet(*queue.Pipe)                                {}
func (baseSender) gone(*queue.Pipe, *peer)                          {}
func (baseSender) finish(context.Context)                           {}
func (baseSender) close()                                           {}

// noSender is the sender of the types that only receive.
type noSender struct{ baseSender }

func (noSender) inTurn() bool   { return false }
func (noSender) writable() bool { return false }

// baseReceiver is a receiver that lets everything pass.
type baseReceiver struct{}

func (baseReceiver) mayRecv() error              { return nil }
func (baseReceiver) open(*taken) bool            { return true }
func (baseReceiver) took(*taken)                 {}
func (baseReceiver) deserted() bool              { return false }
func (baseReceiver) giveUp() error               { return nil }
func (baseReceiver) plain() bool                 { return false }
func (baseReceiver) tell(*queue.Pipe)            {}
func (baseReceiver) untell(*queue.Pipe)          {}
func (baseReceiver) silent(nobody string) string { return nobody }

// asTheyCome is the receiver of types that take messages as they come, on the shortest
// way.
type asTheyCome struct{ baseReceiver }

func (asTheyCome) plain() bool { return true }

// noReceiver is the receiver of the types that only send.
type noReceiver struct{ baseReceiver }

func (noReceiver) mayRecv() error { return ErrNotSupported }

// flush is what has to be set going once no lock is held.
type flush struct {
	one    *queue.Pipe
	more   []*queue.Pipe
	resume []*queue.Pipe // REQ: peers to be let on
}

func (k flush) run() {
	for _, p := range k.resume {
		p.Resume()
	}
	if k.one != nil {
		k.one.Flush()
	}
	for _, p := range k.more {
		p.Flush()
	}
}

func (k *flush) add(p *queue.Pipe) {
	if k.one == nil {
		k.one = p
		return
	}
	k.more = append(k.more, p)
}

func (k *flush) merge(o flush) {
	if o.one != nil {
		k.add(o.one)
	}
	k.more = append(k.more, o.more...)
	k.resume = append(k.resume, o.resume...)
}

// flushOf is the flush of one peer, or of none.
func flushOf(p *queue.Pipe, wants bool) flush {
	if !wants {
		return flush{}
	}
	return flush{one: p}
}
