package zyre

import (
	"bytes"
	"time"

	"github.com/go-zactor/zactor/msg"
)

const (
	// batch is how many messages are taken from the inbox at once, and sip how many after a
	// breath. What is in hand keeps this goroutine, the program's and whoever the program
	// wakes at work before anybody looks at the network again: so each of these is what others
	// may have to wait for.
	batch, sip = 64, 16
	// breath is how long nothing is taken from the inbox when one peer floods it.
	breath = 50 * time.Microsecond
	// besideFor is for how long a peer that is heard beside a flood counts as being there.
	besideFor = 100 * time.Millisecond
)

// crowding finds out when one peer's flood keeps the others waiting.
//
// The inbox gives each peer its turn, but those of whom nothing has been read yet have none:
// as long as a flood keeps this goroutine and the program's at work, nobody looks which
// connections have something, and what others have sent waits for a time slice. So when a
// batch is one peer's almost alone, and others have been heard a moment ago, a breath is
// taken, and the peer that floods waits for room meanwhile; after it only a sip is taken. A
// peer that is alone, and several that send much, are not held up.
type crowding struct {
	most   [255]byte // the routing id of who had most of the last full batch
	length int       // of it
	others time.Time // when others were heard last
	held   bool      // a breath was due
}

// room is how many messages are to be taken next, at most.
func (c *crowding) room() int {
	if c.held {
		return sip
	}
	return batch
}

// look takes note of what was taken, and reports whether a breath is due.
func (c *crowding) look(ms []msg.Msg, now time.Time) bool {
	c.held = len(ms) >= c.room() && c.floods(ms, now)
	return c.held
}

// floods reports whether messages are one peer's almost alone while others are there.
func (c *crowding) floods(ms []msg.Msg, now time.Time) bool {
	who, same := ms[0].Frames[0], 0
	if len(ms) > 1 && !bytes.Equal(who, ms[1].Frames[0]) {
		who = ms[len(ms)-1].Frames[0] // whose turns come at the end is who has more
	}
	for _, m := range ms {
		if bytes.Equal(m.Frames[0], who) {
			same++
		}
	}
	if same < len(ms) || c.length > 0 && !bytes.Equal(who, c.most[:c.length]) {
		c.others = now
	}
	c.length = copy(c.most[:], who)
	return same >= len(ms)*7/8 && now.Sub(c.others) < besideFor
}
