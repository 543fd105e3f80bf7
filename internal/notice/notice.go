// Package notice tells readers of what goes wrong and of its end: what of a peer was
// refused, who can't be reached, who can be again.
//
// A place (an endpoint, an interface) that is down stays so until it is up. It is told
// when it begins, when its reason becomes another one, and when it ends; who begins to
// read is told first what is down now.
package notice

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/logs"
)

// Kind is what has happened.
type Kind uint8

// The kinds.
const (
	Refused Kind = iota + 1
	Lost
	Unreachable
	Recovered
	Missed
)

var names = [...]string{"refused", "lost", "unreachable", "recovered", "missed"}

// String is the kind in lower case, "" for one that there is not.
func (k Kind) String() string {
	if k < Refused || k > Missed {
		return ""
	}
	return names[k-1]
}

// limit is how many notices wait for a reader. What peers can cause as often as they
// like, refusals, takes the room of nothing else.
const limit = 256

// Board gives notices of the type N to readers. Its methods may be called from any
// goroutine, and wait for no reader.
type Board[N any] struct {
	build func(k Kind, peer string, err error, n uint64) N
	queue *feed.Queue[entry[N]]

	log   logs.Logger // set before use, as means
	means string

	mu   sync.Mutex // around Publish and Events, too
	down map[string]entry[N]
}

type entry[N any] struct {
	kind   Kind
	reason string
	err    error
	n      N
}

// New makes a Board. build makes a notice: of a peer and an error, or, with Missed, of
// how many notices a slow reader has missed.
func New[N any](build func(k Kind, peer string, err error, n uint64) N) *Board[N] {
	b := &Board[N]{build: build, down: map[string]entry[N]{}}
	b.queue = feed.NewQueue(feed.Config[entry[N]]{
		Limit:  limit,
		Keep:   func(e entry[N]) bool { return e.kind != Refused },
		Missed: func(n uint64) entry[N] { return entry[N]{n: build(Missed, "", nil, n)} },
		Now: func() (list []entry[N]) {
			for _, peer := range slices.Sorted(maps.Keys(b.down)) {
				list = append(list, b.down[peer])
			}
			return list
		},
	})
	return b
}

func (b *Board[N]) made(k Kind, peer string, err error) entry[N] {
	return entry[N]{k, err.Error(), err, b.build(k, peer, err, 0)}
}

// Refused tells that something of a peer was not taken, and why.
func (b *Board[N]) Refused(peer string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue.Publish(b.made(Refused, peer, err))
}

// Lost tells that a link that worked has ended; the peer is down.
func (b *Board[N]) Lost(peer string, err error) { b.fall(Lost, peer, err) }

// Down tells that a peer can't be reached, unless it is down for this reason already.
func (b *Board[N]) Down(peer string, err error) { b.fall(Unreachable, peer, err) }

func (b *Board[N]) fall(k Kind, peer string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if was, down := b.down[peer]; down && was.reason == err.Error() {
		return
	}
	e := b.made(k, peer, err)
	b.down[peer] = e
	b.queue.Publish(e)
}

// Up tells that a peer that was down is so no more; the error is what it was.
func (b *Board[N]) Up(peer string) {
	if was := b.up(peer); was != nil {
		b.log.Limited(logs.BeaconOver, b.means+" "+peer, logs.Str("was", was.Error()), logs.Str("peer", peer), logs.Str("means", b.means))
	}
}

func (b *Board[N]) up(peer string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	was, down := b.down[peer]
	if down {
		delete(b.down, peer)
		b.queue.Publish(b.made(Recovered, peer, was.err))
	}
	return was.err
}

// Log has the board write to l when a peer is up again. What goes wrong is logged where
// it does, with what is known there. It is called before all else.
func (b *Board[N]) Log(l logs.Logger, means string) *Board[N] {
	b.log, b.means = l, means
	return b
}

// Forget is for a peer that is no business of ours any more: nothing is told.
func (b *Board[N]) Forget(peer string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.down, peer)
}

// Events returns what is down now, and then all that happens until ctx ends or the board
// is closed.
func (b *Board[N]) Events(ctx context.Context) iter.Seq[N] {
	b.mu.Lock()
	defer b.mu.Unlock()
	events := b.queue.Events(ctx)
	return func(yield func(N) bool) {
		for e := range events {
			if !yield(e.n) {
				return
			}
		}
	}
}

// Close ends all subscriptions; what waits is read first.
func (b *Board[N]) Close() { b.queue.Close() }
