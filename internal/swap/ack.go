package swap

import (
	"errors"
	"os"
)

// Ack says that the record of that number, and those before, need not be kept any
// more. What was acknowledged leaves the disk also when the disk can't take the note of
// it: a file that is gone is a note as well. Then more of the records may come again
// after a crash, which the error says, once until the disk works again.
func (l *Log) Ack(seq uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	l.acked = max(l.acked, min(seq+1, l.rnext))
	var err error
	if l.done != nil {
		err = l.done.write(l.acked)
	}
	return errors.Join(err, l.drop())
}

// idle reports whether all that is on disk was acknowledged, and is in one file.
func (l *Log) idle() bool { return len(l.segs) == 1 && l.acked == l.next }

// drop removes segments that are not needed any more. The one that is written to
// begins anew when all of it was acknowledged.
func (l *Log) drop() error {
	for len(l.segs) > 1 && l.segs[0].end <= l.acked {
		if err := l.remove(l.segs[0]); err != nil {
			return err
		}
	}
	if l.w != nil && l.idle() && l.segs[0].size > l.fileSize()/2 {
		return l.renew()
	}
	return nil
}

// renew begins anew with the only segment, of which everything was acknowledged. It is
// emptied and renamed, not replaced: that needs no room on a disk that has none. In
// between it is an empty file, which nobody misses.
func (l *Log) renew() error {
	s := l.segs[0]
	if l.rseg == s {
		l.leave()
	}
	if err := l.w.Truncate(0); err != nil {
		return err
	}
	l.bytes -= s.size
	s.size, l.suspect = 0, false
	path := segmentPath(l.cfg.Dir, l.next)
	if err := l.cfg.Disk.Rename(s.path, path); err != nil {
		return err
	}
	s.path, s.first, s.end = path, l.next, l.next
	l.flush.upTo = l.next
	return l.lasting()
}

func (l *Log) remove(s *segment) error {
	if l.rseg == s {
		l.leave()
	}
	if err := l.cfg.Disk.Remove(s.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	l.bytes -= s.size
	for i, x := range l.segs {
		if x == s {
			l.segs = append(l.segs[:i], l.segs[i+1:]...)
			break
		}
	}
	return nil
}
