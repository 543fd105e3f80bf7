package beacon

import (
	"context"
	"fmt"
	"iter"

	"github.com/go-zactor/zactor/internal/notice"
)

// NoticeKind is what has gone wrong, or is right again.
type NoticeKind uint8

// The kinds of notices.
const (
	NoticeRefused     = NoticeKind(notice.Refused)     // something of a peer was not taken, or a peer not let in
	NoticeLost        = NoticeKind(notice.Lost)        // a link that worked has ended
	NoticeUnreachable = NoticeKind(notice.Unreachable) // an interface, hub or seed can't be reached
	NoticeRecovered   = NoticeKind(notice.Recovered)   // what was lost or unreachable is there again
	NoticeMissed      = NoticeKind(notice.Missed)      // the reader was slow: N notices are missing here
)

// String is the kind in lower case.
func (k NoticeKind) String() string {
	if name := notice.Kind(k).String(); name != "" {
		return name
	}
	return fmt.Sprintf("notice %d", uint8(k))
}

// Notice is one thing that keeps peers from being found, or its end. Packages beacon, mdns,
// members and gossip tell of them in this one form; the logs have the same reasons.
type Notice struct {
	Kind NoticeKind
	Peer string // an interface, an endpoint or an address; empty: all interfaces, or all seeds
	Err  error  // why, and what to do; with NoticeRecovered, what it was
	N    uint64 // of NoticeMissed: how many
}

// String is one line for people.
func (n Notice) String() string {
	switch {
	case n.Kind == NoticeMissed:
		return fmt.Sprintf("missed %d notices", n.N)
	case n.Peer == "":
		return fmt.Sprintf("%v: %v", n.Kind, n.Err)
	}
	return fmt.Sprintf("%v: %s: %v", n.Kind, n.Peer, n.Err)
}

// A NoticeBoard gives notices to readers, for who writes a Discoverer. Its methods may be
// called from any goroutine, and wait for no reader. A peer that is Down or Lost is so until
// it is Up, or its owner has it Forget; who begins to read is told first what is down.
type NoticeBoard = notice.Board[Notice]

// NewNoticeBoard makes one. Its Close ends all subscriptions.
func NewNoticeBoard() *NoticeBoard {
	return notice.New(func(k notice.Kind, peer string, err error, n uint64) Notice {
		return Notice{NoticeKind(k), peer, err, n}
	})
}

// Notices returns what is wrong now, as Problem has it, and then whatever goes wrong, and
// is right again, until ctx ends or the beacon is closed: no interface to use
// (ErrNoInterface), one that can't be opened, one that takes no datagram. Each is told
// when it begins, when its reason changes, and when it is over.
//
// A subscription begins at the call. A slow reader is told how many it has missed.
func (b *Beacon) Notices(ctx context.Context) iter.Seq[Notice] { return b.notices.Events(ctx) }

// Notices are those of the beacon: see [Beacon.Notices].
func (u *UDP) Notices(ctx context.Context) iter.Seq[Notice] { return u.beacon.Notices(ctx) }
