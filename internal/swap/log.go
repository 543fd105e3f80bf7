package swap

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// Config is how a log is kept.
type Config struct {
	Dir     string
	Max     int64 // bytes on disk; 0: as much as there is room for
	Segment int64 // size from which a new file begins; 0: 16 MiB
	// Sync: the owner calls Sync for every record, and counts only those as accepted
	// for which it returns nil.
	Sync bool
	// Temporary: the log ends with its owner. It makes its directory with the first
	// record and holds no descriptor before; nothing is flushed or noted.
	Temporary bool
	// Window: the owner keeps the last records and gives up the oldest ones, read or not,
	// with Drop. A file is then at most a quarter of all, or smallWindow, so that what was
	// given up is soon gone; it has no name, so that nothing is left of it when the process
	// is killed; and numbers that Skip has left out are no damage. It must be Temporary.
	Window bool
	// Report is told of damage; it must not call the log. May be nil.
	Report func(Damage)

	Disk Disk // nil: the operating system's
}

const defaultSegment = 16 << 20

// Log is a queue of records in a directory. Its methods may be called by several
// goroutines.
type Log struct {
	cfg  Config
	lock *os.File

	mu      sync.Mutex // guards what follows
	segs    []*segment // oldest first; the last is written to
	w       File       // the last segment
	suspect bool       // the last segment may end with bytes that are no record, or were not flushed
	done    *progress  // nil: the log is temporary
	head    []byte
	segment int64  // size from which a new file begins; smaller once the disk was full
	next    uint64 // number of the next record
	acked   uint64 // number of the first that was not acknowledged
	bytes   int64
	told    map[Damage]bool
	closed  bool
	flush   flushes

	// The reader's place.
	r     File
	rseg  *segment
	rbuf  []byte // what was read of rseg and not yet returned
	roff  int64  // behind rbuf
	rnext uint64
}

// Open opens the log of a directory, which is made if need be. What was not
// acknowledged is there to be read.
func Open(cfg Config) (*Log, error) {
	if cfg.Segment <= 0 {
		cfg.Segment = defaultSegment
	}
	if cfg.Max > 0 { // what was acknowledged of a segment counts until all of it was
		cfg.Segment = min(cfg.Segment, max(cfg.Max/8, 4<<10))
	}
	if cfg.Report == nil {
		cfg.Report = func(Damage) {}
	}
	if cfg.Disk == nil {
		cfg.Disk = OS
	}
	if cfg.Window {
		cfg.Disk = newNameless(cfg.Disk)
	}
	l := &Log{cfg: cfg, segment: cfg.Segment}
	l.flush.init(&l.mu)
	if cfg.Temporary {
		return l, nil
	}
	if err := l.open(); err != nil {
		l.closeFiles()
		return nil, fmt.Errorf("swap %s: %w", cfg.Dir, err)
	}
	return l, nil
}

func (l *Log) open() (err error) {
	if err = secureDir(l.cfg.Dir); err != nil {
		return err
	}
	if l.lock, err = takeLock(l.cfg.Dir); err != nil {
		return err
	}
	if l.done, l.acked, err = openProgress(l.cfg.Disk, l.cfg.Dir); err != nil {
		return err
	}
	if l.segs, err = listSegments(l.cfg.Dir); err != nil {
		return err
	}
	if err = l.checkAll(); err != nil {
		return err
	}
	if err = l.drop(); err != nil {
		return err
	}
	return l.extend()
}

// checkAll finds out what the segments hold.
func (l *Log) checkAll() error {
	l.next = l.acked
	for i, s := range l.segs {
		from := s.first
		if i > 0 && l.next > s.first {
			from = l.next
		}
		// What was acknowledged need not be there any more.
		if known := max(l.next, l.acked); i > 0 && s.first > known {
			l.report(Damage{s.path, 0, "a file before this one is missing, or its end", s.first - known})
		}
		if err := s.check(from, i == len(l.segs)-1, l.report); err != nil {
			return err
		}
		l.next = s.end
		l.bytes += s.size
	}
	if len(l.segs) > 0 && l.acked < l.segs[0].first {
		l.acked = l.segs[0].first
	}
	l.next = max(l.next, l.acked)
	l.rnext, l.flush.upTo = l.acked, l.next
	return nil
}

// report tells of damage, once: opening the log finds it, and reading comes by again.
func (l *Log) report(d Damage) {
	key := Damage{File: d.File, Offset: d.Offset}
	if l.told[key] {
		return
	}
	if l.told == nil {
		l.told = map[Damage]bool{}
	}
	l.told[key] = true
	l.cfg.Report(d)
}

// extend begins a new segment, and makes its name last.
func (l *Log) extend() error {
	if l.w != nil && !l.suspect && !l.cfg.Temporary {
		// What is in the old file must be on the disk before a later Sync says so.
		if err := l.w.Sync(); err == nil {
			l.flush.upTo = l.next
		} else if l.cfg.Sync {
			l.unflushed(err)
			return err
		}
	}
	path := segmentPath(l.cfg.Dir, l.next)
	f, err := l.cfg.Disk.Open(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND)
	if err != nil {
		return err
	}
	if l.w != nil {
		if l.suspect {
			_ = l.w.Truncate(l.last().size)
		}
		l.w.Close()
	}
	l.w, l.suspect = f, false
	if n := len(l.segs); n == 0 || l.segs[n-1].first != l.next {
		l.segs = append(l.segs, &segment{path: path, first: l.next, end: l.next})
	}
	return l.lasting()
}

// lasting makes the names of files last.
func (l *Log) lasting() error {
	if l.cfg.Temporary {
		return nil
	}
	return syncDir(l.cfg.Dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync() // not every system can
	return nil
}

// Append writes a record of the given bytes, one after the other, and returns its
// place, for Sync. It is in the kernel then, and survives the end of the process.
//
// Errors: ErrFull, ErrTooLarge, ErrClosed, or the disk's. With an error nothing was
// appended, and the next call tries again.
func (l *Log) Append(payload ...[]byte) (at Place, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return Place{}, ErrClosed
	}
	if l.head, err = appendRecord(l.head[:0], l.next, payload...); err == nil {
		err = l.put(1)
	}
	return Place{l.next - 1, l.flush.era}, err
}

// put writes l.head, which is so many whole records.
func (l *Log) put(records uint64) error {
	size := int64(len(l.head))
	err := l.room(size)
	if err == nil {
		err = l.write()
	}
	if err != nil && l.spare() { // a disk that is full has room now
		err = l.write()
	}
	if cap(l.head) > 1<<20 {
		l.head = nil
	}
	if err != nil {
		if errors.Is(err, ErrFull) {
			return err
		}
		return fmt.Errorf("swap %s: %w", l.cfg.Dir, err)
	}
	s := l.last()
	s.size += size
	l.bytes += size
	l.next += records
	s.end = l.next
	return nil
}

// last is the segment that is written to.
func (l *Log) last() *segment { return l.segs[len(l.segs)-1] }

// room makes sure that there is a segment for so many more bytes.
func (l *Log) room(size int64) error {
	if l.w == nil && l.cfg.Temporary {
		if err := os.MkdirAll(l.cfg.Dir, 0o700); err != nil {
			return err
		}
		if err := l.extend(); err != nil {
			return err
		}
	}
	if l.idle() && l.cfg.Max > 0 && l.bytes+size > l.cfg.Max {
		if err := l.renew(); err != nil {
			return err
		}
	}
	if l.cfg.Max > 0 && l.bytes+size > l.cfg.Max {
		return fmt.Errorf("%w: it holds %d bytes, the limit is %d", ErrFull, l.bytes, l.cfg.Max)
	}
	if s := l.last(); l.suspect || s.size > 0 && s.size+size > l.fileSize() {
		return l.extend()
	}
	return nil
}

// write writes l.head, a whole record, at the end of the last segment, or leaves it as
// it was.
func (l *Log) write() error {
	_, err := l.w.Write(l.head)
	if err != nil && l.w.Truncate(l.last().size) != nil {
		l.suspect = true // a part of the record may stand there: the next one goes to another file
	}
	return err
}

// spare makes room on a disk that has none: it empties the file of which everything was
// acknowledged, and has later files be smaller, so that each of them is free sooner.
func (l *Log) spare() bool {
	l.segment = max(min(l.segment, l.bytes/8), smallest)
	return l.idle() && l.bytes > 0 && l.renew() == nil
}

// smallest is the size of a segment on a disk that was full.
const smallest = 16 << 10

// Len is the number of records that were not acknowledged.
func (l *Log) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(l.next - l.acked)
}

// Unread is the number of records that Next will return.
func (l *Log) Unread() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(l.next - l.rnext)
}

// Bytes is the room that the log takes on disk.
func (l *Log) Bytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}

// Close closes the log; what it holds stays on disk.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	l.leave()
	err := l.closeFiles()
	return err
}

// Remove closes the log and removes its directory.
func (l *Log) Remove() error {
	err := l.Close()
	if l.cfg.Temporary && l.w == nil {
		return err // there is none
	}
	return errors.Join(err, os.RemoveAll(l.cfg.Dir))
}

func (l *Log) closeFiles() (err error) {
	if l.w != nil {
		err = l.w.Close()
	}
	if n, ok := l.cfg.Disk.(*nameless); ok {
		n.close()
	}
	if l.done != nil {
		l.done.f.Close()
	}
	if l.lock != nil {
		l.lock.Close()
	}
	return err
}
