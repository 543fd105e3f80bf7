// Package window keeps what was given to a peer that has not said that it has it: numbered
// entries, in memory, of which the oldest ones go when it does, or when they are too many.
// Whose they are, and the rule for the front, is the caller's.
package window

// Window is a run of entries with consecutive numbers, from 0 on, and two cursors:
//
//	         First             Next             End
//	given up   |  kept, written  |  not written   |
//
// Next may lie before First: then what is between was given up unwritten, which is Lost. The
// caller guards it. The zero value is ready.
type Window[T any] struct {
	list  []entry[T] // from head on
	head  int
	first uint64 // number of list[head]
	next  uint64
	bytes int64
}

type entry[T any] struct {
	value T
	size  int
}

// spacious is how many entries a list may have room for without need.
const spacious = 4096

// First is the number of the first entry that is kept.
func (w *Window[T]) First() uint64 { return w.first }

// Next is the number of the first entry that was not written.
func (w *Window[T]) Next() uint64 { return w.next }

// End is the number that the next entry gets.
func (w *Window[T]) End() uint64 { return w.first + uint64(w.Len()) }

// Len is how many entries are kept.
func (w *Window[T]) Len() int { return len(w.list) - w.head }

// Bytes is the sum of their sizes.
func (w *Window[T]) Bytes() int64 { return w.bytes }

// Over reports whether they are more than so many, or more bytes; 0 bytes are no bound.
func (w *Window[T]) Over(entries int, bytes int64) bool {
	return w.Len() > entries || bytes > 0 && w.bytes > bytes
}

// Lost is how many entries were given up unwritten: Seek over them says that they are told.
func (w *Window[T]) Lost() uint64 { return w.first - min(w.first, w.next) }

func (w *Window[T]) at(number uint64) *entry[T] { return &w.list[w.head+int(number-w.first)] }

// At is an entry that is kept, and its size.
func (w *Window[T]) At(number uint64) (value T, size int) {
	e := w.at(number)
	return e.value, e.size
}

// Put adds an entry at the end.
func (w *Window[T]) Put(value T, size int) {
	w.list = append(w.list, entry[T]{value, size})
	w.bytes += int64(size)
}

// Pass gives everything up, and the next number as well: its entry is none of those kept.
func (w *Window[T]) Pass() {
	w.Drop(w.End())
	w.first++
}

// Seek sets Next: forward when entries are written, back when they are to be again.
func (w *Window[T]) Seek(number uint64) { w.next = min(number, w.End()) }

// Empty takes the value of an entry away, whose number stays; size is what it still counts.
func (w *Window[T]) Empty(number uint64, size int) {
	e := w.at(number)
	w.bytes += int64(size - e.size)
	*e = entry[T]{size: size}
}

// TakeBack takes the last n entries out again, of those that were not written.
func (w *Window[T]) TakeBack(n int) {
	n = int(min(uint64(n), uint64(w.Len()), w.End()-w.next))
	end := len(w.list) - n
	for _, e := range w.list[end:] {
		w.bytes -= int64(e.size)
	}
	clear(w.list[end:])
	w.list = w.list[:end]
}

// Drop gives up the entries before a number, written or not.
func (w *Window[T]) Drop(before uint64) {
	for w.first < before && w.head < len(w.list) {
		e := &w.list[w.head]
		w.bytes -= int64(e.size)
		*e = entry[T]{}
		w.head++
		w.first++
	}
	if w.head > 64 && w.head > len(w.list)/2 {
		w.compact()
	}
}

// compact moves the entries to the front of the list, or to another one when it has much
// more room than they need.
func (w *Window[T]) compact() {
	kept := w.list[w.head:]
	w.head = 0
	if cap(w.list) > spacious && len(kept) < cap(w.list)/4 {
		w.list = append(make([]entry[T], 0, 2*len(kept)), kept...)
		return
	}
	n := copy(w.list, kept)
	clear(w.list[n:])
	w.list = w.list[:n]
}
