package zmq

import (
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// taken is a message that was taken from its peer's queue and passed the socket's
// filter.
type taken struct {
	m        msg.Msg
	from     *queue.Pipe
	envelope [][]byte // REP: what must go in front of the reply
	// given: it was handed out once, counted, and came back. A REP's turn, for
	// instance, has begun with it.
	given bool
}

// front is what was taken from the peers' queues and not handed out yet: the message
// that Poll has seen, and those that a Chan or a proxy gave back. The next receiver
// gets them first. It is guarded by recvMu.
type front struct{ list []taken }

func (f *front) empty() bool { return len(f.list) == 0 }

func (f *front) len() int { return len(f.list) }

// first is the message that is next; nil when there is none.
func (f *front) first() *taken {
	if len(f.list) == 0 {
		return nil
	}
	return &f.list[0]
}

// add puts a message that was just taken behind the others.
func (f *front) add(t taken) { f.list = append(f.list, t) }

// pop takes the first message.
func (f *front) pop() taken {
	t := f.list[0]
	f.list[0] = taken{}
	if f.list = f.list[1:]; len(f.list) == 0 {
		f.list = nil
	}
	return t
}

// putBack puts messages that were handed out before all others.
func (f *front) putBack(ms []msg.Msg) {
	list := make([]taken, 0, len(ms)+len(f.list))
	for _, m := range ms {
		list = append(list, taken{m: m, given: true})
	}
	f.list = append(list, f.list...)
}

// clear drops everything, and says how much that was.
func (f *front) clear() int {
	n := len(f.list)
	for i := range f.list {
		f.list[i].m.Release()
	}
	f.list = nil
	return n
}
