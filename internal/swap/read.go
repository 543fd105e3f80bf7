package swap

import (
	"errors"
	"io"
	"os"
)

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
		if l.closed {
			return 0, nil, false, ErrClosed
		}
		if l.rseg == nil {
			l.enter()
		}
		h, p, f, why := look(l.rbuf, 0)
		switch {
		case f == foundRecord:
			l.rbuf = l.rbuf[headerSize+len(p):]
			if h.seq < l.rnext {
				continue // acknowledged already
			}
			if h.seq > l.rnext && !l.cfg.Window {
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
		case f == foundEnd && l.cfg.Window: // what follows was left out
			l.pass(l.rseg.end)
		default:
			l.damaged(why)
		}
	}
	return 0, nil, false, nil
}

// at is the position of rbuf in its file.
func (l *Log) at() int64 { return l.roff - int64(len(l.rbuf)) }

// enter goes to the segment that holds the next record.
func (l *Log) enter() {
	for _, s := range l.segs {
		if l.rnext < s.end {
			l.rseg = s
			l.pass(max(l.rnext, s.first))
			break
		}
	}
}

// readSize is how much is read at a time.
const readSize = 256 << 10

// more reads more of the segment behind rbuf: at least twice what there is, so that
// a large record is complete before long. A temporary log, of which a peer that has come
// has one, has its file open to read for no longer than that: a stranger costs the one
// descriptor that is written to.
func (l *Log) more() (err error) {
	if l.r == nil {
		if l.r, err = l.cfg.Disk.Open(l.rseg.path, os.O_RDONLY); err != nil {
			l.r, l.rseg = nil, nil
			return err
		}
	}
	if l.cfg.Temporary && !l.cfg.Window {
		defer func() { l.r.Close(); l.r = nil }()
	}
	n := min(max(readSize, 2*len(l.rbuf)), int(l.rseg.size-l.roff))
	b := make([]byte, len(l.rbuf)+n)
	copy(b, l.rbuf)
	k, err := l.r.ReadAt(b[len(l.rbuf):], l.roff)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if k == 0 {
		l.rseg.size = l.roff // the file was cut by another program
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
