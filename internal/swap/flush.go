package swap

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// Place is where Append has put a record.
type Place struct {
	Seq uint64
	era *era
}

// era is the time between two failures of the disk. Numbers are used again after one,
// so a number alone does not say which record it is.
type era struct {
	err  error  // the failure that ended it; nil: it goes on
	from uint64 // the first record that was not on the disk then
}

// flushes is how far the log is on the disk. The log's lock guards it.
type flushes struct {
	done  sync.Cond
	under bool   // a call of the system is under way
	upTo  uint64 // records below are on the disk
	era   *era
}

func (f *flushes) init(mu *sync.Mutex) { f.done.L, f.era = mu, &era{} }

// Sync returns when the record is on the disk. Several callers share one call of the
// system.
//
// With an error the record was taken back, unless Next had returned it already; the
// log itself goes on, and the next Append tries again with another file.
func (l *Log) Sync(at Place) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := &l.flush
	for {
		switch {
		case at.era != f.era && at.Seq >= at.era.from:
			return at.era.err
		case at.era != f.era || at.Seq < f.upTo:
			return nil
		case l.closed:
			return ErrClosed
		case f.under:
			f.done.Wait()
			continue
		}
		f.under = true
		now, upTo, path := f.era, l.next, l.last().path
		l.mu.Unlock()
		err := l.flushFile(path)
		l.mu.Lock()
		f.under = false
		f.done.Broadcast()
		switch {
		case now != f.era: // a failure was found meanwhile
		case err != nil:
			l.unflushed(err)
		default:
			f.upTo = max(f.upTo, upTo)
		}
	}
}

// flushFile flushes a segment by a descriptor of its own, since extend may close the
// other one meanwhile; extend itself flushes what it leaves behind.
func (l *Log) flushFile(path string) error {
	f, err := l.cfg.Disk.Open(path, os.O_WRONLY)
	if errors.Is(err, os.ErrNotExist) {
		return nil // acknowledged to the end, and gone
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// unflushed deals with a flush that has failed: the kernel may have forgotten what it
// could not write, and says so only once. Those who wait for records that are not on
// the disk are told, and what of them nobody has read is taken back.
func (l *Log) unflushed(err error) {
	f := &l.flush
	f.era.err, f.era.from = fmt.Errorf("swap %s: %w", l.cfg.Dir, err), f.upTo
	l.cut(max(f.upTo, l.rnext))
	l.suspect = true
	f.upTo = l.next
	f.era = &era{}
	f.done.Broadcast()
}

// cut takes the records from that number on out of the last segment. What can't be
// taken back stays, and is delivered.
func (l *Log) cut(from uint64) {
	s := l.last()
	if from >= l.next || from < s.first {
		return
	}
	size, err := s.sizeUpTo(from)
	if err != nil || l.w.Truncate(size) != nil {
		return
	}
	if l.rseg == s {
		l.leave()
	}
	l.bytes -= s.size - size
	s.size, s.end, l.next = size, from, from
}
