package beacon

import (
	"bytes"
	"context"
	"iter"
	"net/netip"
	"time"

	"github.com/go-zactor/zactor/internal/feed"
)

// A Signal is one beacon that was heard. It belongs to its reader, which may keep and
// change Data.
type Signal struct {
	From      netip.AddrPort // the sender; a link-local IPv6 address has its zone
	Interface string         // the interface on which it arrived
	Data      []byte
	Time      time.Time // when it was read from the network
	// Missing is 0 in a beacon. Otherwise it is no beacon: so many are missing here,
	// because the reader was slow, and all else is zero.
	Missing uint64
}

// newSignals makes the feed of what is heard. Beacons repeat, so that the newest are
// the ones worth having.
func newSignals(limit int) *feed.Queue[Signal] {
	return feed.NewQueue(feed.Config[Signal]{
		Limit: limit, DropOldest: true,
		Missed: func(n uint64) Signal { return Signal{Missing: n} },
		Copy: func(s Signal) Signal {
			s.Data = bytes.Clone(s.Data)
			return s
		},
	})
}

// Events returns the signals that are heard from this call on, until ctx ends or the
// beacon is closed; what is queued then can still be read. Every call makes a
// subscription of its own, with a queue of WithQueue signals; when that is full the
// oldest is dropped, and a Signal says how many are missing.
//
// Leaving the loop does not end the subscription: ranging again goes on where the
// first loop stopped.
func (b *Beacon) Events(ctx context.Context) iter.Seq[Signal] { return b.signals.Events(ctx) }

// Chan is Events as a channel, for use in a select. Asked for again with the same ctx
// it is the same channel. It is closed when ctx ends, or when the beacon is closed and
// all is received: whoever stops receiving before must end ctx.
func (b *Beacon) Chan(ctx context.Context) <-chan Signal { return b.signals.Chan(ctx) }

// deliver gives a signal to every reader. Its bytes are copied if there is one.
func (b *Beacon) deliver(s Signal) {
	if b.signals.Wanted(feed.All) {
		s.Data = bytes.Clone(s.Data)
		b.signals.Publish(s)
	}
}
