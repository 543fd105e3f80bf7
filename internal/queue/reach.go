package queue

import "github.com/go-zactor/zactor/internal/wire"

// Reach follows how far into the messages of a batch's Iov a writer has come. It reads
// each header once, so that to ask often costs no more than to ask at the end. The zero
// value stands at the beginning.
type Reach struct {
	Whole int   // messages that are out to their last byte,
	Bytes int64 // those of their frames,
	End   int64 // and where the last of them ends

	part, at int // where in Iov the next one begins
	next     next
}

// next is where the message behind Reach.End ends, once that was looked at.
type next struct {
	end, bytes int64
	part, at   int
}

// To goes on to what so many written bytes have reached.
func (r *Reach) To(iov [][]byte, written int64) {
	for r.End < written && r.look(iov) <= written {
		r.pass()
	}
}

// Skip goes on to the end of so many messages.
func (r *Reach) Skip(iov [][]byte, whole int) {
	for r.Whole < whole {
		r.look(iov)
		r.pass()
	}
}

// Boundary is the first end of a message that is not before so many written bytes, To
// which it has gone.
func (r *Reach) Boundary(iov [][]byte, written int64) int64 {
	if r.End >= written {
		return r.End
	}
	return r.look(iov)
}

// look finds the end of the next message.
func (r *Reach) look(iov [][]byte) (end int64) {
	if r.next.end > r.End {
		return r.next.end
	}
	n := next{r.End, r.Bytes, r.part, r.at}
	for more := true; more; {
		for n.at >= len(iov[n.part]) {
			n.at -= len(iov[n.part])
			n.part++
		}
		// A header is never split between two parts.
		flags, head, size := header(iov[n.part][n.at:])
		n.at += head + size
		n.end += int64(head + size)
		n.bytes += int64(size)
		more = flags&wire.FlagMore != 0
	}
	r.next = n
	return n.end
}

func (r *Reach) pass() {
	r.Whole, r.Bytes, r.End = r.Whole+1, r.next.bytes, r.next.end
	r.part, r.at = r.next.part, r.next.at
}
