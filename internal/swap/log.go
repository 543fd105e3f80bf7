package swap

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Config is how a log is kept.
type Config struct {
	Dir     string
	Max     int64 // bytes on disk; 0: as much as there is room for
	Segment int64 // size from which a new file begins; 0: 16 MiB
	// Report is told of damage; it must not call the log. May be nil.
	Report func(Damage)
}

const defaultSegment = 16 << 20

// Log is a queue of records in a directory. Its methods may be called by several
// goroutines.
type Log struct {
	cfg  Config
	lock *os.File

	mu     sync.Mutex // guards what follows
	segs   []*segment // oldest first; the last is written to
	w      *os.File   // the last segment
	done   *progress
	head   []byte
	next   uint64 // number of the next record
	acked  uint64 // number of the first that was not acknowledged
	bytes  int64
	told   map[Damage]bool
	broken error // the disk has failed: what was written since the last Sync is unknown
	closed bool

	// The reader's place.
	r      *os.File
	rseg   *segment
	rbuf   []byte // what was read of rseg and not yet returned
	roff   int64  // behind rbuf
	rnext  uint64
	synced struct {
		sync.Mutex
		cond  sync.Cond
		upTo  uint64 // records below are on the disk
		under bool   // somebody is syncing
	}
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
	l := &Log{cfg: cfg}
	l.synced.cond.L = &l.synced
	if err := l.open(); err != nil {
		l.closeFiles()
		return nil, fmt.Errorf("swap %s: %w", cfg.Dir, err)
	}
	return l, nil
}

func (l *Log) open() (err error) {
	if err = os.MkdirAll(l.cfg.Dir, 0o700); err != nil {
		return err
	}
	if l.lock, err = os.OpenFile(filepath.Join(l.cfg.Dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	if err = lock(l.lock); err != nil {
		return err
	}
	if l.done, l.acked, err = openProgress(l.cfg.Dir); err != nil {
		return err
	}
	if l.segs, err = listSegments(l.cfg.Dir); err != nil {
		return err
	}
	l.next = l.acked
	for i, s := range l.segs {
		from := s.first
		if i > 0 && l.next > s.first {
			from = l.next
		}
		if i > 0 && s.first > l.next {
			l.report(Damage{s.path, 0, "a file before this one is missing, or its end", s.first - l.next})
		}
		if err = s.check(from, i == len(l.segs)-1, l.report); err != nil {
			return err
		}
		l.next = s.end
		l.bytes += s.size
	}
	if len(l.segs) > 0 && l.acked < l.segs[0].first {
		l.acked = l.segs[0].first
	}
	l.next = max(l.next, l.acked)
	l.rnext, l.synced.upTo = l.acked, l.next
	if err = l.drop(); err != nil {
		return err
	}
	return l.extend()
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
	path := segmentPath(l.cfg.Dir, l.next)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if l.w != nil {
		// What is in the old file must be on the disk before a later Sync says so.
		if err := l.w.Sync(); err != nil {
			f.Close()
			return err
		}
		l.w.Close()
	}
	l.w = f
	if n := len(l.segs); n == 0 || l.segs[n-1].first != l.next {
		l.segs = append(l.segs, &segment{path: path, first: l.next, end: l.next})
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
// number, for Sync. It is in the kernel then, and survives the end of the process.
//
// Errors: ErrFull, ErrTooLarge, ErrClosed, or the disk's. With an error nothing was
// appended.
func (l *Log) Append(payload ...[]byte) (seq uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(); err != nil {
		return 0, err
	}
	if l.head, err = appendHeader(l.head[:0], l.next, payload); err != nil {
		return 0, err
	}
	size := int64(len(l.head))
	for _, p := range payload {
		size += int64(len(p))
	}
	if err := l.renew(size); err != nil {
		return 0, err
	}
	if l.cfg.Max > 0 && l.bytes+size > l.cfg.Max {
		return 0, fmt.Errorf("%w: it holds %d bytes, the limit is %d", ErrFull, l.bytes, l.cfg.Max)
	}
	s := l.segs[len(l.segs)-1]
	if s.size > 0 && s.size+size > l.cfg.Segment {
		if err := l.extend(); err != nil {
			return 0, err
		}
		s = l.segs[len(l.segs)-1]
	}
	if err := l.write(s, payload); err != nil {
		return 0, err
	}
	s.size += size
	l.bytes += size
	seq, l.next = l.next, l.next+1
	s.end = l.next
	return seq, nil
}

// write writes head and payload at the end of s, whole or not at all.
func (l *Log) write(s *segment, payload [][]byte) error {
	for _, p := range payload {
		l.head = append(l.head, p...)
	}
	_, err := l.w.Write(l.head)
	if cap(l.head) > 1<<20 {
		l.head = nil
	}
	if err == nil {
		return nil
	}
	if terr := l.w.Truncate(s.size); terr != nil {
		l.broken = fmt.Errorf("swap %s: %w", s.path, errors.Join(err, terr))
		return l.broken
	}
	return fmt.Errorf("swap %s: %w", s.path, err)
}

func (l *Log) usable() error {
	if l.closed {
		return ErrClosed
	}
	return l.broken
}

// Sync returns when the record of that number is on the disk. Several callers share
// one call of the system.
func (l *Log) Sync(seq uint64) error {
	y := &l.synced
	y.Lock()
	defer y.Unlock()
	for y.upTo <= seq {
		if y.under {
			y.cond.Wait()
			if err := l.state(); err != nil {
				return err
			}
			continue
		}
		y.under = true
		y.Unlock()
		upTo, err := l.syncAll()
		y.Lock()
		y.under = false
		y.cond.Broadcast()
		if err != nil {
			return err
		}
		y.upTo = max(y.upTo, upTo)
	}
	return nil
}

func (l *Log) state() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.usable()
}

// syncAll flushes the last segment. After a failure nobody knows what is on the disk,
// so that the log takes nothing more.
func (l *Log) syncAll() (upTo uint64, err error) {
	l.mu.Lock()
	if err := l.usable(); err != nil {
		l.mu.Unlock()
		return 0, err
	}
	// A descriptor of its own, since extend may close the other one meanwhile; extend
	// itself flushes what it leaves behind.
	path, upTo := l.segs[len(l.segs)-1].path, l.next
	l.mu.Unlock()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return upTo, nil // acknowledged to the end, and gone
	}
	if err == nil {
		err = f.Sync()
		f.Close()
	}
	if err != nil {
		l.mu.Lock()
		l.broken = fmt.Errorf("swap %s: %w", path, err)
		l.mu.Unlock()
	}
	return upTo, err
}

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

// Ack says that the record of that number, and those before, need not be kept any
// more.
func (l *Log) Ack(seq uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(); err != nil {
		return err
	}
	l.acked = max(l.acked, min(seq+1, l.rnext))
	if err := l.done.write(l.acked); err != nil {
		return fmt.Errorf("swap %s: %w", l.cfg.Dir, err)
	}
	return l.drop()
}

// drop removes segments that are not needed any more. The one that is written to
// begins anew when all of it was acknowledged.
func (l *Log) drop() error {
	for len(l.segs) > 1 && l.segs[0].end <= l.acked {
		if err := l.remove(l.segs[0]); err != nil {
			return err
		}
	}
	if l.w != nil && l.segs[0].size > l.cfg.Segment/2 {
		return l.renew(l.cfg.Max)
	}
	return nil
}

// renew begins a new segment when all records were acknowledged and the old one
// leaves no room for so many bytes.
func (l *Log) renew(size int64) error {
	old := l.segs[0]
	if len(l.segs) > 1 || l.acked < l.next || old.size == 0 || l.cfg.Max > 0 && l.bytes+size <= l.cfg.Max {
		return nil
	}
	if l.cfg.Max == 0 && old.size <= l.cfg.Segment/2 {
		return nil
	}
	if err := l.extend(); err != nil {
		return err
	}
	return l.remove(old)
}

func (l *Log) remove(s *segment) error {
	if l.rseg == s {
		l.leave()
	}
	if err := os.Remove(s.path); err != nil && !errors.Is(err, os.ErrNotExist) {
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

// Rewind lets Next begin again with the first record that was not acknowledged.
func (l *Log) Rewind() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leave()
	l.rnext = l.acked
}

func (l *Log) leave() {
	if l.r != nil {
		l.r.Close()
	}
	l.r, l.rseg, l.rbuf, l.roff = nil, nil, nil, 0
}

// Next returns the next record and its number; ok is false when all were read. The
// bytes are the caller's. Damage is reported, and what is behind it returned.
func (l *Log) Next() (seq uint64, payload []byte, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.rnext < l.next {
		if err := l.usable(); err != nil {
			return 0, nil, false, err
		}
		if l.rseg == nil {
			if err := l.enter(); err != nil {
				return 0, nil, false, err
			}
		}
		h, p, f, why := look(l.rbuf, 0)
		switch {
		case f == foundRecord:
			l.rbuf = l.rbuf[headerSize+len(p):]
			if h.seq < l.rnext {
				continue // acknowledged already
			}
			if h.seq > l.rnext {
				l.report(Damage{l.rseg.path, l.at(), "records are missing", h.seq - l.rnext})
			}
			l.pass(h.seq)
			l.rnext = h.seq + 1
			return h.seq, append([]byte(nil), p...), true, nil
		case l.at()+int64(len(l.rbuf)) < l.rseg.size:
			if err := l.more(); err != nil {
				return 0, nil, false, err
			}
		case f == foundEnd && l.rnext >= l.rseg.end:
			l.leave()
		default:
			l.damaged(why)
		}
	}
	return 0, nil, false, nil
}

// at is the position of rbuf in its file.
func (l *Log) at() int64 { return l.roff - int64(len(l.rbuf)) }

// enter opens the segment that holds the next record.
func (l *Log) enter() (err error) {
	for _, s := range l.segs {
		if l.rnext < s.end {
			l.rseg = s
			l.pass(max(l.rnext, s.first))
			break
		}
	}
	l.r, err = os.Open(l.rseg.path)
	if err != nil {
		l.rseg = nil
	}
	return err
}

// readSize is how much is read at a time.
const readSize = 256 << 10

// more reads more of the segment behind rbuf: at least twice what there is, so that
// a large record is complete before long.
func (l *Log) more() error {
	n := min(max(readSize, 2*len(l.rbuf)), int(l.rseg.size-l.roff))
	b := make([]byte, len(l.rbuf)+n)
	copy(b, l.rbuf)
	k, err := l.r.ReadAt(b[len(l.rbuf):], l.roff)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if k == 0 {
		l.rseg.size = l.roff // the file was cut by somebody else
	}
	l.rbuf, l.roff = b[:len(l.rbuf)+k], l.roff+int64(k)
	return nil
}

// damaged goes on behind what can't be read, of which all that the file has is in
// rbuf.
func (l *Log) damaged(why string) {
	at := l.at()
	skip := resync(l.rbuf, l.rnext)
	if skip < len(l.rbuf) {
		h, _ := parseHeader(l.rbuf[skip:])
		l.report(Damage{l.rseg.path, at, reason(why), h.seq - l.rnext})
		l.rbuf = l.rbuf[skip:]
		l.pass(h.seq)
		return
	}
	l.report(Damage{l.rseg.path, at, reason(why), l.rseg.end - l.rnext})
	l.pass(l.rseg.end)
	l.leave()
}

// pass leaves out what can't be read; when nothing before it is under way it counts as
// acknowledged.
func (l *Log) pass(to uint64) {
	if l.acked == l.rnext {
		l.acked = to
	}
	l.rnext = to
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
	return errors.Join(l.Close(), os.RemoveAll(l.cfg.Dir))
}

func (l *Log) closeFiles() (err error) {
	if l.w != nil {
		err = l.w.Close()
	}
	if l.done != nil {
		l.done.f.Close()
	}
	if l.lock != nil {
		l.lock.Close()
	}
	return err
}
