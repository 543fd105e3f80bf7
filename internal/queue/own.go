package queue

import "github.com/go-zactor/zactor/internal/buf"

// This file makes the frames of a message that moves or waits as such, where the
// caller keeps its own.

// box is a small message in one allocation: its list of frames and their bytes.
type box struct {
	heads [2][]byte
	data  [16]byte
}

// join makes one frame list of both, a copy where the caller keeps its own.
func join(pre, frames [][]byte, copied bool) [][]byte {
	switch {
	case copied:
		return copyAll(pre, frames)
	case len(pre) == 0:
		return frames
	}
	all := make([][]byte, len(pre), len(pre)+len(frames))
	copyInto(all, pre, make([]byte, 0, total(pre)))
	return append(all, frames...)
}

func copyFrames(frames [][]byte) [][]byte { return copyAll(nil, frames) }

// copyAll makes a message of the bytes of both.
func copyAll(pre, frames [][]byte) [][]byte {
	n, size := len(pre)+len(frames), total(pre)+total(frames)
	if n <= len(box{}.heads) && size <= len(box{}.data) {
		x := new(box)
		copyInto(x.heads[len(pre):n], frames, copyInto(x.heads[:n], pre, x.data[:0]))
		return x.heads[:n:n]
	}
	all := make([][]byte, n)
	copyInto(all, pre, make([]byte, 0, total(pre)))
	if len(frames) == 1 { // one that may come from the pool, and go back
		all[n-1] = append(buf.Alloc(len(frames[0]))[:0], frames[0]...)
		return all
	}
	copyInto(all[len(pre):], frames, make([]byte, 0, total(frames)))
	return all
}

// copyInto appends the bytes of frames to b, which has room, and sets dst to them.
func copyInto(dst, frames [][]byte, b []byte) []byte {
	for i, f := range frames {
		at := len(b)
		b = append(b, f...)
		dst[i] = b[at:len(b):len(b)]
	}
	return b
}
