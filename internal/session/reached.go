package session

import (
	"math"

	"github.com/go-zactor/zactor/internal/queue"
)

// reached is how far a writer has come with its batch. It is asked when the kernel takes
// no more for now: what is out makes room in the queue, and a connection on its way out
// is to write the message under way to its end and no other.
type reached struct {
	written queue.Written // as far as was asked
	told    int           // messages that are out to their last byte, and of which the queue knows,
	toldOf  int64         // and the bytes of their frames, where they are not framed anew

	// Where the messages stand as they were queued: how many bytes of commands go before,
	// and how far it came.
	head  int64
	reach queue.Reach

	// Where they are framed anew: the ends of those of a block, with the beginning of the
	// first one before, how many of these ends are reached, and the messages of earlier
	// blocks. It is empty where they are not.
	ends   []int
	passes int
	before int
}

// begin begins a block whose first message begins at start.
func (r *reached) begin(start int) {
	r.before += r.passes
	r.ends, r.passes = append(r.ends[:0], start), 0
}

// send writes head and then iov, in one call.
func (w *writer) send(head []byte, iov ...[]byte) error {
	all := w.bufs[:0]
	if len(head) > 0 {
		all = append(all, head)
	}
	all = append(all, iov...)
	w.bufs = all
	n, err := w.out.Write(w.c.nc, w.c.raw, all)
	w.bufs = all[:0]
	if err != nil {
		w.look(n)
	}
	return err
}

// stalled is called when n bytes of a call are written and the kernel takes no more.
func (w *writer) stalled(n int64) (until int64) {
	w.look(n)
	w.tell()
	return w.until(n)
}

// until is how far a call is to go on that has written n bytes.
func (w *writer) until(n int64) int64 {
	if w.c.keep && w.c.finishing.Load() {
		w.look(n)
		return w.boundary(n)
	}
	return math.MaxInt64
}

// passed says that a whole block is written.
func (w *writer) passed() {
	w.look(math.MaxInt64)
	w.tell()
}

// look finds the messages that are out when n bytes of a call are.
func (w *writer) look(n int64) {
	if len(w.ends) == 0 {
		w.reach.To(w.batch.Iov, n-w.head)
		w.written = queue.Written{Whole: w.reach.Whole, Begun: w.head+w.reach.End < n}
		return
	}
	for w.passes+1 < len(w.ends) && int64(w.ends[w.passes+1]) <= n {
		w.passes++
	}
	w.written = queue.Written{
		Whole: w.before + w.passes,
		Begun: w.passes+1 < len(w.ends) && int64(w.ends[w.passes]) < n,
	}
}

// boundary is the first end of a message at n bytes or behind; look has been there.
func (w *writer) boundary(n int64) int64 {
	switch {
	case len(w.ends) == 0:
		return w.head + w.reach.Boundary(w.batch.Iov, n-w.head)
	case n <= int64(w.ends[w.passes]):
		return int64(w.ends[w.passes])
	}
	return int64(w.ends[w.passes+1])
}

// tell gives room back for what is out.
func (w *writer) tell() {
	n := w.written.Whole - w.told
	if n == 0 {
		return
	}
	var bytes int64
	if len(w.ends) == 0 {
		bytes, w.toldOf = w.reach.Bytes-w.toldOf, w.reach.Bytes
	} else {
		for _, m := range w.batch.Msgs[w.told:w.written.Whole] {
			bytes += int64(m.Size())
		}
	}
	w.told += n
	w.c.room(w.c.pipe.Out.Wrote(n, bytes))
}
