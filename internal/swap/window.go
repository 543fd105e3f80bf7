package swap

// This file is what a log does for the owner of a window: its last records are kept, in
// any order of reading, and the oldest ones are given up.

// smallWindow is the size of files that all of them together may be less than four of.
const smallWindow = 64 << 10

// fileSize is the size from which a new file begins.
func (l *Log) fileSize() int64 {
	if l.cfg.Window {
		return min(l.segment, max(smallWindow, l.bytes/4))
	}
	return l.segment
}

// AppendAll appends records, as many as one write takes, and returns how many these were:
// none only with an error, which is Append's for the first one.
func (l *Log) AppendAll(records [][]byte) (n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, ErrClosed
	}
	l.head = l.head[:0]
	for most := l.fileSize(); n < len(records); n++ {
		if n > 0 && int64(len(l.head)+headerSize+len(records[n])) > most {
			break
		}
		if l.head, err = appendRecord(l.head, l.next+uint64(n), records[n]); err != nil {
			break
		}
	}
	if n > 0 {
		err = l.put(uint64(n))
	}
	if err != nil && n > 1 { // less may have room
		if l.head, err = appendRecord(l.head[:0], l.next, records[0]); err == nil {
			n, err = 1, l.put(1)
		}
	}
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Skip leaves numbers out: the next record's is at least to. The log must be of a Window.
func (l *Log) Skip(to uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to <= l.next {
		return
	}
	if l.rnext == l.next && l.acked == l.next {
		l.rnext, l.acked = to, to
	}
	if len(l.segs) > 0 {
		l.last().end = to
	} else {
		l.rnext, l.acked = to, to
	}
	l.next = to
}

// Seek lets Next go on with the first record from that number on that was not given up.
func (l *Log) Seek(seq uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seq = min(max(seq, l.acked), l.next)
	if seq < l.rnext || l.rseg != nil && seq >= l.rseg.end {
		l.leave()
	}
	l.rnext = seq
}

// Drop gives up the records before that number, read or not. Files with nothing else go.
func (l *Log) Drop(before uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	l.acked = max(l.acked, min(before, l.next))
	l.rnext = max(l.rnext, l.acked)
	return l.drop()
}

// FileEnd is the number behind the last one in the file that a number is in: Drop of that
// one lets the file go.
func (l *Log) FileEnd(seq uint64) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segs {
		if seq < s.end {
			return s.end
		}
	}
	return l.next
}
