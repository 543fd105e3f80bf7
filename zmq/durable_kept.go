package zmq

import (
	"time"
)

// history is the last messages of a durable subscriber's stream, encoded, with their
// numbers, which begin with 1. Nobody changes the bytes.
type history struct {
	list  [][]byte // from head on
	head  int
	first uint64 // number of list[head]
	bytes int64
	acked uint64 // number of the last one that the subscriber's program has taken
	disk  *keptFile

	maxMsgs  int
	maxBytes int64
	away     time.Duration
}

func (h *history) open(f *pub, id string, o *options) (err error) {
	h.first = 1
	h.bound(o)
	if o.swapDir != "" {
		var left []error
		h.disk, left, err = openKept(o.swapDir, max(0, o.swapBytes), f.s.typ)
		if err == nil && !f.streams.looked {
			f.streams.looked = true
			for _, old := range left {
				f.s.swapFailed("", old)
			}
		}
	}
	return err
}

func (h *history) bound(o *options) {
	h.maxMsgs, h.maxBytes, h.away = o.durableMsgs, o.durableBytes, o.durableAway
}

func (h *history) len() int { return len(h.list) - h.head }

// end is the number that the next message gets.
func (h *history) end() uint64 { return h.first + uint64(h.len()) }

// add keeps a message, and drops the oldest ones that are too many for it. One that is
// alone over the bound of bytes is kept as the last one until the next one comes, or
// nobody could ever have it.
func (h *history) add(enc []byte) {
	if h.disk != nil {
		enc = h.write(enc)
	}
	h.list = append(h.list, enc)
	h.bytes += int64(h.size(enc))
	for h.len() > 1 && (h.len() > h.maxMsgs || h.maxBytes > 0 && h.bytes > h.maxBytes) {
		h.dropTo(h.first + 1)
	}
}

// write puts a message on disk. Where there is no room the oldest ones make some: the last
// ones are those to keep.
func (h *history) write(enc []byte) (note []byte) {
	for {
		if note = h.disk.put(enc); note != nil || h.len() == 0 {
			return note
		}
		h.dropTo(h.first + uint64(h.disk.oldest()))
	}
}

// skip counts a message that is not kept.
func (h *history) skip() {
	h.dropTo(h.end())
	h.first++
}

// at is the message of that number, which is kept.
func (h *history) at(number uint64) (enc []byte, ok bool) {
	enc = h.list[h.head+int(number-h.first)]
	if h.disk != nil {
		return h.disk.get(enc)
	}
	return enc, true
}

func (h *history) size(enc []byte) int {
	if h.disk != nil {
		return h.disk.size(enc)
	}
	return len(enc)
}

// dropTo gives up what comes before a number.
func (h *history) dropTo(number uint64) {
	for h.first < number && h.len() > 0 {
		h.bytes -= int64(h.size(h.list[h.head]))
		if h.disk != nil {
			h.disk.drop(h.list[h.head])
		}
		h.list[h.head] = nil
		h.head++
		h.first++
	}
	if h.head > 64 && h.head > len(h.list)/2 {
		n := copy(h.list, h.list[h.head:])
		clear(h.list[n:])
		h.list, h.head = h.list[:n], 0
	}
}

func (h *history) close() {
	h.list, h.head = nil, 0
	if h.disk != nil {
		h.disk.close()
	}
}
